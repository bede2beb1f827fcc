"""What a host asks for, it gets: a forbidden page is not fetched, a rest is a rest."""

import gzip
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.crawl.politeness import MAX_STRIKES, retry_after
from crawler.crawl.report import SiteReport
from tests.crawl.example import HOME, Answer, Page_, Server, article, feed, moved
from tests.crawl.running import Crawl

DAY = "/2024/02/08"
ONE, TWO, THREE = f"{DAY}/one/", f"{DAY}/two/", f"{DAY}/three/"
PAGES: dict[str, Page_] = {"/feed.xml": feed(ONE, TWO), ONE: article("One"), TWO: article("Two")}


def crawl(server: Server, archive: Path, **settings: object) -> SiteReport:
    (site,) = Crawl(("example",), archive, {**server.settings, **settings}).run().report.sites
    return site


def test_it_does_not_fetch_what_robots_txt_forbids(tmp_path: Path) -> None:
    rules = Answer(f"User-agent: other\nDisallow: /\n\nUser-agent: newswarc\nDisallow: {TWO}\n".encode())
    with Server({**PAGES, "/robots.txt": rules}) as server:
        site = crawl(server, tmp_path)
    assert site.articles == 1
    assert site.refused == {"robots": 1}
    assert TWO not in server.paths


def test_it_asks_for_robots_txt_once_and_before_all_else(tmp_path: Path) -> None:
    with Server(PAGES) as server:
        crawl(server, tmp_path)
    assert server.paths[0] == "/robots.txt"
    assert server.paths.count("/robots.txt") == 1


@pytest.mark.parametrize("status", [404, 410, 403, 401])
def test_a_robots_txt_that_is_not_there_forbids_nothing(tmp_path: Path, status: int) -> None:
    with Server({**PAGES, "/robots.txt": Answer(b"User-agent: *\nDisallow: /", status)}) as server:
        assert crawl(server, tmp_path).articles == 2


@pytest.mark.parametrize("robots", [Answer(b"", 500), Answer(b"", 503), Answer(b"", 429), Answer(b"cut off", cut_at=2)])
def test_a_robots_txt_that_cannot_be_had_forbids_all(tmp_path: Path, robots: Answer) -> None:
    with Server({**PAGES, "/robots.txt": robots}) as server:
        site = crawl(server, tmp_path)
    assert set(server.paths) == {"/robots.txt"}
    assert site.sources_failed == 1
    assert site.articles == 0


def test_links_of_a_host_whose_robots_txt_cannot_be_had_are_tried_by_the_next_run(tmp_path: Path) -> None:
    with Server({**PAGES, "/robots.txt": Answer(b"", 503)}) as server:
        arguments = {"url": HOME + ONE}
        (site,) = Crawl(("news",), tmp_path, server.settings, arguments).run().report.sites
        assert site.failed == {"robots_unreachable": 1}
        server.pages["/robots.txt"] = Answer(b"")
        (site,) = Crawl(("news",), tmp_path, server.settings, arguments).run().report.sites
    assert site.articles == 1


def test_it_follows_a_redirected_robots_txt(tmp_path: Path) -> None:
    rules = Answer(f"User-agent: *\nDisallow: {TWO}\n".encode())
    with Server({**PAGES, "/robots.txt": moved("/rules.txt"), "/rules.txt": rules}) as server:
        assert crawl(server, tmp_path).refused == {"robots": 1}


def test_a_robots_txt_that_redirects_without_end_is_as_good_as_absent(tmp_path: Path) -> None:
    with Server({**PAGES, "/robots.txt": moved("/robots.txt")}) as server:
        assert crawl(server, tmp_path).articles == 2


BOMB = gzip.compress(b"# nothing\n" * 100_000)


