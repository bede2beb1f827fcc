"""The download handler for http and https: every exchange of the crawl goes through here, and into the archive."""

import asyncio
import logging
from functools import cached_property

import scrapy
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadTimeoutError, NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import is_asyncio_available

from crawler.crawl.wire.answer import note_capture, to_capture, to_exchange, to_response
from crawler.crawl.wire.connection import Connection, Peer
from crawler.crawl.wire.dial import Dialer
from crawler.crawl.wire.limits import Limits
from crawler.crawl.wire.outgoing import IDEMPOTENT, Outgoing, bind_address, compose
from crawler.crawl.wire.pool import Pool
from crawler.crawl.wire.resolve import Resolver, parse_rules
from crawler.crawl.wire.sink import ExchangeSink, Gate, find_gate, find_sink
from crawler.crawl.wire.tls import client_context
from crawler.crawl.wire.transfer import Transfer

logger = logging.getLogger(__name__)


class WireHandler(BaseDownloadHandler):
    """Fetches over HTTP/1.1, keeps the bytes of both directions, and answers as Scrapy's own handlers do.

    Request meta, beside Scrapy's: `keep_alive` (False: a connection of its own), `archive_only` (the body goes to the
    archive and not to the callback), `allowance` (bytes that it shares with others), `via` and `hops` (for the
    archive's metadata), `resource` (what it is to the page that needs it), `validated` (the stored response whose
    validators the request carries). It sets `capture`.
    """

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        if not is_asyncio_available():
            raise NotConfigured("WireHandler needs asyncio: leave TWISTED_REACTOR at Scrapy's default")
        super().__init__(crawler)
        settings = crawler.settings
        self._defaults = Limits.from_settings(settings)
        resolver = Resolver(
            parse_rules(settings.getlist("NEWSWARC_RESOLVE")),
            allow_private=settings.getbool("NEWSWARC_ALLOW_PRIVATE"),
        )
        self._dialer = Dialer(resolver, client_context(settings))
        self._pool = Pool(settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"), settings.getint("CONCURRENT_REQUESTS"))
        self._keep_alive = settings.getbool("NEWSWARC_KEEP_ALIVE", default=True)
        self._bind = bind_address(settings.get("DOWNLOAD_BIND_ADDRESS"))
        self._run_id = settings.get("NEWSWARC_RUN_ID")
        self._verbose = settings.getbool("DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING")

    async def download_request(self, request: scrapy.Request) -> Response:
        """Scrapy's response to `request`, or one of Scrapy's exceptions; either way its exchange is durable by then."""
        note_capture(request, None)
        keep_alive = self._keep_alive and request.meta.get("keep_alive", True)
        outgoing = compose(request, keep_alive=keep_alive, bind=self._bind)
        if self._gate is not None:
            await self._gate.room()
        sink = self._sink
        limits = self._defaults.for_request(request, self.crawler.spider, recorded=sink is not None)
        transfer, peer = await self._fetch(request, outgoing, limits)
        try:
            exchange = to_exchange(transfer, outgoing, peer, request.meta)
            ref = await sink.record(exchange) if sink is not None and exchange is not None else None
        except Exception:
            transfer.discard()
            raise  # but when cancelled, the archive may be reading the transfer's bytes still
        transfer.discard()
        note_capture(request, to_capture(transfer, outgoing, ref, self._run_id))
        return to_response(transfer, outgoing, peer)

    async def close(self) -> None:
        """Drop all connections."""
        await self._pool.close()

    @cached_property
    def _gate(self) -> Gate | None:
        return find_gate(self.crawler)

    @cached_property
    def _sink(self) -> ExchangeSink | None:
        return find_sink(self.crawler)  # extensions are there when the first request comes, and not before

    async def _fetch(self, request: scrapy.Request, outgoing: Outgoing, limits: Limits) -> tuple[Transfer, Peer]:
        """The answer, from a kept connection if there is one; where that turns out to be dead, from a fresh one."""
        deadline = asyncio.get_running_loop().time() + limits.timeout
        reusing = outgoing.keep_alive and request.method in IDEMPOTENT
        connection = self._pool.take(outgoing.route) if reusing else None
        if connection is not None:
            transfer = await self._exchange(connection, request, outgoing, limits, deadline)
            if not transfer.stale:
                return transfer, connection.peer
            transfer.discard()
            self.crawler.stats.inc_value("newswarc/stale_connections")
        connection = await self._dial(request, outgoing, limits, deadline)
        return await self._exchange(connection, request, outgoing, limits, deadline), connection.peer

    async def _exchange(
        self, connection: Connection, request: scrapy.Request, outgoing: Outgoing, limits: Limits, deadline: float
    ) -> Transfer:
        transfer = Transfer(request, limits, self.crawler)
        timer = asyncio.get_running_loop().call_at(deadline, transfer.expire)
        try:
            connection.send(outgoing.data, transfer)
            await transfer.done
        except BaseException:
            transfer.discard()
            raise
        finally:
            timer.cancel()
            connection.release()
            if transfer.reusable and outgoing.keep_alive and connection.usable:
                self._pool.give(outgoing.route, connection)
            else:
                connection.drop()
        return transfer

    async def _dial(self, request: scrapy.Request, outgoing: Outgoing, limits: Limits, deadline: float) -> Connection:
        try:
            async with asyncio.timeout_at(deadline):
                connection = await self._dialer.dial(outgoing)
        except TimeoutError as error:
            raise DownloadTimeoutError(limits.too_long(request)) from error
        self._pool.adopt(connection)
        if self._verbose and connection.peer.tls:
            logger.debug("%s: %s with %s", outgoing.url, connection.peer.tls, connection.peer.cipher)
        return connection
