"""SQLite databases: each commit is synced before it returns, so that a power cut does not take it back."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crawler.durable.effects import Effect, observed
from crawler.durable.files import make_folder


class Database(sqlite3.Connection):
    """A connection; what changes the database belongs inside a `transaction`."""

    path: Path

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; durable at the end."""
        with observed(Effect("begin", self.path)):
            self.execute("BEGIN IMMEDIATE")
        try:
            yield
            with observed(Effect("commit", self.path)):
                self.execute("COMMIT")
        except BaseException:
            if self.in_transaction:  # a full disk ends it by itself
                with observed(Effect("rollback", self.path)):
                    self.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Let go of the file; the last to do so moves what is in the log into it."""
        with observed(Effect("close_database", self.path)):
            super().close()


class _Reading(Database):
    """Changes nothing, so there is nothing to observe."""

    def close(self) -> None:
        """Let go of the file."""
        sqlite3.Connection.close(self)


def open_database(path: Path, timeout: float) -> Database:
    """The database at `path`, made if it is not there; raises `OSError`, `sqlite3.Error`.

    Another process may hold the write lock, for which every statement waits at most `timeout` seconds.
    """
    make_folder(path.parent)
    with observed(Effect("open_database", path)):
        database = sqlite3.connect(
            path, timeout=timeout, isolation_level=None, check_same_thread=False, factory=Database
        )
        database.path = path
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            database.close()
            raise
    return database


@contextmanager
def read_database(path: Path) -> Iterator[sqlite3.Connection]:
    """The database at `path`, to be read and not changed; raises `sqlite3.Error`."""
    with closing(reading_database(path)) as database:
        yield database


def reading_database(path: Path) -> Database:
    """As `read_database`, to be closed by the caller."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    database = _connected(uri, path)
    try:
        database.execute("PRAGMA schema_version")
    except sqlite3.Error:
        database.close()
        if not _is_at_rest(path):
            raise
        return _connected(f"{uri}&immutable=1", path)
    return database


def _connected(uri: str, path: Path) -> Database:
    database = sqlite3.connect(uri, uri=True, factory=_Reading)
    database.path = path
    return database


def _is_at_rest(path: Path) -> bool:
    """Whether it has no log, and SQLite can't make the empty one without which it reads no such database."""
    return path.exists() and not path.with_name(f"{path.name}-wal").exists() and not os.access(path.parent, os.W_OK)
