"""The layers of the tree, and the one door of each outside library."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: From the bottom up; a module imports only from layers below its own, or from inside its own package.
LAYERS = (
    ("errors", "spool", "text", "shown", "wording", "durable"),
    ("model", "blocks", "bounds"),
    ("decoding", "charsets", "mending", "lines", "linked", "selecting"),
    ("page",),
    ("site",),
    ("discover", "extract", "archive", "corpus", "ship"),
    ("engine",),
    ("remote",),
    ("rebuild", "pages", "draft"),
    ("settings",),
    ("crawl",),
    ("demo",),
    ("commands",),
)
DOORS = {
    "scrapy": ("crawler/crawl/", "crawler/commands/", "crawler/settings.py", "spiders/"),
    "twisted": ("crawler/crawl/",),
    "warcio": ("crawler/archive/",),
    "trafilatura": ("crawler/extract/body.py",),
    "feedparser": ("crawler/discover/",),
    "cssselect": ("crawler/selecting.py",),
    "boto3": ("crawler/ship/client.py",),
    "botocore": ("crawler/ship/client.py",),
    "urllib3": ("crawler/ship/client.py",),
    "pyarrow": ("crawler/corpus/",),
    "tldextract": ("crawler/corpus/hosts.py",),
    "isal": ("crawler/archive/", "crawler/ship/digests.py"),
    "numpy": ("crawler/extract/", "crawler/bounds.py"),
    "cryptography": ("crawler/demo/",),
    "rich": ("crawler/commands/", "crawler/crawl/"),
}
MODULES = sorted([*ROOT.glob("crawler/**/*.py"), *ROOT.glob("spiders/**/*.py")])
MAX_MODULE_LINES = 300


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(module: str) -> int:
    room = module.split(".")[1] if "." in module else ""
    return next((number for number, rooms in enumerate(LAYERS) if room in rooms), -1)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_layers_below(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "spiders" or parts == ("crawler", "__init__"):
        return
    own = layer_of(".".join(parts))
    assert own >= 0, f"{name_of(path)} belongs to no layer"
    for target in imports_of(tree_of(path)):
        if not target.startswith("crawler.") or target == "crawler.__version__":
            continue
        same_room = target.split(".")[1] == parts[1]
        assert same_room or layer_of(target) < own, f"{name_of(path)} imports {target}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_but_a_spider_imports_spiders(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] == "spiders":
        return
    assert not [target for target in imports_of(tree_of(path)) if target.split(".")[0] == "spiders"]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_each_library_has_one_door(path: Path) -> None:
    for target in imports_of(tree_of(path)):
        doors = DOORS.get(target.split(".")[0])
        assert doors is None or name_of(path).startswith(doors), f"{name_of(path)} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = tree_of(path)
    inner = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inner, f"{name_of(path)} imports inside a function at lines {inner}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_fits_in_one_head(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= MAX_MODULE_LINES


def test_only_the_settings_read_the_environment() -> None:
    readers = [name_of(path) for path in MODULES if "os.environ" in path.read_text(encoding="utf-8")]
    assert readers in ([], ["crawler/settings.py"])


def test_functions_are_small() -> None:
    sizes = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert statistics.median(sizes) <= 8
    assert sizes[int(len(sizes) * 0.9)] <= 25
