"""Pages a second of a crawl of the replicas, over HTTPS: bare Scrapy beside this project, step by step, interleaved.

    scrapy            Scrapy's default handler and settings, no archive, a callback that does nothing
    scrapy, tuned     the same with the two settings that cost it most: CONCURRENT_ITEMS and cookies
    wire              this project's handler and settings, no archive
    wire + capture    every exchange written as WARC, fsynced, indexed and committed to the ledger
    ... + extraction  and each page read to its record

Each run is a process of its own; the server is another. Ratios are to
`scrapy` in the same round; medians of the rounds.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.demo.replica import SITES
from crawler.demo.server import Replica
from crawler.rebuild.reading import read_record

CONFIGS = ("scrapy", "scrapy, tuned", "wire", "wire + capture", "wire + capture + extraction")
SAME = {
    "LOG_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "RETRY_ENABLED": False,
}
TUNED = {"CONCURRENT_ITEMS": 4, "COOKIES_ENABLED": False}


class BenchSpider(scrapy.Spider):
    """Fetches each article of the replicas `repeat` times, and extracts where it is told to."""

    name = "bench"

    def __init__(self, plan: dict[str, Any], config: str) -> None:
        super().__init__()
        self.plan = plan
        self.direct = config.startswith("scrapy")
        self.extracts = config.endswith("extraction")
        self.pages = self.articles = 0
        loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
        self.sites = {name: loader.load(name) for name in SITES}

    async def start(self) -> AsyncIterator[scrapy.Request]:
        self.began, self.cpu = time.monotonic(), time.process_time()
        for turn in range(self.plan["repeat"]):
            for site, host, path in self.plan["pages"]:
                port = self.plan["port"]
                url = f"https://127.0.0.1:{port}{path}" if self.direct else f"https://{host}{path}"
                yield scrapy.Request(
                    f"{url}?n={turn}", headers={"Host": host}, cb_kwargs={"site": site}, dont_filter=True
                )

    async def parse(self, response: Response, site: str) -> None:
        self.pages += response.status == 200
        if self.extracts:
            reading = await asyncio.to_thread(read_record, response.meta["capture"], self.sites[site])
            self.articles += reading.record is not None

    def tally(self) -> dict[str, float]:
        return {
            "pages": self.pages,
            "articles": self.articles,
            "seconds": time.monotonic() - self.began,
            "cpu": time.process_time() - self.cpu,
        }


def settings_of(config: str, plan: dict[str, Any], archive: str) -> Settings:
    settings = Settings()
    if not config.startswith("scrapy"):
        settings.setmodule("crawler.settings", priority="project")
        settings.setdict({"NEWSWARC_ARCHIVE": archive, "NEWSWARC_ALLOW_PRIVATE": True}, priority="cmdline")
        settings.set("NEWSWARC_RESOLVE", plan["resolve"], priority="cmdline")
        settings.set("NEWSWARC_CA_FILE", plan["ca_file"], priority="cmdline")
        if "capture" not in config:
            settings.set("EXTENSIONS", {}, priority="cmdline")
    if config == "scrapy, tuned":
        settings.setdict(TUNED, priority="cmdline")
    settings.setdict(SAME, priority="cmdline")
    return settings


def run_one(config: str, plan: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as archive:
        process = AsyncCrawlerProcess(settings_of(config, plan, archive))
        crawler = process.create_crawler(BenchSpider)
        results: list[dict[str, float]] = []
        crawler.signals.connect(lambda spider: results.append(spider.tally()), scrapy.signals.spider_closed, weak=False)
        process.crawl(crawler, plan=plan, config=config)
        process.start()
    print(json.dumps(results[0]))


@contextmanager
def served() -> Iterator[dict[str, Any]]:
    """The replicas, in a process of their own."""
    command = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        server.communicate()


def serve() -> None:
    with Replica() as replica:
        pages = [
            (site, url.split("/")[2], "/" + url.split("/", 3)[3]) for site in SITES for url in replica.expected(site)
        ]
        plan = {"port": replica.port, "resolve": replica.resolve, "ca_file": str(replica.ca_file), "pages": pages}
        print(json.dumps(plan), flush=True)
        sys.stdin.read()


def measure(config: str, plan: dict[str, Any]) -> dict[str, float]:
    command = [sys.executable, __file__, "--config", config, "--plan", json.dumps(plan)]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    wanted = len(plan["pages"]) * plan["repeat"]
    assert result["pages"] == wanted, f"{config}: {result['pages']} of {wanted} pages"
    return result


def compare(rounds: int, repeat: int) -> None:
    results: dict[str, list[dict[str, float]]] = {config: [] for config in CONFIGS}
    with served() as plan:
        plan["repeat"] = repeat
        for _ in range(rounds):
            for config in CONFIGS:
                results[config].append(measure(config, plan))
        print(f"{len(plan['pages']) * repeat} pages a run, {rounds} rounds")
    print(f"{'':<28}{'pages/s':>9}{'ratio':>7}{'CPU ms/page':>13}{'ratio':>7}")
    for config in CONFIGS:
        rate = [run["pages"] / run["seconds"] for run in results[config]]
        cost = [1000 * run["cpu"] / run["pages"] for run in results[config]]
        base_rate = [run["pages"] / run["seconds"] for run in results["scrapy"]]
        base_cost = [1000 * run["cpu"] / run["pages"] for run in results["scrapy"]]
        rates = statistics.median(own / base for own, base in zip(rate, base_rate, strict=True))
        costs = statistics.median(own / base for own, base in zip(cost, base_cost, strict=True))
        print(f"{config:<28}{statistics.median(rate):>9.0f}{rates:>7.2f}{statistics.median(cost):>13.2f}{costs:>7.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=8, help="times each page is fetched in a run")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--config", help=argparse.SUPPRESS)
    parser.add_argument("--plan", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
    elif options.config:
        run_one(options.config, json.loads(options.plan))
    else:
        compare(options.rounds, options.repeat)


if __name__ == "__main__":
    main()
