"""A store's manifests, read no further than the captures of one URL need."""

from functools import cached_property, partial
from threading import Lock

from crawler.archive.keys import surt_key
from crawler.archive.records import target_uri
from crawler.errors import ChangedError, DamagedRecordError
from crawler.remote.catalogue import (
    INDEXES,
    Catalogue,
    Listed,
    Named,
    Place,
    Span,
    manifest_paths,
    read_catalogue,
    read_listed,
    side_by_side,
)
from crawler.remote.keys import KEYS, FarKeys, KeyedRun, Unmodified
from crawler.ship.store import Store, Stored


class Runs:
    """Takes the place of a `Catalogue` where a few URLs are looked up; raises `StoreError`, `ArchiveError`.

    A run whose URLs no file of keys tells, because another version shipped it or the file is damaged, costs the reading
    of its manifest, and of its indexes.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._paths = set(manifest_paths(store))
        self._read: dict[str, Listed] = {}
        self._lock = Lock()
        files = [stored for stored in store.list(KEYS) if stored.path.endswith(".keys")]
        self._keys = [found for found in side_by_side(self._opened, files) if found is not None]
        known = {run.manifest for keys in self._keys for run in keys.runs}
        self._unkeyed = sorted(self._paths - known)

    @property
    def is_empty(self) -> bool:
        """Whether there is no manifest."""
        return not self._paths

    def places(self, url: str, prefix: str = "") -> list[Place]:
        """Where rows of a URL may be: in indexes whose paths begin with `index/cdxj/` and `prefix`."""
        key = surt_key(target_uri(url)).encode()
        keyed = [run for runs in side_by_side(partial(self._runs_with, key), self._keys) for run in runs]
        spans = {run.manifest: run.span for run in keyed if run.manifest in self._paths}
        others = zip(self._unkeyed, side_by_side(self._manifest, self._unkeyed), strict=True)
        spans |= {path: span_of(Catalogue([listed])) for path, listed in others}
        return [Place(span, partial(self._indexes, path, prefix)) for path, span in spans.items()]

    def file(self, path: str) -> Named | None:
        """The file at `path`, if a manifest names it; most often that of the index which led there."""
        with self._lock:
            found = Catalogue(self._read.values()).file(path)
        return found or self._all.file(path)

    def unmodified(self, url: str) -> list[Unmodified]:
        """When the server said that the page at `url` was still the same."""
        return [one for found in side_by_side(partial(_unmodified, url), self._keys) for one in found]

    @cached_property
    def _all(self) -> Catalogue:
        return read_catalogue(self._store)

    def _opened(self, stored: Stored) -> FarKeys | None:
        try:
            return FarKeys(stored.size, partial(self._store.read_range, stored.path, of=stored))
        except (DamagedRecordError, ChangedError):
            return None  # what it told is looked for in the indexes; `newswarc verify --remote` tells of it

    def _runs_with(self, key: bytes, keys: FarKeys) -> list[KeyedRun]:
        try:
            return keys.runs_with(key)
        except (DamagedRecordError, ChangedError):
            return list(keys.runs)  # any of them

    def _indexes(self, path: str, prefix: str) -> list[Named]:
        return Catalogue([self._manifest(path)]).below(f"{INDEXES}{prefix}", ".cdxj")

    def _manifest(self, path: str) -> Listed:
        if path not in self._read:
            listed = read_listed(self._store, path)
            with self._lock:
                self._read[path] = listed
        return self._read[path]


def _unmodified(url: str, keys: FarKeys) -> list[Unmodified]:
    try:
        return keys.unmodified(url)
    except (DamagedRecordError, ChangedError):
        return []


def span_of(catalogue: Catalogue) -> Span:
    """When the rows of all indexes were captured."""
    spans = [index.span for index in catalogue.below(INDEXES, ".cdxj")] or [one.span for one in catalogue.listed]
    return Span(min(span.begin for span in spans), max(span.end for span in spans))
