"""One connection: bytes out, bytes in, to whoever listens at the moment."""

import asyncio
import socket
import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from OpenSSL.crypto import FILETYPE_ASN1
from twisted.internet.ssl import Certificate

from crawler.crawl.wire.resolve import IPAddress, parse_address
from crawler.crawl.wire.tls import cipher_suite, protocol_token

READ_BYTES = 64 * 1024  # most pages come in one read; larger buffers gain nothing that can be measured


class Listener(Protocol):
    """Who is waiting for the answer."""

    def received(self, data: bytes) -> None:
        """Take the next bytes."""
        ...

    def closed(self, error: Exception | None) -> None:
        """Take note that no more will come, and why."""
        ...


@dataclass(frozen=True)
class Peer:
    """Who is at the other end, and how well protected the way is."""

    address: IPAddress | None
    #: As WARC-Protocol and WARC-Cipher-Suite spell them.
    tls: str | None = None
    cipher: str | None = None
    certificate_der: bytes | None = None

    @cached_property
    def certificate(self) -> Certificate | None:
        """What Scrapy's default handler puts into `response.certificate`."""
        if self.certificate_der is None:
            return None
        return Certificate.load(self.certificate_der, FILETYPE_ASN1)


class Connection(asyncio.BufferedProtocol):
    """A connection that carries one exchange at a time; bytes that come while nobody listens make it useless."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._listener: Listener | None = None
        self.transport: asyncio.Transport | None = None
        self.peer = Peer(None)
        self.usable = True
        self.idle_since = 0.0
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the loop's interface
        """The buffer to read into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand the bytes on; idle ones belong to no exchange."""
        if self._listener is None:
            self.drop()
        else:
            self._listener.received(bytes(self._buffer[:nbytes]))

    def eof_received(self) -> None:
        """The server is done; the transport closes itself.

        Over TLS, the end of the connection alone tells nothing: anybody may have cut it (RFC 9112, 9.8).
        """
        self._finish(None if self._is_closed_properly() else ConnectionResetError("it was cut: TLS was not closed"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._finish(exc)
        if not self.lost.done():
            self.lost.set_result(None)

    def send(self, data: bytes, listener: Listener) -> None:
        """Send a request; `listener` gets all that comes until `release`."""
        self._listener = listener
        if self.transport is None or not self.usable:
            listener.closed(None)
        else:
            self.transport.write(data)

    def release(self) -> None:
        """End the exchange; nobody listens any more."""
        self._listener = None

    def drop(self) -> None:
        """Close at once, whatever is under way."""
        self._listener = None
        self.usable = False
        if self.transport is not None:
            self.transport.abort()  # close() waits up to 30 s for a TLS goodbye

    def is_quiet(self) -> bool:
        """Whether nothing at all has come since the last answer, not even bytes that the loop has not seen yet."""
        if not self.usable:
            return False
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        return False

    def read_peer(self) -> None:
        """Note who answered; after the connection is lost nobody can tell."""
        assert self.transport is not None
        name = self.transport.get_extra_info("peername")
        address = parse_address(name[0]) if name else None
        secured = self.transport.get_extra_info("ssl_object")
        if not isinstance(secured, ssl.SSLObject):
            self.peer = Peer(address)
            return
        cipher = secured.cipher()
        self.peer = Peer(
            address,
            protocol_token(secured.version() or ""),
            cipher_suite(cipher[0]) if cipher else None,
            secured.getpeercert(binary_form=True),
        )

    def _is_closed_properly(self) -> bool:
        secured = self.transport.get_extra_info("ssl_object") if self.transport is not None else None
        if not isinstance(secured, ssl.SSLObject):
            return True
        try:
            return secured.read(1) == b""  # as OpenSSL has it after a close_notify
        except ssl.SSLError:
            return False

    def _finish(self, error: Exception | None) -> None:
        self.usable = False
        if self._listener is not None:
            self._listener.closed(error)
