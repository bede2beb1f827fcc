"""The ledger: every link ever found and its state, every capture, and the records that wait to be exported."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, cast

from crawler.archive.entries import NO_STATUS, IndexEntry
from crawler.archive.writer import FinishedWarc
from crawler.crawl.conversions import Conversions
from crawler.crawl.ledger_schema import Door, connect
from crawler.crawl.originals import Originals, wire_url
from crawler.crawl.requisites import Requisites
from crawler.crawl.shipments import Shipments
from crawler.model import Link, Role, WarcRef

State = Literal["pending", "captured", "gone", "refused", "failed"]

MAX_REDIRECTS = 20  # as Scrapy follows them
#: Answers that Scrapy asks for again; a link is not done with them.
_TRANSIENT = "(408, 425, 429)"

_FINAL_OR_REDIRECT = f"""
    SELECT id, redirect_to, filename, offset, length, record_id, payload_digest, refers_to FROM capture
    WHERE site = ? AND target = ? AND status NOT IN (304, {NO_STATUS}) AND status NOT IN {_TRANSIENT} AND status < 500
      AND (truncated IS NULL OR truncated = 'length')
    ORDER BY captured_at DESC, id DESC LIMIT 1
"""  # noqa: S608 - constants
_HELD = """
    SELECT filename, max(end) FROM (
        SELECT site, filename, offset + length AS end FROM capture
        UNION ALL SELECT site, filename, offset + length FROM conversion
    ) WHERE site = ?1 AND filename NOT IN (SELECT filename FROM warc WHERE site = ?1) GROUP BY filename
