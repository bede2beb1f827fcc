"""The door is the only one: no other module changes what is on disk."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What never touches an archive, each with its reason.
EXCEPTIONS = {
    "crawler/spool.py": {"import tempfile"},  # a file without a name, which no crash leaves behind
    "crawler/archive/lookup.py": {"import tempfile"},  # a scratch folder, for more indexes than can be merged at once
    "crawler/archive/wacz.py": {"self._zip.open"},  # a member of a zip file, which is itself written through the door
    "crawler/crawl/space.py": {"import tempfile"},  # asks where spools lie
    "crawler/crawl/packaging.py": {"import tempfile"},  # a scratch folder
    "crawler/rebuild/remote.py": {"import tempfile"},  # likewise, for a WARC file while it is read
    "crawler/crawl/remote_verification.py": {"import tempfile"},  # likewise, for what is read of a store
    #: a scratch folder and a page in it, until it is shipped
    "crawler/crawl/ship_reports.py": {"import tempfile", "(scratch / 'page.html').write_text"},
    "crawler/commands/get.py": {"import tempfile"},  # likewise
    "crawler/commands/new_site.py": {"import tempfile"},  # a scratch archive, from which pages are copied
    "crawler/commands/demo.py": {"import shutil"},  # asks where a program is
}
OF_OS = {
    *("open", "write", "pwrite", "writev", "pwritev", "fsync", "fdatasync", "sync", "truncate", "ftruncate"),
    *("link", "symlink", "rename", "renames", "replace", "unlink", "remove", "mkdir", "makedirs", "rmdir"),
    *("removedirs", "mkfifo", "mknod", "posix_fallocate", "copy_file_range", "sendfile"),
}
#: Of a path, or of anything else that has methods of these names.
METHODS = {
    *("write_text", "write_bytes", "touch", "mkdir", "rmdir", "unlink", "rename", "hardlink_to", "symlink_to"),
    *("executescript", "commit", "rollback", "backup"),
}
WHOLE_MODULES = {"shutil", "tempfile", "mmap", "apsw"}
STATEMENTS = ("begin", "commit", "rollback", "savepoint", "vacuum", "pragma journal_mode", "pragma synchronous")
DOOR = sorted(ROOT.glob("crawler/durable/*.py"))
OTHERS = [
    path
    for path in sorted(ROOT.glob("crawler/**/*.py")) + sorted(ROOT.glob("spiders/**/*.py"))
    if path not in DOOR and not path.is_relative_to(ROOT / "crawler/demo")  # its archive is a crawl's
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def effects_in(tree: ast.AST) -> Iterator[str]:
    """Each call that changes what is on disk, and each import that is made for such calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.strip().lower().startswith(STATEMENTS) and node.value == node.value.upper():
                yield node.value
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from (f"import {name}" for name in names if name.split(".")[0] in WHOLE_MODULES)
            if isinstance(node, ast.ImportFrom) and node.module in {"os", "sqlite3", "io"}:
                yield from (f"from {node.module} import {a.name}" for a in node.names if changes(a.name))
        elif isinstance(node, ast.Call) and changes_disk(node):
            yield ast.unparse(node.func)


def changes(name: str) -> bool:
    return name in OF_OS | {"connect", "FileIO", "open"}


def changes_disk(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id == "open" and may_write(call, 1)
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value.id if isinstance(function.value, ast.Name) else None
    if owner in {"os", "sqlite3", "io"}:
        return changes(function.attr) or function.attr == "Connection"
    if function.attr == "open":
        return may_write(call, 0)
    if function.attr == "replace":  # a text's takes two arguments, a date's named ones
        return len(call.args) == 1 and not call.keywords
    return function.attr in METHODS


def may_write(call: ast.Call, position: int) -> bool:
    modes = [word.value for word in call.keywords if word.arg == "mode"] + call.args[position : position + 1]
    return any(not isinstance(mode, ast.Constant) or set(str(mode.value)) & set("wax+") for mode in modes)


@pytest.mark.parametrize("path", OTHERS, ids=name_of)
def test_no_other_module_changes_what_is_on_disk(path: Path) -> None:
    found = set(effects_in(ast.parse(path.read_text(encoding="utf-8"))))
    assert found == EXCEPTIONS.get(name_of(path), set()), f"{name_of(path)}: let it use crawler.durable"


@pytest.mark.parametrize(
    "line",
    [
        "os.fsync(1)", "path.open('wb')", "open(path, mode='a')", "open(path, mode)", "path.write_text('x')",
        "path.replace(other)", "sqlite3.connect(path)", "from os import rename", "import shutil",
        "database.execute('BEGIN')", "io.FileIO(path, 'w')", "Path('x').unlink()", "from tempfile import mkdtemp",
    ],
)  # fmt: skip
def test_it_would_see_any_of_these(line: str) -> None:
    assert list(effects_in(ast.parse(line)))


@pytest.mark.parametrize("line", ["path.open()", "path.open('rb')", "text.replace('a', 'b')", "time.replace(hour=1)"])
def test_it_leaves_reading_alone(line: str) -> None:
    assert not list(effects_in(ast.parse(line)))
