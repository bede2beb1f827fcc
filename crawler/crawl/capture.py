"""The crawl's door to its archive: records exchanges and settles links, and never blocks the event loop."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from crawler.archive.conversion import conversion_of
from crawler.archive.exchange import Policy
from crawler.archive.reader import read_capture
from crawler.archive.records import Fields
from crawler.archive.writer import MAX_BYTES, utc_now
from crawler.corpus.record import from_json
from crawler.crawl.archive_run import ArchiveRun, RunOptions
from crawler.crawl.ledger import Counts, Ledger, Settlement, State
from crawler.crawl.originals import Validators
from crawler.crawl.requisites import Needed
from crawler.errors import ArchiveError
from crawler.model import Capture, Exchange, Link, Original, WarcRef
from crawler.site import Site

#: Responses that wait to be written, in memory; beyond that, fetching waits for the disk.
MAX_QUEUED_BYTES = 64 * 1024 * 1024
ARCHIVE_ERROR = "archive_error"

T = TypeVar("T")
logger = logging.getLogger(__name__)

#: A change to the ledger that is durable with another, or not at all.
Also = Callable[[Ledger], None]


def nothing_else(_: Ledger) -> None:
    """For what belongs to nothing else."""


class Recorder:
    """Scrapy extension; holds the site's archive from the crawler's making to the engine's stop.

    Each method returns when its effect is durable. After the first `ArchiveError` the spider is closed with the reason
    `archive_error`, and every further call raises at once.
    """

    def __init__(self, crawler: Crawler, run: ArchiveRun) -> None:
        self._crawler = crawler
        self._run = run
        self._queued = 0
        self._drained = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None
        self.run_id = run.run_id
        self.folder = run.folder
        self._conditional = crawler.settings.getbool("NEWSWARC_CONDITIONAL", default=True)
        self._converts = crawler.settings.getbool("NEWSWARC_CONVERSION", default=False)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Lock the site and mend its archive before anything is fetched; raises `LockedError`, `ArchiveError`."""
        settings = crawler.settings
        run_id = settings.get("NEWSWARC_RUN_ID") or f"{utc_now():%Y%m%dT%H%M%SZ}"
        settings.set("NEWSWARC_RUN_ID", run_id, priority="cmdline")  # captures name the run, whoever makes them
        folder = Path(settings.get("NEWSWARC_ARCHIVE", "archive")).absolute()
        assert crawler.spider is not None
        recorder = cls(crawler, ArchiveRun(folder, crawler.spider.name, run_id, _options(settings)))
        crawler.signals.connect(recorder.spider_closed, signals.spider_closed)
        crawler.signals.connect(recorder.close, signals.engine_stopped)
        recorder._count_repairs()
        return recorder

    @property
    def failure(self) -> ArchiveError | None:
        """Why the archive could not be written on; for the run's exit code."""
        return self._run.committer.failure

    # What crosses the wire

    async def record(self, exchange: Exchange) -> WarcRef:
        """Keep an exchange; its response's spool is closed afterwards. Raises `ArchiveError`."""
        size = 0 if exchange.response.on_disk else len(exchange.response)
        while self._queued and self._queued + size > MAX_QUEUED_BYTES:
            self._drained.clear()
            await self._drained.wait()
        self._queued += size
        try:
            alone = self._stands_alone(exchange.url)
            return await self._wait(self._run.committer.record(exchange, same_url=alone))
        finally:
            self._queued -= size
            self._drained.set()

    def _stands_alone(self, url: str) -> bool:
        """Whether another URL's capture can't stand in for this one's: an article's record is to name its own bytes."""
        return isinstance(self._crawler.spider, Site) and self._crawler.spider.is_article_url(url)

    async def validators(self, url: str) -> Validators | None:
        """What to ask by whether the page has changed since its last capture; `None` to ask for it whole."""
        if not self._conditional:
            return None
        return await self.ask(lambda ledger: ledger.originals.validators(self._run.site, url))

    async def unmodified(self, capture: Capture, original: Original) -> Capture | None:
        """What a 304 stands for: the original, as a capture of that URL; `None` if it cannot be read any more."""
        stored = await self.read(original.ref)
        return replace(stored, url=capture.url) if stored is not None else None

    async def whole(self, capture: Capture) -> Capture:
        """Of a revisit, its original if that can be read: a record is to name the bytes that it was made of.

        What was fetched as a part of another page is no article in any rebuild, and so nobody's original here.
        """
        if not capture.is_revisit or capture.ref is None:
            return capture
        ref, site = capture.ref, self._run.site
        original = await self.ask(lambda ledger: ledger.originals.of_revisit(site, ref))
        stored = await self.read(original.ref) if original is not None else None
        if stored is not None and stored.resource is not None:
            await self.ask(lambda ledger: ledger.originals.mark_unreadable(site, ref))
            return capture
        return stored or capture

    # The frontier

    async def add_links(self, links: Iterable[tuple[str, Link]]) -> int:
        """Insert the links whose key is new; how many those are."""
        found, now = list(links), utc_now()
        return await self.ask(lambda ledger: ledger.add_links(self._run.site, self.run_id, found, now))

    async def pending(self, limit: int, *, exclude: Collection[str] = ()) -> list[tuple[str, Link, int]]:
        """Key, link and number of attempts of links to be fetched: least tried first, then oldest first."""
        excluded = frozenset(exclude)
        return await self.ask(lambda ledger: ledger.pending(self._run.site, limit, excluded))

    async def pending_requisites(self, limit: int, *, exclude: Collection[str] = ()) -> list[Needed]:
        """What captured pages need and is to be fetched: least tried first, then oldest first."""
        excluded = frozenset(exclude)
        return await self.ask(lambda ledger: ledger.requisites.pending(self._run.site, limit, excluded))

    async def settle(
        self, key: str, state: State, reason: str | None = None, record: str | None = None, also: Also = nothing_else
    ) -> None:
        """Note how an attempt at a link ended, with the article's JSON line, and `also` what belongs to it.

        `pending` puts the link back. The article's text is stored beside its page in runs that ask for that.
        """

        def apply(ledger: Ledger) -> None:
            ledger.settle(self._run.site, self.run_id, Settlement(key, state, reason, record))
            also(ledger)

        article = from_json(record) if record is not None and self._converts else None
        await self._wait(self._run.committer.run(apply, conversion_of(article) if article else None))

    async def reopen(self, max_attempts: int) -> int:
        """Make pending what may end otherwise this time, as `Ledger.reopen` says; how many links that are."""
        return await self.ask(lambda ledger: ledger.reopen(self._run.site, max_attempts))

    async def unsettled(self) -> list[tuple[str, Link, Capture]]:
        """Pending links whose final response is stored already: left by a killed run, to be read and not fetched."""
        found = await self.ask(lambda ledger: ledger.unsettled(self._run.site))
        captures = [(key, link, await self.read(ref)) for key, link, ref in found]
        return [(key, link, capture) for key, link, capture in captures if capture is not None]

    # The end of a run

    async def counts(self, *, whole_site: bool = False) -> Counts:
        """The report's columns: of this run, or of all runs of the site."""
        run_id = None if whole_site else self.run_id
        return await self.ask(lambda ledger: ledger.counts(self._run.site, run_id))

    async def finish(self) -> None:
        """Finish and index the WARC file; may be called again, and more may be recorded afterwards."""
        await self._wait(self._run.committer.finish_files())

    async def unexported_runs(self) -> list[str]:
        """Runs whose records are still to be exported, this one and killed ones, oldest first."""
        return await self.ask(lambda ledger: ledger.unexported_runs(self._run.site))

    async def records(self, run_id: str) -> list[str]:
        """The JSON lines of a run that were not yet exported, in the order in which they were settled."""
        return await self.ask(lambda ledger: list(ledger.records(self._run.site, run_id)))

    async def mark_exported(self, run_id: str) -> None:
        """Forget the run's JSON lines: they are in a durable file."""
        await self.ask(lambda ledger: ledger.mark_exported(self._run.site, run_id))

    async def spider_closed(self, spider: Spider, reason: str) -> None:
        """Finish the run's files and note its end."""
        try:
            await self.finish()
            await self.ask(lambda ledger: ledger.finish_run(spider.name, self.run_id, utc_now(), reason))
        except ArchiveError as error:
            if self._stopping is None:  # else it is told already
                logger.error("%s", error)  # noqa: TRY400 - one clear line; the next start repairs

    async def close(self) -> None:
        """Let go of the archive."""
        await asyncio.to_thread(self._run.close)

    async def ask(self, effect: Callable[[Ledger], T]) -> T:
        """Read or change the ledger, after all that was asked for before; durable when it returns."""
        return await self._wait(self._run.committer.run(effect))

    async def _wait(self, future: "Future[T]") -> T:
        try:
            return await asyncio.wrap_future(future)
        except ArchiveError as error:
            self._stop_spider(error)
            raise

    def _stop_spider(self, error: ArchiveError) -> None:
        if self._stopping is None and self._crawler.engine is not None and self._crawler.engine.spider is not None:
            logger.error("%s", error)
            self._crawler.stats.set_value("newswarc/archive_error", str(error))
            # Not awaited: closing waits for the very downloads that wait here.
            self._stopping = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason=ARCHIVE_ERROR))

    async def read(self, ref: WarcRef) -> Capture | None:
        """A stored response; `None`, and nobody's original from now on, if it cannot be read."""
        try:
            return await asyncio.to_thread(read_capture, self.folder / ref.filename, ref.offset, ref.length)
        except ArchiveError as error:  # damaged, or moved away; either way nothing must refer to it
            logger.error("%s", error)  # noqa: TRY400 - it is fetched again, and stored again
            await self.ask(lambda ledger: ledger.originals.mark_unreadable(self._run.site, ref))
            return None

    def _count_repairs(self) -> None:
        for name, value in (
            ("repaired_files", self._run.repairs.files),
            ("cut_bytes", self._run.repairs.cut_bytes),
            ("adopted_captures", self._run.repairs.adopted),
        ):
            if value:
                self._crawler.stats.set_value(f"newswarc/{name}", value)


def _options(settings: BaseSettings) -> RunOptions:
    told = [("operator", settings.get("NEWSWARC_OPERATOR")), ("http-header-user-agent", settings.get("USER_AGENT"))]
    told.append(("robots", "obeyed (RFC 9309)" if settings.getbool("ROBOTSTXT_OBEY") else "ignored"))
    info: Fields = tuple((name, str(value)) for name, value in told if value)
    policy = Policy(secret_cookies=tuple(settings.getlist("NEWSWARC_SECRET_COOKIES")))
    deduplicate = settings.getbool("NEWSWARC_DEDUPLICATE", default=True)
    return RunOptions(settings.getint("NEWSWARC_WARC_MAX_BYTES", MAX_BYTES), policy, info, deduplicate)
