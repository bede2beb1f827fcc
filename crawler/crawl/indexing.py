"""The index of an archive, made again from its WARC files: CDXJ and Parquet for each, and one merged CDXJ a site."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from crawler.archive.cdxj import NOT_REPLAYED, cdxj_line, write_index
from crawler.archive.entries import IndexEntry
from crawler.archive.glance import read_entries
from crawler.archive.lookup import merge_cdxj
from crawler.archive.parts import PARTS, parts_of, read_part
from crawler.archive.tree import cdxj_filename, filename_in, merged_filename, parquet_filename, sites_in, warc_paths
from crawler.archive.warcfile import Part
from crawler.corpus.captures import Table, capture_table, joined
from crawler.crawl.columns import row_of, write_captures, write_columns
from crawler.crawl.lock import RunLock
from crawler.engine import Engine, Outcome, engine_of
from crawler.errors import ArchiveError, NotAWarcError, UsageError


@dataclass(frozen=True, slots=True)
class IndexUnit:
    """One WARC file to index."""

    archive: Path
    site: str
    path: Path
    #: Where it is read by several.
    part: Part | None = None

    @property
    def filename(self) -> str:
        """Below the archive folder."""
        return filename_in(self.archive, self.path)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the indexes of a file, or of a part of one, hold."""

    lines: list[bytes]
    table: Table
    damaged: list[str]


@dataclass(slots=True)
class SiteIndex:
    """What became of a site's index."""

    site: str
    files: int = 0
    bytes: int = 0
    #: In the merged index.
    rows: int = 0
    #: One line for each record that gives no row though it should, and each file that gives none.
    damaged: list[str] = field(default_factory=list)


def index_archive(archive: Path, site: str | None, workers: int) -> Iterator[SiteIndex]:
    """Index one site or all, one after the other; raises `UsageError`, `ArchiveError`, `LockedError`."""
    sites = sites_in(archive)
    if not sites or (site is not None and site not in sites):
        raise UsageError(
            f"{archive}: no WARC file{f' of {site}' if site else ''} there; name the archive with --archive"
        )
    for name in [site] if site else sites:
        yield index_site(archive, name, workers)


def index_site(archive: Path, site: str, workers: int) -> SiteIndex:
    """Make the index of each finished file again, then the merged one; what a crawl writes meanwhile is left alone."""
    told = SiteIndex(site)
    units = _units(archive, site, workers)
    indexes = []
    try:
        lock = RunLock(archive, f"{site}.index")  # not the crawl's: a crawl may go on
        try:
            engine = engine_of(min(workers, len(units)))
            for path, group in groupby(engine.map(index_unit, units), key=lambda outcome: outcome.unit.path):
                told.files += 1
                told.bytes += path.stat().st_size
                told.damaged += _finished(list(group), engine)
                index = archive / cdxj_filename(site, filename_in(archive, path))
                indexes += [index] if index.exists() else []
            told.rows = merge_cdxj(indexes, archive / merged_filename(site))
        finally:
            lock.release()
    except OSError as error:
        raise ArchiveError(f"{archive}: the index cannot be written: {error.strerror}: {error.filename}") from error
    return told


def index_unit(unit: IndexUnit) -> list[str] | Rows | None:
    """Index a file as `index_warc` does; of a part, only read what the indexes hold, or `None` if one has to read all.

    Raises `NotAWarcError`, `ArchiveError`.
    """
    if unit.part is None:
        return index_warc(unit)
    read = read_part(unit.path, unit.filename, unit.part)
    return None if read is None else _rows(*read)


def index_warc(unit: IndexUnit) -> list[str]:
    """Write both indexes of one file; one line for each damaged record. Raises `NotAWarcError`, `ArchiveError`."""
    damaged: list[str] = []
    entries = read_entries(unit.path, filename=unit.filename, on_damage=lambda error: damaged.append(str(error)))
    _write(unit, _rows(entries, damaged))
    return damaged


def _units(archive: Path, site: str, workers: int) -> list[IndexUnit]:
    """The files, and for each by which some workers would have nothing to do, its parts."""
    sizes = {path: path.stat().st_size for path in warc_paths(archive, site)}
    share = max(sum(sizes.values()), 1) / (max(workers, 1) * PARTS)
    return [
        IndexUnit(archive, site, path, part)
        for path, size in sizes.items()
        for part in (parts_of(path, size, round(size / share) if workers > 1 else 1) or (None,))
    ]


def _finished(outcomes: Sequence[Outcome[IndexUnit, list[str] | Rows | None]], engine: Engine) -> list[str]:
    """Write what several have read of a file; one line for each damaged record."""
    unit = replace(outcomes[0].unit, part=None)
    rows = [outcome.result for outcome in outcomes if isinstance(outcome.result, Rows)]
    if len(rows) == len(outcomes):
        lines = sorted(line for part in rows for line in part.lines)
        _write(unit, Rows(lines, joined([part.table for part in rows]), []))
        return [line for part in rows for line in part.damaged]
    (outcome,) = outcomes if outcomes[0].unit.part is None else engine.map(index_unit, [unit])
    if outcome.error:
        return [outcome.error]
    return outcome.result if isinstance(outcome.result, list) else []


def _rows(entries: Sequence[IndexEntry], damaged: list[str]) -> Rows:
    told = [(cdxj_line(entry), row_of(entry)) for entry in entries if entry.status not in NOT_REPLAYED]
    return Rows(sorted(line for line, _ in told), capture_table(row for _, row in told), damaged)


def _write(unit: IndexUnit, rows: Rows) -> None:
    write_index(unit.archive / cdxj_filename(unit.site, unit.filename), rows.lines)
    write_captures(unit.archive / parquet_filename(unit.site, unit.filename), rows.table)


def complete_columns(archive: Path, site: str) -> None:
    """Write the Parquet index of each finished file that has none; raises `ArchiveError`."""
    for path in warc_paths(archive, site):
        filename = filename_in(archive, path)
        if (archive / parquet_filename(site, filename)).exists():
            continue
        try:
            write_columns(archive, site, filename, read_entries(path, filename=filename, on_damage=lambda _: None))
        except NotAWarcError:  # told by those who check files; it keeps no run from its end
            continue
        except OSError as error:
            raise ArchiveError(f"{archive}: the index cannot be written: {error.strerror}: {error.filename}") from error
