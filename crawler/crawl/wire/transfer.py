"""The answer to one request, read while it arrives: limits, signals, and what became of it."""

import asyncio
import logging
import time
from datetime import UTC, datetime
from io import BytesIO

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    StopDownload,
)
from scrapy.http import Headers
from twisted.python.failure import Failure

from crawler.archive.http1 import Body, End, Event, Head, HttpHead, Incomplete, Interim, ResponseParser
from crawler.crawl.wire.limits import Limits
from crawler.errors import MalformedMessageError
from crawler.model import Truncation
from crawler.spool import Spool

logger = logging.getLogger(__name__)


class Transfer:
    """Listens to a connection until the answer is whole, cut or no answer; then `done` is set."""

    def __init__(self, request: scrapy.Request, limits: Limits, crawler: Crawler) -> None:
        self._request = request
        self._limits = limits
        self._crawler = crawler
        self._parser = ResponseParser(request.method)
        self._size = 0
        self._warned = False
        self._overrun = False  # bytes came after the end, before anybody could stop listening
        self._begun = time.monotonic()
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.started_at = datetime.now(UTC)
        self.fetch_ms = 0
        #: The final response's bytes; `None` where nobody keeps them.
        self.wire = None if limits.spool_bytes is None else Spool(limit=limits.spool_bytes)
        self.payload = BytesIO()
        self.interim: list[bytes] = []
        self.headers = Headers()
        self.flags: list[str] = []
        self.truncated: Truncation | None = None
        self.malformed: str | None = None
        self.stop: StopDownload | None = None
        #: What the caller gets instead of a response.
        self.error: Exception | None = None
        #: Whether any byte has come.
        self.answered = False

    @property
    def head(self) -> HttpHead | None:
        """The final response's head."""
        return self._parser.head

    @property
    def stale(self) -> bool:
        """Whether what came, if anything, was no answer: on a reused connection, the fault of what was before."""
        return self.error is not None and self.head is None and (self.malformed is not None or not self.answered)

    @property
    def reusable(self) -> bool:
        """Whether the connection may carry another request."""
        return self.done.done() and self.error is None and self._parser.reusable and not self._overrun

    def received(self, data: bytes) -> None:
        """Read on; whatever goes wrong ends the transfer and not the loop."""
        if self.done.done():
            self._overrun = True
            return
        self.answered = True
        try:
            self._read(data)
        except OSError as error:  # the disk is full
            self._end(error=error)

    def closed(self, error: Exception | None) -> None:
        """The server closed the connection, as it may where nothing else tells the end."""
        if self.done.done():
            return
        for event in self._parser.eof():
            if isinstance(event, Incomplete):
                self._lose(event.why if error is None else f"{event.why} ({error})")
            elif isinstance(event, End):
                if not event.delimited and error is not None:  # only a proper close tells that this was all
                    self._lose(str(error) or type(error).__name__)
                    return
                if not event.delimited:
                    self.flags.append("partial")  # Scrapy's word for it: nobody knows whether it is whole
                self._end()

    def expire(self) -> None:
        """The time is up."""
        if not self.done.done():
            self._keep(self._parser.unparsed if self.head is None else b"")
            self._cut("time", DownloadTimeoutError(self._limits.too_long(self._request)))

    def discard(self) -> None:
        """Free what is held."""
        if self.wire is not None:
            self.wire.close()

    def _read(self, data: bytes) -> None:
        try:
            events = self._parser.feed(data)
        except MalformedMessageError as error:
            self._keep(self._parser.wire or self._parser.unparsed)
            self.malformed = str(error)
            failure = DownloadFailedError(f"{self._request.url}: no HTTP/1.1 response: {error}")
            failure.__cause__ = error
            self._cut("unspecified", failure)
            return
        self._keep(self._parser.wire)
        for event in events:
            if not self.done.done():
                self._take(event)
        if self.stop is not None and self._parser.reusable:
            self.truncated = None  # stopped by its last byte

    def _keep(self, data: bytes) -> None:
        if self.wire is not None and data:
            self.wire.append(data)

    def _take(self, event: Event) -> None:
        if isinstance(event, Body):
            self._take_body(event.data)
        elif isinstance(event, Head):
            self._take_head(event)
        elif isinstance(event, End):
            self._end()
        elif isinstance(event, Interim):
            self.interim.append(event.raw)

    def _take_head(self, event: Head) -> None:
        self._request.meta["download_latency"] = time.monotonic() - self._begun
        self.headers = Headers(event.head.headers)
        self._heed(signals.headers_received, headers=self.headers, body_length=event.expected)
        if not self.done.done() and event.expected is not None:
            self._check_allowance(event.expected, received=False)
            self._check_size(event.expected, "Expected to receive")

    def _take_body(self, data: bytes) -> None:
        self._size += len(data)
        if not self._limits.archive_only:
            self.payload.write(data)
        self._heed(signals.bytes_received, data=data)
        if not self.done.done():
            self._check_allowance(len(data), received=True)
            self._check_size(self._size, "Received")

    def _heed(self, signal: object, **news: object) -> None:
        """Tell the crawl's components; one of them may stop the download."""
        results = self._crawler.signals.send_catch_log(
            signal, request=self._request, spider=self._crawler.spider, **news
        )
        for _, result in results:
            if isinstance(result, Failure) and isinstance(result.value, StopDownload):
                self.stop = result.value
                self._cut("unspecified", None)
                return

    def _check_size(self, size: int, verb: str) -> None:
        limits = self._limits
        if self.done.done():
            return
        if limits.max_bytes and size > limits.max_bytes:
            message = f"{verb} {size} bytes: more than the maximum of {limits.max_bytes} for {self._request}."
            logger.warning(message)
            self._cut("length", DownloadCancelledError(message))
        elif limits.warn_bytes and size > limits.warn_bytes and not self._warned:
            self._warned = True
            logger.warning("%s %d bytes: a lot (%d) for %s.", verb, size, limits.warn_bytes, self._request)

    def _check_allowance(self, size: int, *, received: bool) -> None:
        allowance = self._limits.allowance
        if allowance is None or self.done.done():
            return
        if not (allowance.take(size) if received else allowance.has(size)):
            self._cut("length", DownloadCancelledError(f"{self._request.url}: no bytes are left for it"))

    def _lose(self, why: str) -> None:
        if self.head is None:
            self._keep(self._parser.unparsed)
            self._cut("disconnect", DownloadFailedError(f"{self._request.url}: {why}"))
        elif self._limits.fail_on_dataloss:
            self._cut("disconnect", ResponseDataLossError(f"{self._request.url}: {why}"))
        else:
            self.flags.append("dataloss")
            self._cut("disconnect", None)

    def _cut(self, truncated: Truncation, error: Exception | None) -> None:
        self.truncated = truncated
        self._end(error=error)

    def _end(self, error: Exception | None = None) -> None:
        self.error = error
        self.fetch_ms = round((time.monotonic() - self._begun) * 1000)
        if not self.done.done():
            self.done.set_result(None)
