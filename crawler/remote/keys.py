"""Which runs of a month captured a URL: one small file a site and month, searched by two ranges.

    hashes of the URLs of all index rows, each with the number of its run    sorted; 5 and 3 bytes
    hashes of the URLs that were answered 304, its time, and its page's      sorted; 5, 8 and 8 bytes, in seconds
    the runs: JSON, compressed with zlib                                     their manifests, and the time of their rows
    its length, and what this is                                             8 and 16 bytes

Numbers are big-endian; a hash is the first bytes of the SHA-256: of an index's key, or of the URL itself for the 304s,
which stand in no index. Hashes are spread evenly, so that the
place of one is known but for a KB or two, however long the file is.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isqrt

from crawler.errors import DamagedRecordError
from crawler.remote.catalogue import Span
from crawler.remote.ranges import ReadRange

MARK = b"newswarc keys 1\n"
KEYS = "index/keys/"
HASH_BYTES = 5  # two URLs of a million share them with a chance of one in a million; then one index more is searched
CAPTURE_BYTES, ANSWER_BYTES = HASH_BYTES + 3, HASH_BYTES + 16
TAIL_BYTES = 4096  # mostly holds the runs of a month
MAX_READ = 16 * 2**20  # of the runs, or of what has one hash: no month needs a hundredth of it
_ENDING = 8 + len(MARK)
_MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeyedRun:
    """A run whose rows are in such a file: the path of its manifest, and when they were captured."""

    manifest: str
    span: Span


@dataclass(frozen=True, slots=True)
class Unmodified:
    """An answer 304, and when the page was captured that it is about."""

    at: datetime
    original_at: datetime


@dataclass(slots=True)
class Keys:
    """All that such a file holds."""

    runs: list[KeyedRun] = field(default_factory=list)
    captures: set[bytes] = field(default_factory=set)
    answers: set[bytes] = field(default_factory=set)

    def add(self, run: KeyedRun, keys: Iterable[bytes], answers: Iterable[tuple[str, Unmodified]] = ()) -> None:
        """Add a run: the keys of its rows, and the URLs that were answered 304."""
        number = len(self.runs).to_bytes(3, "big")
        self.runs.append(run)
        self.captures.update(hash_of(key) + number for key in keys)
        for url, one in answers:
            self.answers.add(hash_of(url.encode()) + _seconds(one.at) + _seconds(one.original_at))

    def to_bytes(self) -> bytes:
        """The file; the same for the same runs in the same order."""
        runs = [[run.manifest, run.span.begin.isoformat(), run.span.end.isoformat()] for run in self.runs]
        told = {"runs": runs, "captures": len(self.captures), "answers": len(self.answers)}
        packed = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)
        return b"".join((*sorted(self.captures), *sorted(self.answers), packed, len(packed).to_bytes(8, "big"), MARK))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Keys":
        """Back from the file; raises `DamagedRecordError`."""
        far = FarKeys(len(data), lambda start, length: data[start : start + length])
        end = far.captures * CAPTURE_BYTES
        answers = range(end, end + far.answers * ANSWER_BYTES, ANSWER_BYTES)
        return cls(
            list(far.runs),
            {data[at : at + CAPTURE_BYTES] for at in range(0, end, CAPTURE_BYTES)},
            {data[at : at + ANSWER_BYTES] for at in answers},
        )


class FarKeys:
    """Such a file where it is; raises `DamagedRecordError` if it is none, and what `read` raises."""

    def __init__(self, size: int, read: ReadRange) -> None:
        start = max(0, size - TAIL_BYTES)
        tail = read(start, size - start) if size else b""
        length = int.from_bytes(tail[-_ENDING : -len(MARK)], "big")
        if not tail.endswith(MARK) or length > min(size - _ENDING, MAX_READ):
            raise DamagedRecordError("it is no file of keys")
        if length + _ENDING > len(tail):
            start, tail = size - _ENDING - length, read(size - _ENDING - length, length + _ENDING)
        self._read = _with_tail(read, start, tail)
        self.runs, self.captures, self.answers = _parsed(tail[-_ENDING - length : -_ENDING])
        if self.captures * CAPTURE_BYTES + self.answers * ANSWER_BYTES + length + _ENDING != size:
            raise DamagedRecordError("it is a file of keys, but not whole")

    def runs_with(self, key: bytes) -> list[KeyedRun]:
        """Those that captured the URL of an index's `key`."""
        numbers = [int.from_bytes(rest, "big") for rest in self._find(key, 0, self.captures, CAPTURE_BYTES)]
        if any(number >= len(self.runs) for number in numbers):
            raise DamagedRecordError("it is a file of keys, but names runs that it does not tell of")
        return [self.runs[number] for number in numbers]

    def unmodified(self, url: str) -> list[Unmodified]:
        """When the server said that the page at `url` was still the same, and which one that was."""
        found = self._find(url.encode(), self.captures * CAPTURE_BYTES, self.answers, ANSWER_BYTES)
        return [Unmodified(_moment(rest[:8]), _moment(rest[8:])) for rest in found]

    def _find(self, key: bytes, begin: int, count: int, width: int) -> list[bytes]:
        """What stands behind the hash of `key` in a table."""
        sought, step = hash_of(key), isqrt(count) + 8  # twice the standard deviation of its place

        def read(low: int, high: int) -> bytes:
            return self._read(begin + low * width, (high - low) * width) if high > low else b""

        middle = int.from_bytes(sought, "big") * count >> 8 * HASH_BYTES
        low, high = max(0, middle - step), min(count, middle + step)
        found = read(low, high)
        while low > 0 and found[:HASH_BYTES] >= sought and len(found) <= MAX_READ:
            before = max(0, low - step)
            found, low, step = read(before, low) + found, before, 2 * step
        while high < count and found[-width:][:HASH_BYTES] <= sought and len(found) <= MAX_READ:
            behind = min(count, high + step)
            found, high, step = found + read(high, behind), behind, 2 * step
        if len(found) > MAX_READ:
            raise DamagedRecordError("it is a file of keys, but too many of them are alike")
        records = (found[at : at + width] for at in range(0, len(found), width))
        return [record[HASH_BYTES:] for record in records if record.startswith(sought)]