@pytest.mark.parametrize("body", [b"no gzip at all", BOMB], ids=["broken", "a bomb"])
def test_a_robots_txt_that_cannot_be_decoded_forbids_all(tmp_path: Path, body: bytes) -> None:
    robots = Answer(body, headers={"Content-Encoding": "gzip"})
    with Server({**PAGES, "/robots.txt": robots}) as server:
        arguments = {"url": HOME + ONE}
        settings = {**server.settings, "DOWNLOAD_MAXSIZE": 100_000}
        (site,) = Crawl(("news",), tmp_path, settings, arguments).run().report.sites
    assert site.failed == {"robots_unreachable": 1}


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://news.example:99999/", "http://["])
def test_a_robots_txt_that_redirects_nowhere_is_as_good_as_absent(tmp_path: Path, location: str) -> None:
    with Server({**PAGES, "/robots.txt": moved(location)}) as server:
        assert crawl(server, tmp_path).articles == 2


def test_robots_txt_is_archived_as_a_prerequisite(tmp_path: Path) -> None:
    with Server(PAGES) as server:
        crawl(server, tmp_path)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        urls = [url for (url,) in database.execute("SELECT url FROM capture")]
    database.close()
    assert f"{HOME}/robots.txt" in urls


def test_it_keeps_the_crawl_delay_up_to_a_bound(tmp_path: Path) -> None:
    rules = Answer(b"User-agent: *\nCrawl-delay: 0.4\n")
    with Server({**PAGES, "/robots.txt": rules}) as server:
        crawl(server, tmp_path, DOWNLOAD_DELAY_JITTER=0)
    gaps = [later.at - earlier.at for earlier, later in zip(server.log, server.log[1:], strict=False)]
    assert min(gaps) > 0.3
    with Server({**PAGES, "/robots.txt": Answer(b"User-agent: *\nCrawl-delay: 86400\n")}) as server:
        assert crawl(server, tmp_path / "bounded", NEWSWARC_MAX_CRAWL_DELAY=0).articles == 2


def test_it_lets_a_host_rest_as_long_as_it_asks(tmp_path: Path) -> None:
    busy = Answer(b"", 503, headers={"Retry-After": "1"})
    paths = [f"{DAY}/{n}/" for n in range(9)]
    pages = {path: article(path) for path in paths}
    with Server({"/feed.xml": feed(*paths), **pages, paths[0]: [busy, article("One")]}) as server:
        assert crawl(server, tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=1).articles == 9
    first = server.paths.index(paths[0])
    assert server.log[first + 1].at - server.log[first].at > 0.9


def test_it_leaves_a_host_alone_that_asks_for_longer_than_a_run_waits(tmp_path: Path) -> None:
    busy = Answer(b"", 429, headers={"Retry-After": "3600"})
    with Server({**PAGES, ONE: busy}) as server:
        site = crawl(server, tmp_path, CONCURRENT_REQUESTS=1)
        assert site.failed == {"host_resting": 2}
        assert (server.paths.count(ONE), server.paths.count(TWO)) == (1, 0)
        server.pages[ONE] = article("One")
        assert crawl(server, tmp_path).articles == 2


def test_it_leaves_a_host_alone_that_gives_nothing_but_errors(tmp_path: Path) -> None:
    paths = [f"{DAY}/{n}/" for n in range(40)]
    with Server({"/feed.xml": feed(*paths), **{path: Answer(b"x" * 10, cut_at=1) for path in paths}}) as server:
        site = crawl(server, tmp_path, CONCURRENT_REQUESTS=1)
    assert sum(path in paths for path in server.paths) == MAX_STRIKES
    assert site.failed["host_resting"] > 20


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"Thu, 08 Feb 2024 12:01:00 GMT", 60.0),
        (b"Thu, 08 Feb 2024 11:00:00 GMT", 0.0),
        (b"Thursday, 08-Feb-24 12:00:30 GMT", 30.0),
        (b"soon", None),
        (b"", None),
        (b"-5", None),
        (b"\xff", None),
        (None, None),
    ],
)
def test_it_reads_retry_after_in_seconds_and_as_a_date(value: bytes | None, seconds: float | None) -> None:
    assert retry_after(value, datetime(2024, 2, 8, 12, tzinfo=UTC)) == seconds
