"""What a host asks of its visitors: robots.txt with its Crawl-delay, and rest after 429 and 503.

IgnoreRequest (Scrapy's)
└── RefusalError             `state` and `reason` are what the link is settled with
    ├── RobotsRefusalError   robots.txt forbids the URL
    ├── RobotsUnreachableError  robots.txt cannot be had, which forbids all (RFC 9309 section 2.3.1.4)
    └── HostRestingError     the host asked for more time than a run has, or gave nothing but errors
"""

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotConfigured,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import ProtegoRobotParser, RobotParser

from crawler.archive.entries import REDIRECTS, location_text
from crawler.crawl.ledger import State
from crawler.discover.urls import absolute
from crawler.errors import ArchiveError, RefusedAddressError

logger = logging.getLogger(__name__)

ROBOTS_BYTES = 500 * 1024  # what RFC 9309 section 2.5 asks every crawler to read
ROBOTS_HOURS = 24  # RFC 9309 section 2.4: no longer from a cache
MAX_ROBOTS_REDIRECTS = 5  # RFC 9309 section 2.3.1.2: at least five; after them it may be taken as absent
ROBOTS_PRIORITY = 1000  # pages wait for it
BUSY = (429, 503)
MAX_STRIKES = 12  # failures in a row before a host is left alone: several links' worth of attempts
#: What ends a download without a response.
UNREACHABLE = (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    OSError,
)


class RefusalError(IgnoreRequest):
    """A request that was not sent."""

    state: ClassVar[State] = "failed"
    reason: ClassVar[str] = "refused"


class RobotsRefusalError(RefusalError):
    """The host's robots.txt forbids the URL."""

    state = "refused"
    reason = "robots"


class RobotsUnreachableError(RefusalError):
    """The host's robots.txt cannot be had now, which forbids all (RFC 9309 section 2.3.1.4)."""

    reason = "robots_unreachable"


class HostRestingError(RefusalError):
    """The host asked for more time than a run has, or gave nothing but errors."""

    reason = "host_resting"


