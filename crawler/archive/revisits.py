"""Where the payload of a revisit is: found by the archive's index, or else in the revisit's own file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from crawler.archive.cdxj import REVISIT, lines_from, offset_of, parse_row, timestamp_of
from crawler.archive.exchange import IDENTICAL
from crawler.archive.keys import surt_key
from crawler.archive.pieces import Record
from crawler.archive.records import RecordHeader, bare_uri, parse_date
from crawler.archive.tree import is_below, open_path
from crawler.archive.warcfile import WarcFile
from crawler.errors import ArchiveError, DamagedRecordError

_PROFILE = IDENTICAL.rpartition("/")[2]  # WARC/1.0 has another host and version in front of it


@dataclass(frozen=True, slots=True)
class Reference:
    """What a revisit says of its original; other tools leave out the id, or all but the id."""

    record_id: str
    url: str | None
    captured_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an original may be."""

    path: Path
    offset: int


def reference_of(header: RecordHeader) -> Reference:
    """What the revisit with this header refers to; raises `DamagedRecordError`."""
    date = header.get("WARC-Refers-To-Date")
    url = header.get("WARC-Refers-To-Target-URI")
    return Reference(
        record_id=header.get("WARC-Refers-To") or "",
        url=bare_uri(url) if url else None,
        captured_at=parse_date(date) if date else None,
    )


def is_identical(header: RecordHeader) -> bool:
    """Whether the revisit's body came whole and was left out, so that its `WARC-Truncated` tells of no lost byte."""
    return (header.get("WARC-Profile") or "").strip().endswith(_PROFILE)


def has_original(path: Path, reference: Reference) -> bool:
    """Whether the index leads to the original of a revisit in the file `path`."""
    for place in _indexed(path, reference):
        try:
            with WarcFile(place.path) as file:
                record_id = file.at(place.offset, lambda record: record.header.get("WARC-Record-ID"))
        except ArchiveError:  # told where that file is checked
            continue
        if reference.record_id in ("", record_id):
            return True
    return False


def places(path: Path, reference: Reference) -> Iterator[Place]:
    """Where the original of a revisit in the file `path` may be, the likeliest first."""
    yield from _indexed(path, reference)
    if reference.record_id:
        actual = path if path.exists() else open_path(path)
        with WarcFile(actual) as file:
            offsets = file.each(partial(_offset_of, reference.record_id), _pass_over)
            yield from [Place(actual, offset) for offset in offsets if offset is not None]


def _indexed(path: Path, reference: Reference) -> Iterator[Place]:
    if reference.url is None or reference.captured_at is None or path.parts[-5:-4] != ("warc",):
        return
    archive, site = path.parents[4], path.parts[-4]
    for index in sorted((archive / "index" / "cdxj" / site).glob("*.cdxj")):
        for filename, offset in find_captures(index, reference.url, reference.captured_at):
            path = archive / filename
            if is_below(filename) and path.exists():
                yield Place(path, offset)


def find_captures(index: Path, url: str, captured_at: datetime) -> Iterator[tuple[str, int]]:
    """Filename and offset of each response of `url` in that second, revisits left out."""
    prefix = f"{surt_key(url)} {timestamp_of(captured_at)} ".encode()
    with index.open("rb") as file:
        for row in map(parse_row, lines_from(file, prefix)):
            if row.fields.get("mime") != REVISIT:
                yield row.fields.get("filename", ""), offset_of(row)


def _offset_of(record_id: str, record: Record) -> int | None:
    span = record.finish() if record.header.get("WARC-Record-ID") == record_id else None
    return span.offset if span else None


def _pass_over(_: DamagedRecordError) -> None:
    """Another record's damage does not hide the one that is looked for."""
