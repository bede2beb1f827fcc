"""A WARC file, checked record by record, and what others say of its records: index rows, ledger rows, articles.

Each damaged or wrong record is told once, as is each wrong claim about a sound one; the memory that a file costs does
not grow with its records.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from crawler.archive.cdxj import NOT_REPLAYED
from crawler.archive.claims import AnyClaim, Claims, ColumnRow, Defect, OnDefect, compare
from crawler.archive.glance import Glance
from crawler.archive.inspection import Inspected, Inspector
from crawler.archive.revisits import Reference, has_original
from crawler.archive.warcfile import Part, WarcFile
from crawler.errors import DamagedRecordError

#: How many records may lie between one that names another and that other; ours are neighbours.
WINDOW = 65_536
MAX_WHY = 400  # characters: what a hostile record says of itself is quoted


@dataclass(slots=True)
class WarcCount:
    """What a file holds."""

    records: int = 0
    captures: int = 0


def nowhere(_: str) -> bool:
    """Whether a record is in a file that was removed here and is in a store; for an archive without one."""
    return False


def verify_warc(
    path: Path,
    filename: str,
    claims: Claims,
    on_defect: OnDefect,
    *,
    indexed: bool,
    columns: str | None = None,
    is_elsewhere: Callable[[str], bool] = nowhere,
) -> WarcCount:
    """Check the file at `path`, called `filename`, and the claims about it, which are used up on the way.

    `indexed` tells that each response must have its row, `columns` names the file where it must have one more;
    `is_elsewhere` knows the ids of records that need not be here. Raises `NotAWarcError`, `ArchiveError`.
    """
    checking = Checking(path, filename, claims, on_defect, indexed=indexed, columns=columns)
    checking.is_elsewhere = is_elsewhere
    with WarcFile(path) as file:
        checking.read(file)
    checking.end()
    return checking.count


class Names(Protocol):
    """Which records name which."""

    #: Damaged records: each may have been one that is named.
    lost: int

    def see(self, offset: int, inspected: Inspected) -> list[str]:
        """Take note of a record's id and of those that it names; what is wrong with its own."""
        ...

    def knows(self, record_id: str) -> bool:
        """Whether the record went by a short while ago."""
        ...

    def expired(self) -> list[tuple[int, str]]:
        """What was named so long ago that it will not come: offset of the first that names it, and a line."""
        ...

    def rest(self) -> list[tuple[int, str]]:
        """The same for all that has not come by the end of the file."""
        ...


class Checking:
    """The state of the check of one file, or of a part of one."""

    def __init__(
        self, path: Path, filename: str, claims: Claims, on_defect: OnDefect, *, indexed: bool, columns: str | None
    ) -> None:
        self.count = WarcCount()
        self._path = path
        self._filename = filename
        self._claims = claims
        self._on_defect = on_defect
        self._indexed = indexed
        self._columns = columns
        self.names: Names = _References()
        self._together: int | None = None
        self.is_elsewhere: Callable[[str], bool] = nowhere

    def read(self, file: WarcFile, part: Part | None = None) -> None:
        """See each record."""

        def damaged(error: DamagedRecordError) -> None:
            self.damaged(file.cursor, str(error.__cause__ or error))

        inspector = Inspector(self._filename)
        for inspected in file.each(inspector.inspect, damaged, Glance(inspector).inspect, part):
            self.see(file.cursor, inspected)

    def damaged(self, offset: int, why: str) -> None:
        """A record cannot be read; what is said of it need not be told as well."""
        self.count.records += 1
        self.names.lost += 1
        self._claims.pop(offset, None)
        self._tell(offset, why)

    def see(self, offset: int, inspected: Inspected) -> None:
        """A record was read to its end."""
        self.count.records += 1
        self.count.captures += inspected.entry is not None
        problems = [*inspected.problems, *self.names.see(offset, inspected)]
        if inspected.span is None and offset != self._together:
            self._together = offset  # told once for all that are in one member
            problems.append("several records are compressed together, so that none can be fetched by its offset")
        if inspected.reference is not None:
            problems += self._lost_original(inspected.reference)
        for at, why in self.names.expired():
            self._tell(at, why)
        claims = self._claims.pop(offset, ())
        if problems:
            self._tell(offset, "; ".join(problems))
        else:
            self._compare(offset, inspected, claims)

    def end(self) -> None:
        """The file is over: what was named and did not come is missing."""
        for at, why in self.names.rest():
            self._tell(at, why)
        for offset in sorted(self._claims):
            for claim in self._claims[offset]:
                why = f"it points to {self._filename} at byte {offset}, where no record begins"
                self._on_defect(Defect(claim.file, claim.offset, why))

    def _lost_original(self, reference: Reference) -> list[str]:
        if self.names.knows(reference.record_id) or has_original(self._path, reference):
            return []
        if self.is_elsewhere(reference.record_id):
            return []
        return [f"its original {reference.record_id or reference.url} is not in the archive"]

    def _compare(self, offset: int, inspected: Inspected, claims: Iterable[AnyClaim]) -> None:
        entry, has_row, has_columns = inspected.entry, False, False
        for claim in claims:
            has_row = has_row or claim.is_row
            has_columns = has_columns or isinstance(claim, ColumnRow)
            if entry is None:
                kind = inspected.kind or "record"
                why: str | None = f"it points to {self._filename} at byte {offset}, which is a {kind} and no response"
            else:
                why = compare(claim, entry)
            if why:
                self._on_defect(Defect(claim.file, claim.offset, why))
        if entry is None or entry.status in NOT_REPLAYED:
            return
        if self._indexed and not has_row:
            self._tell(offset, "its index has no row for it; `newswarc index` makes it again")
        if self._columns and not has_columns:
            why = f"it has no row for {self._filename} at byte {offset}; `newswarc index` makes it again"
            self._on_defect(Defect(self._columns, None, why))

    def _tell(self, offset: int, why: str) -> None:
        self._on_defect(Defect(self._filename, offset, why[:MAX_WHY]))


