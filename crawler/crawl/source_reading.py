"""Feeds, sitemaps and listings, fetched and read for links."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import scrapy
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from twisted.python.failure import Failure

from crawler.crawl.capture import Recorder
from crawler.crawl.frontier import Frontier
from crawler.crawl.redirects import MAX_HOPS, redirect_target
from crawler.discover import Listing, Sitemap, Source, discover
from crawler.errors import ArchiveError, UnreadablePageError
from crawler.model import Capture, Link
from crawler.page import Page
from crawler.site import Site

logger = logging.getLogger(__name__)

SOURCE_PRIORITY = 10  # before articles: what is new stands in them

AddLinks = Callable[[Sequence[Link]], Awaitable[None]]


class SourceReader:
    """Follows the sources that the frontier hands out: their links go to `add_links`, further sources in line."""

    def __init__(
        self, site: type[Site], recorder: Recorder, frontier: Frontier, stats: StatsCollector, add_links: AddLinks
    ) -> None:
        self._site = site
        self._recorder = recorder
        self._frontier = frontier
        self._stats = stats
        self._add_links = add_links

    async def request(self, source: Source, *, hops: str | None = None, url: str | None = None) -> scrapy.Request:
        """What asks for a source, at `url` if it was sent on; only if it has changed, where it is stored."""
        hops = hop_of(source) if hops is None else hops
        known = await self._recorder.validators(url or source.url)
        via = source.url if url and url != source.url else None
        return scrapy.Request(
            url or source.url,
            headers=known.headers if known else None,
            callback=self.parse,
            errback=self.failed,
            priority=SOURCE_PRIORITY,
            dont_filter=True,
            meta={"dont_redirect": True, "hops": hops, "via": via, "validated": known.original if known else None},
            cb_kwargs={"source": source, "hops": hops},
        )

    async def parse(self, response: Response, source: Source, hops: str) -> AsyncIterator[scrapy.Request]:
        """Put a source's links into the ledger and its further sources in line."""
        capture: Capture = response.meta["capture"]
        further = None
        try:
            if (target := redirect_target(capture)) is not None and len(hops) < MAX_HOPS:
                further = await self.request(source, hops=hops + "R", url=target)
            elif (original := response.meta["validated"]) is None or capture.status != 304:
                await self._conclude(capture, source)
            # Read again, not passed over: it may name sources that have changed, or links that a killed run lost.
            elif (stored := await self._recorder.unmodified(capture, original)) is not None:
                await self._conclude(stored, source)
            else:
                further = await self.request(source, hops=hops, url=capture.url)  # whole this time
        except ArchiveError as error:
            raise CloseSpider("archive_error") from error  # the recorder has said why
        finally:
            if further is None:
                self._frontier.source_done()
        if further is not None:
            yield further

    def failed(self, failure: Failure) -> None:
        """A source that cannot be had costs what only it names, not the run."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        self._note_failure(request.cb_kwargs["source"], str(failure.value) or type(failure.value).__name__)
        self._frontier.source_done()

    async def _conclude(self, capture: Capture, source: Source) -> None:
        if capture.status == 200:
            await self._read(Page(capture), source)
        else:
            self._note_failure(source, f"status {capture.status}")

    async def _read(self, page: Page, source: Source) -> None:
        try:
            found = await asyncio.to_thread(lambda: list(discover(page, source, self._site)))
        except UnreadablePageError as error:
            self._note_failure(source, error.why)
            return
        except Exception:  # a parser's failure on one page; it is told in full, and counted
            logger.exception("%s: the source could not be read", source.url)
            self._note_failure(source, "unreadable")
            return
        self._stats.inc_value("newswarc/sources")
        await self._add_links([link for link in found if isinstance(link, Link)])
        self._frontier.add_sources(further for further in found if not isinstance(further, Link))

    def _note_failure(self, source: Source, why: str) -> None:
        if not source.probe:
            self._stats.inc_value("newswarc/sources_failed")
            logger.warning("%s: source not read: %s", source.url, why)


def hop_of(source: Source) -> str:
    """How the run came to a source: listed by the site file, or named by a sitemap or a page before it."""
    if isinstance(source, Listing):
        return "L" * (source.number - 1)
    return "M" * source.depth if isinstance(source, Sitemap) else ""
