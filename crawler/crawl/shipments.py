"""How far each finished file has come on its way to a store, as the ledger knows it.

    sealed     finished here, and named by a manifest
    uploaded   the store has taken it
    verified   what the store holds was compared with what we have
    listed     the manifest that names it is in the store too: readers see it
    prunable   the local file may go
    pruned     it has gone

A manifest goes the same way; it is `listed` when what points to it does so.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ShipState = Literal["sealed", "uploaded", "verified", "listed", "prunable", "pruned"]
_COLUMNS = "path, manifest, size, sha256, state, begun, etag, attempts, error"


@dataclass(frozen=True, slots=True)
class Shipment:
    """A file on its way."""

    path: str
    manifest: str
    size: int
    sha256: str
    state: ShipState
    #: Whether an upload that was interrupted may have left parts in the store.
    begun: bool = False
    #: What the store called our upload.
    etag: str | None = None
    attempts: int = 0
    error: str | None = None

    @property
    def is_manifest(self) -> bool:
        """Whether it is the manifest that names itself."""
        return self.path == self.manifest


class Shipments:
    """Those of all stores; what changes them belongs inside a transaction of the ledger."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def features(self, server: str) -> str | None:
        """What is remembered of a server."""
        row = self._database.execute("SELECT features FROM store WHERE server = ?", (server,)).fetchone()
        return row[0] if row else None

    def remember(self, server: str, features: str, at: datetime) -> None:
        """Remember what a server honours."""
        self._database.execute("INSERT OR REPLACE INTO store VALUES (?, ?, ?)", (server, features, at.isoformat()))

    def manifests(self, store: str, site: str) -> set[str]:
        """The manifests that are known to be on their way, or there."""
        rows = self._database.execute(
            "SELECT path FROM shipment WHERE store = ? AND site = ? AND path = manifest", (store, site)
        )
        return {row[0] for row in rows}

    def add(self, store: str, site: str, files: Iterable[Shipment], at: datetime) -> None:
        """Begin the way of files that are not yet known."""
        self._database.executemany(
            "INSERT OR IGNORE INTO shipment (store, site, manifest, path, size, sha256, state, changed_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((store, site, f.manifest, f.path, f.size, f.sha256, f.state, at.isoformat()) for f in files),
        )

    def in_state(self, store: str, site: str, *states: ShipState, before: datetime | None = None) -> list[Shipment]:
        """Files that have come so far, oldest first; with `before`, only those that came there before it."""
        marks = ", ".join("?" * len(states))
        rows = self._database.execute(
            f"SELECT {_COLUMNS} FROM shipment WHERE store = ? AND site = ? AND state IN ({marks})"  # noqa: S608
            " AND (? IS NULL OR changed_at < ?) ORDER BY id",
            (store, site, *states, *(2 * [before.isoformat() if before else None])),
        )
        return [_shipment(row) for row in rows]

    def waiting(self, store: str, site: str, now: datetime) -> set[str]:
        """Paths that failed and are not to be tried again yet."""
        rows = self._database.execute(
            "SELECT path FROM shipment WHERE store = ? AND site = ? AND not_before > ?", (store, site, now.isoformat())
        )
        return {row[0] for row in rows}

    def unverified(self, store: str, manifest: str) -> int:
        """How many of the files that a manifest names are not verified yet."""
        (number,) = self._database.execute(
            "SELECT count(*) FROM shipment WHERE store = ? AND manifest = ? AND path != manifest"
            " AND state IN ('sealed', 'uploaded')",
            (store, manifest),
        ).fetchone()
        return int(number)

    def listed_below(self, store: str, folder: str) -> list[str]:
        """The paths of all files in a folder that readers see, pruned here or not."""
        rows = self._database.execute(
            "SELECT path FROM shipment WHERE store = ? AND substr(path, 1, ?) = ?"
            " AND state IN ('listed', 'prunable', 'pruned') ORDER BY path",
            (store, len(folder) + 1, f"{folder}/"),
        )
        return [row[0] for row in rows]

    def begin(self, store: str, paths: Iterable[str]) -> None:
        """Note that an upload may leave parts from now on."""
        self._database.executemany(
            "UPDATE shipment SET begun = 1 WHERE store = ? AND path = ?", ((store, path) for path in paths)
        )

    def advance(self, store: str, path: str, state: ShipState, at: datetime, **also: str | None) -> None:
        """Note that a file has come so far; `also` are its `etag` or `how`."""
        columns = "".join(f", {name} = ?" for name in also)
        begun = "" if state == "sealed" else ", begun = 0"
        self._database.execute(
            f"UPDATE shipment SET state = ?, changed_at = ?, error = NULL, not_before = NULL{begun}{columns}"  # noqa: S608
            " WHERE store = ? AND path = ?",
            (state, at.isoformat(), *also.values(), store, path),
        )

    def list_files(self, store: str, site: str, at: datetime) -> None:
        """Note that files are listed whose manifest is in the store."""
        self._database.execute(
            "UPDATE shipment SET state = 'listed', changed_at = ?3 WHERE store = ?1 AND site = ?2"
            " AND path != manifest AND state = 'verified' AND manifest IN (SELECT path FROM shipment"
            " WHERE store = ?1 AND site = ?2 AND path = manifest AND state IN ('verified', 'listed'))",
            (store, site, at.isoformat()),
        )

    def fail(self, store: str, path: str, error: str, not_before: datetime) -> None:
        """Note that a file could not go on, and until when it rests."""
        self._database.execute(
            "UPDATE shipment SET attempts = attempts + 1, error = ?, not_before = ? WHERE store = ? AND path = ?",
            (error, not_before.isoformat(), store, path),
        )


def _shipment(row: tuple[str, str, int, str, ShipState, int, str | None, int, str | None]) -> Shipment:
    path, manifest, size, sha256, state, begun, etag, attempts, error = row
    return Shipment(path, manifest, size, sha256, state, bool(begun), etag, attempts, error)
