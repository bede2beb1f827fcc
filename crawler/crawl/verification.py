"""A whole archive, checked file by file: records, index and ledger rows, articles' pointers, manifests.

A unit of work is one file. What is said of a WARC file's records is checked while its records go by, so that each file
is read once, and once more for its manifest's SHA-256.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from pathlib import Path

from crawler.archive.claims import Defect, compare
from crawler.archive.inspection import Inspector
from crawler.archive.parts import PARTS, parts_of
from crawler.archive.tree import LEDGER_NAME, OPEN_SUFFIX, is_below, parquet_filename
from crawler.archive.warcfile import WarcFile
from crawler.corpus.formats import read_records
from crawler.corpus.manifest import ManifestFile, read_manifest, sha256_of
from crawler.corpus.record import from_json
from crawler.crawl.claims import article_claim, ledger_files
from crawler.crawl.tally import Kind, Tally, VerifyUnit
from crawler.crawl.warc_verification import PartTally, PartUnit, check_part, check_warc, index_of, joined, pruned
from crawler.engine import Engine, Outcome
from crawler.errors import ArchiveError, UsageError
from crawler.model import Article


def verify_archive(archive: Path, engine: Engine) -> Iterator[tuple[VerifyUnit | None, Tally]]:
    """What each file came to, in a fixed order; last, with no unit, what belongs to no file that is there."""
    units = find_units(archive)
    outcomes = engine.map(verify_piece, pieces_of(units, engine.workers))
    for unit, group in groupby(outcomes, key=lambda outcome: _whole(outcome.unit)):
        yield unit, _tally(unit, list(group), engine)
    yield None, orphans(archive, units)


def pieces_of(units: Sequence[VerifyUnit], workers: int) -> Iterator[VerifyUnit | PartUnit]:
    """The files to check, and for each WARC file by which some workers would have nothing to do, its parts."""
    total = sum(unit.bytes for unit in units)
    for unit in units:
        is_finished = unit.kind == "warc" and unit.path.endswith(".gz")
        number = round(unit.bytes * workers * PARTS / total) if workers > 1 and is_finished and total else 0
        parts = parts_of(unit.archive / unit.path, unit.bytes, number)
        yield from map(partial(PartUnit, unit), parts) if parts else [unit]


def verify_piece(piece: VerifyUnit | PartUnit) -> Tally | PartTally:
    """Check a file, or a part of one."""
    return check_part(piece) if isinstance(piece, PartUnit) else verify_unit(piece)


def _whole(piece: VerifyUnit | PartUnit) -> VerifyUnit:
    return piece.whole if isinstance(piece, PartUnit) else piece


def _tally(
    unit: VerifyUnit, outcomes: Sequence[Outcome[VerifyUnit | PartUnit, Tally | PartTally]], engine: Engine
) -> Tally:
    result, error = outcomes[0].result, outcomes[0].error
    if isinstance(outcomes[0].unit, PartUnit):
        tallies = [one.result if isinstance(one.result, PartTally) else None for one in outcomes]
        if (tally := joined(unit, tallies)) is not None:
            return tally
        (outcome,) = engine.map(verify_unit, [unit])
        result, error = outcome.result, outcome.error
    return result if isinstance(result, Tally) else _failed(unit, error)


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
    check = {"warc": check_warc, "articles": _verify_articles, "manifest": _verify_manifest}[unit.kind]
    try:
        check(unit, tally)
    except ArchiveError as error:
        tally.add(Defect(unit.path, None, str(error).removeprefix(f"{unit.archive / unit.path}: ")))
    return tally


def orphans(archive: Path, units: Iterable[VerifyUnit]) -> Tally:
    """Index and ledger rows of files that are not there."""
    tally = Tally()
    warcs = {unit.path.removesuffix(OPEN_SUFFIX) for unit in units if unit.kind == "warc"}
    indexes = {index for warc in warcs if (index := index_of(warc)) is not None}
    indexes |= {parquet_filename(warc.split("/")[1], warc) for warc in warcs if warc.count("/") > 1}
    for path in sorted([*archive.glob("index/cdxj/*/*.cdxj"), *archive.glob("index/parquet/*/*.parquet")]):
        if (index := path.relative_to(archive).as_posix()) not in indexes:
            tally.add(Defect(index, None, "it is the index of a WARC file that is not there"))
    try:
        files = ledger_files(archive) if (archive / LEDGER_NAME).exists() else {}
    except ArchiveError as error:
        tally.add(Defect(LEDGER_NAME, None, str(error).removeprefix(f"{archive / LEDGER_NAME}: ")))
        return tally
    for filename in sorted(files.keys() - warcs - pruned(archive)):
        tally.add(Defect(LEDGER_NAME, None, f"{files[filename]} captures are in {filename}, which is not there"))
    return tally


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
        self._pruned = pruned(archive)

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
    gone = pruned(unit.archive)
    for file in read_manifest(unit.archive / unit.path).files:
        tally.manifest_files += 1
        if file.path in gone:
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


def _failed(unit: VerifyUnit, error: str | None) -> Tally:
    tally = Tally(files=1, bytes=unit.bytes)
    tally.add(Defect(unit.path, None, f"it could not be checked: {error}"))
    return tally
