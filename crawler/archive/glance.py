"""Records that are as nearly all are, read from the whole bytes of their gzip member at a fraction of the cost.

What is said of such a record is what `inspection` says; tests hold the two against each other. Whatever is out of the
ordinary, from a folded header line to a wrong digest, raises `OddRecordError`, and the record is read in full.
"""

import hashlib
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from crawler.archive.digests import labelled
from crawler.archive.entries import IndexEntry, make_entry
from crawler.archive.inspection import REFERENCES, Inspected, Inspector, bytes_of
from crawler.archive.pieces import OddRecordError, Span
from crawler.archive.reader import name_in_archive
from crawler.archive.records import bare_uri, parse_date
from crawler.archive.warcfile import OnDamage, WarcFile
from crawler.errors import DamagedRecordError
from crawler.model import WarcRef

MAX_HEADER = 64 * 1024  # real ones have 1 KB
#: Kinds of record of which more is to be told than what is looked at here.
ODD_KINDS = frozenset({"", "warcinfo", "revisit", "resource"})

#: Lines that end in CRLF, each a name, a colon, one space and a value: nothing to unfold, to decode or to strip.
_WARC_HEADER = re.compile(rb"WARC/1\.[01]\r\n(?:[!-9;-~]++: [!-~](?:[ -~]*+(?<! ))?\r\n)++\r\n")
#: Type and length, in the order in which we write them.
_PASSED = re.compile(rb"\r\nWARC-Type: (?:request|metadata)\r\n.*\r\nContent-Length: ([0-9]{1,15})\r\n", re.DOTALL)
_HTTP_HEADER = re.compile(rb"HTTP/1\.[01] ([2-5][0-9][0-9])(?: [^\r\n]*)?\r\n(?:[!-9;-~]++:[^\r\n]*+\r\n)*+\r\n")
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[^\r\n]*)?\r\n")
_LENGTH = re.compile("[0-9]{1,15}")
_TOLD = (b"Content-Type", b"Location", b"ETag", b"Last-Modified")
_TOLD_KEYS = tuple((name.decode(), b"\n" + name.lower() + b":") for name in _TOLD)
#: The fields that the standard names, as it writes them.
_NAMES = frozenset(
    {
        *("WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length", "Content-Type", "WARC-Concurrent-To"),
        *("WARC-Block-Digest", "WARC-Payload-Digest", "WARC-IP-Address", "WARC-Refers-To", "WARC-Refers-To-Target-URI"),
        *("WARC-Refers-To-Date", "WARC-Target-URI", "WARC-Truncated", "WARC-Warcinfo-ID", "WARC-Filename"),
        *("WARC-Profile", "WARC-Identified-Payload-Type", "WARC-Segment-Number", "WARC-Segment-Origin-ID"),
        *("WARC-Segment-Total-Length", "WARC-Protocol", "WARC-Cipher-Suite"),
    }
)
_LOWER_NAMES = frozenset(map(str.lower, _NAMES))
_CODING = b"\ntransfer-encoding:"
_END = b"\r\n\r\n"
_NO_BODY = (204, 304)


def read_entries(path: Path, *, filename: str | None = None, on_damage: OnDamage | None = None) -> list[IndexEntry]:
    """What an index keeps of the file at `path`, in its order.

    `filename` is what the entries say where they are; by default as `read_captures` has it. Raises `NotAWarcError`,
    `ArchiveError`, and without `on_damage` the first `DamagedRecordError`.
    """
    inspector = Inspector(filename or name_in_archive(path))
    with WarcFile(path) as file:
        found = file.each(inspector.entry, on_damage, Glance(inspector).entry)
        return [entry for entry in found if entry is not None]


