"""What a store's manifests name: the only files that count."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from crawler.archive.lookup import moment_of
from crawler.archive.tree import is_below
from crawler.corpus.manifest import Manifest, ManifestFile, parse_manifest
from crawler.errors import ArchiveError, DamagedRecordError
from crawler.ship.store import Store

THREADS = 8  # requests under way at a time
#: An exchange begins before the file is opened that it is written to, and clocks are set.
SLACK = timedelta(hours=1)
INDEXES = "index/cdxj/"
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_STAMP = re.compile(r"-(\d{14})-\d+\.(?:cdxj|warc\.gz)$")
_MANIFEST = re.compile(r"runs/[^/]+(?<!\.report)\.json")
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Span:
    """Between which moments the captures of a file or a run were made."""

    begin: datetime
    end: datetime

    def gap(self, at: datetime) -> timedelta:
        """How far a moment is from it; nothing if it is inside."""
        return max(self.begin - at, at - self.end, timedelta())

    def overlaps(self, other: "Span") -> bool:
        """Whether a moment is in both."""
        return self.begin <= other.end and other.begin <= self.end


@dataclass(frozen=True, slots=True)
class Listed:
    """A manifest and where it is."""

    path: str
    manifest: Manifest
    size: int
    #: As it is stored.
    data: bytes

    @property
    def span(self) -> Span:
        """From the run's begin to its end."""
        return _span(self.manifest.started_at, self.manifest.finished_at)


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a manifest names."""

    file: ManifestFile
    manifest: Manifest

    @property
    def span(self) -> Span:
        """From the stamp in its name to its run's end; ever, where those are not told."""
        stamp = _STAMP.search(self.file.path)
        return _span(stamp[1] if stamp else None, self.manifest.finished_at)


def _span(begin: str | None, end: str) -> Span:
    try:
        return Span(_moment(begin) - SLACK if begin else EVER[0], _moment(end) + SLACK)
    except (DamagedRecordError, ValueError, OverflowError):
        return Span(*EVER)


def _moment(text: str) -> datetime:
    moment = moment_of(text) if text.isdecimal() else datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Indexes that may have rows of a URL, once they are asked for; and when such rows were captured."""

    span: Span
    indexes: Callable[[], list[Named]]


class Catalogue:
    """The manifests of a store, and their files by path."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        self.listed = list(listed)
        self.files = {
            file.path: Named(file, one.manifest)
            for one in self.listed
            for file in one.manifest.files
            if is_below(file.path)
        }

    def sites(self) -> list[str]:
        """Those that have a manifest."""
        return sorted({one.manifest.site for one in self.listed})

    @property
    def is_empty(self) -> bool:
        """Whether there is no manifest."""
        return not self.listed

    def file(self, path: str) -> Named | None:
        """The file at `path`, if a manifest names it."""
        return self.files.get(path)

    def places(self, _: str, prefix: str = "") -> list[Place]:
        """Where rows of a URL may be: in any of the indexes whose paths begin with `index/cdxj/` and `prefix`."""
        return [
            Place(index.span, lambda index=index: [index])  # type: ignore[misc]
            for index in self.below(f"{INDEXES}{prefix}", ".cdxj")
        ]

    def below(self, prefix: str, suffix: str) -> list[Named]:
        """The files whose paths begin and end so, in the order of their paths."""
        return [self.files[path] for path in sorted(self.files) if path.startswith(prefix) and path.endswith(suffix)]


def read_catalogue(store: Store, on_damage: Callable[[str, ArchiveError], None] | None = None) -> Catalogue:
    """Read all manifests; one that is none costs one call of `on_damage`, or is raised. Raises `StoreError`."""

    def read(path: str) -> Listed | ArchiveError:
        try:
            return read_listed(store, path)
        except ArchiveError as error:
            return error

    paths = manifest_paths(store)
    listed = []
    for path, found in zip(paths, side_by_side(read, paths), strict=True):
        if isinstance(found, Listed):
            listed.append(found)
        elif on_damage is None:
            raise found
        else:
            on_damage(path, found)
    return Catalogue(listed)


def manifest_paths(store: Store) -> list[str]:
    """Those of all manifests in a store; raises `StoreError`."""
    return [stored.path for stored in store.list("runs/") if _MANIFEST.fullmatch(stored.path)]


def read_listed(store: Store, path: str) -> Listed:
    """One manifest; raises `ArchiveError` if it is none, `StoreError`."""
    data = store.read(path)
    return Listed(path, parse_manifest(data, f"{store.url}/{path}"), len(data), data)


def side_by_side(work: Callable[[T], U], things: Collection[T], threads: int = THREADS) -> Iterator[U]:
    """What `work` makes of each, in their order; several at a time, because each waits for the network."""
    if len(things) == 1:
        yield from map(work, things)
        return
    with ThreadPoolExecutor(threads, "remote") as pool:
        yield from pool.map(work, things)
