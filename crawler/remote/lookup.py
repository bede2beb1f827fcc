"""From a URL and a time to one record of a store's archive, by ranges of its indexes and one of its WARC file.

A local folder takes the place of the archive: it gets nothing but the record's bytes, at their own offset in an
otherwise empty file, and those of the original if it is a revisit. So whatever reads a local archive reads this one.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from crawler.archive.cdxj import REVISIT, CdxjRow, offset_of, parse_row, timestamp_of, write_index
from crawler.archive.keys import surt_key
from crawler.archive.lookup import moment_of, nearest
from crawler.archive.records import target_uri
from crawler.archive.revisits import Reference, reference_of
from crawler.archive.warcfile import WarcFile
from crawler.durable import make_folder, open_file
from crawler.errors import ArchiveError, DamagedRecordError, NoCaptureError
from crawler.remote.catalogue import THREADS, Catalogue, Named, Place, side_by_side
from crawler.remote.ranges import lines_with
from crawler.remote.runs import Runs
from crawler.ship.store import Store

OPENING_BYTES = 4096  # of a WARC file: its warcinfo record has 1 KB
C = TypeVar("C", Catalogue, Runs)
MAX_RECORD = 2 * 2**30  # bytes; no page is longer, and no row may make us fetch more


class RemoteArchive(Generic[C]):
    """A store's archive as its manifests describe it: all of them, or those that a URL's captures need."""

    def __init__(self, store: Store, catalogue: C) -> None:
        self.store = store
        self.catalogue: C = catalogue

    def find_capture(self, url: str, at: datetime | None) -> CdxjRow:
        """The capture of `url` nearest to `at`, or its newest; raises `NoCaptureError`, `ArchiveError`, `StoreError`.

        Indexes whose time is nearest are searched first, and those none of whose rows could be nearer are not.
        """
        waiting = _in_order(self.catalogue.places(url), at)
        best: CdxjRow | None = None
        many = 1
        while waiting and not (best and _is_certain(best, url, at, waiting[0])):
            batch, waiting = waiting[:many], waiting[many:]
            found = side_by_side(lambda place: list(self._rows_at(place, url)), batch)
            rows = [row for rows in found for row in rows]
            best = nearest(rows + ([best] if best else []), url, at)
            many = min(2 * many, THREADS)
        if best is None:
            raise NoCaptureError(f"{url}: {self.store.url} holds no capture of it")
        return best

    def _rows_at(self, place: Place, url: str) -> Iterator[CdxjRow]:
        for index in place.indexes():
            yield from self.rows_of(index, url)

    def rows_of(self, index: Named, url: str) -> Iterator[CdxjRow]:
        """The rows of `url` in one index."""
        path = index.file.path
        try:
            prefix = f"{surt_key(target_uri(url))} ".encode()
            yield from map(parse_row, lines_with(prefix, index.file.size, partial(self.store.read_range, path)))
        except DamagedRecordError as error:
            raise ArchiveError(f"{self.store.url}/{path}: {error}") from error

    def fetch(self, row: CdxjRow, folder: Path) -> None:
        """Put a row's record, and its original if it is a revisit, into an archive below `folder`.

        Raises `ArchiveError`, `StoreError`.
        """
        self.fetch_record(row, folder)
        if row.fields.get("mime") != REVISIT:
            return
        filename = row.fields["filename"]
        reference = reference_at(folder / filename, offset_of(row))
        for original in self.originals(filename.split("/")[1], reference):
            self.fetch_record(original, folder)
            _add_row(folder, original)

    def originals(self, site: str, reference: Reference) -> list[CdxjRow]:
        """The responses that a revisit among a site's files may refer to."""
        if reference.url is None or reference.captured_at is None:
            return []
        url, at = reference.url, reference.captured_at
        near = [place for place in self.catalogue.places(url, f"{site}/") if not place.span.gap(at)]
        rows = (row for rows in side_by_side(lambda place: list(self._rows_at(place, url)), near) for row in rows)
        return [row for row in rows if row.timestamp == timestamp_of(at) and row.fields.get("mime") != REVISIT]

    def fetch_record(self, row: CdxjRow, folder: Path) -> None:
        """Put the record that a row points to into an archive below `folder`; raises `ArchiveError`, `StoreError`."""
        filename, offset, length = row.fields.get("filename", ""), offset_of(row), row.fields.get("length", "")
        named = self.catalogue.file(filename)
        if named is None:
            raise ArchiveError(f"{self.store.url}: the index names {filename[:80]!r}, which no manifest names")
        if not length.isdecimal() or len(length) > 15 or offset + int(length) > named.file.size:
            raise DamagedRecordError(f"{self.store.url}/{filename}: it has no {length[:40]} bytes at byte {offset}")
        if int(length) > MAX_RECORD:
            raise DamagedRecordError(f"{self.store.url}/{filename}: the record at byte {offset} is too long to fetch")
        self.put(folder, filename, offset, int(length))
        if offset:
            self.put(folder, filename, 0, min(OPENING_BYTES, offset))

    def put(self, folder: Path, filename: str, offset: int, length: int) -> None:
        """Let these bytes be in their place in the folder; raises `StoreError`."""
        left = memoryview(self.store.read_range(filename, offset, length))
        make_folder((folder / filename).parent)
        with open_file(folder / filename, create=True) as file:
            file.seek(offset)
            while left:
                left = left[file.write(left) :]


def _in_order(places: list[Place], at: datetime | None) -> list[Place]:
    """The likeliest first: nearest to `at`, or newest."""
    if at is None:
        return sorted(places, key=lambda place: place.span.end, reverse=True)
    return sorted(places, key=lambda place: place.span.gap(at))


def _is_certain(best: CdxjRow, url: str, at: datetime | None, following: Place) -> bool:
    """Whether no row of an index that follows, or of any after it, could be preferred to `best`."""
    if best.fields.get("url") != target_uri(url) or "truncated" in best.fields:
        return False
    taken = moment_of(best.timestamp)
    return taken > following.span.end if at is None else abs(taken - at) < following.span.gap(at)


def reference_at(path: Path, offset: int) -> Reference:
    """What the revisit at `offset` of a WARC file refers to; raises `ArchiveError`."""
    with WarcFile(path) as file:
        return file.at(offset, lambda record: reference_of(record.header))


def _add_row(folder: Path, row: CdxjRow) -> None:
    """Let the index of the folder have a row."""
    filename = row.fields["filename"]
    name = f"{Path(filename).name}-{offset_of(row)}.cdxj"
    line = f"{row.key} {row.timestamp} {json.dumps(dict(row.fields))}\n"
    write_index(folder / "index" / "cdxj" / filename.split("/")[1] / name, [line.encode()])
