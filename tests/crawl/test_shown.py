"""An article of the demo, shown from the archive alone: the page, and each file that it needs."""

import gzip
import sqlite3
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from crawler.archive.reader import read_captures
from crawler.crawl.report import SiteReport
from crawler.demo.replica import SITES
from crawler.demo.server import Replica
from crawler.demo.theme import theme
from crawler.discover.requisites import page_requisites, sheet_requisites
from crawler.model import Capture
from crawler.page import Page
from crawler.rebuild.warcs import find_warcs
from tests.crawl.running import Crawl
from tests.replaying import needs_pywb, replayed

HOST = "www.dimsumdaily.hk"
STYLE = f"https://{HOST}/wp-content/themes/daily/style.css"
DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress}


class Shown:
    """The replica of all sites, crawled with what its articles need."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        with Replica() as replica:
            settings = {"NEWSWARC_RESOLVE": replica.resolve, "NEWSWARC_CA_FILE": str(replica.ca_file)}
            outcome = Crawl(SITES, archive, {**settings, "NEWSWARC_REQUISITES": True}).run()
        self.reports: dict[str, SiteReport] = {site.site: site for site in outcome.report.sites}
        paths = find_warcs([str(archive / "warc" / "dimsum_daily")])
        self.captures = {capture.url: capture for path in paths for capture in read_captures(path)}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return Shown(tmp_path_factory.mktemp("shown") / "archive")


@pytest.fixture(scope="module")
def replay(shown: Shown, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with replayed(shown.archive, ["dimsum_daily"], tmp_path_factory.mktemp("pywb")) as address:
        yield address


def got(url: str) -> tuple[int, bytes]:
    """Status and decoded body."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        body = answer.read()
        return answer.status, DECODERS.get(answer.headers["Content-Encoding"] or "", bytes)(body)


@pytest.mark.parametrize("name", SITES)
def test_all_that_the_replicas_articles_need_is_there(shown: Shown, name: str) -> None:
    with sqlite3.connect(shown.archive / "ledger.sqlite") as database:
        rows = database.execute("SELECT DISTINCT state, reason FROM requisite WHERE site = ?", (name,)).fetchall()
    database.close()
    assert rows in ([], [("captured", None)])
    assert shown.reports[name].pending == 0


def test_the_theme_is_there_whole(shown: Shown) -> None:
    wanted = {f"https://{HOST}{path}": resource.body for path, resource in theme().items()}
    found = {url: Page(capture).content for url, capture in shown.captures.items() if url in wanted}
    assert found == wanted


def test_nothing_is_encoded_as_replay_tools_cannot_decode(shown: Shown) -> None:
    """The replica would rather send zstd, which pywb gives on as it is, without its name."""
    encodings = {capture.header("Content-Encoding") for capture in shown.captures.values()}
    assert "br" in encodings
    assert encodings <= {None, "gzip", "deflate", "br"}


@needs_pywb
def test_an_article_is_shown_with_all_its_files(shown: Shown, replay: str) -> None:
    articles = [Page(capture) for capture in shown.captures.values() if is_article(capture)]
    needed = {each.url for page in articles for each in page_requisites(page)}
    needed |= {each.url for each in sheet_requisites(Page(shown.captures[STYLE]))}
    assert len(needed) > len(theme())
    assert any(HOST not in url for url in needed)  # pictures come from a host of their own
    for url in [articles[0].url, *sorted(needed)]:
        assert got(f"{replay}/2026id_/{url}") == (200, Page(shown.captures[url]).content)


@needs_pywb
def test_a_browser_is_sent_to_the_archives_own_files(shown: Shown, replay: str) -> None:
    """As pywb rewrites it: what the page names leads into the archive, and so does what its style sheet names."""
    url = next(url for url, capture in shown.captures.items() if is_article(capture))
    status, page = got(f"{replay}/2026mp_/{url}")
    assert status == 200
    assert f"cs_/{STYLE}".encode() in page
    status, sheet = got(f"{replay}/2026cs_/{STYLE}")
    assert status == 200
    assert got(f"{replay}/2026im_/{STYLE.removesuffix('style.css')}images/paper.png")[0] == 200
    assert b"fonts/daily.woff2" in sheet


def is_article(capture: Capture) -> bool:
    return capture.status == 200 and capture.resource is None and b"<article" in Page(capture).content
