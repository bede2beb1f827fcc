"""What captured articles need to be shown: found in them, put in line in the ledger, fetched, and never read as pages.

The line is durable with the article itself, so that a killed run's successor fetches what is missing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import scrapy
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler.archive.writer import utc_now
from crawler.crawl.capture import Also, Recorder, nothing_else
from crawler.crawl.frontier import Frontier
from crawler.crawl.in_hand import Hold, in_hand
from crawler.crawl.ledger import Ledger
from crawler.crawl.outcome import outcome_of_error, outcome_of_status
from crawler.crawl.redirects import MAX_HOPS, redirect_target
from crawler.crawl.requisites import OVER_BUDGET, Ended, Naming, Needed, RequisiteState, Terms
from crawler.discover.requisites import Requisite, page_requisites, sheet_requisites
from crawler.errors import ArchiveError, UnreadablePageError
from crawler.model import Capture, Resource, WarcRef
from crawler.page import Page

logger = logging.getLogger(__name__)

REQUISITE_PRIORITY = -10  # after articles: a run that is cut short has captured what there is to read
MAX_SHEETS = 5  # style sheets that import one another, in a row


@dataclass(frozen=True, slots=True)
class Budget:
    """What one page's requisites may come to."""

    number: int
    bytes: int
    #: How long a stored one is not asked for again.
    days: int

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> "Budget":
        """As the operator has set it."""
        return cls(
            settings.getint("NEWSWARC_REQUISITES_NUMBER"),
            settings.getint("NEWSWARC_REQUISITES_BYTES"),
            settings.getint("NEWSWARC_REQUISITES_DAYS"),
        )


class PageAllowance:
    """The bytes that are left to a page's requisites, all together."""

    def __init__(self, left: int) -> None:
        self.left = left


@dataclass(slots=True)
class Share:
    """One requisite's use of its page's bytes."""

    page: PageAllowance
    taken: int = 0
    #: Whether it wanted more than there was.
    refused: bool = False

    def has(self, size: int) -> bool:
        """Whether so many are left."""
        self.refused = self.refused or size > self.page.left
        return size <= self.page.left

    def take(self, size: int) -> bool:
        """Use so many, which have come already; whether they were left."""
        had = self.has(size)
        self.taken += size
        self.page.left -= size
        return had


@dataclass(frozen=True, slots=True)
class Fetch:
    """A requisite on its way."""

    needed: Needed
    hops: str
    share: Share