class RobotsMiddleware:
    """Lets a request pass if its host's robots.txt does (RFC 9309), and keeps the Crawl-delay it asks for."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self.crawler = crawler
        self.agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"] or crawler.settings["USER_AGENT"]
        self.longest_delay = crawler.settings.getfloat("NEWSWARC_MAX_CRAWL_DELAY")
        self._rules: dict[str, tuple[float, asyncio.Future[RobotParser | None]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise `RobotsRefusalError` or `RobotsUnreachableError` for what may not be fetched."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self._rules_of(request.url)
        if rules is None:
            raise RobotsUnreachableError(f"{request.url}: the host's robots.txt cannot be had")
        if not rules.allowed(request.url, self.agent):
            raise RobotsRefusalError(f"{request.url}: robots.txt forbids it")

    async def _rules_of(self, url: str) -> RobotParser | None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        asked_at, rules = self._rules.get(origin, (0.0, None))
        if rules is None or monotonic() - asked_at > ROBOTS_HOURS * 3600:
            rules = asyncio.ensure_future(self._fetch(origin, url))
            self._rules[origin] = (monotonic(), rules)
        return await asyncio.shield(rules)  # one request's end must not end the others' wait

    async def _fetch(self, origin: str, via: str) -> RobotParser | None:
        """The origin's rules; `None` if they cannot be had or read, whatever the reason: that forbids all."""
        try:
            response = await self._ask(f"{origin}/robots.txt", via, "P")
        except (ArchiveError, RefusedAddressError):
            raise  # no fault of robots.txt: nothing at all can be fetched from there
        except RefusalError:
            return None
        except Exception as error:  # noqa: BLE001 - decoders fail in many ways
            logger.warning("%s/robots.txt: %s; nothing is fetched from there", origin, error or type(error).__name__)
            return None
        if response is None:
            return self._parsed(b"", origin)
        if response.status >= 500 or response.status == 429:
            logger.warning("%s/robots.txt: status %d; nothing is fetched from there", origin, response.status)
            return None
        return self._parsed(response.body[:ROBOTS_BYTES] if response.status == 200 else b"", origin)

    async def _ask(self, url: str, via: str, hops: str) -> Response | None:
        """The answer, redirects followed; `None` where they lead nowhere or never end, which is as good as absent."""
        meta = {"dont_obey_robotstxt": True, "dont_redirect": True, "allow_offsite": True, "via": via, "hops": hops}
        request = Request(url, callback=NO_CALLBACK, priority=ROBOTS_PRIORITY, meta=meta)
        response = await self.crawler.engine.download_async(request)
        if response.status not in REDIRECTS:
            return response
        location = response.headers.get(b"Location") or b""
        target = absolute(location_text(location.decode("latin-1")), url)
        if target is None or len(hops) > MAX_ROBOTS_REDIRECTS:
            return None
        try:
            return await self._ask(target, url, f"{hops}R")
        except RefusedAddressError as error:  # of the redirect; the host itself may be public
            raise DownloadFailedError(str(error)) from error

    def _parsed(self, body: bytes, origin: str) -> RobotParser:
        rules = ProtegoRobotParser.from_crawler(self.crawler, body)
        delay = rules.crawl_delay(self.agent)
        if delay:
            self._slow_down(urlsplit(origin).hostname or "", min(delay, self.longest_delay))
        return rules

    def _slow_down(self, host: str, delay: float) -> None:
        downloader = self.crawler.engine.downloader
        longest = max(delay, self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        downloader.per_slot_settings.setdefault(host, {})["delay"] = longest
        if slot := downloader.slots.get(host):
            slot.delay = longest


class BackoffMiddleware:
    """Lets a host rest for as long as its 429 or 503 asks, or ever longer if it does not say.

    It stands next to the downloader and lets no more requests of a host through than may run at once: one that waits in
    the downloader's own queue would be sent into the rest.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.at_once = max(1, crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._inside: dict[Request, asyncio.Semaphore] = {}
        self.longest = crawler.settings.getfloat("NEWSWARC_MAX_WAIT")
        self.first = crawler.settings.getfloat("NEWSWARC_BACKOFF")
        self._until: dict[str, float] = {}
        self._strikes: dict[str, int] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait for a place and until the host has rested; raise `HostRestingError` if that is not in this run."""
        gate = self._gates.setdefault(host_of(request), asyncio.Semaphore(self.at_once))
        await gate.acquire()
        self._inside[request] = gate
        try:
            await self._rested(request, host_of(request))
        except HostRestingError:
            self._leave(request)
            raise

    async def _rested(self, request: Request, host: str) -> None:
        while (wait := self._until.get(host, 0.0) - monotonic()) > 0:
            if wait > self.longest or self._is_ending():
                raise HostRestingError(f"{request.url}: {host} is left alone until the next run")
            await asyncio.sleep(min(wait, 1.0))  # a second at a time, so that a run that is told to stop does

    def process_response(self, request: Request, response: Response) -> Response:
        """Note what the host asks for."""
        self._leave(request)
        host = host_of(request)
        if response.status not in BUSY:
            self._strikes.pop(host, None)
            return response
        strikes = self._strike(host)
        asked = retry_after(response.headers.get(b"Retry-After"), datetime.now(UTC))
        wait = min(self.first * 2 ** (strikes - 1), self.longest) if asked is None else asked
        if wait > self.longest:
            logger.warning(
                "%s: status %d, asks for %d seconds; left alone until the next run", host, response.status, wait
            )
        self._until[host] = max(self._until.get(host, 0.0), monotonic() + wait)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note that the host does not answer."""
        self._leave(request)
        if isinstance(exception, UNREACHABLE):
            self._strike(host_of(request))

    def _leave(self, request: Request) -> None:
        gate = self._inside.pop(request, None)
        if gate is not None:
            gate.release()

    def _is_ending(self) -> bool:
        return not self.crawler.crawling or self.crawler.stats.get_value("newswarc/archive_error") is not None

    def _strike(self, host: str) -> int:
        strikes = self._strikes[host] = self._strikes.get(host, 0) + 1
        if strikes == MAX_STRIKES:
            logger.warning("%s: %d failures in a row; left alone until the next run", host, strikes)
            self._until[host] = float("inf")
        return strikes


def host_of(request: Request) -> str:
    """The host a request goes to, which is what needs the rest."""
    return urlsplit(request.url).hostname or ""


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, given as such or as a date; `None` if it says neither."""
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
