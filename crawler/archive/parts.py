"""One WARC file, read side by side: cut where records begin, and each part read as if the others were not there.

Where to cut is guessed, and a part is good only if its last record ends just where the next part begins. So all parts
together are the records that one reading finds, or somebody finds them in one reading after all; likewise wherever a
part alone cannot tell what one reading would.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from crawler.archive.claims import Claims, Defect
from crawler.archive.entries import IndexEntry
from crawler.archive.glance import Glance
from crawler.archive.inspection import Inspected, Inspector
from crawler.archive.members import MAGIC, find_member
from crawler.archive.pieces import OPENING
from crawler.archive.verify import WINDOW, Checking, WarcCount
from crawler.archive.warcfile import Part, WarcFile
from crawler.errors import ArchiveError, DamagedRecordError

LEAST = 64 * 1024 * 1024  # bytes of a part; to start a process costs as much as to read half of that
PARTS = 2  # for each worker, so that none waits long for another at the end
SEARCHED = 4 * 1024 * 1024  # bytes in which a record has to begin; few are longer


def parts_of(path: Path, size: int, number: int) -> list[Part]:
    """At most `number` parts of a file of `size` bytes, about equal; none where there is no use in more than one."""
    starts, number = set[int](), min(number, size // LEAST)
    if number > 1:
        with suppress(OSError), path.open("rb") as file:  # those who read it tell why they cannot
            starts = _starts(file.fileno(), size, number)
    return [Part(*ends) for ends in pairwise([0, *sorted(starts), size])] if starts else []


def _starts(descriptor: int, size: int, number: int) -> set[int]:
    """Where a record seems to begin, behind each of the places at which equal parts would."""
    if os.pread(descriptor, len(MAGIC), 0) != MAGIC:
        return set()
    places = (size * turn // number for turn in range(1, number))
    found = (find_member(descriptor, place, OPENING, place + SEARCHED) for place in places)
    return {start for start in found if start is not None}


@dataclass(slots=True)
class SoundPart:
    """A part without a defect, and what its records say of one another."""

    count: WarcCount = field(default_factory=WarcCount)
    #: The id of each record, with its number.
    ids: dict[str, int] = field(default_factory=dict)
    infos: set[str] = field(default_factory=set)
    #: The id of each record that is named before it comes, if it does; with the first and the last that name it.
    named: dict[str, tuple[int, int]] = field(default_factory=dict)
    lost: int = 0

    def see(self, _: int, inspected: Inspected) -> list[str]:
        """Take note of a record's id and of those that it names."""
        if inspected.record_id in self.ids or len(self.ids) == WINDOW:
            raise _UnsureError
        number = self.ids[inspected.record_id] = len(self.ids)
        if inspected.kind == "warcinfo":
            self.infos.add(inspected.record_id)
        for _field, record_id in inspected.named:
            if record_id not in self.ids:
                first, _last = self.named.get(record_id, (number, number))
                self.named[record_id] = first, number
        return []

    def knows(self, record_id: str) -> bool:
        """Whether the record went by."""
        return record_id in self.ids

    def expired(self) -> list[tuple[int, str]]:
        """Nothing: what does not come is for `agree` to find."""
        return []

    def rest(self) -> list[tuple[int, str]]:
        """Nothing, likewise."""
        return []


class _UnsureError(Exception):
    """One reading of the file has to tell."""


def verify_part(
    path: Path,
    filename: str,
    part: Part,
    claims: Claims,
    *,
    indexed: bool,
    columns: str | None,
    is_elsewhere: Callable[[str], bool],
) -> SoundPart | None:
    """As `verify_warc` for a part, with the claims about it; `None` if there may be a defect."""
    sound = SoundPart()
    checking = Checking(path, filename, claims, _unsure, indexed=indexed, columns=columns)
    checking.names, checking.is_elsewhere, checking.count = sound, is_elsewhere, sound.count
    try:
        with WarcFile(path) as file:
            checking.read(file, part)
            is_whole = file.ends(part)
        checking.end()
    except (_UnsureError, ArchiveError):
        return None
    return sound if is_whole else None


def _unsure(_: Defect) -> None:
    raise _UnsureError


def agree(parts: Sequence[SoundPart]) -> bool:
    """Whether no id is there twice and every record that is named is there, as near as it has to be."""
    numbers = dict[str, int]()
    begins = [0]
    for part in parts:
        numbers |= {record_id: begins[-1] + number for record_id, number in part.ids.items()}
        begins.append(begins[-1] + len(part.ids))
    infos = set[str]().union(*(part.infos for part in parts))
    return len(numbers) == begins[-1] and all(
        _is_near(numbers.get(record_id), (begin + first, begin + last), is_info=record_id in infos)
        for begin, part in zip(begins, parts, strict=False)
        for record_id, (first, last) in part.named.items()
    )


def _is_near(number: int | None, named: tuple[int, int], *, is_info: bool) -> bool:
    if number is None:
        return False
    first, last = named
    return (is_info and number < first) or (abs(number - first) < WINDOW and abs(last - number) < WINDOW)


def read_part(path: Path, filename: str, part: Part) -> tuple[list[IndexEntry], list[str]] | None:
    """As `read_entries` for a part, with a line for each damaged record; `None` if one reading might give another."""
    inspector, damaged = Inspector(filename), list[str]()
    try:
        with WarcFile(path) as file:
            file.at(0, inspector.inspect)
            run_id = inspector.run_id
            found = file.each(inspector.entry, lambda error: damaged.append(str(error)), Glance(inspector).entry, part)
            entries = [entry for entry in found if entry is not None]
            is_whole = file.ends(part)
    except DamagedRecordError:
        return None
    # The part after one that changes the run would begin with another one's.
    return (entries, damaged) if is_whole and inspector.run_id == run_id else None
