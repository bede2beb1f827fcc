"""A second crawl stores only what is new, and forgets nothing for it."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.reader import read_captures
from crawler.archive.tree import warc_paths
from crawler.crawl.report import SiteReport
from crawler.crawl.verification import verify_archive
from crawler.engine import Inline
from crawler.errors import DamagedRecordError
from crawler.model import Capture
from crawler.rebuild.warcs import WarcTally, WarcUnit, read_warc
from tests.crawl.example import HOME, Answer, ExampleSpider, Page_, Server, article, feed
from tests.crawl.running import Crawl, records

DAY = "/2024/02/08"
ONE, TWO, THREE = f"{DAY}/one/", f"{DAY}/two/", f"{DAY}/three/"
PADDING = tuple(f"{DAY}/old-{number}/" for number in range(9))  # a feed too short is stored again


def crawl(server: Server, archive: Path, **settings: object) -> SiteReport:
    outcome = Crawl(("example",), archive, {**server.settings, **settings}).run()
    (site,) = outcome.report.sites
    return site


def tagged(answer: Answer, tag: str = '"1"') -> Answer:
    return Answer(answer.body, headers={**answer.headers, "ETag": tag})


def listing(*paths: str, tag: str = '"1"') -> Answer:
    return tagged(feed(*paths, *PADDING), tag)


def captures(archive: Path, path: str) -> list[Capture]:
    """The captures of a path, oldest first."""
    every = (capture for warc in warc_paths(archive, "example") for capture in read_captures(warc))
    return [capture for capture in every if capture.url == HOME + path]


def asked(server: Server, path: str) -> list[bool]:
    """Of each request of a path, whether it was conditional."""
    return [seen.conditional for seen in server.log if seen.path == path]


def pass_over(_: DamagedRecordError) -> None:
    """What is damaged is not looked at."""


def urls(archive: Path) -> list[str]:
    return sorted(json.loads(line)["url"].removeprefix(HOME) for line in records(archive, "example"))


def change(archive: Path, statement: str) -> None:
    with closing(sqlite3.connect(archive / "ledger.sqlite")) as ledger:
        ledger.execute(statement)
        ledger.commit()


def test_a_source_that_has_not_changed_is_a_revisit_of_what_is_stored(tmp_path: Path) -> None:
    with Server({"/feed.xml": listing(ONE), ONE: article("One")}) as server:
        first = crawl(server, tmp_path)
        second = crawl(server, tmp_path)
        third = crawl(server, tmp_path)
    assert asked(server, "/feed.xml") == [False, True, True]
    stored, *revisits = captures(tmp_path, "/feed.xml")
    assert stored.ref is not None
    assert [revisit.ref and revisit.ref.refers_to for revisit in revisits] == [stored.ref.record_id] * 2
    assert [revisit.payload for revisit in revisits] == [stored.payload] * 2
    assert (first.articles, second.articles, third.articles) == (1, 0, 0)
    assert (second.sources_failed, third.sources_failed) == (0, 0)
    assert [defect for _, tally in verify_archive(tmp_path, Inline()) for defect in tally.told] == []


def test_a_source_that_has_changed_is_stored_and_read(tmp_path: Path) -> None:
    pages: dict[str, Page_] = {ONE: article("One"), TWO: article("Two")}
    with Server({"/feed.xml": [listing(ONE), listing(TWO, tag='"2"')], **pages}) as server:
        assert [crawl(server, tmp_path).articles for _ in range(2)] == [1, 1]
    assert asked(server, "/feed.xml") == [False, True]
    assert not any(capture.is_revisit for capture in captures(tmp_path, "/feed.xml"))


def test_links_that_a_killed_run_did_not_add_are_found_in_a_source_that_has_not_changed(tmp_path: Path) -> None:
    with Server({"/feed.xml": listing(ONE), ONE: [Answer(b"", 500), Answer(b"", 500), article("One")]}) as server:
        crawl(server, tmp_path)
        change(tmp_path, "DELETE FROM link")  # stored and not read: where a kill is possible
        assert crawl(server, tmp_path).articles == 1
    assert asked(server, "/feed.xml") == [False, True]


def test_a_sitemap_index_that_has_not_changed_leads_to_a_sitemap_that_has(tmp_path: Path) -> None:
    def urlset(*paths: str) -> bytes:
        return f"<urlset>{''.join(f'<url><loc>{HOME}{path}</loc></url>' for path in paths)}</urlset>".encode()

    index = f"<sitemapindex><sitemap><loc>{HOME}/news.xml</loc></sitemap></sitemapindex>".encode()
    pages: dict[str, Page_] = {
        "/feed.xml": feed(),
        "/sitemap.xml": tagged(Answer(index, headers={"Content-Type": "text/xml"})),
        "/news.xml": [tagged(Answer(urlset(ONE))), tagged(Answer(urlset(ONE, TWO)), '"2"')],
        ONE: article("One"),
        TWO: article("Two"),
    }
    with Server(pages) as server:
        assert [crawl(server, tmp_path).articles for _ in range(2)] == [1, 1]
    assert captures(tmp_path, "/sitemap.xml")[1].is_revisit


@pytest.mark.parametrize("lost", ["damaged", "moved away"])
def test_a_source_is_fetched_whole_when_what_is_stored_cannot_be_read(tmp_path: Path, lost: str) -> None:
    with Server({"/feed.xml": listing(ONE), ONE: article("One")}) as server:
        crawl(server, tmp_path)
        (warc,) = warc_paths(tmp_path, "example")
        (stored,) = captures(tmp_path, "/feed.xml")
        assert stored.ref is not None
        if lost == "damaged":
            data = bytearray(warc.read_bytes())
            data[stored.ref.offset + 40] ^= 0xFF
            warc.write_bytes(data)
        else:
            warc.rename(tmp_path / "shipped.warc.gz")
        change(tmp_path, "DELETE FROM link")
        second = crawl(server, tmp_path)
        third = crawl(server, tmp_path)
    assert asked(server, "/feed.xml") == [False, True, False, True]
    assert (second.found, second.sources_failed, third.sources_failed) == (1 + len(PADDING), 0, 0)
    left = (one for path in warc_paths(tmp_path, "example") for one in read_captures(path, on_damage=pass_over))
    assert [one.payload for one in left if one.url.endswith("feed.xml")] == [listing(ONE).body] * 2


def test_a_source_without_validators_is_a_revisit_when_it_comes_again(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE, *PADDING), ONE: article("One")}) as server:
        crawl(server, tmp_path)
        assert crawl(server, tmp_path).sources_failed == 0
    first, again = captures(tmp_path, "/feed.xml")
    assert (first.is_revisit, again.is_revisit) == (False, True)
    assert again.payload == first.payload


def test_an_article_is_stored_whole_at_each_of_its_urls(tmp_path: Path) -> None:
    """Each record names bytes of its own, whichever of the two came first, and a rebuild needs no other file."""
    same = article("Same")
    with Server({"/feed.xml": feed(ONE, TWO), ONE: same, TWO: same}) as server:
        crawl(server, tmp_path, CONCURRENT_REQUESTS=1)
    assert urls(tmp_path) == [ONE, TWO]
    (warc,) = warc_paths(tmp_path, "example")
    tally = WarcTally()
    found = [reading.record for _, _, reading in read_warc(WarcUnit(warc, {"example": ExampleSpider}), tally)]
    assert [record for record in found if record] == records(tmp_path, "example")


def test_an_article_that_comes_again_has_its_record_of_the_bytes_that_are_stored(tmp_path: Path) -> None:
    """Without its ledger a crawl fetches again what it has; the records are those that a rebuild gives."""
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        crawl(server, tmp_path)
        for path in tmp_path.glob("ledger.sqlite*"):
            path.unlink()
        assert crawl(server, tmp_path).articles == 1
    stored, again = captures(tmp_path, ONE)
    assert again.is_revisit
    assert stored.ref is not None
    one, two = records(tmp_path, "example")
    assert one == two
    assert json.loads(one)["warc_record_id"] == stored.ref.record_id


def test_a_page_whose_original_is_damaged_is_stored_again_by_the_next_run(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        crawl(server, tmp_path)
        (warc,) = warc_paths(tmp_path, "example")
        os.truncate(warc, 100)
        change(tmp_path, "UPDATE link SET state = 'pending', attempts = 0")
        assert crawl(server, tmp_path).failed == {"original_unreadable": 1}
        assert crawl(server, tmp_path).articles == 1


@pytest.mark.parametrize(
    ("setting", "conditional", "revisits"), [("NEWSWARC_CONDITIONAL", False, 1), ("NEWSWARC_DEDUPLICATE", True, 1)]
)
def test_both_can_be_turned_off(tmp_path: Path, setting: str, conditional: bool, revisits: int) -> None:
    with Server({"/feed.xml": listing(ONE), ONE: article("One")}) as server:
        crawl(server, tmp_path)
        crawl(server, tmp_path, **{setting: False})
        assert asked(server, "/feed.xml") == [False, conditional]
        assert sum(capture.is_revisit for capture in captures(tmp_path, "/feed.xml")) == revisits
        both = {"NEWSWARC_CONDITIONAL": False, "NEWSWARC_DEDUPLICATE": False}
        crawl(server, tmp_path, **both)
    assert sum(capture.is_revisit for capture in captures(tmp_path, "/feed.xml")) == revisits
