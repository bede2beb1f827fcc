"""Pages that break off: each part is kept, the whole page is what becomes the record, in this run or a later one."""

import json
from pathlib import Path

import pytest

from crawler.archive.lookup import find_capture
from crawler.archive.reader import read_captures
from crawler.crawl.report import SiteReport
from crawler.rebuild.warcs import WarcTally, WarcUnit, find_warcs, read_warc
from tests.crawl.example import HOME, ExampleSpider, article, feed
from tests.crawl.running import Crawl, records
from tests.crawl.wire.raw_server import Line, RawServer, Script, sends

ONE = "/2024/02/08/one/"
URL = HOME + ONE
BODY = article("One").body
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n" % len(BODY)
WHOLE = HEAD + b"\r\n" + BODY
NONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def sized(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def stalled(line: Line) -> bool:
    line.send(HEAD + b"\r\n" + BODY[:200])
    line.sock.recv(1)
    return False


BREAKS: dict[str, tuple[Script, str, str]] = {
    "body": (sends(HEAD + b"\r\n" + BODY[:200], close=True), "disconnect", "interrupted"),
    "reset": (sends(HEAD + b"\r\n" + BODY[:200], reset=True), "disconnect", "interrupted"),
    "stall": (stalled, "time", "timeout"),
    "head": (sends(HEAD, close=True), "disconnect", "connection"),
    "no-http": (sends(b"220 mail.example ESMTP\r\n", close=True), "unspecified", "malformed"),
}


def quick(*names: str) -> list[object]:
    """All, those that are not named for the long sweep: how each is kept is tested over the wire alone as well."""
    return [name if name in names else pytest.param(name, marks=pytest.mark.slow) for name in BREAKS]


def pages(*answers: Script) -> dict[str, Script]:
    """A site with one article, whose answers are used up one by one; the last one stays."""
    left = list(answers)

    def script(line: Line) -> bool:
        return (left.pop(0) if len(left) > 1 else left[0])(line)

    return {"feed.xml": sends(sized(feed(ONE).body)), "robots.txt": sends(NONE), "2024": script}


def patience(name: str) -> int:
    """Seconds that a response is waited for: few for one that never comes, all others do on a busy machine, too."""
    return 2 if name == "stall" else 60


def crawl(server: RawServer, archive: Path, **settings: object) -> SiteReport:
    rules = {"SPIDER_MODULES": ["tests.crawl.example"], "NEWSWARC_RESOLVE": [f"*:80:127.0.0.1:{server.port}"]}
    outcome = Crawl(("example",), archive, {**rules, **settings}).run()
    (site,) = outcome.report.sites
    return site


def tokens(archive: Path) -> list[str | None]:
    """How each capture of the article was cut, in the archive's order; `no response` for what is none."""
    paths = find_warcs([str(archive / "warc")])
    return [capture.truncated for path in paths for capture in read_captures(path) if capture.url == URL]


def check(archive: Path) -> None:
    """One record, of the whole page; the same again in a rebuild; and the whole page is what `get` finds."""
    (record,) = records(archive, "example")
    units = [WarcUnit(path, {"example": ExampleSpider}) for path in find_warcs([str(archive / "warc")])]
    again = [reading.record for unit in units for _, _, reading in read_warc(unit, WarcTally()) if reading.record]
    assert again == [record]
    row = find_capture(archive, URL, None)
    assert row.fields["offset"] == str(json.loads(record)["warc_record_offset"])


@pytest.mark.parametrize("name", quick("body", "no-http"))
def test_the_whole_page_becomes_the_record_after_another_attempt(tmp_path: Path, name: str) -> None:
    script, token, _ = BREAKS[name]
    with RawServer(pages(script, sends(WHOLE))) as server:
        site = crawl(server, tmp_path, DOWNLOAD_TIMEOUT=patience(name))
    assert (site.articles, site.failed) == (1, {})
    assert tokens(tmp_path) == ([None] if name == "no-http" else [token, None])
    check(tmp_path)


@pytest.mark.parametrize("name", quick("stall"))
def test_a_later_run_tries_again_what_broke_off_each_time(tmp_path: Path, name: str) -> None:
    script, token, reason = BREAKS[name]
    with RawServer(pages(script)) as server:
        first = crawl(server, tmp_path, DOWNLOAD_TIMEOUT=patience(name))
        assert (first.articles, first.failed) == (0, {reason: 1})
        server.scripts["2024"] = sends(WHOLE)
        second = crawl(server, tmp_path)
    assert (second.articles, second.failed) == (1, {})
    assert tokens(tmp_path) == ([None] if name == "no-http" else [token, token, None])
    check(tmp_path)


def test_what_is_too_long_is_kept_and_not_asked_for_again(tmp_path: Path) -> None:
    with RawServer(pages(sends(WHOLE))) as server:
        site = crawl(server, tmp_path, DOWNLOAD_MAXSIZE=300)
        assert (site.skipped, site.failed) == ({"truncated": 1}, {})
        assert crawl(server, tmp_path).found == 0
    assert tokens(tmp_path) == ["length"]


@pytest.mark.slow
def test_a_page_that_always_breaks_off_is_given_up_after_five_runs(tmp_path: Path) -> None:
    script, _, reason = BREAKS["body"]
    with RawServer(pages(script)) as server:
        found = [crawl(server, tmp_path, RETRY_TIMES=0).failed for _ in range(6)]
    assert found == [{reason: 1}] * 5 + [{}]
    assert tokens(tmp_path) == ["disconnect"] * 5
