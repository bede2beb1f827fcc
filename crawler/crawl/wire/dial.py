"""New connections: resolve, connect to the first address that answers, pass the proxy, speak TLS."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from aiohappyeyeballs import start_connection
from scrapy.exceptions import (
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from crawler.archive.http1 import End, Head, ResponseParser
from crawler.crawl.wire.connection import Connection
from crawler.crawl.wire.outgoing import Endpoint, Outgoing
from crawler.crawl.wire.resolve import AddressInfo, Resolver, look_up
from crawler.errors import MalformedMessageError

HAPPY_EYEBALLS_SECONDS = 0.25  # RFC 8305, 8: the recommended delay before the next address is tried
_HANDSHAKE_SECONDS = 86400.0  # the request's own timeout holds; asyncio's would come earlier, under another name


class Dialer:
    """Makes connections for requests; failures are Scrapy's own exceptions."""

    def __init__(self, resolver: Resolver, tls: ssl.SSLContext) -> None:
        self._resolver = resolver
        self._tls = tls

    async def dial(self, outgoing: Outgoing) -> Connection:
        """A fresh connection that is ready for `outgoing`."""
        route = outgoing.route
        if route.proxied:
            self._resolver.check_behind_proxy(outgoing.site.host)
            addresses = await look_up(route.first.host, route.first.port)
        else:
            addresses = await self._resolver.addresses(route.first.host, route.first.port)
        with _scrapy_errors(outgoing, DownloadConnectionRefusedError):
            sock = await _connect(addresses, route.bind)
        connection = Connection(sock)
        with _scrapy_errors(outgoing, DownloadFailedError):
            await self._open(connection, sock, outgoing)
        return connection

    async def _open(self, connection: Connection, sock: socket.socket, outgoing: Outgoing) -> None:
        route = outgoing.route
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(
                lambda: connection,
                sock=sock,
                ssl=self._tls if route.first.tls else None,
                server_hostname=_certified_name(route.first) if route.first.tls else None,
                ssl_handshake_timeout=_HANDSHAKE_SECONDS if route.first.tls else None,
            )
            if route.tunnel is not None:
                await _open_tunnel(connection, outgoing, route.tunnel)
                await self._start_tls(connection, route.tunnel)
        except BaseException:
            connection.drop()
            raise
        connection.read_peer()

    async def _start_tls(self, connection: Connection, site: Endpoint) -> None:
        assert connection.transport is not None
        connection.transport = await asyncio.get_running_loop().start_tls(
            connection.transport,
            connection,
            self._tls,
            server_hostname=_certified_name(site),
            ssl_handshake_timeout=_HANDSHAKE_SECONDS,
        )


class _TunnelReply:
    """Waits for the proxy's answer to CONNECT, which is not the site's and so is not recorded."""

    def __init__(self) -> None:
        self._parser = ResponseParser("CONNECT")
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def received(self, data: bytes) -> None:
        """Look for the end of the proxy's head."""
        try:
            events = self._parser.feed(data)
        except MalformedMessageError as error:
            self._refuse(str(error))
            return
        for event in events:
            if isinstance(event, Head) and not 200 <= event.head.status < 300:
                self._refuse(f"{event.head.status} {event.head.reason.decode('latin-1')}")
            elif isinstance(event, End) and not self.opened.done():
                self.opened.set_result(None)

    def closed(self, error: Exception | None) -> None:
        """The proxy hung up."""
        self._refuse(str(error or "it closed the connection"))

    def _refuse(self, why: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(DownloadFailedError(why))


async def _connect(addresses: list[AddressInfo], bind: tuple[str, int] | None) -> socket.socket:
    local = await look_up(*bind) if bind else None
    return await start_connection(
        addresses, local_addr_infos=local, happy_eyeballs_delay=HAPPY_EYEBALLS_SECONDS, interleave=1
    )


async def _open_tunnel(connection: Connection, outgoing: Outgoing, site: Endpoint) -> None:
    name = f"[{site.host}]" if ":" in site.host else site.host
    lines = [f"CONNECT {name}:{site.port} HTTP/1.1", f"Host: {name}:{site.port}"]
    request = "\r\n".join(lines).encode("ascii")
    if authorization := outgoing.route.proxy_authorization:
        request += b"\r\nProxy-Authorization: " + authorization
    reply = _TunnelReply()
    connection.send(request + b"\r\n\r\n", reply)
    try:
        await reply.opened
    except DownloadFailedError as error:
        proxy = outgoing.route.first
        raise DownloadFailedError(
            f"{outgoing.url}: the proxy {proxy.host}:{proxy.port} opens no tunnel: {error}"
        ) from None
    finally:
        connection.release()


def _certified_name(endpoint: Endpoint) -> str:
    return endpoint.host.rstrip(".")  # a fully qualified name's last dot is in no certificate


@contextmanager
def _scrapy_errors(outgoing: Outgoing, otherwise: type[Exception]) -> Iterator[None]:
    """Failures on the way to a connection, as Scrapy names them."""
    try:
        yield
    except TimeoutError as error:
        if error.errno != errno.ETIMEDOUT:
            raise  # ours; the other is the system's, which gave up first
        raise DownloadTimeoutError(f"{outgoing.url}: {error}") from error
    except OSError as error:  # TLS failures are among them
        raise otherwise(f"{outgoing.url}: {error}") from error
