"""From a URL and a time to a stored response, by halving sorted indexes; and several such indexes as one."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.cdxj import CdxjRow, lines_from, offset_of, parse_row, write_index
from crawler.archive.http1 import parse_response
from crawler.archive.keys import surt_key
from crawler.archive.pieces import Record
from crawler.archive.reader import read_capture
from crawler.archive.records import target_uri
from crawler.archive.revisits import Place, Reference, places, reference_of
from crawler.archive.tree import is_below
from crawler.archive.warcfile import WarcFile
from crawler.errors import ArchiveError, DamagedRecordError, MalformedMessageError, NoCaptureError
from crawler.model import Capture

MAX_OPEN = 200  # files at a time; more in stages, because a process may open 256 in places


def find_capture(archive: Path, url: str, at: datetime | None) -> CdxjRow:
    """The capture of `url` nearest to `at`, or its newest; raises `NoCaptureError`, `ArchiveError`."""
    indexes = sorted(archive.glob("index/cdxj/*/*.cdxj"))
    if (row := nearest(rows_of(indexes, url), url, at)) is None:
        raise NoCaptureError(f"{url}: {archive} holds no capture of it")
    return row


def read_row(archive: Path, row: CdxjRow) -> Capture:
    """The capture that a row points to; raises `ArchiveError`."""
    told = row.fields.get("length", "")
    length = int(told) if told.isdecimal() and len(told) < 16 else -1
    return read_capture(_warc_of(archive, row), offset_of(row), length)


def write_head(archive: Path, row: CdxjRow, write: Callable[[bytes], object]) -> None:
    """Write the status line and the headers of the response as they were received; raises `ArchiveError`."""
    with WarcFile(_warc_of(archive, row)) as file:
        write(file.at(offset_of(row), _head_of))


def write_block(archive: Path, row: CdxjRow, write: Callable[[bytes], object]) -> None:
    """Write the response's bytes as they were received, a revisit's original's instead of its own.

    Raises `ArchiveError`.
    """
    path = _warc_of(archive, row)
    with WarcFile(path) as file:
        reference = file.at(offset_of(row), partial(_copy, write))
    if reference is not None and not any(_copied(place, reference, write) for place in places(path, reference)):
        name = reference.record_id or reference.url
        raise DamagedRecordError(f"{path}: the original {name} of this revisit is not in the archive")


def _copy(write: Callable[[bytes], object], record: Record) -> Reference | None:
    """Write a response's block; what a revisit refers to."""
    kind = record.header.get("WARC-Type")
    if kind == "revisit":
        return reference_of(record.header)
    if kind != "response":
        raise DamagedRecordError("it is no response")
    for piece in record.block():
        write(piece)
    return None


def _copied(place: Place, reference: Reference, write: Callable[[bytes], object]) -> bool:
    """Whether the original is at `place`; it is written then."""

    def copy(record: Record) -> bool:
        is_it = reference.record_id in ("", record.header.get("WARC-Record-ID"))
        return is_it and _copy(write, record) is None

    with WarcFile(place.path) as file:
        return file.at(place.offset, copy)


def _head_of(record: Record) -> bytes:
    if record.header.get("WARC-Type") not in {"response", "revisit"}:
        raise DamagedRecordError("it is no response")
    try:
        return parse_response(record.block())[0].raw
    except MalformedMessageError as error:
        raise DamagedRecordError(f"its block is no HTTP response: {error}") from error


def _warc_of(archive: Path, row: CdxjRow) -> Path:
    filename = row.fields.get("filename", "")
    if not is_below(filename):
        raise ArchiveError(f"{archive}: the index names {filename[:80]!r}, which is no place in the archive")
    return archive / filename


def rows_of(paths: Iterable[Path], url: str) -> Iterator[CdxjRow]:
    """The rows of `url`, or of URLs that differ only in what their key leaves out; raises `ArchiveError`."""
    key = surt_key(target_uri(url))
    for path in paths:
        try:
            with path.open("rb") as file:
                for line in lines_from(file, f"{key} ".encode()):
                    yield parse_row(line)
        except OSError as error:
            raise ArchiveError(f"{path}: it cannot be read: {error.strerror}") from error
        except DamagedRecordError as error:
            raise ArchiveError(f"{path}: {error}; `newswarc index` makes it again") from error


def nearest(rows: Iterable[CdxjRow], url: str, at: datetime | None) -> CdxjRow | None:
    """The row whose capture is nearest to `at`, or the newest.

    The very URL goes before others with its key, and a whole capture before one that was cut: what broke off was asked
    for again, most often within the minute.
    """
    exact = target_uri(url)

    def distance(row: CdxjRow) -> tuple[bool, bool, float, float]:
        taken = moment_of(row.timestamp).timestamp()
        cut = "truncated" in row.fields
        return row.fields.get("url") != exact, cut, abs(taken - at.timestamp()) if at else 0, -taken

    return min(rows, key=distance, default=None)


def moment_of(digits: str) -> datetime:
    """The moment of an index's timestamp: 4 to 14 digits, from the year on. Raises `DamagedRecordError`."""
    try:
        if digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 14:
            whole = digits + "00000101000000"[len(digits) :]
            return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise DamagedRecordError(f"{digits!r} is no time of 4 to 14 digits") from error
    raise DamagedRecordError(f"{digits[:40]!r} is no time of 4 to 14 digits")


def merge_cdxj(paths: list[Path], target: Path) -> int:
    """Write one sorted index of many, as `LC_ALL=C sort -m` would; how many lines that is."""
    counted = _Counted()
    with TemporaryDirectory(prefix="newswarc-") as scratch:
        stage = 0
        while len(paths) > MAX_OPEN:
            parts = [paths[at : at + MAX_OPEN] for at in range(0, len(paths), MAX_OPEN)]
            paths = [Path(scratch) / f"{stage}-{number}" for number in range(len(parts))]
            for part, path in zip(parts, paths, strict=True):
                write_index(path, merged(part))
            stage += 1
        write_index(target, counted.each(merged(paths)))
    return counted.number


def merged(paths: list[Path]) -> Iterator[bytes]:
    """The lines of sorted files, sorted, each with its line feed."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb")) for path in paths]
        # The line feed is no part of what is compared.
        for line in heapq.merge(*((line.rstrip(b"\n") for line in file) for file in files)):
            yield line + b"\n"


class _Counted:
    """Counts what goes by."""

    number = 0

    def each(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            self.number += 1
            yield line