class Embedder:
    """Fetches the requisites that the frontier hands out."""

    def __init__(self, site: str, recorder: Recorder, frontier: Frontier, budget: Budget) -> None:
        self._site = site
        self._recorder = recorder
        self._frontier = frontier
        self._budget = budget
        self._allowances: WeakValueDictionary[str, PageAllowance] = WeakValueDictionary()

    async def reopen(self, max_attempts: int) -> None:
        """Try again what failed, in fewer than `max_attempts` runs."""
        await self._recorder.ask(lambda ledger: ledger.requisites.reopen(self._site, max_attempts))

    async def of_article(self, capture: Capture, hops: str) -> Also:
        """What puts the article's requisites in line, to be done with its settling."""
        named = await asyncio.to_thread(named_by, capture, page_requisites)
        return self._in_line(Naming(capture.url, capture.url, hops + "E", named))

    async def request(self, needed: Needed) -> scrapy.Request | None:
        """What asks for a requisite; `None` if it needs no asking: it is stored, or nothing is left of the budget."""
        with self._holding(needed) as hold:
            fetch = Fetch(needed, needed.hops, Share(await self._allowance(needed.page)))
            if (ref := await self._stored(needed.url)) and (stored := await self._recorder.read(ref)):
                await self._conclude(fetch, stored)  # a run stored it that was killed before it could say so
            elif fetch.share.page.left > 0:
                hold.goes_on = True
                return self._asking(fetch, needed.url, needed.via)
            else:
                await self._settle(fetch, "left_out", OVER_BUDGET)
        return None

    async def parse(self, response: Response, fetch: Fetch) -> AsyncIterator[scrapy.Request]:
        """Follow a redirect; settle the requisite by anything else."""
        capture: Capture = response.meta["capture"]
        target = redirect_target(capture) if fetch.hops.count("R") < MAX_HOPS else None
        with self._holding(fetch.needed) as hold:
            if target is None:
                await self._conclude(fetch, capture)
            elif await self._stored(target):
                await self._settle(fetch, "captured", None)
            else:
                hold.goes_on = True
        if hold.goes_on and target is not None:
            yield self._asking(replace(fetch, hops=fetch.hops + "R"), target, capture.url)

    async def failed(self, failure: Failure) -> None:
        """Settle a requisite whose request ended in no response."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        fetch: Fetch = request.cb_kwargs["fetch"]
        if isinstance(failure.value, ArchiveError):
            self._done(fetch.needed, settled=False)  # the recorder has said why, and closes the spider
            return
        state: RequisiteState
        state, reason = outcome_of_error(failure.value, request.meta.get("capture"))
        if fetch.share.refused:
            state, reason = "left_out", OVER_BUDGET
        with suppress(CloseSpider), self._holding(fetch.needed):
            await self._settle(fetch, state, reason)

    async def _conclude(self, fetch: Fetch, capture: Capture) -> None:
        """Settle a requisite by the last response on its way; what a style sheet needs comes in line with that."""
        if capture.status != 200:
            await self._settle(fetch, *outcome_of_status(capture.status))
            return
        needed = fetch.needed
        also: Also = nothing_else
        if needed.kind == "stylesheet" and needed.hops.count("E") <= MAX_SHEETS:
            named = await asyncio.to_thread(named_by, capture, sheet_requisites)
            also = self._in_line(Naming(needed.page, capture.url, needed.hops + "E", named))
        await self._settle(fetch, "captured", None, also)

    async def _settle(self, fetch: Fetch, state: RequisiteState, reason: str | None, also: Also = nothing_else) -> None:
        ended = Ended(fetch.needed.key, state, reason, fetch.share.taken, utc_now())

        def apply(ledger: Ledger) -> None:
            ledger.requisites.settle(self._site, self._recorder.run_id, ended)
            also(ledger)

        await self._recorder.ask(apply)

    def _in_line(self, naming: Naming) -> Also:
        terms = Terms(self._recorder.run_id, self._budget.number, self._fresh_since())
        return lambda ledger: ledger.requisites.add(self._site, naming, terms)

    async def _stored(self, url: str) -> WarcRef | None:
        since = self._fresh_since()
        return await self._recorder.ask(lambda ledger: ledger.requisites.stored(self._site, url, since))

    async def _allowance(self, page: str) -> PageAllowance:
        """What the page's requisites share; remembered as long as one of them is on its way."""
        spent = await self._recorder.ask(lambda ledger: ledger.requisites.spent(self._site, page))
        return self._allowances.setdefault(page, PageAllowance(self._budget.bytes - spent))

    def _fresh_since(self) -> datetime:
        return utc_now() - timedelta(days=self._budget.days)

    def _asking(self, fetch: Fetch, url: str, via: str) -> scrapy.Request:
        kind = fetch.needed.kind
        return scrapy.Request(
            url,
            headers={"Accept": "*/*", "Referer": referer(url, via)},
            callback=self.parse,
            errback=self.failed,
            priority=REQUISITE_PRIORITY,
            dont_filter=True,
            meta={
                "dont_redirect": True,
                "allow_offsite": True,
                "hops": fetch.hops,
                "via": via,
                "resource": kind,
                "archive_only": kind != "stylesheet",
                "allowance": fetch.share,
            },
            cb_kwargs={"fetch": fetch},
        )

    def _holding(self, needed: Needed) -> AbstractContextManager[Hold]:
        return in_hand(lambda settled: self._done(needed, settled=settled))

    def _done(self, needed: Needed, *, settled: bool) -> None:
        self._frontier.requisite_done(needed.key, settled=settled)


def named_by(capture: Capture, find: Callable[[Page], Iterator[Requisite]]) -> tuple[tuple[str, Resource], ...]:
    """What a page or a sheet names; nothing, if it cannot be read."""
    try:
        return tuple((found.url, found.kind) for found in find(Page(capture)))
    except UnreadablePageError as error:
        logger.info("%s", error)
    except Exception:  # a parser's failure on one page; it is told in full
        logger.exception("%s: what it needs could not be found", capture.url)
    return ()


def referer(url: str, via: str) -> str | None:
    """What a browser tells a picture's server of the page (the policy `strict-origin-when-cross-origin`).

    Some servers refuse pictures to those who say nothing.
    """
    asked, page = urlsplit(url), urlsplit(via)
    if (asked.scheme, asked.netloc) == (page.scheme, page.netloc):
        return via
    return None if page.scheme == "https" != asked.scheme else f"{page.scheme}://{page.netloc}/"
