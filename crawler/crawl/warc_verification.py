"""One WARC file, with all that is said of its records; or a part of it, with what is said of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crawler.archive.claims import Claims, Defect
from crawler.archive.parts import SoundPart, agree, verify_part
from crawler.archive.tree import LEDGER_NAME, OPEN_SUFFIX, cdxj_filename, parquet_filename
from crawler.archive.verify import verify_warc
from crawler.archive.warcfile import Part
from crawler.crawl.claims import index_claims, ledger_claims
from crawler.crawl.columns import column_claims
from crawler.crawl.pruning import is_pruned, pruned_files
from crawler.crawl.tally import Tally, VerifyUnit
from crawler.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class PartUnit:
    """A part of a finished file to check."""

    whole: VerifyUnit
    part: Part


@dataclass(slots=True)
class PartTally:
    """What a part came to; the rows are those of the whole file."""

    rows: Tally
    #: `None` if something may be wrong, which one reading of the whole file has to tell.
    sound: SoundPart | None


def check_warc(unit: VerifyUnit, tally: Tally) -> None:
    """Check a file, finished or open; raises `ArchiveError`."""
    filename = unit.path.removesuffix(OPEN_SUFFIX)
    claims: Claims = {}
    # Before the file is read: a crawl that goes on meanwhile adds rows only for records that are there.
    if (unit.archive / LEDGER_NAME).exists():
        tally.ledger_rows = ledger_claims(unit.archive, filename, claims)
    if unit.path != filename and (unit.archive / unit.path).exists():
        _verify_open(unit, filename, claims, tally)
        return
    indexed, columns = _claim_rows(unit, filename, claims, tally)
    count = verify_warc(
        unit.archive / filename,
        filename,
        claims,
        tally.add,
        indexed=indexed,
        columns=columns,
        is_elsewhere=partial(_is_elsewhere, unit.archive),
    )
    tally.records, tally.captures = count.records, count.captures


def check_part(unit: PartUnit) -> PartTally:
    """Check a part of a file."""
    whole, rows, claims = unit.whole, Tally(), Claims()
    try:
        if (whole.archive / LEDGER_NAME).exists():
            rows.ledger_rows = ledger_claims(whole.archive, whole.path, claims)
        indexed, columns = _claim_rows(whole, whole.path, claims, rows)
    except ArchiveError:
        return PartTally(rows, None)
    if rows.defects:
        return PartTally(rows, None)
    sound = verify_part(
        whole.archive / whole.path,
        whole.path,
        unit.part,
        {offset: said for offset, said in claims.items() if _is_about(offset, unit)},
        indexed=indexed,
        columns=columns,
        is_elsewhere=partial(_is_elsewhere, whole.archive),
    )
    return PartTally(rows, sound)


def joined(unit: VerifyUnit, parts: Sequence[PartTally | None]) -> Tally | None:
    """What the parts of a file came to together; `None` if one reading of it has to tell."""
    known = [part for part in parts if part is not None]
    sound = [part.sound for part in known if part.sound is not None]
    if len(sound) < len(parts) or not agree(sound):
        return None
    tally = Tally(files=1, bytes=unit.bytes)
    tally.index_rows, tally.ledger_rows = known[0].rows.index_rows, known[0].rows.ledger_rows
    tally.records = sum(part.count.records for part in sound)
    tally.captures = sum(part.count.captures for part in sound)
    return tally


def _is_about(offset: int, unit: PartUnit) -> bool:
    """Whether it is in the part; what is nowhere in the file belongs to the first or to the last."""
    part = unit.part
    return (offset >= part.start or not part.start) and (offset < part.end or part.end == unit.whole.bytes)


def _claim_rows(unit: VerifyUnit, filename: str, claims: Claims, tally: Tally) -> tuple[bool, str | None]:
    """Add what the indexes say; whether there is one, and where that in columns is."""
    index = index_of(filename)
    if index is None or not (unit.archive / index).exists():
        tally.add(Defect(filename, None, "it has no index; `newswarc index` makes it"))
        return False, None
    tally.index_rows = index_claims(unit.archive, index, claims, tally.add)
    return True, _claim_columns(unit.archive, filename, claims, tally)


def _claim_columns(archive: Path, filename: str, claims: Claims, tally: Tally) -> str | None:
    """Add what the index in columns says; where it is, if it is there and can be read."""
    index = parquet_filename(filename.split("/")[1], filename)
    if not (archive / index).exists():  # of an archive that is older than such indexes
        return None
    try:
        column_claims(archive, index, claims)
    except ArchiveError as error:
        tally.add(Defect(index, None, str(error).removeprefix(f"{archive / index}: ")))
        return None
    return index


def _verify_open(unit: VerifyUnit, filename: str, claims: Claims, tally: Tally) -> None:
    """A file that is being written, or was left so: only what was acknowledged has to be sound."""
    promised = max(
        (offset + int(claim.facts["length"]) for offset, told in claims.items() for claim in told), default=0
    )

    def add(defect: Defect) -> None:
        if defect.file != filename or (defect.offset or 0) < promised:
            tally.add(defect)

    if promised:
        count = verify_warc(unit.archive / unit.path, filename, claims, add, indexed=False)
        tally.records, tally.captures = count.records, count.captures


def _is_elsewhere(archive: Path, record_id: str) -> bool:
    return bool(pruned(archive)) and is_pruned(archive, record_id)


def index_of(filename: str) -> str | None:
    """The index of a WARC file that lies in its site's folder."""
    parts = filename.split("/")
    return cdxj_filename(parts[1], filename) if len(parts) > 2 else None


def pruned(archive: Path) -> frozenset[str]:
    """The files that need not be here; none where the ledger cannot be read, which is told once, and not of each."""
    try:
        return pruned_files(archive)
    except ArchiveError:
        return frozenset()
