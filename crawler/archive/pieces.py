"""A stored record while it is read: piece by piece, so that a record of any size costs the memory of one piece."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from crawler.archive.members import PIECE_BYTES, BrokenMemberError
from crawler.archive.records import RecordHeader, parse_header
from crawler.errors import DamagedRecordError

OPENING = b"WARC/"
MAX_HEADER = 1024 * 1024  # real ones have 1 KB, but a URL may be long


class BrokenFramingError(DamagedRecordError):
    """Where the record ends cannot be told."""


class OddRecordError(Exception):
    """Only a full reading can tell what the record is."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a record is in its file, in bytes; the unit of a range request."""

    offset: int
    length: int


class Reader(Protocol):
    """Bytes of a file from some offset on."""

    #: Where they end in the file; known once `read` gave nothing.
    end: int | None

    def read(self) -> bytes:
        """The next bytes; empty at the end."""
        ...


class PlainReader:
    """The bytes of an uncompressed file from `offset` on."""

    def __init__(self, descriptor: int, offset: int) -> None:
        self._descriptor = descriptor
        self._position = offset
        self.end: int | None = None

    def read(self) -> bytes:
        """The next bytes; empty at the end of the file."""
        piece = os.pread(self._descriptor, PIECE_BYTES, self._position)
        self._position += len(piece)
        if not piece:
            self.end = self._position
        return piece


class Pieces:
    """A buffer over a reader that gives bytes in pieces of its own size."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._buffer = b""
        self._at = 0
        #: How many bytes were taken.
        self.taken = 0

    def take(self, limit: int) -> bytes:
        """At least one byte and at most `limit`; empty at the end."""
        if self.at_end():
            return b""
        piece = self._buffer[self._at : self._at + limit]
        self._pass(len(piece))
        return piece

    def header(self) -> bytes:
        """All up to and with the first blank line."""
        while (end := _after_blank_line(self._buffer, self._at)) < 0:
            if len(self._buffer) - self._at > MAX_HEADER:
                raise BrokenFramingError(f"its header is longer than {MAX_HEADER} bytes")
            if not self._grow():
                raise BrokenFramingError("it has no complete header")
        return self.take(end - self._at)

    def end_record(self) -> None:
        """Pass over the line ends after a record; raises `BrokenFramingError` where something else follows."""
        while not self.at_end() and self._buffer[self._at] in b"\r\n":
            rest = self._buffer[self._at :]
            self._pass(len(rest) - len(rest.lstrip(b"\r\n")))
        while 0 < len(self._buffer) - self._at < len(OPENING) and self._grow():
            pass
        following = self._buffer[self._at : self._at + 20]
        if following and not following.startswith(OPENING):
            raise BrokenFramingError(f"after its Content-Length follows {following!r} instead of a record")

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self._at == len(self._buffer) and not self._grow()

    def _pass(self, count: int) -> None:
        self._at += count
        self.taken += count

    def _grow(self) -> bool:
        try:
            more = self._reader.read()
        except BrokenMemberError as error:
            raise BrokenFramingError(str(error)) from error
        self._buffer, self._at = self._buffer[self._at :] + more, 0
        return bool(more)


class Record:
    """The record at hand; its block is read once, before the next record is."""

    def __init__(self, pieces: Pieces, locate: Callable[[], Span | None]) -> None:
        self._pieces = pieces
        self._locate = locate
        self._span: Span | None = None
        self._finished = False
        self.header: RecordHeader = _framed(pieces.header())
        self._left = int(self.header.get("Content-Length") or 0)

    def block(self) -> Iterator[bytes]:
        """What is left of the block. Raises `BrokenFramingError` where it ends too early."""
        while self._left:
            piece = self._pieces.take(self._left)
            if not piece:
                raise BrokenFramingError(f"its block ends {self._left} bytes before its Content-Length")
            self._left -= len(piece)
            yield piece

    def finish(self) -> Span | None:
        """Read to the record's end; where it is, or `None` if it is compressed together with others."""
        if not self._finished:
            for _ in self.block():
                pass
            self._pieces.end_record()
            self._span = self._locate()
            self._finished = True
        return self._span


def _framed(head: bytes) -> RecordHeader:
    try:
        header = parse_header(head)
    except DamagedRecordError as error:
        raise BrokenFramingError(str(error)) from error
    length = header.get("Content-Length") or ""
    if not (length.isascii() and length.isdigit() and len(length) < 16):
        raise BrokenFramingError(f"its Content-Length is {length!r}")
    return header


def _after_blank_line(buffer: bytes, start: int) -> int:
    strict = buffer.find(b"\r\n\r\n", start)
    # Bare line ends are looked for in the header alone: the block behind it may be long.
    bare = buffer.find(b"\n\n", start, strict if strict >= 0 else len(buffer))
    if bare >= 0:
        return bare + 2
    return strict + 4 if strict >= 0 else -1
