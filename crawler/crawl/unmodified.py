"""Answers that a page was not modified, which no index has: who replays by one would find the bare 304.

The ledger knows them, where it is at hand; the WARC files hold them in any case.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.cdxj import CdxjRow
from crawler.archive.lookup import moment_of
from crawler.archive.tree import LEDGER_NAME
from crawler.crawl.claims import reading_ledger
from crawler.crawl.originals import wire_url

_ANSWERS = """
    SELECT answer.captured_at, original.captured_at FROM capture AS answer JOIN capture AS original
    ON original.site = answer.site AND original.target = answer.target AND original.record_id = answer.refers_to
    WHERE answer.site = ? AND answer.target = ? AND answer.status = 304
"""


@dataclass(frozen=True, slots=True)
class Unmodified:
    """An answer 304, and when the page was captured that it is about."""

    at: datetime
    original_at: datetime


def nearest_unmodified(archive: Path, url: str, at: datetime | None, row: CdxjRow) -> Unmodified | None:
    """The 304 that is nearer to `at` than the capture of `row`, if there is one; without `at` none is, nor a ledger.

    What was captured last is what the last 304 is about. Raises `ArchiveError`.
    """
    path = Path(row.fields.get("filename", "")).parts
    if at is None or len(path) < 2 or not (archive / LEDGER_NAME).exists():
        return None
    with reading_ledger(archive) as database:
        rows = database.execute(_ANSWERS, (path[1], wire_url(url))).fetchall()
    answers = [Unmodified(*map(datetime.fromisoformat, moments)) for moments in rows]
    nearest = min(answers, key=lambda answer: abs(answer.at - at), default=None)
    if nearest is None or abs(nearest.at - at) >= abs(moment_of(row.timestamp) - at):
        return None
    return nearest
