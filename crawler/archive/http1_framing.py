"""Where a response's body ends, and what is payload in it (RFC 9112, 6 and 7).

A framing is fed the bytes after the head in any pieces; it gives back payload, and what lies past the end. Broken
framing is told in `broken` instead of raised, so that the payload before the break is not lost.
"""

import re
from typing import Protocol

from crawler.archive.http1_head import MAX_HEAD_BYTES, Headers, HttpHead, parse_fields
from crawler.errors import MalformedMessageError

_SIZE_LINE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?", re.DOTALL)
_LENGTH = re.compile(rb"\d{1,18}")


class Framing(Protocol):
    """The rule that ends one body."""

    #: Whether the end has come.
    done: bool
    #: Whether the message tells its own end, so that the connection can carry another.
    delimited: bool
    #: Why the rest cannot be read.
    broken: str | None
    #: The payload's size in bytes where the head tells it.
    expected: int | None
    trailers: Headers

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The payload in `data`, and the bytes past the end of the body."""
        ...

    def missing(self) -> str | None:
        """What is not there when the connection closes now; `None` if the body is whole."""
        ...


class Counted:
    """`Content-Length`, or nothing at all."""

    broken: str | None = None
    delimited: bool = True
    trailers: Headers = ()

    def __init__(self, length: int) -> None:
        self.expected: int | None = length
        self._left = length
        self.done = length == 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The first bytes up to the length, and the others."""
        if len(data) <= self._left:
            payload, surplus = data, b""
        else:
            payload, surplus = data[: self._left], data[self._left :]
        self._left -= len(payload)
        self.done = self._left == 0
        return payload, surplus

    def missing(self) -> str | None:
        """How many bytes have not come."""
        return f"{self._left} of {self.expected} bytes are missing" if self._left else None


class UntilClose:
    """All there is: the server closes the connection to end the body."""

    done: bool = False
    delimited: bool = False
    broken: str | None = None
    expected: int | None = None
    trailers: Headers = ()

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Everything."""
        return data, b""

    def missing(self) -> None:
        """Nothing, by definition."""


class Chunked:
    """`Transfer-Encoding: chunked`, with extensions, trailers and bare line feeds."""

    delimited: bool = True
    expected: int | None = None

    def __init__(self) -> None:
        self.done = False
        self.broken: str | None = None
        #: Whether there has been one chunk size at least.
        self.begun = False
        self.trailers: Headers = ()
        self._left = 0
        self._held = bytearray()  # a line of the framing that is not whole yet
        self._read_line = self._size_line
        self._trailer_lines: list[bytes] = []
        self._trailer_bytes = 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The chunks' data, joined, and what follows the last trailer."""
        pieces, at, size = [], 0, len(data)
        while at < size and not self.done and self.broken is None:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                self._left -= len(piece)
                at += len(piece)
            else:
                at = self._take_line(data, at)
        return b"".join(pieces), data[at:] if self.done else b""

    def missing(self) -> str | None:
        """That the last chunk has not come."""
        return None if self.done else "the last chunk is missing"

    @property
    def might_begin(self) -> bool:
        """Whether the bytes so far could be the start of a chunk size."""
        return not self.begun and _SIZE_LINE.fullmatch(self._held.rstrip(b" \t\r")) is not None

    def _take_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at)
        if len(self._held) + (end if end >= 0 else len(data)) - at > MAX_HEAD_BYTES:
            self.broken = f"a line of the chunked framing is longer than {MAX_HEAD_BYTES} bytes"
        elif end < 0:
            self._held += data[at:]
            return len(data)
        else:
            line = bytes(self._held) + data[at:end]
            self._held.clear()
            self._read_line(line)
        return end + 1

    def _size_line(self, line: bytes) -> None:
        match = _SIZE_LINE.fullmatch(line.rstrip(b" \t\r"))
        if match is None:
            self.broken = f"no chunk size: {line[:40]!r}"
            return
        self.begun = True
        self._left = int(match[1], 16)
        self._read_line = self._end_of_chunk if self._left else self._trailer_line

    def _end_of_chunk(self, line: bytes) -> None:
        if line.strip(b"\r"):
            self.broken = f"a chunk is longer than its size: {line[:40]!r}"
        self._read_line = self._size_line

    def _trailer_line(self, line: bytes) -> None:
        self._trailer_bytes += len(line)
        if self._trailer_bytes > MAX_HEAD_BYTES:
            self.broken = f"the trailers are longer than {MAX_HEAD_BYTES} bytes"
        elif line.strip(b"\r"):
            self._trailer_lines.append(line)
        else:
            self.trailers = parse_fields(self._trailer_lines)
            self.done = True


def framing_of(head: HttpHead, method: str) -> Framing:
    """The rule for the answer to a `method` request; raises `MalformedMessageError` where browsers refuse it.

    In their order: no body; `Transfer-Encoding` before `Content-Length`, even with HTTP/1.0; equal lengths are one;
    different lengths are an error; a length that is no number is none. A coding before `chunked` (gzip) stays in the
    payload, as browsers leave it there.
    """
    if has_no_body(head, method):
        return Counted(0)
    if codings := _codings(head):
        return Chunked() if b"chunked" in codings else UntilClose()
    lengths = set(head.tokens(b"content-length"))
    if any(_LENGTH.fullmatch(length) is None for length in lengths):
        return UntilClose()
    numbers = {int(length) for length in lengths}
    if len(numbers) > 1:
        raise MalformedMessageError(f"different Content-Length values: {sorted(numbers)}")
    return Counted(numbers.pop()) if numbers else UntilClose()


def is_chunked(head: HttpHead) -> bool:
    """Whether the body of `head`'s message is sent in chunks."""
    return b"chunked" in _codings(head)


def has_no_body(head: HttpHead, method: str) -> bool:
    """Whether nothing can follow the head, whatever it says."""
    tunnel = method == "CONNECT" and 200 <= head.status < 300
    return tunnel or method == "HEAD" or head.status < 200 or head.status in {204, 304}


def _codings(head: HttpHead) -> list[bytes]:
    return [coding for coding in head.tokens(b"transfer-encoding") if coding != b"identity"]
