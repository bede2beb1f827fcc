"""The five seed articles, crawled from the replicas in every markup: their records are the gold, their bytes replay."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from crawler.demo.replica import SITES
from crawler.demo.server import Replica
from crawler.model import Article
from tests.crawl.running import Crawl, records
from tests.demo.client import DECODE, Client, Reply
from tests.demo.seeds import ORIGINAL, URLS, VARIANTS, extras, seed
from tests.replaying import needs_pywb, replayed

#: As many crawls as the site with the most markups has; each serves every seed in another one.
TURNS = range(max(map(len, VARIANTS.values())))
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SAME = ("headline", "section", "authors", "agency", "dateline", "published_raw", "published_precision", "language")


class SeedCrawl:
    """One crawl of the replicas with all five seeds in them, and the pages as the server gave them."""

    def __init__(self, turn: int, folder: Path) -> None:
        self.archive = folder
        with Replica(extra_stories=extras((turn,) * len(VARIANTS))) as replica:
            settings = {"NEWSWARC_RESOLVE": replica.resolve, "NEWSWARC_CA_FILE": str(replica.ca_file)}
            self.outcome = Crawl(SITES, folder, settings).run()
            self.served = {site: len(replica.expected(site)) for site in SITES}
            client = Client(replica)
            self.pages = {site: client.get(URLS[site]).body for site in SITES}
            client.close()

    def records(self, site: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in records(self.archive, site)]

    def seed(self, site: str) -> dict[str, Any]:
        found = [record for record in self.records(site) if record["headline"] == seed(site).gold["headline"]]
        assert len(found) == 1, f"{site}: the seed article is there {len(found)} times"
        return found[0]


@pytest.fixture(scope="module", params=TURNS, ids=lambda turn: f"markup{turn}")
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SeedCrawl:
    return SeedCrawl(request.param, tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("site", SITES)
def test_every_link_is_an_article_or_a_named_skip(crawled: SeedCrawl, site: str) -> None:
    report = next(report for report in crawled.outcome.report.sites if report.site == site)
    named = sum(sum(kind.values()) for kind in (report.skipped, report.refused, report.failed)) + report.gone
    assert report.found == report.articles + named
    assert report.articles == len(crawled.records(site)) == crawled.served[site] - report.skipped.get("stub", 0)


@pytest.mark.parametrize("site", SITES)
def test_the_seed_article_is_the_gold(crawled: SeedCrawl, site: str) -> None:
    gold, record = seed(site).gold, crawled.seed(site)
    assert record["text"] == "\n\n".join(gold["body"])
    assert {name: record[name] for name in SAME} == {name: gold[name] for name in SAME}
    assert record["published_at"] == gold["published"]
    captions = [image["caption"] for image in record["images"] if image["caption"]]
    assert captions == ([gold["image_caption"]] if gold["image_caption"] else [])
    assert (record["rights_notice"] or "").startswith(gold["rights_notice_starts"] or "")
    assert (record["rights_notice"] is None) == (gold["rights_notice_starts"] is None)
    assert record["republished_from"] == (ORIGINAL if gold["republished_from"] else None)
    assert [block["text"] for block in record["blocks"] if block["kind"] == "heading"] == gold["subheadings"]
    assert list(record) == list(Article.__dataclass_fields__)


@needs_pywb
def test_pywb_replays_the_seed_articles(crawled: SeedCrawl, tmp_path: Path) -> None:
    with replayed(crawled.archive, list(SITES), tmp_path) as address:
        for site in SITES:
            record = crawled.seed(site)
            time = "".join(c for c in record["captured_at"] if c.isdigit())[:14]
            with urllib.request.urlopen(f"{address}/{time}id_/{record['url']}", timeout=30) as answer:
                assert answer.status == 200
                body = Reply(answer.status, answer.headers, answer.read()).body
            # pywb knows no zstd: it drops the header that names it and gives the stored bytes
            assert (DECODE["zstd"](body) if body.startswith(ZSTD_MAGIC) else body) == crawled.pages[site]
