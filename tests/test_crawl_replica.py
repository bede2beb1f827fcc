"""The whole way, on the replicas of the five sites: every article once, and the same again from the WARCs."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.archive.exchange import MIN_REVISIT_PAYLOAD
from crawler.archive.reader import read_captures
from crawler.corpus.files import read_lines
from crawler.crawl.report import RunReport, SiteReport
from crawler.crawl.run import RunOutcome
from crawler.demo.replica import SITES
from crawler.demo.server import Replica
from crawler.engine import engine_of
from crawler.rebuild.warcs import WarcUnit, find_warcs, rebuild
from crawler.site import Site
from tests.crawl.running import Crawl, records


@dataclass
class Crawled:
    """A replica, and the archive that a first and a second crawl of it left."""

    replica: Replica
    archive: Path
    first: RunOutcome
    second: RunOutcome
    #: Requests that the first crawl made.
    asked: int

    def report(self, site: str) -> SiteReport:
        return next(report for report in self.first.report.sites if report.site == site)

    def articles(self, site: str) -> list[dict[str, object]]:
        return [json.loads(line) for line in records(self.archive, site)]


def settings_for(replica: Replica) -> dict[str, object]:
    return {"NEWSWARC_RESOLVE": replica.resolve, "NEWSWARC_CA_FILE": str(replica.ca_file)}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    archive = tmp_path_factory.mktemp("archive")
    with Replica() as replica:
        crawl = Crawl(SITES, archive, settings_for(replica))
        first = crawl.run()
        asked = len(replica.log)
        yield Crawled(replica, archive, first, crawl.run(), asked)


@pytest.fixture(scope="module")
def sites() -> dict[str, type[Site]]:
    settings = Settings()
    settings.setmodule("crawler.settings")
    loader = SpiderLoader.from_settings(settings)
    spiders = ((name, loader.load(name)) for name in loader.list())
    return {name: spider for name, spider in spiders if issubclass(spider, Site)}


def test_it_ends_well(crawled: Crawled) -> None:
    assert (crawled.first.exit_code, crawled.first.errors) == (0, ())
    assert all(site.ended == "finished" for site in crawled.first.report.sites)


@pytest.mark.parametrize("name", SITES)
def test_it_finds_every_article_once(crawled: Crawled, sites: dict[str, type[Site]], name: str) -> None:
    key = sites[name].key
    with sqlite3.connect(crawled.archive / "ledger.sqlite") as ledger:
        rows = ledger.execute("SELECT key FROM link WHERE site = ? AND state = 'captured'", (name,)).fetchall()
    ledger.close()
    assert {key(url) for url in crawled.replica.expected(name)} <= {row[0] for row in rows}
    found = [key(str(article["url"])) for article in crawled.articles(name)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("name", SITES)
def test_each_article_with_a_text_becomes_a_record(crawled: Crawled, sites: dict[str, type[Site]], name: str) -> None:
    key = sites[name].key
    written = {key(url): story for url, story in crawled.replica.expected(name).items() if len(story.blocks) > 1}
    found = {key(str(article["url"])): article for article in crawled.articles(name)}
    assert set(written) <= set(found)
    assert all(found[k]["headline"] == story.headline for k, story in written.items())


@pytest.mark.parametrize("name", SITES)
def test_the_columns_add_up(crawled: Crawled, name: str) -> None:
    site = crawled.report(name)
    refused, failed = sum(site.refused.values()), sum(site.failed.values())
    assert site.found == site.articles + sum(site.skipped.values()) + site.gone + refused + failed + site.pending
    assert site.articles == len(crawled.articles(name))
    assert site.pending == failed == site.sources_failed == 0
    assert site.gone >= 1  # each replica links a page that is gone


def test_an_article_on_two_dozen_hosts_is_fetched_once(crawled: Crawled) -> None:
    paths = [seen.path for seen in crawled.replica.log[: crawled.asked] if seen.path.startswith("/reports/")]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("name", SITES)
def test_a_second_crawl_fetches_no_article_again(crawled: Crawled, sites: dict[str, type[Site]], name: str) -> None:
    key = sites[name].key
    articles = {key(url) for url in crawled.replica.expected(name)}
    again = crawled.replica.log[crawled.asked :]
    assert again  # it read the sources
    assert not [seen for seen in again if key(f"https://{seen.host}{seen.path}") in articles]
    assert next(site.found for site in crawled.second.report.sites if site.site == name) == 0


@pytest.mark.parametrize("name", SITES)
def test_a_second_crawl_stores_only_that_nothing_has_changed(crawled: Crawled, name: str) -> None:
    warcs = find_warcs([str(crawled.archive / "warc" / name)])
    captures = [capture for path in warcs for capture in read_captures(path)]
    first, second = (
        [capture for capture in captures if capture.run_id == outcome.report.run_id]
        for outcome in (crawled.first, crawled.second)
    )
    unchanged = [capture for capture in second if capture.status == 304]
    assert unchanged
    payloads = {capture.url: capture.payload for capture in first}
    assert all(capture.is_revisit and capture.payload == payloads[capture.url] for capture in unchanged)
    whole = [capture for capture in second if capture.status == 200 and not capture.is_revisit]
    assert all(len(capture.payload) < MIN_REVISIT_PAYLOAD for capture in whole)
    size = {path.relative_to(crawled.archive).as_posix(): path.stat().st_size for path in warcs}
    taken = [sum(size[name] for name in {c.ref.filename for c in run if c.ref}) for run in (first, second)]
    assert taken[1] < taken[0] / 3


def test_every_record_names_its_bytes(crawled: Crawled) -> None:
    for name in SITES:
        captures = {
            (capture.ref.filename, capture.ref.offset): capture
            for path in find_warcs([str(crawled.archive / "warc" / name)])
            for capture in read_captures(path)
            if capture.ref is not None
        }
        for article in crawled.articles(name):
            capture = captures[str(article["warc_filename"]), int(str(article["warc_record_offset"]))]
            assert capture.url == article["url"]
            assert capture.ref is not None
            assert capture.ref.payload_digest == article["payload_digest"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_rebuild_gives_the_crawls_records_byte_for_byte(
    crawled: Crawled, sites: dict[str, type[Site]], tmp_path: Path, workers: int
) -> None:
    units = [WarcUnit(path, sites, out=tmp_path) for path in find_warcs([str(crawled.archive / "warc")])]
    outcomes = list(rebuild(units, engine_of(workers)))
    assert [outcome.error for outcome in outcomes] == [None] * len(units)
    for name in SITES:
        again = [line for path in sorted(tmp_path.glob(f"articles/site={name}/**/*.zst")) for line in read_lines(path)]
        assert again == records(crawled.archive, name)


def test_a_rebuild_counts_every_response(crawled: Crawled, sites: dict[str, type[Site]], tmp_path: Path) -> None:
    units = [WarcUnit(path, sites, out=tmp_path) for path in find_warcs([str(crawled.archive / "warc")])]
    for outcome in rebuild(units, engine_of(1)):
        tally = outcome.result
        assert tally is not None
        assert tally.responses == tally.articles + sum(tally.skipped.values()) + len(tally.damaged)


def test_the_report_is_saved_and_comes_back(crawled: Crawled) -> None:
    path = crawled.archive / "runs" / f"{crawled.first.report.run_id}.report.json"
    assert isinstance(crawled.first.report, RunReport)
    assert json.loads(path.read_bytes())["run_id"] == crawled.first.report.run_id
