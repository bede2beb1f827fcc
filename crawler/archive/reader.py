"""Captures from WARC files: ours, Common Crawl's, anyone's."""

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import get_args

from crawler.archive.digests import DEFAULT_ALGORITHM, Algorithm, digest_of
from crawler.archive.http1 import HttpHead, parse_response
from crawler.archive.pieces import Record
from crawler.archive.records import bare_uri, parse_date, parse_fields
from crawler.archive.revisits import Reference, is_identical, places, reference_of
from crawler.archive.tree import open_path
from crawler.archive.warcfile import OnDamage, WarcFile
from crawler.errors import ArchiveError, DamagedRecordError, MalformedMessageError
from crawler.model import Capture, Truncation, WarcRef

MAX_HELD = 1024 * 1024  # of a request's head, or of a warcinfo block: real ones have 1 KB
MAX_PAYLOAD = 256 * 1024 * 1024  # no page is longer; a bomb must not fill the memory


def read_captures(
    path: Path, *, filename: str | None = None, on_damage: OnDamage | None = None, follow: bool = True
) -> Iterator[Capture]:
    """The response and revisit records of a WARC file, in its order.

    `filename` is what the captures say where they are; by default what follows the archive folder in `path`, or its
    last part. A damaged record costs one call of `on_damage`; without it, the first one is raised. A revisit has its
    original's payload, and without that it is damaged; where revisits are not to be followed, it has none.
    Raises `NotAWarcError`, `ArchiveError`.
    """
    reading = Reading(filename or name_in_archive(path), partial(_payload_of, path) if follow else None)
    with WarcFile(path) as file:
        for capture in file.each(reading.capture, on_damage):
            if capture is not None:
                yield capture


def read_capture(path: Path, offset: int, length: int) -> Capture:
    """The capture whose record is `length` bytes long at `offset`; also of a file that is still being written."""
    actual = path if path.exists() else open_path(path)
    reading = Reading(name_in_archive(path), partial(_payload_of, path))
    with WarcFile(actual) as file:
        if offset:
            file.at(0, reading.capture)  # its warcinfo record tells the run
        capture = file.at(offset, reading.capture)
    if capture is None or capture.ref is None or capture.ref.length != length:
        raise DamagedRecordError(f"{actual}: no response record of {length} bytes begins at byte {offset}")
    return capture


def _payload_of(path: Path, reference: Reference) -> bytes:
    """The payload of the response that a revisit in the file `path` refers to; raises `DamagedRecordError`."""
    name = reference.record_id or reference.url
    why = f"its original {name} is not in the archive"
    for place in places(path, reference):
        try:
            with WarcFile(place.path) as file:
                found = file.at(place.offset, Reading(name_in_archive(place.path)).capture)
        except ArchiveError as error:  # another of the same second may be the one
            why = f"its original {name} cannot be read: {error}"
            continue
        if found is None or found.ref is None or found.is_revisit:
            continue
        if reference.record_id in ("", found.ref.record_id):
            return found.payload
    raise DamagedRecordError(why)


def name_in_archive(path: Path) -> str:
    """`warc/SITE/YYYY/MM/NAME` if the file lies so, else its name."""
    parts = path.parts[-5:]
    return "/".join(parts) if len(parts) == 5 and parts[0] == "warc" else path.name


