"""A real crawl inside the test's own process, without a reactor, so that there can be many."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerRunner, Crawler

from crawler.model import Capture, Exchange, WarcRef

HANDLER = "crawler.crawl.wire.handler.WireHandler"
SETTINGS: dict[str, Any] = {
    "TWISTED_REACTOR_ENABLED": False,
    "DOWNLOAD_HANDLERS": {"http": HANDLER, "https": HANDLER},
    "DOWNLOAD_VERIFY_CERTIFICATES": True,
    "NEWSWARC_ALLOW_PRIVATE": True,
    "RETRY_ENABLED": False,
    "COOKIES_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 8,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "LOG_ENABLED": False,
}

Script = Callable[[Crawler], Awaitable[None]]


@dataclass(frozen=True)
class Kept:
    """An exchange, with its bytes as they were when it was recorded."""

    exchange: Exchange
    response: bytes
    on_disk: bool


class Archive:
    """An extension that keeps exchanges in a list."""

    kept: list[Kept]
    failure: Exception | None = None

    def __init__(self, crawler: Crawler) -> None:
        self.kept = crawler.settings.get("KEPT")
        self.failure = crawler.settings.get("ARCHIVE_FAILURE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Archive":
        return cls(crawler)

    async def record(self, exchange: Exchange) -> WarcRef:
        if self.failure is not None:
            raise self.failure
        self.kept.append(Kept(exchange, exchange.response.read(), exchange.response.on_disk))
        await asyncio.sleep(0)
        return WarcRef("warc/x.warc.gz", len(self.kept), 1, f"<urn:uuid:{len(self.kept)}>", None)


class ScriptSpider(scrapy.Spider):
    """Runs a script instead of a crawl plan."""

    name = "script"
    script: Script

    async def start(self) -> AsyncIterator[Any]:
        await self.script(self.crawler)
        for request in list[scrapy.Request]():
            yield request


@dataclass
class Outcome:
    """What a request led to."""

    request: scrapy.Request
    response: Any = None
    error: Exception | None = None

    @property
    def capture(self) -> Capture | None:
        return self.request.meta.get("capture")


@dataclass
class Crawl:
    """The settings of crawls, and what they kept."""

    settings: dict[str, Any] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    stats: dict[str, Any] = field(default_factory=dict)

    def run(self, script: Script, *, archive: bool = True, **settings: Any) -> None:
        """Run `script` inside a crawl; whatever it raises comes out."""
        asyncio.run(self._run(script, archive=archive, **settings))
        gc.collect()  # an unclosed transport or file is a warning, and so an error, of this test

    async def _run(self, script: Script, *, archive: bool, **settings: Any) -> None:
        failures: list[BaseException] = []

        async def guarded(_: scrapy.Spider, crawler: Crawler) -> None:
            try:
                await script(crawler)
            except BaseException as failure:
                failures.append(failure)
                raise

        class Spider(ScriptSpider):
            script = guarded

        extensions = {Archive: 0} if archive else {}
        runner = AsyncCrawlerRunner(
            {**SETTINGS, "EXTENSIONS": extensions, "KEPT": self.kept, **self.settings, **settings}
        )
        crawler = runner.create_crawler(Spider)
        await runner.crawl(crawler)
        self.stats = crawler.stats.get_stats()
        for failure in failures:
            raise failure

    def fetch(self, *requests: scrapy.Request, archive: bool = True, **settings: Any) -> list[Outcome]:
        """The requests one after the other."""
        outcomes: list[Outcome] = []

        async def script(crawler: Crawler) -> None:
            outcomes.extend([await fetch(crawler, request) for request in requests])

        self.run(script, archive=archive, **settings)
        return outcomes


async def fetch(crawler: Crawler, request: scrapy.Request) -> Outcome:
    """What `request` leads to, through Scrapy's middlewares."""
    assert crawler.engine is not None
    try:
        return Outcome(request, response=await crawler.engine.download_async(request))
    except Exception as error:  # noqa: BLE001 - every failure is an outcome
        return Outcome(request, error=error)
