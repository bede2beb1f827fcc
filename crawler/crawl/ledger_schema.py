"""The ledger's tables, and what is wrong with its file, in words."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.durable import Database, open_database, reading_database
from crawler.errors import ArchiveError

#: Another process may hold the write lock; each holds it for one commit.
BUSY_SECONDS = 60.0
#: Opens a ledger: `connect`, or `connect_to_read`.
Door = Callable[[Path], Database]

_TABLES = """
CREATE TABLE link (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    target TEXT NOT NULL,
    role TEXT NOT NULL,
    via TEXT,
    hop TEXT NOT NULL,
    title TEXT,
    modified_at TEXT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'captured', 'gone', 'refused', 'failed')),
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    found_at TEXT NOT NULL,
    found_run TEXT NOT NULL,
    last_run TEXT NOT NULL,
    capture_id INTEGER REFERENCES capture (id),
    UNIQUE (site, key)
);
CREATE INDEX link_by_turn ON link (site, state, attempts, id);
CREATE TABLE capture (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    run_id TEXT,
    url TEXT NOT NULL,
    target TEXT NOT NULL,
    captured_at TEXT NOT NULL,
    status INTEGER NOT NULL,
    redirect_to TEXT,
    mime TEXT,
    filename TEXT NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    payload_digest TEXT,
    truncated TEXT,
    etag TEXT,
    last_modified TEXT,
    UNIQUE (filename, offset)
);
CREATE INDEX capture_by_target ON capture (site, target, captured_at);
CREATE TABLE warc (
    filename TEXT PRIMARY KEY,
    site TEXT NOT NULL,
    run_id TEXT,
    bytes INTEGER NOT NULL
);
CREATE TABLE run (
    site TEXT NOT NULL,
    run_id TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    outcome TEXT,
    PRIMARY KEY (site, run_id)
);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    run_id TEXT NOT NULL,
    key TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (site, run_id, key)
);
"""

#: Of a revisit, `refers_to` is the record id of its original; `unreadable` records are nobody's original. Whether the
#: responses of before were `chunked` was not noted: perhaps.
_REVISITS = """
ALTER TABLE capture ADD COLUMN refers_to TEXT;
ALTER TABLE capture ADD COLUMN unreadable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capture ADD COLUMN chunked INTEGER NOT NULL DEFAULT 1;
CREATE INDEX capture_by_digest ON capture (site, payload_digest) WHERE refers_to IS NULL;
"""

#: What captured pages need to be shown; `left_out` is over its page's budget.
_REQUISITES = """
CREATE TABLE requisite (
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    target TEXT NOT NULL,
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    page TEXT NOT NULL,
    via TEXT NOT NULL,
    hops TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'captured', 'gone', 'refused', 'failed', 'left_out')),
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    settled_at TEXT,
    found_run TEXT NOT NULL,
    last_run TEXT NOT NULL,
    UNIQUE (site, target)
);
CREATE INDEX requisite_by_turn ON requisite (site, state, attempts, id);
CREATE INDEX requisite_by_page ON requisite (site, page);
"""

#: What a store is known to honour, and how far each finished file has come on its way there. `begun` says that an
#: upload may have left parts behind; `etag` is what the store called our upload.
_SHIPMENTS = """
CREATE TABLE store (
    server TEXT PRIMARY KEY,
    features TEXT NOT NULL,
    asked_at TEXT NOT NULL
);
CREATE TABLE shipment (
    id INTEGER PRIMARY KEY,
    store TEXT NOT NULL,
    site TEXT NOT NULL,
    manifest TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('sealed', 'uploaded', 'verified', 'listed', 'prunable', 'pruned')),
    begun INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    how TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before TEXT,
    error TEXT,
    changed_at TEXT NOT NULL,
    UNIQUE (store, path)
);
CREATE INDEX shipment_by_state ON shipment (store, site, state);
CREATE INDEX shipment_by_manifest ON shipment (store, manifest, state);
"""

_CONVERSIONS = """
CREATE TABLE conversion (
    site TEXT NOT NULL,
    refers_to TEXT NOT NULL,
    filename TEXT NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    PRIMARY KEY (site, refers_to)
) WITHOUT ROWID;
"""

#: From nothing to the present schema, whose number is how many of them were taken; an old ledger takes those it lacks.
_STEPS = (_TABLES, _REVISITS, _REQUISITES, _SHIPMENTS, _CONVERSIONS)
SCHEMA = len(_STEPS)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What SQLite finds wrong with the ledger at `path`, as an `ArchiveError` that says what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:  # of the disk or of another process, not of the file
        raise ArchiveError(f"{path}: the ledger cannot be used: {error}") from error
    except sqlite3.Error as error:
        told = "if its disk is sound, move it away: the next run makes it anew from the WARC files"
        raise ArchiveError(f"{path}: the ledger is damaged: {error}; {told}") from error


def connect(path: Path) -> Database:
    """The ledger at `path`, made if it is not there; raises `ArchiveError`."""
    with explained(path):
        try:
            database = open_database(path, BUSY_SECONDS)
        except (OSError, sqlite3.OperationalError) as error:
            raise ArchiveError(f"{path}: the ledger cannot be opened: {error}") from error
    try:
        with explained(path), database.transaction():
            _migrate(database, path)
    except ArchiveError:
        database.close()
        raise
    return database


def connect_to_read(path: Path) -> Database:
    """The ledger at `path` as it is, on a disk that cannot be written to, too; raises `ArchiveError`."""
    with explained(path):
        return reading_database(path)


def _migrate(database: Database, path: Path) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        told = f"its schema is {version}, this newswarc knows {SCHEMA}"
        raise ArchiveError(f"{path}: the ledger was made by a newer newswarc ({told}); update newswarc")
    for step in _STEPS[version:]:
        for statement in step.split(";"):
            database.execute(statement)
    if version < SCHEMA:
        database.execute(f"PRAGMA user_version = {SCHEMA}")