@dataclass(slots=True)
class _Missing:
    """A record that was named and has not come."""

    number: int
    offset: int
    field: str
    record_id: str
    named: int = 1


@dataclass(slots=True)
class _References:
    """Which records name which; an id counts as known within a window of records, so that memory is bounded."""

    lost: int = 0
    _number: int = 0
    _order: deque[int] = field(default_factory=deque)
    _known: set[int] = field(default_factory=set)
    _infos: set[int] = field(default_factory=set)
    _missing: dict[int, _Missing] = field(default_factory=dict)
    _excused: set[int] = field(default_factory=set)

    def see(self, offset: int, inspected: Inspected) -> list[str]:
        """Take note of a record's id and of those that it names; what is wrong with its own."""
        self._number += 1
        key = hash(inspected.record_id)  # an id may be long
        problems = ["its WARC-Record-ID is another record's, too"] if key in self._known else []
        self._learn(key, lasting=inspected.kind == "warcinfo")
        if inspected.problems:  # a record costs one defect
            return []
        for name, record_id in inspected.named:
            if not self._need(hash(record_id), _Missing(self._number, offset, name, record_id[:80])):
                break  # likewise
        return problems if inspected.record_id else []

    def knows(self, record_id: str) -> bool:
        """Whether the record went by a short while ago."""
        return hash(record_id) in self._known

    def expired(self) -> list[tuple[int, str]]:
        """What was named so long ago that it will not come: offset of the first that names it, and a line."""
        oldest = next(iter(self._missing.values()), None)
        return self._give_up(once=True) if oldest and self._number - oldest.number > WINDOW else []

    def rest(self) -> list[tuple[int, str]]:
        """The same for all that has not come by the end of the file."""
        return self._give_up(once=False)

    def _learn(self, key: int, *, lasting: bool) -> None:
        self._missing.pop(key, None)
        self._order.append(key)
        self._known.add(key)
        if lasting and len(self._infos) < WINDOW:
            self._infos.add(key)
        if len(self._order) > WINDOW:
            self._known.discard(self._order.popleft())

    def _need(self, key: int, missing: _Missing) -> bool:
        """Whether the record that is named is known, or was lost."""
        if key in self._known or key in self._infos or key in self._excused:
            return True
        if key in self._missing:
            self._missing[key].named += 1
        elif len(self._missing) < WINDOW:
            self._missing[key] = missing
        return False

    def _give_up(self, *, once: bool) -> list[tuple[int, str]]:
        told = []
        for key in list(self._missing)[: 1 if once else None]:
            missing = self._missing.pop(key)
            if self.lost > len(self._excused):
                self._excused.add(key)
                continue
            more = f" (nor does it for {missing.named - 1} records after it)" if missing.named > 1 else ""
            told.append(
                (missing.offset, f"its {missing.field} names {missing.record_id!r}, which the file does not hold{more}")
            )
        return told
