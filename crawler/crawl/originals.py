"""The stored responses that later captures may refer to, as the ledger knows them: committed, so durable."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from w3lib.url import safe_url_string

from crawler.archive.digests import Algorithm, digest_of
from crawler.archive.records import target_uri
from crawler.model import Original, WarcRef

_COLUMNS = "url, captured_at, filename, offset, length, record_id, payload_digest"
_WHOLE = "refers_to IS NULL AND status = 200 AND truncated IS NULL AND NOT unreadable"
_IDENTICAL = f"SELECT {_COLUMNS} FROM capture WHERE site = ? AND payload_digest = ? AND {_WHOLE}"  # noqa: S608
#: A page without a byte tells nothing, and its revisit would replay as nothing.
_EMPTY = frozenset(digest_of((), algorithm) for algorithm in get_args(Algorithm))


@dataclass(frozen=True, slots=True)
class Validators:
    """What a request asks by whether a page has changed since it was stored, and how it was."""

    original: Original
    headers: Mapping[bytes, bytes]


class Originals:
    """Looks them up; never across sites, and never a revisit."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def identical(self, site: str, digest: str, chunked: bool, url: str | None = None) -> Original | None:
        """The oldest whole response with this payload, in chunks only if `chunked`; only of `url`, if that is given."""
        target = wire_url(url) if url is not None else None
        row = self._database.execute(
            f"{_IDENTICAL} AND chunked <= ? AND (? IS NULL OR target = ?) ORDER BY id LIMIT 1",
            (site, digest, chunked, target, target),
        ).fetchone()
        return _original(row)

    def validators(self, site: str, url: str) -> Validators | None:
        """Those of the last whole response of `url`, if it came with any; a revisit is followed to its original.

        That is to be one of `url` as well: what a 304 says is of its own URL alone.
        """
        target = wire_url(url)
        row = self._database.execute(
            "SELECT etag, last_modified, coalesce(refers_to, record_id), payload_digest FROM capture WHERE site = ?"
            " AND target = ? AND status = 200 AND truncated IS NULL ORDER BY captured_at DESC, id DESC LIMIT 1",
            (site, target),
        ).fetchone()
        if row is None or row[3] is None or row[3] in _EMPTY:
            return None
        etag, last_modified, record_id, digest = row
        which = f"{_IDENTICAL} AND target = ? AND record_id = ?"
        original = _original(self._database.execute(which, (site, digest, target, record_id)).fetchone())
        headers = _conditions(etag, last_modified)
        return Validators(original, headers) if original is not None and headers else None

    def of_revisit(self, site: str, ref: WarcRef) -> Original | None:
        """What the revisit at `ref` refers to."""
        which = f"{_IDENTICAL} AND record_id = ?"
        return _original(self._database.execute(which, (site, ref.payload_digest, ref.refers_to)).fetchone())

    def mark_unreadable(self, site: str, ref: WarcRef) -> None:
        """Let nothing refer to a record that could not be read, nor to what it refers to itself."""
        self._database.execute(
            "UPDATE capture SET unreadable = 1 WHERE site = ? AND record_id IN (?, ?)",
            (site, ref.record_id, ref.refers_to or ref.record_id),
        )


def wire_url(url: str) -> str:
    """The URL as Scrapy requests it and as its record names it: what links and captures are joined by."""
    try:
        return target_uri(safe_url_string(url))
    except ValueError:  # an IPv6 address that is none: it can only fail
        return target_uri(url)


def _original(row: tuple[str, str, str, int, int, str, str] | None) -> Original | None:
    return Original(row[0], datetime.fromisoformat(row[1]), WarcRef(*row[2:])) if row is not None else None


def _conditions(etag: str | None, last_modified: str | None) -> dict[bytes, bytes]:
    """The conditional request headers (RFC 9110, 13.1); without those that no header can carry."""
    asked = ((b"If-None-Match", etag), (b"If-Modified-Since", last_modified))
    return {name: value.encode("latin-1") for name, value in asked if value and _fits_a_header(value)}


def _fits_a_header(value: str) -> bool:
    return all(" " <= character <= "\xff" and character != "\x7f" for character in value)