class Glance:
    """Sees records as `inspector` does, which has to be given those that are odd."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector

    def inspect(self, member: bytes, span: Span) -> Inspected:
        """As `Inspector.inspect`, of the whole bytes of a record; raises `OddRecordError`."""
        header = _Header(member)
        kind, record_id = header.kind(), header.need("WARC-Record-ID")
        captured_at = header.moment()
        start, end = header.size, len(member) - 4
        block_digest, payload_digest = header.fields.get("WARC-Block-Digest"), header.fields.get("WARC-Payload-Digest")
        block = memoryview(member)[start:end]
        if block_digest is not None:
            _check(block_digest, block)
        entry = None
        if kind == "response":
            entry = self._entry(member, header, record_id, captured_at, span)
        elif payload_digest is not None:
            raise OddRecordError
        return Inspected(kind, record_id, header.named(), span, entry, ())

    def entry(self, member: bytes, span: Span) -> IndexEntry | None:
        """As `Inspector.entry`, of the whole bytes of a record; raises `OddRecordError`."""
        if _is_passed_over(member):
            return None
        header = _Header(member)
        if header.kind() != "response":
            return None
        return self._entry(member, header, header.need("WARC-Record-ID"), header.moment(), span)

    def _entry(self, member: bytes, header: "_Header", record_id: str, captured_at: datetime, span: Span) -> IndexEntry:
        media = header.fields.get("Content-Type") or ""
        if not media.lower().startswith("application/http") or header.fields.get("WARC-Truncated") is not None:
            raise OddRecordError
        head = _HTTP_HEADER.match(member, header.size, min(len(member) - 4, header.size + MAX_HEADER))
        if head is None:
            raise OddRecordError
        status, start = int(head[1]), head.end()
        fields = member[header.size : start]
        low = fields.lower()
        headers = [(name, _value(fields, low, key)) for name, key in _TOLD_KEYS if key in low]
        chunked = _CODING in low
        body: bytes | memoryview = memoryview(member)[start : len(member) - 4]
        if status in _NO_BODY:
            body = b""
        elif chunked:
            body = _dechunked(member, start, fields, low)
        if chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        told = header.fields.get("WARC-Payload-Digest")
        if told is None:
            told = labelled("sha1", hashlib.sha1(body, usedforsecurity=False).digest())
        else:
            _check(told, body)
        url = bare_uri(header.need("WARC-Target-URI"))
        ref = WarcRef(self._inspector.filename, span.offset, span.length, record_id, told)
        return make_entry(url, captured_at, status, headers, ref=ref, truncated=None, run_id=self._inspector.run_id)


#: The records of one exchange share their date.
_moment = lru_cache(maxsize=64)(parse_date)


class _Header:
    """The header of a record that ends where its Content-Length says."""

    __slots__ = ("_lines", "fields", "size")

    def __init__(self, member: bytes) -> None:
        match = _WARC_HEADER.match(member, 0, MAX_HEADER)
        if match is None or not member.endswith(_END):
            raise OddRecordError
        #: In bytes, the blank line included.
        self.size = match.end()
        _, *self._lines, _, _ = match[0].decode("ascii").split("\r\n")
        #: The first value of each field.
        self.fields: dict[str, str] = dict([line.split(": ", 1) for line in reversed(self._lines)])
        if not self.fields.keys() <= _NAMES:
            _check_names(self.fields.keys() - _NAMES)
        length = self.need("Content-Length")
        if not _LENGTH.fullmatch(length) or self.size + int(length) + 4 != len(member):
            raise OddRecordError

    def need(self, name: str) -> str:
        """The value of a field that has to be there."""
        if not (value := self.fields.get(name)):
            raise OddRecordError
        return value

    def kind(self) -> str:
        """WARC-Type, if it is none of those that are odd."""
        kind = self.fields.get("WARC-Type", "").lower()
        if kind in ODD_KINDS:
            raise OddRecordError
        return kind

    def moment(self) -> datetime:
        """WARC-Date."""
        try:
            return _moment(self.need("WARC-Date"))
        except DamagedRecordError as error:
            raise OddRecordError from error

    def named(self) -> tuple[tuple[str, str], ...]:
        """Field and id of each record that it names."""
        if len(self.fields) == len(self._lines):
            return tuple([(name, self.fields[name]) for name in REFERENCES if name in self.fields])
        pairs = [line.partition(": ") for line in self._lines]
        return tuple([(name, value) for name in REFERENCES for key, _, value in pairs if key == name])


def _is_passed_over(member: bytes) -> bool:
    """Whether it is plainly a record of which an index keeps nothing: two of three are."""
    match = _WARC_HEADER.match(member, 0, MAX_HEADER)
    if match is None or (told := _PASSED.search(match[0])) is None:
        return False
    low = match[0].lower()
    is_told_once = low.count(b"\nwarc-type:") == low.count(b"\ncontent-length:") == 1
    return is_told_once and member.endswith(_END) and match.end() + int(told[1]) + 4 == len(member)


def _check_names(unknown: set[str]) -> None:
    """Raise `OddRecordError` for a known name in other letters; those of extensions are nobody's business."""
    if not _LOWER_NAMES.isdisjoint(map(str.lower, unknown)):
        raise OddRecordError


def _value(fields: bytes, low: bytes, key: bytes) -> str:
    """The first value of an HTTP header, as latin-1."""
    start = low.index(key) + len(key)
    return fields[start : fields.index(b"\r", start)].strip(b" \t").decode("latin-1")


def _check(told: str, data: bytes | memoryview) -> None:
    """Raise `OddRecordError` if `told`, written as we write it, is not the digest of `data`."""
    if told.startswith("sha1:"):
        value = hashlib.sha1(data, usedforsecurity=False).digest()
        same = len(told) == 37 and told[5:].isupper() and bytes_of(told[5:], 20) == value
    else:
        same = told == "sha256:" + hashlib.sha256(data, usedforsecurity=False).hexdigest()
    if not same:
        raise OddRecordError


def _dechunked(member: bytes, start: int, fields: bytes, low: bytes) -> bytes:
    """The body that comes in chunks, from `start` to the end of the member, without trailers."""
    if _value(fields, low, _CODING).lower() != "chunked":
        raise OddRecordError
    pieces = []
    while (line := _SIZE_LINE.match(member, start)) is not None and (size := int(line[1], 16)):
        start = line.end() + size + 2
        pieces.append(member[line.end() : start - 2])
        if member[start - 2 : start] != b"\r\n":
            raise OddRecordError
    if line is None or member[line.end() :] != b"\r\n" + _END:
        raise OddRecordError
    return b"".join(pieces)
