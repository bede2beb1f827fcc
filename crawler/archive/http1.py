"""HTTP/1.1 responses, read without any I/O: bytes in, events out.

The same rules serve the live download handler (`ResponseParser`, fed as bytes arrive) and the reader of WARC records
(`parse_response`, given a whole block). Both are lenient about what a message says and strict about where it ends.
The payload is transfer-decoded and still content-encoded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from crawler.archive.http1_framing import Chunked, Framing, framing_of, has_no_body, is_chunked
from crawler.archive.http1_head import Headers, HeadReader, HttpHead, parse_head
from crawler.errors import MalformedMessageError

__all__ = [
    "Body",
    "End",
    "Event",
    "Head",
    "HttpHead",
    "Incomplete",
    "Interim",
    "ResponseParser",
    "parse_request_line",
    "parse_response",
]


@dataclass(frozen=True, slots=True)
class Interim:
    """A whole 1xx response, as received."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The final response's head."""

    head: HttpHead
    #: The payload's size in bytes where it is told; 0 where there can be none.
    expected: int | None


@dataclass(frozen=True, slots=True)
class Body:
    """A piece of payload, never empty."""

    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The message is whole."""

    trailers: Headers = ()
    #: Whether the message told its own end; if not, a close that came too early cannot be seen.
    delimited: bool = True


@dataclass(frozen=True, slots=True)
class Incomplete:
    """The connection closed inside the message."""

    why: str


Event = Interim | Head | Body | End | Incomplete


class ResponseParser:
    """Reads the answer to one `request_method` request, in pieces of any size.

    After `MalformedMessageError` it is of no further use; `head`, `wire` and `unparsed` still tell what there was.
    """

    def __init__(self, request_method: str) -> None:
        self._method = request_method
        self._heads = HeadReader()
        self._framing: Framing | None = None
        self._ended = False
        #: The final response's head, once there.
        self.head: HttpHead | None = None
        #: What the last `feed` added to the final response's bytes: head, framing, body and trailers.
        self.wire = b""
        #: Bytes past the end of the message; never part of a record.
        self.surplus = b""

    @property
    def unparsed(self) -> bytes:
        """What has come of a head that is not whole, or is none."""
        return self._heads.unparsed

    @property
    def reusable(self) -> bool:
        """Whether the connection is ready for another request."""
        if not self._ended or self.surplus or self.head is None or self._framing is None:
            return False
        return self._framing.delimited and self.head.keeps_alive and self.head.status != 101

    def feed(self, data: bytes) -> list[Event]:
        """The events in `data`; raises `MalformedMessageError` where the message cannot be read on."""
        self.wire = b""
        events: list[Event] = []
        if self._ended:
            self.surplus += data
        elif self._framing is not None:
            self.wire = data
            self._read_body(self._framing, data, events)
        else:
            self._read_heads(data, events)
        return events

    def eof(self) -> list[Event]:
        """What the peer's close means: `End`, `Incomplete`, or nothing after the end."""
        self.wire = b""
        if self._ended:
            return []
        if self._framing is None:
            return [Incomplete("the connection closed before the end of the head")]
        if why := self._framing.missing():
            return [Incomplete(why)]
        self._ended = True
        return [End(self._framing.trailers, self._framing.delimited)]

    def _read_heads(self, data: bytes, events: list[Event]) -> None:
        while found := self._heads.feed(data):
            head, data = found
            if not head.interim:
                self.head = head
                self.wire = head.raw + data
                self._framing = framing_of(head, self._method)
                events.append(Head(head, self._framing.expected))
                self._read_body(self._framing, data, events)
                return
            events.append(Interim(head.raw))

    def _read_body(self, framing: Framing, data: bytes, events: list[Event]) -> None:
        payload, surplus = framing.feed(data)
        if payload:
            events.append(Body(payload))
        if framing.broken:
            raise MalformedMessageError(framing.broken)
        if framing.done:
            self._ended = True
            self.surplus = surplus
            self.wire = self.wire[: len(self.wire) - len(surplus)]
            events.append(End(framing.trailers))


def parse_response(block: Iterable[bytes], *, method: str = "GET") -> tuple[HttpHead, Iterator[bytes]]:
    """Head and payload of a stored response; raises `MalformedMessageError` if it has no status line.

    The block's own end is the body's: a cut body gives what is there, and a `Content-Length` that other tools left
    behind when they decoded the body is not believed. Chunks are decoded up to the first broken one; a body that only
    claims to be chunked is taken as it is. Interim heads that other tools left in front are passed over.
    """
    pieces = iter(block)
    head, rest = _read_head(pieces)
    body = chain((rest,), pieces) if rest else pieces
    if has_no_body(head, method):
        return head, iter(())
    return head, _dechunked(body) if is_chunked(head) else body


def parse_request_line(block: bytes) -> tuple[str, str]:
    """Method and target of a stored request; raises `MalformedMessageError` if there are none."""
    words = block.split(b"\n", 1)[0].split()
    if len(words) < 2:
        raise MalformedMessageError(f"no HTTP request line: {block[:80]!r}")
    return words[0].decode("latin-1"), words[1].decode("latin-1")


def _read_head(pieces: Iterator[bytes]) -> tuple[HttpHead, bytes]:
    reader = HeadReader()
    interim = None
    for piece in pieces:
        found = reader.feed(piece)
        while found:
            head, rest = found
            if not head.interim:
                return head, rest
            interim, found = head, reader.feed(rest)
    if interim is not None and not reader.unparsed:
        return interim, b""
    return parse_head(reader.unparsed), b""


def _dechunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    chunked = Chunked()
    opening = b""  # until a chunk size has been read, the bytes may turn out to be no chunks at all
    for piece in pieces:
        payload, _ = chunked.feed(piece)
        opening = b"" if chunked.begun else opening + piece
        if payload:
            yield payload
        if chunked.done or chunked.broken:
            break
    if opening and not chunked.might_begin:
        yield opening
        yield from pieces
