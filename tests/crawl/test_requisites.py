"""What articles need to be shown is archived beside them, within its budget, and is never taken for a page."""

import json
import os
import signal
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.reader import read_captures
from crawler.crawl.report import SiteReport
from crawler.crawl.run import RunOutcome
from crawler.rebuild.warcs import WarcTally, WarcUnit, find_warcs, read_warc
from spiders.news import AnyNewsSpider
from tests.crawl.example import HOME, PROSE, Answer, ExampleSpider, Page_, Server, feed, moved
from tests.crawl.running import Crawl, records
from tests.crawl.wire.raw_server import Line, RawServer

DAY = "/2024/02/08"
ONE, TWO = f"{DAY}/one/", f"{DAY}/two/"
CDN = "http://cdn.example"
CSS = {"Content-Type": "text/css"}


def story(slug: str, head: str = "", body: str = "") -> Answer:
    html = (
        f"<html><head><title>{slug}</title>{head}</head><body><h1>{slug}</h1><article><p>{slug}. {PROSE}</p></article>"
    )
    return Answer(f"{html}{body}</body></html>".encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def picture(name: str) -> Answer:
    return Answer(f"picture {name}".encode() * 100, headers={"Content-Type": "image/png"})


def crawl(server: Server, archive: Path, sites: Sequence[str] = ("example",), **settings: object) -> RunOutcome:
    return Crawl(tuple(sites), archive, {"NEWSWARC_REQUISITES": True, **server.settings, **settings}).run()


def report(outcome: RunOutcome) -> SiteReport:
    (site,) = outcome.report.sites
    losses = site.gone + sum(site.refused.values()) + sum(site.failed.values())
    assert site.found == site.captured + losses + site.pending
    return site


def stored(archive: Path) -> list[tuple[str, str | None]]:
    """URL and kind of each whole page in the archive but the sources and robots.txt."""
    found = [capture for path in find_warcs([str(archive / "warc")]) for capture in read_captures(path)]
    return sorted((each.url, each.resource) for each in found if each.status == 200 and "feed" not in each.url)


def told(archive: Path) -> dict[str, dict[str, str]]:
    """URL -> the fields of its metadata record, read by another reader."""
    found: dict[str, dict[str, str]] = {}
    for path in find_warcs([str(archive / "warc")]):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                if record.rec_type == "metadata":
                    lines = record.content_stream().read().decode().splitlines()
                    fields = dict(line.split(": ", 1) for line in lines if line)
                    found[record.rec_headers["WARC-Target-URI"]] = fields
    return found


def rows(archive: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(archive / "ledger.sqlite") as database:
        found = database.execute("SELECT url, state, reason, attempts FROM requisite ORDER BY id").fetchall()
    database.close()
    return found


SITE: dict[str, Page_] = {
    "/feed.xml": feed(ONE),
    ONE: story(
        "One",
        f"<link rel=stylesheet href='/a.css'><script src='{CDN}/s.js'></script>",
        f"<img src='/i.png'><img src='data:image/png;base64,AA'><img src='javascript:x()' data-src='{CDN}/late.png'>",
    ),
    "/a.css": Answer(b"@import 'css/b.css'; body{background:url(bg.png)}", headers=CSS),
    "/css/b.css": Answer(b"@font-face{src:url(../f.woff2)} @import '../a.css'; @import 'b.css';", headers=CSS),
    "/bg.png": picture("bg"),
    "/f.woff2": picture("font"),
    "/i.png": picture("i"),
    "/s.js": Answer(b"var late = '/never.png'", headers={"Content-Type": "text/javascript"}),
    "/late.png": picture("late"),
}
NEEDED = {
    f"{HOME}/a.css": ("stylesheet", HOME + ONE, "LE"),
    f"{HOME}/css/b.css": ("stylesheet", f"{HOME}/a.css", "LEE"),
    f"{HOME}/bg.png": ("image", f"{HOME}/a.css", "LEE"),
    f"{HOME}/f.woff2": ("font", f"{HOME}/css/b.css", "LEEE"),
    f"{HOME}/i.png": ("image", HOME + ONE, "LE"),
    f"{CDN}/late.png": ("image", HOME + ONE, "LE"),
    f"{CDN}/s.js": ("script", HOME + ONE, "LE"),
}


def test_nothing_is_fetched_unless_it_is_asked_for(tmp_path: Path) -> None:
    with Server(SITE) as server:
        site = report(crawl(server, tmp_path, NEWSWARC_REQUISITES=False))
    assert (site.articles, site.requisites) == (1, {})
    assert stored(tmp_path) == [(HOME + ONE, None)]


@pytest.mark.parametrize("name", ["example", "twin"])  # the twin names its domain, which keeps no picture elsewhere out
def test_each_is_stored_once_with_the_page_it_came_by(tmp_path: Path, name: str) -> None:
    with Server(SITE) as server:
        outcome = crawl(server, tmp_path, [name])
    assert outcome.exit_code == 0
    assert (report(outcome).found, report(outcome).articles) == (1, 1)
    assert report(outcome).requisites == {"fetched": len(NEEDED)}
    assert stored(tmp_path) == sorted([(HOME + ONE, None), *((url, kind) for url, (kind, _, _) in NEEDED.items())])
    facts = told(tmp_path)
    assert {url: (facts[url]["via"], facts[url]["hopsFromSeed"]) for url in NEEDED} == {
        url: (via, hops) for url, (_, via, hops) in NEEDED.items()
    }
    assert len(records(tmp_path, name)) == 1


def test_none_is_an_article_in_a_rebuild(tmp_path: Path) -> None:
    """For the site that takes any page for an article, not even a picture that came as one."""
    page = story("Not a picture")
    with Server({**SITE, "/i.png": page}) as server:
        settings = {"NEWSWARC_REQUISITES": True, **server.settings}
        outcome = Crawl(("news",), tmp_path, settings, {"url": HOME + ONE}).run()
    assert report(outcome).requisites == {"fetched": len(NEEDED)}
    (path,) = find_warcs([str(tmp_path / "warc")])
    tally = WarcTally()
    again = [reading.record for _, _, reading in read_warc(WarcUnit(path, {"news": AnyNewsSpider}), tally)]
    assert [record for record in again if record] == records(tmp_path, "news")
    assert tally.skipped["requisite"] == len(NEEDED)


def test_an_article_that_another_page_shows_as_a_picture_is_an_article_all_the_same(tmp_path: Path) -> None:
    """Parity: its record never names a capture that a rebuild passes over."""
    pages = {ONE: story("One", body=f"<img src='{TWO}'>"), TWO: story("Two"), "/feed.xml": feed(ONE)}
    with Server(pages) as server:
        assert report(crawl(server, tmp_path)).requisites == {"fetched": 1}
        server.pages["/feed.xml"] = feed(ONE, TWO)
        crawl(server, tmp_path)
        crawl(server, tmp_path)
    tally = WarcTally()
    units = [WarcUnit(path, {"example": ExampleSpider}) for path in find_warcs([str(tmp_path / "warc")])]
    again = [reading.record for unit in units for _, _, reading in read_warc(unit, tally) if reading.record]
    assert again == records(tmp_path, "example")
    assert {json.loads(record)["headline"] for record in again} == {"One", "Two"}


def test_what_pages_share_is_fetched_once_in_all_runs(tmp_path: Path) -> None:
    with Server({**SITE, TWO: SITE[ONE], "/feed.xml": feed(ONE, TWO), f"{DAY}/three/": SITE[ONE]}) as server:
        crawl(server, tmp_path)
        server.pages["/feed.xml"] = feed(ONE, f"{DAY}/three/")
        again = report(crawl(server, tmp_path))
        assert (again.articles, again.requisites) == (1, {})
        for file in tmp_path.glob("ledger.sqlite*"):  # the files tell what is stored as well
            file.unlink()
        assert report(crawl(server, tmp_path)).requisites == {}
    needed = [path for path in server.paths if f"{HOME}{path}" in NEEDED or f"{CDN}{path}" in NEEDED]
    assert sorted(needed) == sorted(set(needed))
    assert len(needed) == len(NEEDED)


def test_what_was_stored_long_ago_is_fetched_again_for_a_new_page(tmp_path: Path) -> None:
    with Server({**SITE, TWO: SITE[ONE]}) as server:
        crawl(server, tmp_path)
        server.pages["/feed.xml"] = feed(TWO)
        assert report(crawl(server, tmp_path, NEWSWARC_REQUISITES_DAYS=0)).requisites == {"fetched": len(NEEDED)}
    assert server.paths.count("/i.png") == 2
    found = [each for path in find_warcs([str(tmp_path / "warc")]) for each in read_captures(path)]
    assert [each.is_revisit for each in found if each.url == f"{HOME}/i.png"] == [False, True]


def test_a_killed_run_fetches_what_is_missing(tmp_path: Path) -> None:
    """The article was captured and settled; the kill comes with the first of its pictures."""
    names = [f"/{number}.png" for number in range(20)]

    def kill() -> Answer:
        os.kill(int((tmp_path / "runs/example.lock").read_text()), signal.SIGKILL)
        return picture("late")

    pages: dict[str, Page_] = {name: picture(name) for name in names}
    pages |= {ONE: story("One", body="".join(f"<img src='{name}'>" for name in names)), "/feed.xml": feed(ONE)}
    pages[names[7]] = [kill, picture("7")]
    with Server(pages) as server:
        settings = {"NEWSWARC_REQUISITES": True, **server.settings, "CONCURRENT_REQUESTS": 1}
        assert Crawl(("example",), tmp_path, settings).attempt() is None
        again = report(crawl(server, tmp_path))
    assert again.ended == "finished"
    assert again.requisites["fetched"] >= 13
    assert stored(tmp_path) == sorted([(HOME + ONE, None), *((HOME + name, "image") for name in names)])
    assert server.paths.count(ONE) == 1
    assert {row[1] for row in rows(tmp_path)} == {"captured"}


def test_ten_thousand_pictures_are_left_out_but_for_the_budget(tmp_path: Path) -> None:
    pages = {ONE: story("One", body="".join(f"<img src='/{n}.png'>" for n in range(10_000))), "/feed.xml": feed(ONE)}
    with Server({**pages, **{f"/{n}.png": picture(str(n)) for n in range(10)}}) as server:
        site = report(crawl(server, tmp_path, NEWSWARC_REQUISITES_NUMBER=7))
    assert site.requisites == {"fetched": 7, "over_budget": 4993}
    assert len(stored(tmp_path)) == 8


def test_what_one_page_had_no_room_for_another_may_fetch(tmp_path: Path) -> None:
    images = "".join(f"<img src='/{n}.png'>" for n in range(4))
    pages = {ONE: story("One", body=images), TWO: story("Two", body=images), "/feed.xml": feed(ONE, TWO)}
    with Server({**pages, **{f"/{n}.png": picture(str(n)) for n in range(4)}}) as server:
        assert report(crawl(server, tmp_path, NEWSWARC_REQUISITES_NUMBER=2)).requisites == {"fetched": 4}


def endless(line: Line) -> bool:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        line.sock.sendall(b"\0" * 65536)


def endless_chunks(line: Line) -> bool:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        line.sock.sendall(b"10000\r\n" + b"\0" * 65536 + b"\r\n")


def test_ten_gigabytes_are_stopped_by_the_budget(tmp_path: Path) -> None:
    images = "<img src='http://big.example/length'><img src='http://big.example/chunks'><img src='/i.png'>"
    pages = {ONE: story("One", body=images), "/feed.xml": feed(ONE), "/i.png": picture("i")}
    with Server(pages) as server, RawServer({"length": endless, "chunks": endless_chunks}) as big:
        rules = [f"big.example:80:127.0.0.1:{big.port}", *server.settings["NEWSWARC_RESOLVE"]]  # type: ignore[misc]
        site = report(crawl(server, tmp_path, NEWSWARC_RESOLVE=rules, NEWSWARC_REQUISITES_BYTES=500_000))
    assert site.articles == 1
    assert site.requisites in ({"over_budget": 2, "fetched": 1}, {"over_budget": 3})  # whichever came first
    found = [each for path in find_warcs([str(tmp_path / "warc")]) for each in read_captures(path)]
    cut = [each for each in found if each.url.startswith("http://big.example") and each.status == 200]
    assert {each.truncated for each in cut} == {"length"}
    assert sum(len(each.payload) for each in cut) < 1_000_000


LOOPS: dict[str, Page_] = {
    "/round": moved("/round2"),
    "/round2": moved("/round"),
    "/self": moved("/self"),
    **{f"/chain/{n}": moved(f"/chain/{n + 1}") for n in range(50)},
}


@pytest.mark.parametrize("path", ["/round", *(pytest.param(p, marks=pytest.mark.slow) for p in ("/self", "/chain/0"))])
def test_a_redirect_without_end_ends(tmp_path: Path, path: str) -> None:
    with Server({**LOOPS, ONE: story("One", body=f"<img src='{path}'>"), "/feed.xml": feed(ONE)}) as server:
        site = report(crawl(server, tmp_path))
    assert site.requisites == {"http_301": 1}
    assert 1 < len(server.paths) < 20


def test_a_redirect_is_followed_and_kept(tmp_path: Path) -> None:
    pages = {ONE: story("One", body="<img src='/old.png'><img src='/older.png'>"), "/feed.xml": feed(ONE)}
    with Server(
        {**pages, "/old.png": moved(f"{CDN}/new.png"), "/older.png": moved("/old.png"), "/new.png": picture("new")}
    ) as server:
        site = report(crawl(server, tmp_path, CONCURRENT_REQUESTS=1))
    assert site.requisites == {"fetched": 2}
    assert server.paths.count("/new.png") == 1
    assert told(tmp_path)[f"{CDN}/new.png"] == {
        "via": f"{HOME}/old.png",
        "hopsFromSeed": "LER",
        "fetchTimeMs": told(tmp_path)[f"{CDN}/new.png"]["fetchTimeMs"],
    }


def test_style_sheets_that_import_ever_new_ones_end(tmp_path: Path) -> None:
    pages = {f"/{n}.css": Answer(f"@import '/{n + 1}.css';".encode(), headers=CSS) for n in range(50)}
    with Server({**pages, ONE: story("One", "<link rel=stylesheet href='/0.css'>"), "/feed.xml": feed(ONE)}) as server:
        site = report(crawl(server, tmp_path))
    assert site.requisites == {"fetched": 6}


FATES: dict[str, Page_] = {
    "/gone.png": Answer(b"", 404),
    "/kept-back.png": Answer(b"", 403),
    "/broken.png": Answer(b"", 500),
    "/private/x.png": picture("x"),
    "/cut.png": Answer(b"x" * 100, cut_at=50),
    "/bad.css": Answer(b"no brotli", headers={**CSS, "Content-Encoding": "br"}),
    "/robots.txt": Answer(b"User-agent: *\nDisallow: /private/\n"),
}
REASONS = {"http_404": 1, "http_403": 1, "http_500": 1, "robots": 1, "interrupted": 1, "unreadable": 1}


def test_each_loss_has_its_reason_and_costs_the_run_nothing(tmp_path: Path) -> None:
    images = "".join(f"<img src='{CDN}{path}'>" for path in FATES if path.endswith("png"))
    page = story("One", f"<link rel=stylesheet href='{CDN}/bad.css'>", images)
    with Server({**FATES, ONE: page, "/feed.xml": feed(ONE)}) as server:
        outcome = crawl(server, tmp_path)
        assert report(outcome).requisites == REASONS
        assert outcome.exit_code == 0
        asked = len(server.paths)
        server.pages |= {"/broken.png": picture("whole"), "/cut.png": picture("whole")}
        assert report(crawl(server, tmp_path)).requisites == {"fetched": 2}  # what may end otherwise another time
    assert {"/broken.png", "/cut.png", "/feed.xml", "/robots.txt"} >= set(server.paths[asked:]) - {"/sitemap.xml", "/"}


def test_an_address_that_is_not_public_is_refused(tmp_path: Path) -> None:
    pages: dict[str, Page_] = {"/i.png": Answer(b"", 500), ONE: story("One", body="<img src='/i.png'>")}
    with Server({**pages, "/feed.xml": feed(ONE)}) as server:
        crawl(server, tmp_path)
        asked = len(server.paths)
        assert report(crawl(server, tmp_path, NEWSWARC_ALLOW_PRIVATE=False)).requisites == {"private_address": 1}
        assert len(server.paths) == asked