class Reading:
    """Makes values of the records of one file while they go by, warcinfo first."""

    def __init__(self, filename: str, follow: Callable[[Reference], bytes] | None = None) -> None:
        self._filename = filename
        #: Gives a revisit its payload; without it, revisits have none.
        self._follow = follow
        #: The run that wrote the file, once its warcinfo record was read.
        self.run_id: str | None = None

    def capture(self, record: Record) -> Capture | None:
        """The capture that the record is, if it is one."""
        kind = record.header.get("WARC-Type")
        if kind == "warcinfo":
            self.run_id = dict(parse_fields(first_bytes(record.block()))).get("isPartOf")
        if not is_http(record):
            return None
        if kind == "revisit" and record.header.get("WARC-Profile"):  # without, nothing tells what it stands for
            return self._revisit(record)
        return self._response(record) if kind == "response" else None

    def _response(self, record: Record) -> Capture:
        captured_at = parse_date(record.header.get("WARC-Date"))
        head, payload, cut = _message(record)
        # Not the digest that the record claims: most tools digest chunked bodies with their framing.
        ref = self._ref(record, digest_of((payload,), algorithm_of(record)))
        return Capture(
            url=url_of(record),
            captured_at=captured_at,
            status=head.status,
            headers=_headers(head),
            payload=payload,
            ref=ref,
            truncated=truncation_of(record) or ("length" if cut else None),
            run_id=self.run_id,
            resource=record.header.get("WARC-Resource-Type"),
        )

    def _revisit(self, record: Record) -> Capture:
        captured_at, reference = parse_date(record.header.get("WARC-Date")), reference_of(record.header)
        head, _, _ = _message(record)
        ref = self._ref(record, record.header.get("WARC-Payload-Digest"), reference.record_id)
        if ref is None:
            raise DamagedRecordError("it is a revisit among records that were compressed together")
        return Capture(
            url=url_of(record),
            captured_at=captured_at,
            status=head.status,
            headers=_headers(head),
            payload=self._follow(reference) if self._follow else b"",
            ref=ref,
            truncated=None if is_identical(record.header) else truncation_of(record),
            run_id=self.run_id,
            resource=record.header.get("WARC-Resource-Type"),
        )

    def _ref(self, record: Record, digest: str | None, refers_to: str | None = None) -> WarcRef | None:
        span = record.finish()
        record_id = record.header.get("WARC-Record-ID") or ""
        return WarcRef(self._filename, span.offset, span.length, record_id, digest, refers_to) if span else None


def _headers(head: HttpHead) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)


def _message(record: Record) -> tuple[HttpHead, bytes, bool]:
    """Head and payload, and whether the payload was longer than is held in memory."""
    try:
        head, pieces = parse_response(record.block())
        payload, size = BytesIO(), 0  # whose bytes are not copied once more when it is done
        for piece in pieces:
            size += payload.write(piece[: MAX_PAYLOAD - size])
            if size == MAX_PAYLOAD and (len(piece) > MAX_PAYLOAD or next(pieces, b"")):
                return head, payload.getvalue(), True
    except MalformedMessageError as error:
        raise DamagedRecordError(f"its block is no HTTP response: {error}") from error
    return head, payload.getvalue(), False


def first_bytes(pieces: Iterator[bytes]) -> bytes:
    """The first of the bytes, which are all of a record that is meant to be read whole; the others are passed over."""
    held = b""
    for piece in pieces:
        held = held if len(held) > MAX_HELD else held + piece
    return held[:MAX_HELD]


def is_http(record: Record) -> bool:
    """Whether a response record holds HTTP, which is taken for granted where it does not say."""
    return (record.header.get("Content-Type") or "application/http").lower().startswith("application/http")


def url_of(record: Record) -> str:
    """The URL that was asked for; raises `DamagedRecordError` where none is named."""
    url = record.header.get("WARC-Target-URI")
    if not url:
        raise DamagedRecordError("it has no WARC-Target-URI")
    return bare_uri(url)


def truncation_of(record: Record) -> Truncation | None:
    """How the record was cut; tokens that the standard does not know count as `unspecified`."""
    told = record.header.get("WARC-Truncated")
    if told is None:
        return None
    return next((known for known in get_args(Truncation) if known == told.strip().lower()), "unspecified")


def algorithm_of(record: Record) -> Algorithm:
    """The algorithm of the record's payload digest, so that both can be compared."""
    claimed = record.header.get("WARC-Payload-Digest") or ""
    return "sha256" if claimed.lower().startswith("sha256:") else DEFAULT_ALGORITHM
