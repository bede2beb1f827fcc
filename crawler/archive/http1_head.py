"""The head of an HTTP/1.1 response: status line and header fields, read as leniently as browsers do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.errors import MalformedMessageError

Headers = tuple[tuple[bytes, bytes], ...]

MAX_HEAD_BYTES = 1024 * 1024  # real heads stay below 100 KB; past this it is an attack or no HTTP
MAX_LEADING_BYTES = 64  # a stray line end after the last body is real; more is no HTTP
MAX_HEADS = 100  # interim heads and the final one; real servers send two at most

_LEADING = re.compile(rb"[\r\n]*")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(
    rb"(HTTP(?:/\d{1,3}(?:\.\d{1,3})?)?|ICY)[ \t]+([1-9]\d\d)(?!\d)(.*)", re.IGNORECASE | re.DOTALL
)
_VERSION = re.compile(r"HTTP/(\d+)(?:\.(\d+))?")
_PROTOCOLS = (b"HTTP", b"ICY")
_WHITE = b" \t\r"


@dataclass(frozen=True, slots=True)
class HttpHead:
    """A status line and its header fields.

    `headers` keeps order, case and repeats; lines without a colon are skipped, folded lines are joined by one space.
    """

    #: As received, in upper case: `HTTP/1.1`, `ICY`.
    version: str
    status: int
    reason: bytes
    headers: Headers
    #: The bytes themselves, the blank line included.
    raw: bytes = field(repr=False)

    @property
    def interim(self) -> bool:
        """Whether another head follows (RFC 9110, 15.2); 101 is final here because nothing asks for an upgrade."""
        return self.status < 200 and self.status != 101

    @property
    def keeps_alive(self) -> bool:
        """Whether the server means to answer another request on this connection (RFC 9112, 9.3)."""
        options = self.tokens(b"connection")
        return b"close" not in options if self.at_least_1_1 else b"keep-alive" in options

    @property
    def at_least_1_1(self) -> bool:
        """Whether the version is HTTP/1.1 or later."""
        match = _VERSION.fullmatch(self.version)
        return match is not None and (int(match[1]), int(match[2] or 0)) >= (1, 1)

    def values(self, name: bytes) -> list[bytes]:
        """Every value of the header `name`, which is given in lower case."""
        return [value for key, value in self.headers if key.lower() == name]

    def tokens(self, name: bytes) -> list[bytes]:
        """The comma-separated members of the header `name`, in lower case, over all its lines."""
        return [token for value in self.values(name) for part in value.split(b",") if (token := part.strip().lower())]


class HeadReader:
    """Collects bytes until a head is whole; raises `MalformedMessageError` as soon as they can be none."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._total = 0
        self._count = 0

    @property
    def unparsed(self) -> bytes:
        """What has come of a head that is not whole, or is none."""
        return bytes(self._held)

    def feed(self, data: bytes) -> tuple[HttpHead, bytes] | None:
        """The head and the bytes after it, once there; heads read one after the other share one size limit."""
        searched = len(self._held)
        self._held += data
        start = _start_of_message(self._held)
        end = _BLANK_LINE.search(self._held, max(start, searched - 2))
        self._total += (end.end() - searched) if end else len(data)
        if self._total > MAX_HEAD_BYTES:
            raise MalformedMessageError(f"the head is longer than {MAX_HEAD_BYTES} bytes")
        if end is None:
            return None
        head = parse_head(bytes(self._held[: end.end()]))
        rest = bytes(self._held[end.end() :])
        self._count += 1
        if self._count > MAX_HEADS:
            raise MalformedMessageError(f"more than {MAX_HEADS} interim responses")
        self._held.clear()
        return head, rest


def parse_head(raw: bytes) -> HttpHead:
    """`raw` as a head, whole or cut; raises `MalformedMessageError` if it does not open with a status line."""
    first, *lines = raw[_start_of_message(raw) :].split(b"\n")
    match = _STATUS_LINE.fullmatch(first.rstrip(_WHITE))
    if match is None:
        raise MalformedMessageError(f"no HTTP status line: {first[:80]!r}")
    version, status, reason = match.groups()
    return HttpHead(version.decode("ascii").upper(), int(status), reason.strip(), parse_fields(lines), raw)


def parse_fields(lines: list[bytes]) -> Headers:
    """Name and value of each header line up to the first blank one."""
    fields = []
    for line in _unfolded(lines):
        name, colon, value = line.partition(b":")
        if colon and (name := name.strip(_WHITE)):
            fields.append((name, value.strip(_WHITE)))
    return tuple(fields)


def _unfolded(lines: list[bytes]) -> Iterator[bytes]:
    """The lines before the first blank one, each joined with those that continue it (RFC 9112, 5.2)."""
    parts: list[bytes] = []  # joined only once: a head may be one megabyte of folds
    for received in lines:
        if received in {b"", b"\r"}:
            break
        if received[0] not in b" \t" and parts:
            yield b" ".join(parts)
            parts = []
        parts.append(received.strip(_WHITE))
    yield b" ".join(parts)


def _start_of_message(received: bytes | bytearray) -> int:
    """Where the status line starts: empty lines before it are passed over, as robust parsers do (RFC 9112, 2.2)."""
    leading = _LEADING.match(received)
    start = leading.end() if leading else 0
    if start > MAX_LEADING_BYTES:
        raise MalformedMessageError("nothing but empty lines")
    opening = bytes(received[start : start + 4]).upper()
    if not any(opening.startswith(protocol) or protocol.startswith(opening) for protocol in _PROTOCOLS):
        raise MalformedMessageError(f"no HTTP status line: {bytes(received[start : start + 80])!r}")
    return start
