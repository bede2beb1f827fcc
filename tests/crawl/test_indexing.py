"""An index that is made again is the index that the crawl made."""

import shutil
from pathlib import Path

import pytest

from crawler.crawl.archive_run import ArchiveRun, RunOptions
from crawler.crawl.indexing import index_archive
from crawler.crawl.lock import RunLock
from crawler.errors import LockedError, UsageError
from tests.archive.exchanges import exchange, response
from tests.crawl.appending import SITE, exchange_of


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Several finished files of one site, one with all kinds of answers."""
    run = ArchiveRun(tmp_path, SITE, "run-1", RunOptions(max_bytes=9000))
    odd = (
        exchange(response(b"", b"Location: /b", status=b"301 Moved")),
        exchange(b"no HTTP"),
        exchange(response(b"cut"), truncated="time", url="https://news.example/ä?b=2&a=1"),
        exchange(response(b"", b"Content-Type: a b", status=b"204 No")),
    )
    for one in (*map(exchange_of, [f"k{number}" for number in range(12)]), *odd):
        run.committer.record(one).result()
    run.committer.finish_files().result()
    run.close()
    return tmp_path


def contents(archive: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in archive.glob("index/cdxj/demo/*")}


def test_has_the_very_bytes_that_the_crawl_wrote(archive: Path) -> None:
    written = contents(archive)
    assert len(written) > 2
    shutil.rmtree(archive / "index")
    (told,) = index_archive(archive, None, 1)
    assert contents(archive) == written
    assert (told.files, told.damaged) == (len(written), [])
    lines = [line for content in written.values() for line in content.splitlines(keepends=True)]
    assert (archive / "index/merged/demo.cdxj").read_bytes() == b"".join(sorted(lines))
    assert told.rows == len(lines) == 15
    (told,) = index_archive(archive, "demo", 2)
    assert contents(archive) == written
    assert told.rows == 15


def test_has_the_very_bytes_on_every_site(demo_archive: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_archive / "warc", tmp_path / "warc")
    assert len(list(index_archive(tmp_path, None, 1))) == 5
    for path in demo_archive.glob("index/cdxj/*/*"):
        assert (tmp_path / path.relative_to(demo_archive)).read_bytes() == path.read_bytes()


def test_loses_only_the_row_of_a_damaged_record(archive: Path) -> None:
    first = min(archive.glob("warc/demo/*/*/*.gz"))
    data = bytearray(first.read_bytes())
    data[-10] ^= 1  # in the last metadata record
    first.write_bytes(data)
    (told,) = index_archive(archive, "demo", 1)
    assert (told.rows, len(told.damaged)) == (15, 1)
    first.write_bytes(data[:700])
    (told,) = index_archive(archive, "demo", 1)
    assert told.rows < 15
    assert first.name in told.damaged[0]


def test_keeps_the_index_of_a_file_that_is_no_warc_any_more(archive: Path) -> None:
    written = contents(archive)
    first = min(archive.glob("warc/demo/*/*/*.gz"))
    first.write_bytes(b"filedesc://x.arc")
    (told,) = index_archive(archive, "demo", 1)
    assert "it is an ARC file" in told.damaged[0]
    assert contents(archive) == written


def test_is_made_by_one_at_a_time_and_beside_a_crawl(archive: Path) -> None:
    crawl = RunLock(archive, "demo")
    list(index_archive(archive, "demo", 1))
    crawl.release()
    other = RunLock(archive, "demo.index")
    with pytest.raises(LockedError):
        list(index_archive(archive, "demo", 1))
    other.release()


@pytest.mark.parametrize("site", [None, "other"])
def test_needs_files(archive: Path, site: str | None) -> None:
    with pytest.raises(UsageError, match="no WARC file"):
        list(index_archive(archive if site else archive / "nothere", site, 1))
