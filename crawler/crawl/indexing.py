"""The index of an archive, made again from its WARC files: one file a WARC, and one merged file a site."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.cdxj import write_cdxj
from crawler.archive.glance import Glance
from crawler.archive.inspection import Inspector
from crawler.archive.lookup import merge_cdxj
from crawler.archive.tree import cdxj_filename, filename_in, merged_filename, sites_in, warc_paths
from crawler.archive.warcfile import WarcFile
from crawler.crawl.lock import RunLock
from crawler.engine import engine_of
from crawler.errors import ArchiveError, UsageError


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
    """Write the index of one file; one line for each record that is damaged. Raises `NotAWarcError`, `ArchiveError`."""
    damaged: list[str] = []
    filename = filename_in(unit.archive, unit.path)
    inspector = Inspector(filename)
    with WarcFile(unit.path) as file:
        found = file.each(inspector.entry, lambda error: damaged.append(str(error)), Glance(inspector).entry)
        entries = [entry for entry in found if entry is not None]
    write_cdxj(unit.archive / cdxj_filename(unit.site, filename), entries)
    return damaged
