"""The conversion records that a site's files hold: a response has one, however often a killed run begins again."""

from crawler.archive.conversion import StoredConversion
from crawler.durable import Database


class Conversions:
    """Notes them, and looks them up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has(self, site: str, refers_to: str) -> bool:
        """Whether the response with this record id has one."""
        which = "SELECT 1 FROM conversion WHERE site = ? AND refers_to = ?"
        return self._database.execute(which, (site, refers_to)).fetchone() is not None

    def add(self, site: str, stored: StoredConversion) -> None:
        """Insert a stored one, unless its response's is known."""
        self._database.execute(
            "INSERT OR IGNORE INTO conversion (site, refers_to, filename, offset, length) VALUES (?, ?, ?, ?, ?)",
            (site, stored.refers_to, stored.filename, stored.offset, stored.length),
        )
