"""Files that a killed run left behind: cut after their last complete group, indexed, finished, adopted."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from crawler.archive.cdxj import write_cdxj
from crawler.archive.conversion import StoredConversion, stored_conversion
from crawler.archive.entries import IndexEntry
from crawler.archive.inspection import Inspector
from crawler.archive.pieces import BrokenFramingError, Record, Span
from crawler.archive.tree import cdxj_filename, filename_in, open_paths, warc_paths
from crawler.archive.warcfile import OnDamage, WarcFile
from crawler.archive.writer import FinishedWarc, finish_warc
from crawler.durable import open_file, sync_file, sync_folder, unlink
from crawler.errors import DamagedRecordError, NotAWarcError


@dataclass(frozen=True, slots=True)
class RepairedWarc:
    """What became of a file that was left open."""

    path: Path
    #: Bytes that belonged to no complete group.
    cut: int
    #: `None` if the file held no complete group; it is gone then.
    finished: FinishedWarc | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """One record as the search for complete groups needs it."""

    kind: str | None
    record_id: str | None
    concurrent_to: str | None
    span: Span
    entry: IndexEntry | None
    conversion: StoredConversion | None


@dataclass(slots=True)
class _Whole:
    """The part of a file that consists of complete groups, and of conversions, each of which is one by itself."""

    end: int = 0
    entries: list[IndexEntry] = field(default_factory=list)
    conversions: list[StoredConversion] = field(default_factory=list)
    run_id: str | None = None


def repair(folder: Path, site: str, acknowledged: Mapping[str, int]) -> Iterator[RepairedWarc]:
    """Finish each file of `site` that was left open; the caller holds the site's lock.

    `acknowledged` tells how many bytes of a file (by its filename) hold records that were promised to be durable: no
    damage, not even of the disk, makes it cut there.
    """
    for path in open_paths(folder, site):
        filename = filename_in(folder, path)
        whole = _complete_groups(path, filename, acknowledged.get(filename, 0))
        cut = path.stat().st_size - whole.end
        yield RepairedWarc(path, cut, _finish(folder, site, path, whole))


def adopt(folder: Path, site: str, known: Collection[str], on_damage: OnDamage) -> Iterator[FinishedWarc]:
    """The finished files of `site` that are not among the `known` filenames, indexed."""
    for path in warc_paths(folder, site):
        filename = filename_in(folder, path)
        if filename not in known:
            sync_file(path)  # whoever put it there, and a killed run need not have synced its name
            sync_folder(path.parent)
            whole = _contents(path, filename, on_damage)
            index = folder / cdxj_filename(site, filename)
            if not index.exists():
                write_cdxj(index, whole.entries)
            yield _finished(filename, path.stat().st_size, whole)


def _finished(filename: str, size: int, whole: _Whole) -> FinishedWarc:
    return FinishedWarc(filename, size, whole.run_id, tuple(whole.entries), tuple(whole.conversions))


def _contents(path: Path, filename: str, on_damage: OnDamage) -> _Whole:
    """What a finished file holds."""
    whole, reading = _Whole(), Inspector(filename)

    def see(record: Record) -> None:
        conversion = stored_conversion(record, filename, reading.run_id)
        whole.conversions += [conversion] if conversion else []
        entry = reading.entry(record)
        whole.entries += [entry] if entry else []

    with WarcFile(path) as file:
        for _ in file.each(see, on_damage):
            pass
    whole.run_id = reading.run_id
    return whole


def _finish(folder: Path, site: str, path: Path, whole: _Whole) -> FinishedWarc | None:
    if not whole.end:
        unlink(path)
        sync_folder(path.parent)
        return None
    with open_file(path) as file:
        file.truncate(whole.end)
        file.sync()
    filename = filename_in(folder, path)
    warc = _finished(filename, whole.end, whole)
    return finish_warc(folder / filename, folder / cdxj_filename(site, filename), warc)


def _complete_groups(path: Path, filename: str, acknowledged: int) -> _Whole:
    whole, reading = _Whole(), Inspector(filename)
    begun: _Seen | None = None
    for seen in _records(path, filename, reading, acknowledged):
        if seen.kind in {"response", "revisit", "resource"}:
            begun = seen
        elif begun is not None and seen.kind == "metadata" and seen.concurrent_to == begun.record_id:
            whole.end = seen.span.offset + seen.span.length
            whole.entries += [begun.entry] if begun.entry else []
            begun = None
        elif begun is None and seen.conversion is not None:
            whole.end = seen.span.offset + seen.span.length
            whole.conversions.append(seen.conversion)
    whole.run_id = reading.run_id
    return whole


def _records(path: Path, filename: str, reading: Inspector, acknowledged: int) -> Iterator[_Seen]:
    """The records up to the first that is torn: appending stopped there."""

    def stop(error: DamagedRecordError) -> None:
        if file.cursor >= acknowledged:
            raise error

    try:
        with WarcFile(path) as file:
            yield from (seen for seen in file.each(partial(_see, reading, filename), stop) if seen is not None)
    except (DamagedRecordError, NotAWarcError):
        return


def _see(reading: Inspector, filename: str, record: Record) -> _Seen | None:
    header = record.header
    try:
        entry = reading.entry(record)
    except BrokenFramingError:
        raise
    except DamagedRecordError:  # whole, though its block cannot be understood: no reason to cut
        entry = None
    if (span := record.finish()) is None:
        return None
    ids = header.get("WARC-Record-ID"), header.get("WARC-Concurrent-To")
    return _Seen(header.get("WARC-Type"), *ids, span, entry, stored_conversion(record, filename, reading.run_id))
