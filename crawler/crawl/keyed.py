"""A month's runs -> its file of keys in the store, by which a search there finds the runs that captured a URL.

As all that leads to a manifest, it says nothing that manifests and the files they name do not say.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import groupby
from pathlib import Path

from crawler.corpus.manifest import Manifest, ManifestFile
from crawler.crawl.unmodified import answers_in
from crawler.errors import ArchiveError, DamagedRecordError, StoreError
from crawler.remote.catalogue import INDEXES, Catalogue, Listed
from crawler.remote.keys import KeyedRun, Keys, Unmodified, keys_filename
from crawler.remote.runs import span_of
from crawler.ship.store import Store

Content = tuple[set[bytes], list[tuple[str, Unmodified]]]


def add_keys(store: Store, archive: Path, manifests: Mapping[str, Manifest]) -> None:
    """Let the store's files of keys tell of these runs, known by the paths of their manifests.

    An index that is not in the archive any more is read in the store. Raises `StoreError`, `ArchiveError`.
    """
    for name, runs in groupby(sorted(manifests.items(), key=_place_of), lambda run: _place_of(run)[0]):
        month = dict(runs)
        content = {path: _content(store, archive, manifest) for path, manifest in month.items()}
        store.replace(name, partial(_with_runs, name=name, runs=month, content=content))


def _place_of(run: tuple[str, Manifest]) -> tuple[str, str]:
    path, manifest = run
    return keys_filename(manifest.site, manifest.finished_at), path


def _with_runs(
    before: bytes | None, *, name: str, runs: Mapping[str, Manifest], content: Mapping[str, Content]
) -> bytes:
    """A file of keys with these runs added; raises `StoreError` if it is none."""
    try:
        keys = Keys.from_bytes(before) if before is not None else Keys()
    except DamagedRecordError as error:
        raise StoreError(f"{name}: {error}; move it away") from error
    known = {run.manifest for run in keys.runs}
    if before is not None and known.issuperset(runs):
        return before
    for path, manifest in runs.items():
        if path not in known:
            keys.add(KeyedRun(path, span_of(Catalogue([Listed(path, manifest, 0, b"")]))), *content[path])
    return keys.to_bytes()


def _content(store: Store, archive: Path, manifest: Manifest) -> Content:
    indexes = [file for file in manifest.files if file.path.startswith(INDEXES) and file.path.endswith(".cdxj")]
    warcs = [file.path for file in manifest.files if file.path.endswith(".warc.gz")]
    keys = {line.partition(b" ")[0] for index in indexes for line in _lines(store, archive, index)}
    return keys, [answer for path in warcs for answer in answers_in(archive, path)]


def _lines(store: Store, archive: Path, index: ManifestFile) -> Iterator[bytes]:
    path = archive / index.path
    if not path.exists():
        yield from store.read(index.path).splitlines()
        return
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise ArchiveError(f"{path}: it cannot be read: {error.strerror or error}") from error
