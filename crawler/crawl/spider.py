"""NewsSpider: a site, crawled.

Links go to the ledger and nowhere else; they are pulled from it, fetched, and settled once each: with the article's
record, or with one named reason. A killed run's successor goes on where the ledger stands.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import date
from typing import Any, ClassVar, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.crawl.capture import Also, Recorder, nothing_else
from crawler.crawl.days import dates_in, day_of
from crawler.crawl.embedding import Budget, Embedder
from crawler.crawl.frontier import Frontier, Task, none_pending
from crawler.crawl.in_hand import Hold, in_hand
from crawler.crawl.outcome import Outcome, outcome_of_error, outcome_of_status
from crawler.crawl.redirects import MAX_HOPS, redirect_target
from crawler.crawl.requisites import Needed
from crawler.crawl.source_reading import SourceReader
from crawler.discover import Source
from crawler.errors import ArchiveError, UsageError
from crawler.model import Article, Capture, Link
from crawler.rebuild.reading import REVISIT, Reading, read_record
from crawler.site import Site

MAX_ATTEMPTS = 5  # runs that try a link that fails; it stays in the report afterwards
ADD_LINKS = 500  # to the ledger at once
SHOWN = (None, "stub", "no_layout")  # reasons why a page gives no record that are none not to show it


class NewsSpider(Site, scrapy.Spider):
    """What a site file derives its spider from: `name`, `sources`, `article_url` and `layouts` are all it needs."""

    #: Where the site tells what it has published.
    sources: ClassVar[Sequence[Source]] = ()

    recorder: Recorder
    frontier: Frontier

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way to make it."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        settings = crawler.settings
        spider.limit = settings.getint("NEWSWARC_LIMIT") or sys.maxsize
        spider.since = day_of(settings["NEWSWARC_SINCE"])
        return spider

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.limit = sys.maxsize
        self.since: date | None = None
        self.articles = 0
        self._embedder: Embedder | None = None
        self._settling: set[asyncio.Future[None]] = set()

    def first_sources(self) -> Sequence[Source]:
        """The sources of this run."""
        return self.sources

    def first_links(self) -> Sequence[Link]:
        """Links given by hand."""
        return ()

    async def start(self) -> AsyncIterator[Any]:
        """All of the run; where its archive cannot be written the run ends, and the recorder has told why."""
        try:
            async for work in self._work():
                yield work
        except ArchiveError as error:
            raise CloseSpider("archive_error") from error

    async def _work(self) -> AsyncIterator[Any]:
        """What a killed run left, the sources, and the ledger's pending links as there is room."""
        recorder = self.crawler.get_extension(Recorder)
        if recorder is None:
            raise UsageError("the Recorder extension is off: a crawl without an archive is not what this is for")
        self.recorder = recorder
        self.frontier = self._new_frontier(recorder)
        self._reader = SourceReader(type(self), recorder, self.frontier, self.crawler.stats, self._add_links)
        await recorder.reopen(MAX_ATTEMPTS)
        if self.settings.getbool("NEWSWARC_REQUISITES"):
            self._embedder = Embedder(self.name, recorder, self.frontier, Budget.from_settings(self.settings))
            await self._embedder.reopen(MAX_ATTEMPTS)
        async for article in self._finish_last_run():
            yield article
        await self._add_links(self.first_links())
        self.frontier.add_sources(self.first_sources())
        async for work in self.frontier.tasks():
            if isinstance(work, Needed):
                if self._embedder is not None and (request := await self._embedder.request(work)) is not None:
                    yield request
            elif not isinstance(work, Task):
                yield await self._reader.request(work)
            elif self._is_too_old(work.link):
                self._leave_out(work)
            else:
                yield self._article_request(work, work.link.url, hops=work.link.hop, via=work.link.via)

    def _new_frontier(self, recorder: Recorder) -> Frontier:
        async def links(limit: int, *, exclude: Collection[str]) -> Sequence[Task]:
            return [Task(*entry) for entry in await recorder.pending(limit, exclude=exclude)]

        wanted = self.settings.getbool("NEWSWARC_REQUISITES")
        return Frontier(
            links,
            window=4 * self.settings.getint("CONCURRENT_REQUESTS"),
            budget=lambda: self.limit - self.articles,
            requisites=recorder.pending_requisites if wanted else none_pending,
        )

    async def _finish_last_run(self) -> AsyncIterator[Article]:
        """Settle what was captured but not settled when the last run ended, from the bytes in the archive."""
        for key, link, capture in await self.recorder.unsettled():
            task = Task(key, link)
            with self._concluding(task):
                reading = await self._conclude(task, capture, link.hop)
            if reading.article is not None:
                yield reading.article

    async def _add_links(self, links: Sequence[Link]) -> None:
        for at in range(0, len(links), ADD_LINKS):
            await self.recorder.add_links([(self.key(link.url), link) for link in links[at : at + ADD_LINKS]])
        self.frontier.links_added()

    def _article_request(self, task: Task, url: str, *, hops: str, via: str | None) -> scrapy.Request:
        return scrapy.Request(
            url,
            callback=self.parse_article,
            errback=self.article_failed,
            dont_filter=True,
            meta={"dont_redirect": True, "hops": hops, "via": via},
            cb_kwargs={"task": task, "hops": hops},
        )

    async def parse_article(self, response: Response, task: Task, hops: str) -> AsyncIterator[Any]:
        """Follow a redirect that stays with the article; settle the link by anything else."""
        capture: Capture = response.meta["capture"]
        target = redirect_target(capture) if len(hops) < MAX_HOPS else None
        reading = None
        with self._concluding(task) as hold:
            if target is not None and self.key(target) == task.key:
                hold.goes_on = True
            else:
                reading = await self._conclude(task, capture, hops)
        if reading is None and target is not None:
            yield self._article_request(task, target, hops=hops + "R", via=capture.url)
        elif reading is not None and reading.article is not None:
            yield reading.article

    async def article_failed(self, failure: Failure) -> None:
        """Settle a link whose request ended in no response."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        task: Task = request.cb_kwargs["task"]
        if isinstance(failure.value, ArchiveError):
            self.frontier.done(task.key, settled=False)  # the recorder has said why, and closes the spider
        else:
            await self._settle_alone(task, outcome_of_error(failure.value, request.meta.get("capture")))

    def _leave_out(self, task: Task) -> None:
        """Settle a link without a fetch; beside the others, so that thousands share the ledger's commits."""
        settling = asyncio.ensure_future(self._settle_alone(task, Outcome("refused", "before_since")))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)

    async def _settle_alone(self, task: Task, outcome: Outcome) -> None:
        """Settle a link where Scrapy would take no CloseSpider; the recorder closes the spider by itself."""
        with suppress(CloseSpider), self._concluding(task):
            await self._settle(task, outcome)

    def _concluding(self, task: Task) -> AbstractContextManager[Hold]:
        return in_hand(lambda settled: self.frontier.done(task.key, settled=settled))

    async def _conclude(self, task: Task, capture: Capture, hops: str) -> Reading:
        """Settle a link by the last response on its way."""
        also: Also = nothing_else
        elsewhere = redirect_target(capture) or (None if self._is_of(task, capture.url) else capture.url)
        if elsewhere is not None:
            # Its page is fetched once, as a link of its own; a chain of ever new ones would have no end.
            if self.is_article_url(elsewhere) and task.link.hop.count("R") < MAX_HOPS:
                await self._add_links([Link(elsewhere, "article", via=task.link.url, hop=task.link.hop + "R")])
            reading = Reading(reason="redirected")
        elif capture.status == 200:
            whole = await self.recorder.whole(capture)
            reading = await asyncio.to_thread(read_record, whole, type(self))
            if reading.reason == REVISIT:  # its original is damaged: the next run stores the page again
                await self._settle(task, Outcome("failed", "original_unreadable"))
                return reading
            also = await self._requisites_of(whole, reading, hops)
        else:
            await self._settle(task, outcome_of_status(capture.status))
            return Reading()
        await self._settle(task, Outcome("captured", reading.reason), reading.record, also)
        return reading

    async def _requisites_of(self, capture: Capture, reading: Reading, hops: str) -> Also:
        """What puts in line what the page needs to be shown, in runs that fetch that too."""
        if self._embedder is None or reading.reason not in SHOWN:
            return nothing_else
        return await self._embedder.of_article(capture, hops)

    def _is_of(self, task: Task, url: str) -> bool:
        """Whether a page at `url` can be the article that the link means."""
        return self.key(url) == task.key and self.is_article_url(url)

    async def _settle(self, task: Task, outcome: Outcome, record: str | None = None, also: Also = nothing_else) -> None:
        await self.recorder.settle(task.key, outcome.state, outcome.reason, record, also)
        self.articles += record is not None

    def _is_too_old(self, link: Link) -> bool:
        """Whether all that is known of the link's age is before the run's first day."""
        days = [link.modified_at.date()] if link.modified_at else []
        days += dates_in(link.url)
        return self.since is not None and bool(days) and max(days) < self.since