def keys_filename(site: str, finished_at: str) -> str:
    """Where the keys of a run that ended then are, below the archive folder."""
    month = _MONTH.match(finished_at)
    return f"{KEYS}{site}/{month[0] if month else 'unknown'}.keys"


def _seconds(moment: datetime) -> bytes:
    return max(0, int(moment.timestamp())).to_bytes(8, "big")


def _moment(seconds: bytes) -> datetime:
    return datetime.fromtimestamp(min(int.from_bytes(seconds, "big"), 2**37), UTC)


def hash_of(key: bytes) -> bytes:
    """What stands for a key."""
    return hashlib.sha256(key).digest()[:HASH_BYTES]


def _with_tail(read: ReadRange, start: int, tail: bytes) -> ReadRange:
    """Reads nothing twice of a short file."""
    inner: Callable[[int, int], bytes] = read

    def either(at: int, length: int) -> bytes:
        return tail[at - start : at - start + length] if at >= start else inner(at, length)

    return either


def _parsed(packed: bytes) -> tuple[tuple[KeyedRun, ...], int, int]:
    try:
        told = json.loads(zlib.decompressobj().decompress(packed, MAX_READ))
        runs = tuple(
            KeyedRun(str(path), Span(datetime.fromisoformat(begin), datetime.fromisoformat(end)))
            for path, begin, end in told["runs"]
        )
        numbers = told["captures"], told["answers"]
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error) as error:
        raise DamagedRecordError(f"it is a file of keys, but its runs cannot be read: {error}") from error
    if any(run.span.begin.tzinfo is None or run.span.end.tzinfo is None for run in runs):
        raise DamagedRecordError("it is a file of keys, but its times have no zone")
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise DamagedRecordError("it is a file of keys, but tells no numbers of them")
    return runs, *numbers
