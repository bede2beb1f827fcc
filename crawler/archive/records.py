"""One WARC record: its header as text, and how it is laid out in a file."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from urllib.parse import quote

from crawler.archive.members import compress, compress_pieces
from crawler.archive.storing import store_pieces, stored_from
from crawler.errors import DamagedRecordError
from crawler.spool import CHUNK_BYTES, Spool

VERSION = b"WARC/1.1"
RECORD_END = b"\r\n\r\n"
WARC_FIELDS = "application/warc-fields"
HTTP_REQUEST = "application/http;msgtype=request"
HTTP_RESPONSE = "application/http;msgtype=response"

_CONTROL = {code: f"%{code:02X}" for code in (*range(0x20), 0x7F)}
_URI_SAFE = "".join(map(chr, range(0x21, 0x7F)))
_USER_INFO = re.compile(r"\A([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?]*@")
_FOLD = re.compile(r"\r?\n[ \t]+")
_VERSION_LINE = re.compile(rb"WARC/1\.[01]\s*\Z")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z)?)?)?\Z")
#: As most tools write it; read by C.
_WHOLE_DATE = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{6})?Z", re.ASCII)
_LEAST = (1, 1, 1, 0, 0, 0)

Block = bytes | Spool
Fields = tuple[tuple[str, str], ...]


class RecordHeader:
    """The named fields of a record."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._first = {name.lower(): value for name, value in reversed(fields)}

    def get(self, name: str) -> str | None:
        """The first value of the field `name`, whatever its case."""
        return self._first.get(name.lower())

    def values(self, name: str) -> list[str]:
        """Every value of the field `name`, whatever its case."""
        wanted = name.lower()
        return [value for key, value in self._fields if key.lower() == wanted] if wanted in self._first else []


def header_bytes(fields: Fields) -> bytes:
    """The record header up to and with its blank line; no value can end its line or start another."""
    return b"%s\r\n%s\r\n" % (VERSION, fields_block(fields))


def fields_block(fields: Fields) -> bytes:
    """`name: value` lines; the block of a warcinfo or metadata record (`application/warc-fields`)."""
    lines = [
        # Most values are printable, and looking is a fifth of the cost of translating.
        f"{name}: {value if value.isprintable() else value.translate(_CONTROL)}\r\n"
        for name, value in fields
    ]
    return "".join(lines).encode("utf-8", "replace")


def parse_header(head: bytes) -> RecordHeader:
    """The header from its bytes; WARC/1.0 and 1.1, folded lines too. Raises `DamagedRecordError`."""
    version, _, lines = head.partition(b"\n")
    if not _VERSION_LINE.match(version):
        raise DamagedRecordError(f"it opens with {version[:40]!r} instead of WARC/1.0 or WARC/1.1")
    return RecordHeader(parse_fields(lines))


def parse_fields(block: bytes) -> Fields:
    """`name: value` lines in order; lines without a colon are passed over."""
    text = block.decode("utf-8", "replace")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    pairs = [line.partition(":") for line in text.split("\n")]
    return tuple([(name.strip(), value.strip()) for name, colon, value in pairs if colon])


def member_pieces(header: bytes, block: Block) -> Iterator[bytes]:
    """The record as one gzip member; a block on disk is never held in memory."""
    is_held = not (isinstance(block, Spool) and block.on_disk)
    pieces = block_pieces(block)
    first = next(pieces, b"")
    if (start := stored_from(first)) is not None:
        packed = store_pieces(header + first[:start], chain((first[start:],), pieces, (RECORD_END,)))
        return iter((b"".join(packed),)) if is_held else packed
    whole = chain((header, first), pieces, (RECORD_END,))
    return iter((compress(b"".join(whole)),)) if is_held else compress_pieces(whole)


def block_pieces(block: Block) -> Iterator[bytes]:
    """The block's bytes, in pieces."""
    return block.chunks(size=CHUNK_BYTES) if isinstance(block, Spool) else iter((block,))


def target_uri(url: str) -> str:
    """The URL as WARC-Target-URI: printable ASCII, without a fragment and without a user's name and password."""
    plain = quote(url.partition("#")[0], safe=_URI_SAFE, errors="surrogatepass")
    return _USER_INFO.sub(r"\1", plain)


def bare_uri(text: str) -> str:
    """A URI without the angle brackets that WARC/1.0 put round it; one that merely ends like that keeps its end."""
    return text[1:-1] if text.startswith("<") and text.endswith(">") else text


def warc_date(moment: datetime) -> str:
    """The moment as WARC-Date: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_date(text: str | None) -> datetime:
    """WARC-Date in each precision that WARC/1.1 allows. Raises `DamagedRecordError`."""
    try:
        if text is not None and _WHOLE_DATE.fullmatch(text):
            return datetime.fromisoformat(text)
        match = _DATE.match(text or "")
        if match:
            *whole, fraction = match.groups()
            year, month, day, hour, minute, second = (int(part or low) for part, low in zip(whole, _LEAST, strict=True))
            return datetime(year, month, day, hour, minute, second, int((fraction or "").ljust(6, "0")[:6]), UTC)
    except ValueError as error:
        raise DamagedRecordError(f"its WARC-Date is {text!r}") from error
    raise DamagedRecordError(f"its WARC-Date is {text!r}")
