"""What leads from one place of a store to another, followed: keys to their runs, revisits to their originals."""

from functools import cached_property
from pathlib import Path

from crawler.archive.cdxj import CdxjRow, offset_of
from crawler.archive.warcfile import WarcFile
from crawler.errors import DamagedRecordError
from crawler.remote.catalogue import Catalogue
from crawler.remote.keys import KEYS, FarKeys
from crawler.remote.lookup import RemoteArchive, reference_at
from crawler.ship.store import Store

OWN_FOLDER = "originals"  # files of which only a record is there are not to be taken for whole ones


class StoredKeys:
    """All files of keys of a store."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._run_of = {file.path: one.path for one in catalogue.listed for file in one.manifest.files}

    def lead_to(self, index: str, key: str) -> bool:
        """Whether a lookup of `key` comes to the index file; so it does where no file of keys tells of its run."""
        run = self._run_of[index]
        keys = self._by_run.get(run)
        return keys is None or any(found.manifest == run for found in keys.runs_with(key.encode()))

    @cached_property
    def _by_run(self) -> dict[str, FarKeys]:
        paths = [stored.path for stored in self._store.list(KEYS) if stored.path.endswith(".keys")]
        return {run.manifest: keys for path in paths if (keys := self._read(path)) for run in keys.runs}

    def _read(self, path: str) -> FarKeys | None:
        data = self._store.read(path)
        try:
            return FarKeys(len(data), lambda start, length: data[start : start + length])
        except DamagedRecordError:
            return None  # told where the file is checked


class Originals:
    """What revisits refer to."""

    def __init__(self, remote: RemoteArchive[Catalogue]) -> None:
        self._remote = remote

    def why_not_there(self, row: CdxjRow, scratch: Path) -> str | None:
        """What is wrong with the original of a revisit that is in `scratch`; raises `ArchiveError`, `StoreError`."""
        filename = row.fields["filename"]
        reference = reference_at(scratch / filename, offset_of(row))
        for original in self._remote.originals(filename.split("/")[1], reference):
            self._remote.fetch_record(original, scratch / OWN_FOLDER)
            with WarcFile(scratch / OWN_FOLDER / original.fields["filename"]) as file:
                record_id = file.at(offset_of(original), lambda record: record.header.get("WARC-Record-ID"))
            if reference.record_id in ("", record_id):
                return None
        return f"no index leads to the original {reference.record_id or reference.url} of its revisit"
