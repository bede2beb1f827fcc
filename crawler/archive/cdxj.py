"""CDXJ: one line a capture, `SURT timestamp {json}`, sorted by bytes, as pywb searches it."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from typing import IO

from crawler.archive.entries import NO_STATUS, IndexEntry
from crawler.archive.keys import surt_key
from crawler.durable import replaced_file
from crawler.errors import DamagedRecordError

MAX_LINE = 4 * 1024 * 1024  # a record's header is shorter, and so is its line
REVISIT = "warc/revisit"  # what every reader of an index knows them by
#: Bytes that are no HTTP message, and 304s: a reader that finds a line for one replays the bare 304, an empty page, and
#: without it the page that the 304 says is still the same.
NOT_REPLAYED = (NO_STATUS, 304)


def cdxj_line(entry: IndexEntry) -> bytes:
    """The line of one response, with its line feed."""
    ref = entry.ref
    mime = REVISIT if ref.refers_to is not None else entry.mime or "unk"
    digest = (ref.payload_digest or "").removeprefix("sha1:")
    truncated = f', "truncated": "{entry.truncated}"' if entry.truncated else ""
    # As `json.dumps` writes it, at a third of its cost.
    return (
        f'{surt_key(entry.url)} {timestamp_of(entry.captured_at)} {{"url": {quoted(entry.url)}, "mime": {quoted(mime)},'
        f' "status": "{entry.status}", "digest": {quoted(digest)}, "length": "{ref.length}", "offset": "{ref.offset}",'
        f' "filename": {quoted(ref.filename)}{truncated}}}\n'
    ).encode()


def timestamp_of(moment: datetime) -> str:
    """The moment in 14 digits; `strftime` takes longer, and leaves the zeros out of early years."""
    return moment.isoformat()[:19].replace("-", "").replace("T", "").replace(":", "")


@dataclass(frozen=True, slots=True)
class CdxjRow:
    """One line of an index as it was found, ours or another tool's."""

    key: str
    #: 14 digits, as far as the line tells.
    timestamp: str
    #: Every value as text.
    fields: Mapping[str, str]

    @property
    def facts(self) -> dict[str, str]:
        """What it says of its response, by the names that claims have."""
        told = {name: self.fields.get(name, "") for name in ("url", "status", "length", "filename")}
        digest = self.fields.get("digest", "")
        return told | {
            "key": self.key,
            "timestamp": self.timestamp,
            "digest": digest if ":" in digest else f"sha1:{digest}",
        }


def parse_row(line: bytes) -> CdxjRow:
    """The row of one line; raises `DamagedRecordError`."""
    try:
        key, timestamp, told = line.decode().rstrip("\n").split(" ", 2)
        fields = json.loads(told)
        return CdxjRow(key, timestamp, {str(name): str(value) for name, value in fields.items()})
    except (ValueError, AttributeError, RecursionError) as error:
        raise DamagedRecordError(f"no index line: {line[:80]!r}") from error


def offset_of(row: CdxjRow) -> int:
    """Where the row's record begins; raises `DamagedRecordError`."""
    told = row.fields.get("offset", "")
    if not (told.isascii() and told.isdigit() and len(told) < 16):
        raise DamagedRecordError(f"its offset is {told[:40]!r}")
    return int(told)


def lines_from(file: IO[bytes], prefix: bytes) -> Iterator[bytes]:
    """The lines of a sorted file that begin with `prefix`: some twenty reads in a file of a million lines."""
    low, high = 0, os.fstat(file.fileno()).st_size
    while low < high:  # the first line that is not before `prefix` begins after `low` and not after `high`
        middle = (low + high) // 2
        if _is_before(_line_after(file, middle), prefix):
            low = middle + 1
        else:
            high = middle
    _pass_line(file, low)
    for line in iter(lambda: file.readline(MAX_LINE), b""):
        if not line.startswith(prefix):
            return
        yield line


def _pass_line(file: IO[bytes], at: int) -> None:
    """Go to where the first line begins that begins at `at` or later."""
    file.seek(max(at - 1, 0))
    if at:
        file.readline(MAX_LINE)


def _line_after(file: IO[bytes], at: int) -> bytes:
    _pass_line(file, at)
    return file.readline(MAX_LINE)


def _is_before(line: bytes, prefix: bytes) -> bool:
    """Whether a line sorts before `prefix`; its end is no part of it, and the file's end is after every line."""
    return bool(line) and line.rstrip(b"\n") < prefix


def write_cdxj(path: Path, entries: Iterable[IndexEntry]) -> None:
    """Write the index of one WARC file, durably."""
    write_index(path, cdxj_lines(entries))


def cdxj_lines(entries: Iterable[IndexEntry]) -> list[bytes]:
    """The lines of one index, sorted; what cannot be replayed gets none."""
    return sorted(cdxj_line(entry) for entry in entries if entry.status not in NOT_REPLAYED)


def write_index(path: Path, lines: Iterable[bytes]) -> None:
    """Put sorted lines in their place, whole or not at all."""
    with replaced_file(path) as file:  # an index is made from its WARC: made twice, it is the same
        file.writelines(lines)
