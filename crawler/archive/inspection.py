"""One stored record, read once and to its end: what an index keeps of it, and what is wrong with it.

The block goes by in pieces, so that a record of any size costs the memory of one piece.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.archive.digests import labelled
from crawler.archive.entries import NO_STATUS, IndexEntry, make_entry
from crawler.archive.http1 import HttpHead, parse_response
from crawler.archive.pieces import Record, Span
from crawler.archive.reader import MAX_HELD, algorithm_of, first_bytes, is_http, truncation_of, url_of
from crawler.archive.records import RecordHeader, parse_date, parse_fields
from crawler.archive.revisits import Reference, is_identical, reference_of
from crawler.errors import DamagedRecordError, MalformedMessageError
from crawler.model import WarcRef

#: In bytes, by what a digest's label may say; others cannot be checked, which is no defect.
HASHES = {
    "md5": hashlib.md5,
    "sha1": hashlib.sha1,
    "sha224": hashlib.sha224,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
SIZES = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
_BASE32_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#: From Base32's digits to those of Python's numbers; from any other byte to what is no digit.
_BASE32 = bytes(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUV"[_BASE32_DIGITS.index(byte)] if byte in _BASE32_DIGITS else 0x21
    for byte in range(256)
)
REFERENCES = ("WARC-Warcinfo-ID", "WARC-Concurrent-To")
NO_HEADER = RecordHeader(())
CAPTURES = frozenset({"response", "revisit", "resource"})
#: Their payload is elsewhere, or only a part of one is here.
WITHOUT_PAYLOAD = frozenset({"revisit", "continuation"})
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Inspected:
    """What one record turned out to be."""

    #: In lower case; empty if it does not say.
    kind: str
    record_id: str
    #: Field and id of each record that it names.
    named: tuple[tuple[str, str], ...]
    #: `None` if it is compressed together with others.
    span: Span | None
    #: Of a response, or of bytes that were meant to be one, that can be fetched by offset.
    entry: IndexEntry | None
    #: In words; empty if all is well.
    problems: tuple[str, ...]
    #: Why a response gives no entry.
    unreadable: str | None = None
    #: What a revisit or a conversion says of its original.
    reference: Reference | None = None


class Inspector:
    """Inspects the records of one file in their order, warcinfo first."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        #: The run that wrote the file, once its warcinfo record was read.
        self.run_id: str | None = None

    def inspect(self, record: Record) -> Inspected:
        """Read `record` to its end; raises `BrokenFramingError` where that cannot be told, and nothing else."""
        kind = (record.header.get("WARC-Type") or "").lower()
        return self._inspect(kind, record, DigestCheck(record.header, "WARC-Block-Digest"))

    def entry(self, record: Record) -> IndexEntry | None:
        """What an index keeps of the record; raises `DamagedRecordError` for a response that cannot be understood.

        Nothing else of it is checked, and records of other kinds are passed over.
        """
        kind = (record.header.get("WARC-Type") or "").lower()
        if kind not in CAPTURES and kind != "warcinfo":
            return None
        inspected = self._inspect(kind, record, DigestCheck(NO_HEADER, "WARC-Block-Digest"))
        if inspected.unreadable is not None and kind in CAPTURES:
            raise DamagedRecordError(inspected.unreadable)
        return inspected.entry

    def _inspect(self, kind: str, record: Record, block: "DigestCheck") -> Inspected:
        header = record.header
        wanted = algorithm_of(record) if kind in CAPTURES else None
        payload = DigestCheck(header, "WARC-Payload-Digest", wanted)
        head, unreadable = self._read(kind, record, block, payload)
        span = record.finish()
        entry, reference, problems = None, None, _missing(header) + block.problems()
        if unreadable is None:
            problems += payload.problems() if kind not in WITHOUT_PAYLOAD else []
            try:
                reference = _reference_of(kind, record, head)
                entry = self._entry(record, head, payload, span)
            except DamagedRecordError as error:
                unreadable = str(error)
        problems += [unreadable] if unreadable else []
        named = tuple((field, value) for field in REFERENCES for value in header.values(field))
        record_id = header.get("WARC-Record-ID") or ""
        return Inspected(kind, record_id, named, span, entry, tuple(problems), unreadable, reference)

    def _read(
        self, kind: str, record: Record, block: "DigestCheck", payload: "DigestCheck"
    ) -> tuple[HttpHead | None, str | None]:
        """Read the whole block; the head of an HTTP response, or why there is none."""
        pieces = block.watch(record.block())
        head, why = None, None
        if is_http(record) and (kind == "response" or (kind == "revisit" and record.header.get("WARC-Profile"))):
            try:
                head, body = parse_response(pieces)
                payload.take(body)
            except MalformedMessageError as error:  # a revisit of another tool may hold nothing
                why = f"its block is no HTTP response: {error}" if kind == "response" else None
        elif kind == "warcinfo":
            self.run_id = dict(parse_fields(first_bytes(payload.watch(pieces)))).get("isPartOf")
        else:
            payload.take(_after_head(pieces) if kind == "request" and is_http(record) else pieces)
        for _ in pieces:
            pass  # the block digest covers what nobody had need to look at
        return head, why

    def _entry(
        self, record: Record, head: HttpHead | None, payload: "DigestCheck", span: Span | None
    ) -> IndexEntry | None:
        header = record.header
        captured_at = parse_date(header.get("WARC-Date"))
        if span is None or (head is None and (header.get("WARC-Type") or "").lower() != "resource"):
            return None
        revisit = (header.get("WARC-Type") or "").lower() == "revisit"
        # A revisit holds no payload: it says which it stands for, and whose that is.
        told = header.get("WARC-Payload-Digest"), header.get("WARC-Refers-To") or ""
        held = told if revisit else (payload.label(algorithm_of(record)), None)
        ref = WarcRef(self.filename, span.offset, span.length, header.get("WARC-Record-ID") or "", *held)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers] if head else ()
        return make_entry(
            url_of(record),
            captured_at,
            head.status if head else NO_STATUS,
            headers,
            ref=ref,
            truncated=None if revisit and is_identical(header) else truncation_of(record),
            run_id=self.run_id,
        )


