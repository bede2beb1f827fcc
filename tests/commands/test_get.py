"""A page that came again is got back by whatever URL and time it came at, and what is not whole is told."""

import random
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.tree import LEDGER_NAME, warc_paths
from crawler.crawl.archive_run import ArchiveRun
from crawler.model import Exchange, Original
from tests.archive.exchanges import STARTED, chunked, exchange, response
from tests.conftest import NEWSWARC

HOME = "https://news.example/"
OLD, NEW = (b"<html><body>%s" % random.Random(n).randbytes(900).hex().encode() for n in range(2))
FRAMES = b"Transfer-Encoding: chunked"
OLD_PAGE = response(chunked(OLD, 100), FRAMES, b'ETag: "a"', length=False)
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'


def page(path: str, answer: bytes, days: int, original: Original | None = None, **changes: str) -> Exchange:
    at = STARTED + timedelta(days=days)
    return exchange(answer, url=HOME + path, started_at=at, validated=original, **changes)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page; the same ten days later elsewhere, in another file, and unchanged in its place; then a new one."""
    folder = tmp_path_factory.mktemp("get") / "archive"
    with closing(ArchiveRun(folder, "demo", "1")) as run:
        old = run.committer.record(page("a", OLD_PAGE, 0)).result()
        run.committer.finish_files().result()
        original = Original(HOME + "a", STARTED, old)
        again = response(chunked(OLD, 77), FRAMES, b"X-Again: yes", length=False)
        assert run.committer.record(page("elsewhere", again, 10)).result().refers_to == old.record_id
        assert run.committer.record(page("a", NOT_MODIFIED, 10, original)).result().refers_to == old.record_id
        run.committer.record(page("a", response(NEW), 11)).result()
        cut = response(b"<p>half", b"Content-Length: 99", length=False)
        run.committer.record(page("cut", cut, 0, truncated="disconnect")).result()
        run.committer.finish_files().result()
    return folder


def get(archive: Path, path: str, *options: str) -> tuple[int, bytes, str]:
    command = [NEWSWARC, "get", HOME + path, "--archive", archive, *options]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def test_a_payload_that_came_again_is_read_from_the_file_of_its_original(archive: Path) -> None:
    assert get(archive, "elsewhere") == (0, OLD, "")


def test_the_exact_bytes_of_a_revisit_are_its_originals_which_it_says(archive: Path) -> None:
    told = "newswarc: the capture of 20240218093000 is a revisit: these are the bytes of its original\n"
    assert get(archive, "elsewhere", "--raw") == (0, OLD_PAGE, told)


def test_the_headers_of_a_revisit_are_its_own(archive: Path) -> None:
    _, headers, told = get(archive, "elsewhere", "--headers")
    assert b"X-Again: yes\r\n" in headers
    assert told == ""


def test_a_304_is_followed_to_the_page_that_it_says_is_the_same(archive: Path) -> None:
    """The new page is nearer to that time than the old one."""
    told = "newswarc: at 2024-02-18T09:30:00Z the server answered 304, not modified: this is the page of 2024-02-08T"
    code, page, line = get(archive, "a", "--at", "2024-02-18")
    assert (code, page) == (0, OLD)
    assert line == f"{told}09:30:00Z\n"
    assert get(archive, "a", "--at", "20240219093000") == get(archive, "a") == (0, NEW, "")


def test_without_a_ledger_the_nearest_page_is_got(archive: Path) -> None:
    ledger = archive / LEDGER_NAME
    ledger.rename(archive / "away")
    try:
        assert get(archive, "a", "--at", "2024-02-18") == (0, NEW, "")
    finally:
        (archive / "away").rename(ledger)


@pytest.mark.parametrize("option", [(), ("--raw",), ("--headers",)])
def test_a_page_that_was_cut_is_told_in_each_form(archive: Path, option: tuple[str, ...]) -> None:
    code, data, told = get(archive, "cut", *option)
    assert code == 0
    assert (b"<p>half" in data) == (option != ("--headers",))
    assert told == "newswarc: the capture of 20240208093000 has status 200, truncated (disconnect)\n"


@pytest.mark.parametrize("option", [(), ("--raw",)])
def test_a_revisit_whose_original_is_gone_is_one_clear_line(archive: Path, option: tuple[str, ...]) -> None:
    first = next(warc_paths(archive, "demo"))
    first.rename(archive / "shipped")
    try:
        code, data, told = get(archive, "elsewhere", *option)
    finally:
        (archive / "shipped").rename(first)
    assert (code, data) == (3, b"")
    line = told.splitlines()[-1]
    assert line.startswith("newswarc: ")
    assert "is not in the archive" in line
    assert "Traceback" not in told
