"""The index of an archive, made again from its WARC files: CDXJ and Parquet for each, and one merged CDXJ a site."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.cdxj import write_cdxj
from crawler.archive.glance import read_entries
from crawler.archive.lookup import merge_cdxj
from crawler.archive.tree import cdxj_filename, filename_in, merged_filename, parquet_filename, sites_in, warc_paths
from crawler.crawl.columns import write_columns
from crawler.crawl.lock import RunLock
from crawler.engine import engine_of
from crawler.errors import ArchiveError, NotAWarcError, UsageError


@dataclass(frozen=True, slots=True)
class IndexUnit:
    """One WARC file to index."""

    archive: Path
    site: str
    path: Path


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
    units = [IndexUnit(archive, site, path) for path in warc_paths(archive, site)]
    indexes = []
    try:
        lock = RunLock(archive, f"{site}.index")  # not the crawl's: a crawl may go on
        try:
            for outcome in engine_of(min(workers, len(units))).map(index_warc, units):
                unit = outcome.unit
                told.files += 1
                told.bytes += unit.path.stat().st_size
                told.damaged += [outcome.error] if outcome.error else outcome.result or []
                index = archive / cdxj_filename(site, filename_in(archive, unit.path))
                indexes += [index] if index.exists() else []
            told.rows = merge_cdxj(indexes, archive / merged_filename(site))
        finally:
            lock.release()
    except OSError as error:
        raise ArchiveError(f"{archive}: the index cannot be written: {error.strerror}: {error.filename}") from error
    return told


def index_warc(unit: IndexUnit) -> list[str]:
    """Write both indexes of one file; one line for each damaged record. Raises `NotAWarcError`, `ArchiveError`."""
    damaged: list[str] = []
    filename = filename_in(unit.archive, unit.path)
    entries = read_entries(unit.path, filename=filename, on_damage=lambda error: damaged.append(str(error)))
    write_cdxj(unit.archive / cdxj_filename(unit.site, filename), entries)
    write_columns(unit.archive, unit.site, filename, entries)
    return damaged


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
