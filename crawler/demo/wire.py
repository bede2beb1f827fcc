"""The server side of HTTP/1.1 on one connection: requests in, answers out, in order."""

import asyncio
import time
from collections.abc import Callable
from email.utils import formatdate

from crawler.demo.resource import Answer, Request, reason

MAX_HEAD_BYTES = 64 * 1024

#: Host and request -> answer.
Respond = Callable[[str, Request], Answer]


class Connection(asyncio.Protocol):
    """Answers GET and HEAD, pipelined or not, and keeps the connection open as HTTP/1.1 says."""

    def __init__(self, respond: Respond, live: set["Connection"]) -> None:
        self._respond = respond
        self._live = live
        self._buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Joins the set of live connections."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._live.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Leaves it."""
        self._live.discard(self)

    def data_received(self, data: bytes) -> None:
        """Answers each complete request in what has come so far."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            if not self._answer(head):
                self._close()
                return
        if len(self._buffer) > MAX_HEAD_BYTES:
            self._write(Answer(431, b"Content-Length: 0\r\n\r\n"), keep=False)
            self._close()

    def _answer(self, head: bytes) -> bool:
        """Whether the connection stays open."""
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, _, rest = first.partition(" ")
        target, _, version = rest.rpartition(" ")
        host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
        if not target.startswith("/") or not version.startswith("HTTP/1.") or not host:
            self._write(Answer(400, b"Content-Length: 0\r\n\r\n"), keep=False)
            return False
        if method not in ("GET", "HEAD"):  # a body may follow, so nothing after this can be read as a request
            self._write(Answer(405, b"Allow: GET, HEAD\r\nContent-Length: 0\r\n\r\n"), keep=False)
            return False
        keep = headers.get("connection", "").lower() != "close" and version != "HTTP/1.0"
        self._write(self._respond(host.lower(), Request(method, target, headers)), keep=keep)
        return keep

    def _write(self, answer: Answer, *, keep: bool) -> None:
        assert self.transport is not None
        head = f"HTTP/1.1 {answer.status} {reason(answer.status)}\r\nDate: {_date()}\r\n"
        closing = "" if keep else "Connection: close\r\n"
        self.transport.write((head + closing).encode() + answer.wire)

    def _close(self) -> None:
        assert self.transport is not None
        self.transport.close()


def _date() -> str:
    return formatdate(time.time(), usegmt=True)
