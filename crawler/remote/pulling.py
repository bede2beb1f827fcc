"""Files of a store's archive -> a local archive: whole, as their manifest says, or not at all."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.revisits import Reference, has_original, reference_of
from crawler.archive.warcfile import WarcFile
from crawler.corpus.files import new_file
from crawler.corpus.manifest import ManifestFile, sha256_of
from crawler.errors import ArchiveError, ConflictError, DamagedRecordError, StoreError
from crawler.remote.catalogue import Catalogue, Listed, Span, side_by_side
from crawler.remote.lookup import RemoteArchive
from crawler.ship.store import Store


@dataclass(slots=True)
class Pulled:
    """What came of pulling some runs."""

    runs: int = 0
    files: int = 0
    bytes: int = 0
    #: Files that were here already.
    found: int = 0
    #: One line for each file that could not be taken; its run has no manifest here.
    failed: list[str] = field(default_factory=list)


def choose(catalogue: Catalogue, sites: Collection[str], span: Span | None) -> list[Listed]:
    """The runs of these sites that may have captures within `span`, oldest first."""
    chosen = [one for one in catalogue.listed if one.manifest.site in sites]
    if span is not None:
        chosen = [one for one in chosen if any(covered.overlaps(span) for covered in _spans(catalogue, one))]
    return sorted(chosen, key=lambda one: (one.manifest.finished_at, one.path))


def _spans(catalogue: Catalogue, run: Listed) -> list[Span]:
    """When a run's captures were made; of one that only published what others stored, when that was."""
    return [catalogue.files[file.path].span for file in _warcs(catalogue, run)] or [run.span]


class Pulling:
    """Takes runs of a store into the archive at `folder`, of which this process holds the lock."""

    def __init__(self, remote: RemoteArchive[Catalogue], folder: Path) -> None:
        self.told = Pulled()
        self._remote = remote
        self._store = remote.store
        self._folder = folder
        self._done: set[str] = set()

    def pull(self, runs: Collection[Listed], *, with_originals: bool) -> None:
        """Take all files that their manifests name, then the manifests; raises `StoreError` if there is no store.

        `with_originals`: the runs as well that hold what revisits in these refer to.
        """
        waiting = list(runs)
        while waiting:
            for run in waiting:
                self._done.add(run.path)
                self._pull_run(run)
            lost = {path for run in waiting for path in self._runs_of_originals(run)} if with_originals else set()
            waiting = [run for run in self._remote.catalogue.listed if run.path in lost - self._done]

    def _pull_run(self, run: Listed) -> None:
        outside = [file.path for file in run.manifest.files if file.path not in self._remote.catalogue.files]
        failed = [f"{run.path}: it names {path!r}, which is no place in the archive" for path in outside]
        if not failed:
            failed = self._take_all(run)
        if not failed:
            try:
                with new_file(self._folder / run.path) as file:
                    file.write(run.data)
                self.told.runs += 1
            except ArchiveError as error:
                failed = [str(error)]
        self.told.failed += failed

    def _take_all(self, run: Listed) -> list[str]:
        """One line for each file of a run that is not here now."""
        failed = []
        for file, taken in zip(run.manifest.files, side_by_side(self._take, run.manifest.files), strict=True):
            if isinstance(taken, str):
                failed.append(taken)
            elif taken:
                self.told.files += 1
                self.told.bytes += file.size
            else:
                self.told.found += 1
        return failed

    def _take(self, file: ManifestFile) -> bool | str:
        """Have a file here; whether it had to be taken, or why that cannot be."""
        path = self._folder / file.path
        try:
            if path.exists():
                is_it = path.stat().st_size == file.size and sha256_of(path) == file.sha256
                return False if is_it else f"{path}: is there already, with another content; move it away"
            download(self._store, file, self._folder)
        except (ArchiveError, StoreError) as error:
            return str(error)
        return True

    def _runs_of_originals(self, run: Listed) -> Iterator[str]:
        """The manifests of the runs that hold what revisits of `run` refer to, and this archive does not."""
        catalogue = self._remote.catalogue
        named = {file.path: one.path for one in catalogue.listed for file in one.manifest.files}
        for file in _warcs(catalogue, run):
            path = self._folder / file.path
            for reference in references_in(path) if path.exists() else ():
                if not has_original(path, reference):
                    rows = self._remote.originals(run.manifest.site, reference)
                    yield from (named[row.fields["filename"]] for row in rows if row.fields.get("filename") in named)


def _warcs(catalogue: Catalogue, run: Listed) -> list[ManifestFile]:
    return [file for file in run.manifest.files if file.path.endswith(".warc.gz") and file.path in catalogue.files]


def references_in(path: Path) -> Iterator[Reference]:
    """What the revisits of a WARC file refer to."""
    with WarcFile(path) as file:
        found = file.each(
            lambda record: reference_of(record.header) if record.header.get("WARC-Type") == "revisit" else None,
            _pass_over,
        )
        yield from (reference for reference in found if reference is not None)


def _pass_over(_: DamagedRecordError) -> None:
    """`newswarc verify` tells of it."""


def download(store: Store, file: ManifestFile, folder: Path) -> None:
    """Put a file in its place below `folder`, durably.

    Raises `ConflictError` if the store holds other bytes than its manifest says, `ArchiveError` if something else has
    the name here, `StoreError`.
    """
    digest, size = hashlib.sha256(), 0
    with new_file(folder / file.path) as target:
        for piece in store.pieces(file.path):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
        if (size, digest.hexdigest()) != (file.size, file.sha256):
            raise ConflictError(f"{store.url}/{file.path}: holds other bytes than its manifest says; not taken")


def fetch(store: Store, path: str, folder: Path) -> Path:
    """Put a file that no manifest describes below `folder`; raises `StoreError`, `ArchiveError`."""
    with new_file(folder / path) as target:
        for piece in store.pieces(path):
            target.write(piece)
    return folder / path
