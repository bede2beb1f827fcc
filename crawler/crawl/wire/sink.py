"""Where exchanges go: whichever extension of the crawl can record them."""

from typing import Protocol, runtime_checkable

from scrapy.crawler import Crawler

from crawler.model import Exchange, WarcRef


@runtime_checkable
class ExchangeSink(Protocol):
    """An extension that keeps exchanges."""

    async def record(self, exchange: Exchange) -> WarcRef:
        """Keep `exchange`; returns when it is durable, and raises `ArchiveError` if it cannot be."""
        ...


def find_sink(crawler: Crawler) -> ExchangeSink | None:
    """The crawl's archive; `None` where it has none and pages are only passed on."""
    return crawler.get_extension(ExchangeSink)  # type: ignore[type-abstract]  # isinstance is all it does with it