"""
_LINK = "key, url, role, via, hop, title, modified_at"


@dataclass(frozen=True, slots=True)
class Counts:
    """A site's columns of the report; `found` is the sum of `outcomes`."""

    found: int
    #: How many links by state and reason.
    outcomes: Mapping[tuple[State, str | None], int]
    #: Responses stored, those that are no link's included: robots.txt, feeds, redirects.
    captures: int
    #: Size of the finished WARC files.
    warc_bytes: int
    #: What pages need to be shown: how many were fetched, and the others by reason.
    requisites: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt at a link ended; `pending` puts it back, to be tried again."""

    key: str
    state: State
    reason: str | None = None
    #: The article's JSON line.
    record: str | None = None


class UnknownLinkError(LookupError):
    """The ledger has no link with this key."""


class Ledger:
    """One connection to the ledger; for one thread at a time.

    Methods raise `sqlite3.Error`; what changes the ledger belongs inside a `transaction`.
    """

    def __init__(self, path: Path, door: Door = connect) -> None:
        self._database = door(path)
        #: What new captures may refer to.
        self.originals = Originals(self._database)
        #: Which responses have their text in a record.
        self.conversions = Conversions(self._database)
        #: What captured pages need to be shown.
        self.requisites = Requisites(self._database)
        #: How far finished files have come on their way to a store.
        self.shipments = Shipments(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; durable at the end."""
        with self._database.transaction():
            yield

    # Links

    def add_links(self, site: str, run_id: str, links: Iterable[tuple[str, Link]], found_at: datetime) -> int:
        """Insert the links whose key is new; how many those are."""
        before = self._database.total_changes
        self._database.executemany(
            "INSERT OR IGNORE INTO link (site, key, url, target, role, via, hop, title, modified_at,"
            " state, found_at, found_run, last_run) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)",
            ((*_link_row(site, key, link), _text(found_at), run_id, run_id) for key, link in links),
        )
        return self._database.total_changes - before

    def pending(self, site: str, limit: int, exclude: Collection[str] = ()) -> list[tuple[str, Link, int]]:
        """Key, link and number of attempts of links to be fetched: least tried first, then oldest first."""
        rows = self._database.execute(
            f"SELECT {_LINK}, attempts FROM link WHERE site = ? AND state = 'pending' ORDER BY attempts, id LIMIT ?",  # noqa: S608
            (site, limit + len(exclude)),
        )
        found = [(row[0], _link(row), int(row[7])) for row in rows if row[0] not in exclude]
        return found[:limit]

    def settle(self, site: str, run_id: str, outcome: Settlement) -> None:
        """Note how one more attempt at a link ended; raises `UnknownLinkError`."""
        key = _storable(outcome.key)
        found = self._database.execute("SELECT target FROM link WHERE site = ? AND key = ?", (site, key)).fetchone()
        if found is None:
            raise UnknownLinkError(f"{site}: no link has the key {key!r}")
        final = self._final(site, found[0])
        self._database.execute(
            "UPDATE link SET state = ?, reason = ?, attempts = attempts + 1, last_run = ?,"
            " capture_id = coalesce(?, capture_id) WHERE site = ? AND key = ?",
            (outcome.state, outcome.reason, run_id, final and final[0], site, key),
        )
        if outcome.record is not None:
            self._database.execute(
                "INSERT OR REPLACE INTO outbox (site, run_id, key, record) VALUES (?, ?, ?, ?)",
                (site, run_id, key, _storable(outcome.record)),
            )

    def reopen(self, site: str, max_attempts: int) -> int:
        """Make pending what may end otherwise another time; how many links that are.

        Those are failures with fewer than `max_attempts` attempts, and what robots.txt or the run's first day kept out.
        """
        reopened = self._database.execute(
            "UPDATE link SET state = 'pending', reason = NULL WHERE site = ?"
            " AND (state = 'failed' AND attempts < ? OR state = 'refused' AND reason IN ('robots', 'before_since'))",
            (site, max_attempts),
        )
        return reopened.rowcount

    def unsettled(self, site: str) -> list[tuple[str, Link, WarcRef]]:
        """Pending links whose final response is stored already, redirects followed, and where it is.

        A response that a link was settled by, and reopened after, is no reason not to ask again.
        """
        rows = self._database.execute(
            f"SELECT {_LINK}, target, capture_id FROM link WHERE site = ?1 AND state = 'pending' AND EXISTS"  # noqa: S608
            " (SELECT 1 FROM capture WHERE capture.site = ?1 AND capture.target = link.target) ORDER BY id",
            (site,),
        ).fetchall()
        finals = ((row, self._final(site, row[7])) for row in rows)
        return [(row[0], _link(row), final[1]) for row, final in finals if final and final[0] != row[8]]

    def _final(self, site: str, target: str) -> tuple[int, WarcRef] | None:
        for _ in range(MAX_REDIRECTS + 1):
            row = self._database.execute(_FINAL_OR_REDIRECT, (site, target)).fetchone()
            if row is None:
                return None
            if row[1] is None:
                return row[0], WarcRef(*row[2:])
            target = wire_url(row[1])
        return None

    # Captures and their files

    def add_capture(self, site: str, entry: IndexEntry) -> None:
        """Insert a stored response, unless it is known."""
        ref = entry.ref
        self._database.execute(
            "INSERT OR IGNORE INTO capture (site, run_id, url, target, captured_at, status, redirect_to, mime,"
            " filename, offset, length, record_id, payload_digest, truncated, etag, last_modified, refers_to, chunked)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(site, entry.run_id, entry.url, wire_url(entry.url), _text(entry.captured_at), entry.status),
                *(entry.redirect_to, entry.mime, ref.filename, ref.offset, ref.length, ref.record_id),
                *(ref.payload_digest, entry.truncated, entry.etag, entry.last_modified, ref.refers_to),
                entry.chunked,
            ),
        )

    def add_warc(self, site: str, warc: FinishedWarc) -> int:
        """Insert a finished file and what it holds that is not known; how many responses those are."""
        before = self._database.total_changes
        for entry in warc.entries:
            self.add_capture(site, entry)
        added = self._database.total_changes - before
        for stored in warc.conversions:
            self.conversions.add(site, stored)
        self._database.execute(
            "INSERT OR IGNORE INTO warc (filename, site, run_id, bytes) VALUES (?, ?, ?, ?)",
            (warc.filename, site, warc.run_id, warc.bytes),
        )
        return added

    def warc_filenames(self, site: str) -> set[str]:
        """The finished files that are known."""
        return {row[0] for row in self._database.execute("SELECT filename FROM warc WHERE site = ?", (site,))}

    def span(self, filename: str) -> tuple[int, str | None, str | None]:
        """How many responses a file holds, and when the first and the last were captured."""
        which = "SELECT count(*), min(captured_at), max(captured_at) FROM capture WHERE filename = ?"
        number, first, last = self._database.execute(which, (filename,)).fetchone()
        return number, first, last

    def acknowledged(self, site: str) -> dict[str, int]:
        """How far each file holds known records, in bytes, for files that are not known to be finished."""
        return dict(self._database.execute(_HELD, (site,)))

    # Runs, records and the report

    def start_run(self, site: str, run_id: str, at: datetime) -> None:
        """Note that a run begins; a run id that is used again goes on with that run."""
        self._database.execute(
            "INSERT OR IGNORE INTO run (site, run_id, started_at) VALUES (?, ?, ?)", (site, run_id, _text(at))
        )

    def finish_run(self, site: str, run_id: str, at: datetime, outcome: str) -> None:
        """Note that a run is over, and Scrapy's reason for it."""
        self._database.execute(
            "UPDATE run SET finished_at = ?, outcome = ? WHERE site = ? AND run_id = ?",
            (_text(at), outcome, site, run_id),
        )

    def unexported_runs(self, site: str) -> list[str]:
        """Runs whose records are still to be exported, oldest first; a killed run's are among them."""
        rows = self._database.execute(
            "SELECT run_id FROM outbox WHERE site = ? GROUP BY run_id ORDER BY min(id)", (site,)
        )
        return [row[0] for row in rows]

    def records(self, site: str, run_id: str) -> Iterator[str]:
        """The JSON lines of a run that were not yet exported, in the order in which they were settled."""
        rows = self._database.execute(
            "SELECT record FROM outbox WHERE site = ? AND run_id = ? ORDER BY id", (site, run_id)
        )
        return (row[0] for row in rows)

    def records_by_day(self, site: str, run_id: str) -> Iterator[tuple[str, str]]:
        """Day of capture and JSON line of each record not yet exported: by day, then as they lie in the WARC files."""
        rows = self._database.execute(
            "SELECT substr(json_extract(record, '$.captured_at'), 1, 10) AS day, record FROM outbox"
            " WHERE site = ? AND run_id = ? ORDER BY day, json_extract(record, '$.warc_filename'),"
            " json_extract(record, '$.warc_record_offset'), id",
            (site, run_id),
        )
        return ((row[0], row[1]) for row in rows)

    def mark_exported(self, site: str, run_id: str) -> None:
        """Forget the run's JSON lines: they are in a durable file."""
        self._database.execute("DELETE FROM outbox WHERE site = ? AND run_id = ?", (site, run_id))

    def counts(self, site: str, run_id: str | None = None) -> Counts:
        """Of the whole site, or of the links that the run found or tried and what it stored."""
        links = self._database.execute(
            "SELECT state, reason, count(*) FROM link WHERE site = ?1 AND (?2 IS NULL OR ?2 IN (found_run, last_run))"
            " GROUP BY state, reason ORDER BY state, reason",
            (site, run_id),
        )
        outcomes = {(state, reason): number for state, reason, number in links}
        captures, size = self._database.execute(
            "SELECT (SELECT count(*) FROM capture WHERE site = ?1 AND (?2 IS NULL OR run_id = ?2)),"
            " (SELECT coalesce(sum(bytes), 0) FROM warc WHERE site = ?1 AND (?2 IS NULL OR run_id = ?2))",
            (site, run_id),
        ).fetchone()
        return Counts(sum(outcomes.values()), outcomes, captures, size, self.requisites.counts(site, run_id))


def _link_row(site: str, key: str, link: Link) -> tuple[str | None, ...]:
    modified_at = _text(link.modified_at) if link.modified_at else None
    via, title = (_storable(text) if text else text for text in (link.via, link.title))
    url = _storable(link.url)
    return site, _storable(key), url, wire_url(url), link.role, via, link.hop, title, modified_at


def _link(row: tuple[str, ...]) -> Link:
    _, url, role, via, hop, title, modified_at, *_ = row
    return Link(url, cast("Role", role), via, hop, datetime.fromisoformat(modified_at) if modified_at else None, title)


def _storable(text: str) -> str:
    """The text without lone surrogates, which JSON can smuggle in and SQLite refuses."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _text(moment: datetime) -> str:
    return moment.isoformat()
