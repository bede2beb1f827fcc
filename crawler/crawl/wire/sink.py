"""Where exchanges go, whichever extension of the crawl can record them; and what requests wait for."""

from typing import Protocol, runtime_checkable

from scrapy.crawler import Crawler

from crawler.model import Exchange, WarcRef


@runtime_checkable
class ExchangeSink(Protocol):
    """An extension that keeps exchanges."""

    async def record(self, exchange: Exchange) -> WarcRef:
        """Keep `exchange`; returns when it is durable, and raises `ArchiveError` if it cannot be."""
        ...


@runtime_checkable
class Gate(Protocol):
    """An extension that requests wait for."""

    async def room(self) -> None:
        """Return when a request may go out; raise `ArchiveError` if none may any more."""
        ...


def find_gate(crawler: Crawler) -> Gate | None:
    """What the crawl's requests wait for, if anything."""
    return crawler.get_extension(Gate)  # type: ignore[type-abstract]  # isinstance is all it does with it


def find_sink(crawler: Crawler) -> ExchangeSink | None:
    """The crawl's archive; `None` where it has none and pages are only passed on."""
    return crawler.get_extension(ExchangeSink)  # type: ignore[type-abstract]  # isinstance is all it does with it
