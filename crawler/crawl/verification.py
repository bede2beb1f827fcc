"""A whole archive, checked file by file: records, index and ledger rows, articles' pointers, manifests.

A unit of work is one file. What is said of a WARC file's records is checked while its records go by, so that each file
is read once, and once more for its manifest's SHA-256.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from crawler.archive.claims import Claims, Defect, compare
from crawler.archive.inspection import Inspector
from crawler.archive.tree import LEDGER_NAME, OPEN_SUFFIX, cdxj_filename, is_below, parquet_filename
from crawler.archive.verify import verify_warc
from crawler.archive.warcfile import WarcFile
from crawler.corpus.formats import read_records
from crawler.corpus.manifest import ManifestFile, read_manifest, sha256_of
from crawler.corpus.record import from_json
from crawler.crawl.claims import article_claim, index_claims, ledger_claims, ledger_files
from crawler.crawl.columns import column_claims
from crawler.crawl.pruning import is_pruned, pruned_files
from crawler.engine import Engine
from crawler.errors import ArchiveError, UsageError
from crawler.model import Article

Kind = Literal["warc", "articles", "manifest"]
MAX_DEFECTS = 1000  # a file; more are counted, so that a hostile one cannot fill the memory or the screen


@dataclass(frozen=True, slots=True)
class VerifyUnit:
    """One file to check."""

    archive: Path
    kind: Kind
    #: Relative to the archive folder, as the file is now: a WARC file may still be open.
    path: str
    bytes: int


@dataclass(slots=True)
class Tally:
    """What was looked at, and what is wrong."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    captures: int = 0
    index_rows: int = 0
    ledger_rows: int = 0
    articles: int = 0
    manifest_files: int = 0
    defects: int = 0
    #: At most `MAX_DEFECTS` of a file's.
    told: list[Defect] = field(default_factory=list)

    def add(self, defect: Defect) -> None:
        """Count a defect."""
        self.defects += 1
        if len(self.told) < MAX_DEFECTS:
            self.told.append(defect)

    def include(self, other: "Tally") -> None:
        """Add the numbers of another; its defects stay with it."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


NUMBERS = (
    "files", "bytes", "records", "captures", "index_rows", "ledger_rows", "articles", "manifest_files", "defects",
)  # fmt: skip


def verify_archive(archive: Path, engine: Engine) -> Iterator[tuple[VerifyUnit | None, Tally]]:
    """What each file came to, in a fixed order; last, with no unit, what belongs to no file that is there."""
    units = find_units(archive)
    for outcome in engine.map(verify_unit, units):
        yield outcome.unit, outcome.result or _failed(outcome.unit, outcome.error)
    yield None, orphans(archive, units)


def find_units(archive: Path) -> list[VerifyUnit]:
    """Every file to check; raises `UsageError` if there is no archive."""
    if not archive.is_dir():
        raise UsageError(f"{archive}: no archive there; name its folder with --archive")
    patterns: tuple[tuple[Kind, str], ...] = (
        ("warc", "warc/**/*.warc.gz"),
        ("warc", "warc/**/*.warc"),
        ("warc", f"warc/**/*.warc.gz{OPEN_SUFFIX}"),
        ("articles", "articles/**/*.jsonl.zst"),
        ("articles", "articles/**/*.parquet"),
        ("manifest", "runs/*.json"),
    )
    return [
        VerifyUnit(archive, kind, path.relative_to(archive).as_posix(), path.stat().st_size)
        for kind, pattern in patterns
        for path in sorted(archive.glob(pattern))
        if not path.name.endswith(".report.json")
    ]


def verify_unit(unit: VerifyUnit) -> Tally:
    """Check one file; whatever is wrong with it is in the tally."""
    tally = Tally(files=1, bytes=unit.bytes)
    check = {"warc": _verify_warc, "articles": _verify_articles, "manifest": _verify_manifest}[unit.kind]
    try:
        check(unit, tally)
    except ArchiveError as error:
        tally.add(Defect(unit.path, None, str(error).removeprefix(f"{unit.archive / unit.path}: ")))
    return tally


def orphans(archive: Path, units: Iterable[VerifyUnit]) -> Tally:
    """Index and ledger rows of files that are not there."""
    tally = Tally()
    warcs = {unit.path.removesuffix(OPEN_SUFFIX) for unit in units if unit.kind == "warc"}
    indexes = {index for warc in warcs if (index := _index_of(warc)) is not None}
    indexes |= {parquet_filename(warc.split("/")[1], warc) for warc in warcs if warc.count("/") > 1}
    for path in sorted([*archive.glob("index/cdxj/*/*.cdxj"), *archive.glob("index/parquet/*/*.parquet")]):
        if (index := path.relative_to(archive).as_posix()) not in indexes:
            tally.add(Defect(index, None, "it is the index of a WARC file that is not there"))
    try:
        files = ledger_files(archive) if (archive / LEDGER_NAME).exists() else {}
    except ArchiveError as error:
        tally.add(Defect(LEDGER_NAME, None, str(error).removeprefix(f"{archive / LEDGER_NAME}: ")))
        return tally
    for filename in sorted(files.keys() - warcs - _pruned(archive)):
        tally.add(Defect(LEDGER_NAME, None, f"{files[filename]} captures are in {filename}, which is not there"))
    return tally


def _verify_warc(unit: VerifyUnit, tally: Tally) -> None:
    filename = unit.path.removesuffix(OPEN_SUFFIX)
    claims: Claims = {}
    # Before the file is read: a crawl that goes on meanwhile adds rows only for records that are there.
    if (unit.archive / LEDGER_NAME).exists():
        tally.ledger_rows = ledger_claims(unit.archive, filename, claims)
    if unit.path != filename and (unit.archive / unit.path).exists():
        _verify_open(unit, filename, claims, tally)
        return
    index = _index_of(filename)
    if index is None or not (unit.archive / index).exists():
        tally.add(Defect(filename, None, "it has no index; `newswarc index` makes it"))
        index = columns = None
    else:
        tally.index_rows = index_claims(unit.archive, index, claims, tally.add)
        columns = _claim_columns(unit.archive, filename, claims, tally)
    count = verify_warc(
        unit.archive / filename,
        filename,
        claims,
        tally.add,
        indexed=index is not None,
        columns=columns,
        is_elsewhere=partial(_is_elsewhere, unit.archive),
    )
    tally.records, tally.captures = count.records, count.captures


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


def _verify_articles(unit: VerifyUnit, tally: Tally) -> None:
    with ExitStack() as stack:
        pages = _Pages(unit.archive, stack)
        for number, line in enumerate(read_records(unit.archive / unit.path), start=1):
            tally.articles += 1
            try:
                why = pages.compare(from_json(line), unit.path, number)
            except ArchiveError as error:
                why = str(error).removeprefix(f"{unit.archive}/")
            if why is not None:
                tally.add(Defect(unit.path, number, why, "line"))


class _Pages:
    """Finds the pages of articles; the last WARC file stays open, because neighbours are mostly of one file."""

    def __init__(self, archive: Path, stack: ExitStack) -> None:
        self._archive = archive
        self._stack = stack
        self._filename: str | None = None
        self._pruned = _pruned(archive)

    def compare(self, article: Article, file: str, line: int) -> str | None:
        """What is wrong with an article's pointer; raises `ArchiveError` if the record cannot be read."""
        filename, offset = article.warc_filename, article.warc_record_offset
        if not isinstance(filename, str) or not is_below(filename) or not isinstance(offset, int) or offset < 0:
            return f"its page is said to be in {filename!r} at byte {offset!r}, which is no place in the archive"
        if filename in self._pruned:
            return None
        if filename != self._filename:
            self._stack.close()
            self._filename = None
            self._warc = self._stack.enter_context(WarcFile(self._archive / filename))
            self._filename = filename
        entry = self._warc.at(offset, Inspector(filename).entry)
        if entry is None:
            return f"it points to {filename} at byte {offset}, which is no response"
        return compare(article_claim(article, file, line), entry)


