"""`newswarc check-site` over the project's own saved pages, and over copies that were changed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import NEWSWARC

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "tests" / "pages"


def check_site(*arguments: object, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    command = [NEWSWARC, "check-site", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    shutil.copytree(PAGES / "diplomat_so", tmp_path / "diplomat_so")
    return tmp_path


def change(pages: Path, **fields: object) -> Path:
    path = pages / "diplomat_so" / "blog-2015.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | fields), encoding="utf-8")
    return path


def test_all_sites_are_as_expected() -> None:
    result = check_site("--all")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.count("as expected") == len([path for path in PAGES.iterdir() if path.is_dir()])


def test_a_difference_is_shown_by_field_and_fails(pages: Path) -> None:
    change(pages, authors=["Nobody"], published_at="2015-02-01")
    result = check_site("diplomat_so", "--pages", pages)
    assert result.returncode == 1
    for line in ("  authors", '    - "Nobody"', '    + "Tajuddin"', "  published_at", '    - "2015-02-01"'):
        assert line in result.stdout.splitlines()
    assert "2 pages, 1 not as expected" in result.stdout
    assert "headline" not in result.stdout


def test_differences_are_json_on_request(pages: Path) -> None:
    change(pages, authors=[])
    result = check_site("diplomat_so", "--pages", pages, "--json")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 1
    assert told[0]["differences"] == [{"field": "authors", "expected": [], "found": ["Tajuddin"]}]
    assert told[1] == {"site": "diplomat_so", "page": "stamped-2024", "differences": []}


def test_what_is_accepted_is_expected_from_then_on(pages: Path) -> None:
    path = change(pages, authors=["Nobody"])
    assert check_site("diplomat_so", "--pages", pages, "--accept").returncode == 0
    assert json.loads(path.read_text(encoding="utf-8"))["authors"] == ["Tajuddin"]
    assert check_site("diplomat_so", "--pages", pages).returncode == 0


def test_a_layout_without_a_page_fails(pages: Path) -> None:
    (pages / "diplomat_so" / "blog-2015.warc.gz").unlink()
    result = check_site("diplomat_so", "--pages", pages)
    assert result.returncode == 1
    assert "no saved page is read by the layout blog" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "takes sites, or --all"),
        (("--all", "diplomat_so"), "takes sites, or --all"),
        (("nowhere",), "no such site: nowhere"),
        (("indebta", "--pages", "/nonexistent"), "/nonexistent/indebta: no saved page"),
        (("--all", "--pages", "/nonexistent"), "/nonexistent: no saved pages there"),
    ],
)
def test_bad_usage_is_told_in_one_line(arguments: tuple[str, ...], told: str) -> None:
    result = check_site(*arguments)
    assert result.returncode == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_broken_page_is_told_in_one_line(pages: Path) -> None:
    (pages / "diplomat_so" / "blog-2015.warc.gz").write_bytes(b"no WARC")
    result = check_site("diplomat_so", "--pages", pages)
    assert result.returncode == 3
    assert "blog-2015.warc.gz" in result.stderr
    assert "Traceback" not in result.stderr
