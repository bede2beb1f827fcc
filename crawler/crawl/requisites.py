"""What captured pages need to be shown, as the ledger knows it: each URL once a site, whichever pages name it."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, cast

from crawler.crawl.originals import wire_url
from crawler.model import Resource, WarcRef

#: `left_out` is over its page's budget: another page may have room for it.
RequisiteState = Literal["pending", "captured", "gone", "refused", "failed", "left_out"]
OVER_BUDGET = "over_budget"
FETCHED = "fetched"


class Needed(NamedTuple):
    """A requisite that waits to be fetched."""

    #: Its URL as it is requested: what makes it the same.
    key: str
    url: str
    kind: Resource
    #: The article whose budget it is on.
    page: str
    #: The article, or the style sheet that names it.
    via: str
    hops: str


class Ended(NamedTuple):
    """How an attempt at a requisite ended."""

    key: str
    state: RequisiteState
    reason: str | None
    #: The bytes of its body that were received.
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Naming:
    """What one page, or one of its style sheets, names."""

    #: The article whose budget it is on.
    page: str
    via: str
    #: The way from the seed to what is named.
    hops: str
    named: tuple[tuple[str, Resource], ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a run asks for requisites."""

    run_id: str
    #: How many a page may ask for that nobody has asked for yet.
    number: int
    #: What was stored since then is not asked for again.
    fresh_since: datetime


class Requisites:
    """The queue; its methods belong inside the ledger's transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, site: str, naming: Naming, terms: Terms) -> None:
        """Put in line what is neither stored nor asked for, as far as the page's budget goes."""
        room = terms.number - self._asked_for(site, naming.page)
        for url, kind in naming.named:
            target = wire_url(url)
            if self._is_settled(site, target, terms):
                continue
            state = "pending" if room > 0 else "left_out"
            room -= 1
            self._database.execute(
                "INSERT INTO requisite (site, target, url, kind, page, via, hops, state, reason, found_run, last_run)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (site, target) DO UPDATE SET"
                " kind = excluded.kind, page = excluded.page, via = excluded.via, hops = excluded.hops,"
                " state = excluded.state, reason = excluded.reason, last_run = excluded.last_run,"
                " attempts = 0, bytes = 0, settled_at = NULL",
                (
                    *(site, target, url, kind, naming.page, naming.via, naming.hops),
                    *(state, OVER_BUDGET if state == "left_out" else None, terms.run_id, terms.run_id),
                ),
            )

    def _asked_for(self, site: str, page: str) -> int:
        query = "SELECT count(*) FROM requisite WHERE site = ? AND page = ? AND state != 'left_out'"
        return int(self._database.execute(query, (site, page)).fetchone()[0])

    def _is_settled(self, site: str, target: str, terms: Terms) -> bool:
        """Whether it waits already, was tried in this run, or was tried or stored not long ago."""
        row = self._database.execute(
            "SELECT state, last_run, settled_at FROM requisite WHERE site = ? AND target = ?", (site, target)
        ).fetchone()
        if row is None:  # the ledger may have been made anew from the files, which know of no queue
            return self.stored(site, target, terms.fresh_since) is not None
        state, last_run, settled_at = row
        if state in ("pending", "left_out"):
            return bool(state == "pending")
        return last_run == terms.run_id or (settled_at or "") >= terms.fresh_since.isoformat()

    def pending(self, site: str, limit: int, exclude: Collection[str] = ()) -> list[Needed]:
        """Those to be fetched: least tried first, then oldest first."""
        rows = self._database.execute(
            "SELECT target, url, kind, page, via, hops FROM requisite WHERE site = ? AND state = 'pending'"
            " ORDER BY attempts, id LIMIT ?",
            (site, limit + len(exclude)),
        )
        found = (Needed(row[0], row[1], cast("Resource", row[2]), *row[3:]) for row in rows if row[0] not in exclude)
        return [needed for needed, _ in zip(found, range(limit), strict=False)]

    def stored(self, site: str, url: str, since: datetime) -> WarcRef | None:
        """Where its newest whole capture is, if that is not from before `since`."""
        row = self._database.execute(
            "SELECT filename, offset, length, record_id, payload_digest, refers_to FROM capture WHERE site = ?"
            " AND target = ? AND captured_at >= ? AND status = 200 AND truncated IS NULL AND NOT unreadable"
            " ORDER BY captured_at DESC LIMIT 1",
            (site, wire_url(url), since.isoformat()),
        ).fetchone()
        return WarcRef(*row) if row is not None else None

    def spent(self, site: str, page: str) -> int:
        """The bytes that the requisites of a page have taken."""
        query = "SELECT coalesce(sum(bytes), 0) FROM requisite WHERE site = ? AND page = ?"
        return int(self._database.execute(query, (site, page)).fetchone()[0])

    def settle(self, site: str, run_id: str, ended: Ended) -> None:
        """Note how an attempt ended."""
        self._database.execute(
            "UPDATE requisite SET state = ?, reason = ?, attempts = attempts + 1, bytes = bytes + ?, last_run = ?,"
            " settled_at = ? WHERE site = ? AND target = ?",
            (ended.state, ended.reason, ended.size, run_id, ended.at.isoformat(), site, ended.key),
        )

    def reopen(self, site: str, max_attempts: int) -> None:
        """Make pending what failed, in fewer than `max_attempts` runs."""
        self._database.execute(
            "UPDATE requisite SET state = 'pending', reason = NULL"
            " WHERE site = ? AND state = 'failed' AND attempts < ?",
            (site, max_attempts),
        )

    def counts(self, site: str, run_id: str | None) -> dict[str, int]:
        """What became of those that the run asked for, or of all: how many were fetched, and the others by reason."""
        rows: Iterable[tuple[str, str | None, int]] = self._database.execute(
            "SELECT state, reason, count(*) FROM requisite WHERE site = ?1"
            " AND (?2 IS NULL OR ?2 IN (found_run, last_run)) GROUP BY state, reason ORDER BY state, reason",
            (site, run_id),
        )
        found: dict[str, int] = {}
        for state, reason, number in rows:
            name = FETCHED if state == "captured" and reason is None else reason or state
            found[name] = found.get(name, 0) + number
        return found
