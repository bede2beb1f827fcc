"""A crawl in a process of its own, as users start it: prints what came of it as one JSON line.

python -m tests.crawl.wire.crawl_process URL [SETTING=VALUE ...]
"""

import hashlib
import json
import resource
import sys
from collections.abc import AsyncIterator
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from crawler.model import Exchange, WarcRef
from tests.crawl.wire.crawling import SETTINGS

told: dict[str, Any] = {}


class HashingArchive:
    """Reads an exchange as a writer does, without keeping it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "HashingArchive":
        return cls(crawler)

    async def record(self, exchange: Exchange) -> WarcRef:
        digest = hashlib.sha256()
        for piece in exchange.response.chunks():
            digest.update(piece)
        told.update(sha256=digest.hexdigest(), size=len(exchange.response), on_disk=exchange.response.on_disk)
        return WarcRef("x", 0, 1, "<urn:uuid:0>", None)


class OnePage(scrapy.Spider):
    name = "one"
    url = ""

    async def start(self) -> AsyncIterator[Any]:
        yield scrapy.Request(self.url, meta={"archive_only": True}, callback=self.arrived, errback=self.failed)

    def arrived(self, response: Any) -> None:
        told.update(status=response.status, body=len(response.body))

    def failed(self, failure: Any) -> None:
        told.update(error=repr(failure.value))


def main(url: str, *settings: str) -> None:
    chosen = {
        name: {"True": True, "False": False}.get(value, value)
        for name, _, value in (s.partition("=") for s in settings)
    }
    process = AsyncCrawlerProcess({**SETTINGS, "EXTENSIONS": {HashingArchive: 0}, **chosen})
    process.crawl(OnePage, url=url)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    process.start()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps({**told, "grown_kib": grown}))  # noqa: T201 - the one thing it says


if __name__ == "__main__":
    main(*sys.argv[1:])
