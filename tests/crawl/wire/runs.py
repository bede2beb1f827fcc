"""All scenarios in one crawl: what the server logged beside what was kept."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

import scrapy
from scrapy.crawler import Crawler

from tests.crawl.wire.crawling import Crawl, Kept, Outcome, fetch
from tests.crawl.wire.raw_server import RawServer, Script
from tests.crawl.wire.scenarios import SCENARIOS

SCRIPTS: dict[str, Script] = {scenario.name: scenario.answer for scenario in SCENARIOS}


@dataclass(frozen=True)
class Run:
    """All scenarios in one crawl over one scheme."""

    server: RawServer
    kept: dict[str, list[Kept]]
    outcomes: dict[str, Outcome]


def run_all(authority: tuple[Path, ssl.SSLContext], *, tls: bool) -> Run:
    outcomes: dict[str, Outcome] = {}
    crawl = Crawl({"NEWSWARC_CA_FILE": str(authority[0])})
    with RawServer(SCRIPTS, tls=authority[1] if tls else None) as server:

        async def script(crawler: Crawler) -> None:
            requests = [scrapy.Request(f"{server.origin}/{each.name}", **each.request) for each in SCENARIOS]
            found = await asyncio.gather(*(fetch(crawler, each) for each in requests))
            outcomes.update({each.name: outcome for each, outcome in zip(SCENARIOS, found, strict=True)})

        crawl.run(script)
    kept: dict[str, list[Kept]] = {}
    for each in crawl.kept:
        kept.setdefault(each.exchange.url.rpartition("/")[2], []).append(each)
    return Run(server, kept, outcomes)