def _verify_manifest(unit: VerifyUnit, tally: Tally) -> None:
    pruned = _pruned(unit.archive)
    for file in read_manifest(unit.archive / unit.path).files:
        tally.manifest_files += 1
        if file.path in pruned:
            continue
        why = _differs(unit.archive, file)
        if why is not None:
            tally.add(Defect(unit.path, None, f"it names {file.path!r}: {why}"))


def _differs(archive: Path, file: ManifestFile) -> str | None:
    if not isinstance(file.path, str) or not is_below(file.path):
        return "which is no place in the archive"
    try:
        size = (archive / file.path).stat().st_size
        if size != file.size:
            return f"it has {size} bytes instead of {file.size}"
        digest = sha256_of(archive / file.path)
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return None if digest == file.sha256 else f"its SHA-256 is {digest} instead of {file.sha256}"


def _pruned(archive: Path) -> frozenset[str]:
    """The files that need not be here; none where the ledger cannot be read, which is told once, and not of each."""
    try:
        return pruned_files(archive)
    except ArchiveError:
        return frozenset()


def _is_elsewhere(archive: Path, record_id: str) -> bool:
    return bool(_pruned(archive)) and is_pruned(archive, record_id)


def _index_of(filename: str) -> str | None:
    """The index of a WARC file that lies in its site's folder."""
    parts = filename.split("/")
    return cdxj_filename(parts[1], filename) if len(parts) > 2 else None


def _failed(unit: VerifyUnit, error: str | None) -> Tally:
    tally = Tally(files=1, bytes=unit.bytes)
    tally.add(Defect(unit.path, None, f"it could not be checked: {error}"))
    return tally
