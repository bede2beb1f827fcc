"""Archives from elsewhere: what a manifest or an index says is believed of nothing outside, and told in one line."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from crawler.corpus.manifest import describe, sha256_of
from crawler.crawl.packaging import pack
from crawler.crawl.selection import Wanted
from crawler.errors import ArchiveError
from tests.crawl.test_packaging import HOME, Package, archive

__all__ = ["archive"]  # the fixture


def edit_manifest(archive: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = min(archive.glob("runs/*.json"))
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def named(archive: Path, path: Path) -> Callable[[dict[str, Any]], object]:
    """Let the manifest name another file."""
    (file,) = describe(archive, [path.relative_to(archive).as_posix()])
    return lambda told: told["files"].append(asdict(file))


@pytest.mark.parametrize("path", ["warc/../../secret", "/etc/passwd", 5, None, ""])
def test_packs_nothing_that_is_not_in_the_archive(archive: Path, path: object) -> None:
    (archive.parent / "secret").write_bytes(next(archive.glob("warc/demo/*/*/*")).read_bytes())
    sha256 = sha256_of(archive.parent / "secret")
    edit_manifest(archive, lambda told: told["files"].append({"path": path, "size": 1, "sha256": sha256}))
    with pytest.raises(ArchiveError, match=r"1-demo.json: it names .* which is no place in the archive"):
        Package(archive)


@pytest.mark.parametrize("moment", ["soon", 5, None])
def test_refuses_a_manifest_that_tells_no_time(archive: Path, moment: object) -> None:
    edit_manifest(archive, lambda told: told.update(finished_at=moment))
    with pytest.raises(ArchiveError, match=r"1-demo.json: .* which is no time"):
        Package(archive)


def test_says_which_file_is_not_there(archive: Path) -> None:
    path = next(archive.glob("warc/demo/*/*/*"))
    path.unlink()
    with pytest.raises(ArchiveError, match=f"{path.name}: a manifest names it, and it is not there"):
        Package(archive)


@pytest.mark.parametrize("rows", [b"junk\n", b"a b {\xff}\n", b"a b [1]\n", b"b 1 {}\na 1 {}\n"])
def test_refuses_an_index_that_no_reader_could_search(archive: Path, rows: bytes) -> None:
    index = next(archive.glob("index/cdxj/demo/*"))
    index.write_bytes(rows)
    with pytest.raises(ArchiveError, match=f"{index.name}: .*`newswarc index` makes it again"):
        Package(archive)


def test_files_of_one_name_get_two(archive: Path) -> None:
    path = min(archive.glob("warc/demo/*/*/*"))
    twin = archive / "warc" / "demo" / "2030" / "01" / path.name
    twin.parent.mkdir(parents=True)
    twin.write_bytes(path.read_bytes())
    edit_manifest(archive, named(archive, twin))
    for package in (Package(archive), Package(archive, urls=(HOME + "b",))):
        assert f"2-{min(package.warcs, key=len)}" in package.warcs
        assert len([row for row in package.rows if row.fields["url"] == HOME + "b"]) == 2
        assert all(b"WARC-Target-URI" in package.record_at(number) for number in range(len(package.rows)))


def test_packs_a_file_that_lies_in_no_folder_of_a_site(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Package(archive).told.captures
    path = archive / "warc" / "alone.warc.gz"
    path.write_bytes(min(archive.glob("warc/demo/*/*/*")).read_bytes())
    edit_manifest(archive, named(archive, path))
    monkeypatch.chdir(archive)
    assert pack(Path(), Wanted(), archive.parent / "here.wacz", None).captures == whole + 4
