"""A site's finished files -> a store: what is not there yet, then the manifests that name it, then what leads to them.

The ledger is told after each step, so that a killed shipper goes on where it was; and each step may be done twice.
"""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from crawler.archive.tree import is_below
from crawler.corpus.manifest import Manifest, read_manifest, sha256_of
from crawler.crawl.keyed import add_keys
from crawler.crawl.ledger import Ledger
from crawler.crawl.pointers import point
from crawler.crawl.shipments import Shipment, ShipState
from crawler.errors import ArchiveError, ConflictError, RefusedByStoreError, StoreError
from crawler.remote.keys import KEYS, keys_filename
from crawler.ship.store import How, Sent, Store

logger = logging.getLogger(__name__)

BATCH = 200  # files between two commits: what a killed shipper does again
GIVE_UP = 3  # failures in a row: then it is the store, and not the file
LONGEST_REST = timedelta(hours=6)

Failure = StoreError | ArchiveError


@dataclass(slots=True)
class SiteShipment:
    """What came of shipping a site's files."""

    site: str
    #: Files that the store has taken, and their bytes; manifests too.
    sent: int = 0
    sent_bytes: int = 0
    #: Files that were there already.
    found: int = 0
    #: Manifests that readers now see.
    manifests: int = 0
    #: Local files that were removed.
    pruned: int = 0
    pruned_bytes: int = 0
    #: Files and manifests that wait for the next run.
    left: int = 0
    #: One line for each that failed.
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one step came to: a file that was sent or was there, or why not; `None` where nothing was tried."""

    shipment: Shipment
    sent: Sent | None = None
    #: How it was shown that the store has our bytes.
    how: How | None = None
    failure: Failure | None = None
    tried: bool = True

    @property
    def is_well(self) -> bool:
        """Whether it was tried and nothing failed."""
        return self.tried and self.failure is None


class Shipping:
    """One site's; for one process at a time."""

    def __init__(self, archive: Path, site: str, store: Store, ledger: Ledger, first_rest: timedelta) -> None:
        self.told = SiteShipment(site)
        self._archive = archive
        self._site = site
        self._store = store
        self._ledger = ledger
        self._shipments = ledger.shipments
        self._first_rest = first_rest
        self._failures_in_a_row = 0

    def ship(self, threads: int, *, now: datetime | None = None) -> None:
        """Do all that can be done; with `now`, what failed shortly before it still rests. Raises `sqlite3.Error`."""
        self._ship_files(threads, self._shipments.waiting(self._store.url, self._site, now) if now else set())
        self._ship_manifests()
        self._point()
        self.told.left += self.left()

    def left(self) -> int:
        """How many files and manifests are known not to be there, or not to be seen there."""
        unseen = sum(shipment.is_manifest for shipment in self._in_state("verified"))
        return len(self._in_state("sealed", "uploaded")) + unseen

    def enlist(self) -> None:
        """Let the ledger know of all files that manifests name; `ship` ships no others."""
        known = self._shipments.manifests(self._store.url, self._site)
        for path in sorted(self._archive.glob(f"runs/*-{self._site}.json")):
            name = path.relative_to(self._archive).as_posix()
            if name in known:
                continue
            try:
                files = _named_by(path, name, self._site)
            except ArchiveError as error:
                self.told.errors.append(str(error))
                self.told.left += 1
                continue
            with self._ledger.transaction():
                self._shipments.add(self._store.url, self._site, files, _now())

    def _ship_files(self, threads: int, resting: set[str]) -> None:
        waiting = self._in_state("sealed", "uploaded")
        due = [file for file in waiting if file.path not in resting and not file.is_manifest]
        small = [file for file in due if not self._store.in_parts(file.size)]
        with ThreadPoolExecutor(threads, "ship") as pool:
            for start in range(0, len(small), BATCH):
                self._ship_batch(small[start : start + BATCH], pool)
        for file in due:
            if self._store.in_parts(file.size):  # one after the other: its parts go side by side
                self._ship_one(file)

    def _ship_batch(self, files: Sequence[Shipment], pool: ThreadPoolExecutor) -> None:
        """Send and check small files, each by one thread: none waits for the others."""
        if self._failures_in_a_row >= GIVE_UP:
            return
        delivered = list(pool.map(self._deliver, files))
        with self._ledger.transaction():
            for taken, checked in delivered:
                self._note(taken, "uploaded")
                if checked is not None:
                    self._note(checked, "verified")

    def _ship_one(self, file: Shipment) -> bool:
        """Send and check a file, whose upload is not to be lost to whoever kills us; whether it is verified now."""
        if self._failures_in_a_row >= GIVE_UP:
            return False
        if self._store.in_parts(file.size):
            with self._ledger.transaction():
                self._shipments.begin(self._store.url, [file.path])
        taken = self._send(file)
        with self._ledger.transaction():
            self._note(taken, "uploaded")
        if not taken.is_well:
            return False
        checked = self._check(taken)
        with self._ledger.transaction():
            self._note(checked, "verified")
        return checked.is_well

    def _deliver(self, file: Shipment) -> tuple[_Taken, _Taken | None]:
        taken = self._send(file)
        return taken, self._check(taken) if taken.is_well else None

    def _send(self, file: Shipment) -> _Taken:
        def send() -> tuple[Sent | None, How | None]:
            if not (self._archive / file.path).exists():  # pruned, and the ledger that knew it is lost
                self._store.confirm(file.path, file.size, file.sha256)
                return None, "read back"
            if file.begun:
                self._remove_parts(file)
            if file.state == "uploaded" and self._store.head(file.path) is not None:
                return None, None
            return self._store.put_file(file.path, self._archive / file.path, file.sha256), None

        return self._tried(file, send)

    def _check(self, taken: _Taken) -> _Taken:
        file, source = taken.shipment, self._archive / taken.shipment.path

        def check() -> tuple[Sent | None, How | None]:
            if taken.how is not None:
                return taken.sent, taken.how
            try:
                return taken.sent, self._store.check(file.path, source, file.sha256, taken.sent)
            except ConflictError:
                stored = self._store.head(file.path)
                if stored is None or stored.sha256 != file.sha256:
                    raise
                # Whoever sent it meant to send these very bytes, and they did not arrive: it is nobody's file.
                again = self._store.put_file(file.path, source, file.sha256, instead_of=stored.etag)
                return again, self._store.check(file.path, source, file.sha256, again)

        return self._tried(file, check)

    def _remove_parts(self, file: Shipment) -> None:
        try:
            self._store.abort_uploads(file.path)
        except RefusedByStoreError as error:
            if error.status != 403:
                raise
            logger.warning("%s; let a lifecycle rule of the bucket remove what interrupted uploads left", error)

    def _tried(self, file: Shipment, work: Callable[[], tuple[Sent | None, How | None]]) -> _Taken:
        if self._failures_in_a_row >= GIVE_UP:
            return _Taken(file, tried=False)
        try:
            sent, how = work()
        except (ConflictError, ArchiveError) as error:
            return _Taken(file, failure=error)
        except StoreError as error:
            self._failures_in_a_row += 1
            return _Taken(file, failure=error)
        self._failures_in_a_row = 0
        return _Taken(file, sent, how)

    def _note(self, taken: _Taken, state: Literal["uploaded", "verified"]) -> None:
        file, store = taken.shipment, self._store.url
        if not taken.tried:
            return
        if taken.failure is not None:
            rest = min(self._first_rest * 2**file.attempts, LONGEST_REST)
            self._shipments.fail(store, file.path, str(taken.failure), _now() + rest)
            self.told.errors.append(str(taken.failure))
        elif state == "uploaded":
            etag = {"etag": taken.sent.etag} if taken.sent else {}
            self._shipments.advance(store, file.path, "uploaded", _now(), **etag)
            self.told.sent += taken.sent is not None
            self.told.sent_bytes += file.size if taken.sent else 0
            self.told.found += taken.sent is None and file.state == "sealed"
        else:
            self._shipments.advance(store, file.path, "verified", _now(), how=taken.how)

    def _ship_manifests(self) -> None:
        """Those whose files are all there: from here on readers see them."""
        for manifest in self._in_state("sealed", "uploaded"):
            if not manifest.is_manifest or self._shipments.unverified(self._store.url, manifest.path):
                continue
            self.told.manifests += self._ship_one(manifest)

    def _point(self) -> None:
        with self._ledger.transaction():
            self._shipments.list_files(self._store.url, self._site, _now())
        new = [shipment.path for shipment in self._in_state("verified") if shipment.is_manifest]
        if not new:
            return
        try:
            manifests = {path: read_manifest(self._archive / path) for path in new}
            for path, manifest in manifests.items():
                point(self._store, self._shipments, manifest, path)
            add_keys(self._store, self._archive, self._without_keys() | manifests)
        except (StoreError, ArchiveError) as error:
            self.told.errors.append(str(error))
            return
        with self._ledger.transaction():
            for path in new:
                self._shipments.advance(self._store.url, path, "listed", _now())

    def _without_keys(self) -> dict[str, Manifest]:
        """The manifests of months that have no file of keys: another version shipped them."""
        listed = [shipment.path for shipment in self._in_state("listed") if shipment.is_manifest]
        here = [path for path in listed if (self._archive / path).exists()]
        if not here:
            return {}
        manifests = {path: read_manifest(self._archive / path) for path in here}
        try:
            there = {stored.path for stored in self._store.list(f"{KEYS}{self._site}/")}
        except RefusedByStoreError:  # who may not list cannot tell
            return {}
        names = {path: keys_filename(manifest.site, manifest.finished_at) for path, manifest in manifests.items()}
        return {path: manifest for path, manifest in manifests.items() if names[path] not in there}

    def _in_state(self, *states: ShipState) -> list[Shipment]:
        return self._shipments.in_state(self._store.url, self._site, *states)


def _named_by(path: Path, name: str, site: str) -> list[Shipment]:
    """The files that a manifest names, itself at the end; none if it is another site's. Raises `ArchiveError`."""
    manifest = read_manifest(path)
    if manifest.site != site:
        return []
    if outside := next((file.path for file in manifest.files if not is_below(file.path)), None):
        raise ArchiveError(f"{path}: it names {outside!r}, which is no place in the archive")
    files = [Shipment(file.path, name, file.size, file.sha256, "sealed") for file in manifest.files]
    return [*files, Shipment(name, name, path.stat().st_size, sha256_of(path), "sealed")]


def _now() -> datetime:
    return datetime.now(UTC)