def _reference_of(kind: str, record: Record, head: HttpHead | None) -> Reference | None:
    """What a revisit or a conversion is of; a conversion has the URL and the time of its response."""
    if kind == "conversion" and (record_id := record.header.get("WARC-Refers-To")):
        return Reference(record_id, url_of(record), parse_date(record.header.get("WARC-Date")))
    return reference_of(record.header) if kind == "revisit" and head is not None else None


class DigestCheck:
    """The digest that a header declares, compared with the bytes that go by."""

    def __init__(self, header: RecordHeader, field: str, wanted: str | None = None) -> None:
        self._field = field
        self._told = (header.get(field) or "").strip()
        name, _, text = self._told.partition(":")
        self._algorithm = name.lower().replace("-", "")
        #: Whether it is written as we write it.
        self._is_plain = name == "sha1" and text.isupper()
        self._value = bytes_of(text, SIZES.get(self._algorithm, 0))
        names = {self._algorithm} & SIZES.keys() | ({wanted} if wanted else set())
        # Digests name content here; nobody is kept out by them.
        self._hashes = {name: HASHES[name](usedforsecurity=False) for name in names}

    def watch(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, digested as they go by."""
        return self._watch(pieces) if self._hashes else pieces

    def _watch(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        hashes = tuple(self._hashes.values())
        for piece in pieces:
            for one in hashes:
                one.update(piece)
            yield piece

    def take(self, pieces: Iterator[bytes]) -> None:
        """Digest all of `pieces`."""
        for _ in self.watch(pieces):
            pass

    def problems(self) -> list[str]:
        """What is wrong, in words."""
        if self._algorithm not in SIZES:
            return []
        if self._value is None:
            return [f"its {self._field} is {self._told[:80]!r}"]
        if self._hashes[self._algorithm].digest() == self._value:
            return []
        return [f"its {self._field} is {self._told}, and its bytes have {self.label(self._algorithm)}"]

    def label(self, algorithm: str) -> str:
        """The digest of what went by."""
        if algorithm == self._algorithm and self._is_plain and self._hashes[algorithm].digest() == self._value:
            return self._told
        return labelled(algorithm, self._hashes[algorithm].digest())


def bytes_of(text: str, size: int) -> bytes | None:
    """A digest of `size` bytes from hex or Base32, in either case; `None` if it is neither."""
    try:
        if size == 20 and len(text) == 32:  # SHA-1 in Base32: nearly all; base64's decoder is a loop in Python
            return int(text.encode("ascii").upper().translate(_BASE32), 32).to_bytes(20, "big")
        value = (
            bytes.fromhex(text) if len(text) == 2 * size else base64.b32decode(text.upper() + "=" * (-len(text) % 8))
        )
    except ValueError:
        return None
    return value if len(value) == size else None


def _missing(header: RecordHeader) -> list[str]:
    return [f"it has no {name}" for name in ("WARC-Type", "WARC-Record-ID") if not header.get(name)]


def _after_head(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The body of a request, as it was sent."""
    held = b""
    for piece in pieces:
        held += piece
        if (end := _HEAD_END.search(held)) is not None:
            yield held[end.end() :]
            yield from pieces
        elif len(held) > MAX_HELD:
            return
