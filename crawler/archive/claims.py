"""What is said of the responses in a WARC file elsewhere, and whether it is so: index rows, ledger rows, articles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from crawler.archive.cdxj import cdxj_line, parse_row, timestamp_of
from crawler.archive.entries import IndexEntry
from crawler.archive.keys import surt_key


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong."""

    #: Relative to the archive folder.
    file: str
    #: `None` where it is about the file as a whole.
    offset: int | None
    why: str
    #: What the offset counts.
    unit: Literal["byte", "line"] = "byte"

    def __str__(self) -> str:
        at = "" if self.offset is None else f", {self.unit} {self.offset}"
        return f"{self.file}{at}: {self.why}"


OnDefect = Callable[[Defect], None]


@dataclass(frozen=True, slots=True)
class Claim:
    """What something says of the response at one offset of a WARC file."""

    #: The file that says so, and where in it.
    file: str
    offset: int | None
    #: By the names of `facts_of`.
    facts: Mapping[str, str]
    #: Whether it is a row of the file's index.
    is_row: bool = False

    def is_plainly(self, _: IndexEntry) -> bool:
        """Not known before its facts are compared."""
        return False


@dataclass(slots=True)
class IndexLine:
    """A line of an index that `parse_row` reads; its facts are read only where it is not the line that is expected."""

    file: str
    offset: int | None
    line: bytes
    is_row: ClassVar[bool] = True

    @property
    def facts(self) -> Mapping[str, str]:
        """What its fields say."""
        return parse_row(self.line).facts

    def is_plainly(self, entry: IndexEntry) -> bool:
        """Whether it is the line of `entry`."""
        return self.line == cdxj_line(entry)


@dataclass(slots=True)
class LedgerRow:
    """A capture as the ledger has it."""

    file: str
    #: URL, status, length, record id, payload digest, and moment in ISO 8601.
    values: tuple[object, ...]
    offset: int | None = None
    is_row: ClassVar[bool] = False

    @property
    def facts(self) -> Mapping[str, str]:
        """Its values as text."""
        names = ("url", "status", "length", "record_id", "digest", "captured_at")
        return {name: str(value) for name, value in zip(names, self.values, strict=True)}

    def is_plainly(self, entry: IndexEntry) -> bool:
        """Whether it has the values of `entry`."""
        ref = entry.ref
        told = (entry.url, entry.status, ref.length, ref.record_id, ref.payload_digest, entry.captured_at.isoformat())
        return self.values == told


@dataclass(slots=True)
class ColumnRow:
    """A row of an index in columns."""

    file: str
    key: str
    url: str
    captured_at: datetime
    status: int
    #: Without its label if it is a SHA-1.
    digest: str | None
    filename: str
    length: int
    offset: int | None = None
    is_row: ClassVar[bool] = False

    @property
    def facts(self) -> Mapping[str, str]:
        """Its values as text."""
        told = {name: str(getattr(self, name)) for name in ("key", "url", "status", "filename", "length")}
        return told | {"captured_at": self.captured_at.isoformat(), "digest": _labelled(self.digest or "")}

    def is_plainly(self, entry: IndexEntry) -> bool:
        """Whether it has the values of `entry`."""
        ref = entry.ref
        told = entry.url, entry.captured_at, entry.status, ref.payload_digest, ref.filename, ref.length
        same = (
            self.url,
            self.captured_at,
            self.status,
            _labelled(self.digest or ""),
            self.filename,
            self.length,
        ) == told
        return same and self.key == surt_key(entry.url)


def _labelled(digest: str) -> str:
    return digest if ":" in digest or not digest else f"sha1:{digest}"


AnyClaim = Claim | IndexLine | LedgerRow | ColumnRow
#: By the offset of the response that they are about.
Claims = dict[int, list[AnyClaim]]


def facts_of(entry: IndexEntry) -> dict[str, str]:
    """What can be claimed of a response."""
    return {
        "url": entry.url,
        "timestamp": timestamp_of(entry.captured_at),
        "captured_at": entry.captured_at.isoformat(),
        "status": str(entry.status),
        "digest": entry.ref.payload_digest or "",
        "length": str(entry.ref.length),
        "record_id": entry.ref.record_id,
        "filename": entry.ref.filename,
    }


def compare(claim: AnyClaim, entry: IndexEntry) -> str | None:
    """Where a claim differs from the response, in words."""
    if claim.is_plainly(entry):
        return None
    facts, claimed = facts_of(entry), claim.facts
    if "key" in claimed:
        facts["key"] = surt_key(entry.url)
    wrong = [name for name, value in claimed.items() if facts[name] != value]
    told = "; ".join(f"{name} {claimed[name][:120]!r} instead of {facts[name][:120]!r}" for name in wrong)
    where = f"{entry.ref.filename} at byte {entry.ref.offset}"
    return f"it does not say what is in {where}: {told}" if wrong else None
