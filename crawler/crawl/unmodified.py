"""Answers that a page was not modified, which no index has: who replays by one would find the bare 304.

The ledger knows them, where it is at hand; the WARC files hold them in any case.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from crawler.archive.cdxj import CdxjRow
from crawler.archive.lookup import moment_of
from crawler.archive.tree import LEDGER_NAME
from crawler.crawl.claims import reading_ledger
from crawler.crawl.originals import wire_url
from crawler.remote.keys import Unmodified

_ANSWERS = """
    SELECT answer.target, answer.captured_at, original.captured_at FROM capture AS answer JOIN capture AS original
    ON original.site = answer.site AND original.target = answer.target AND original.record_id = answer.refers_to
    WHERE answer.status = 304 AND"""
_OF_PAGE = f"{_ANSWERS} answer.site = ? AND answer.target = ?"
_IN_FILE = f"{_ANSWERS} answer.filename = ?"


def nearest_unmodified(archive: Path, url: str, at: datetime | None, row: CdxjRow) -> Unmodified | None:
    """The 304 that is nearer to `at` than the capture of `row`, if there is one; without `at` none is, nor a ledger.

    What was captured last is what the last 304 is about. Raises `ArchiveError`.
    """
    path = Path(row.fields.get("filename", "")).parts
    if at is None or len(path) < 2 or not (archive / LEDGER_NAME).exists():
        return None
    with reading_ledger(archive) as database:
        answers = [answer for _, answer in _answers(database.execute(_OF_PAGE, (path[1], wire_url(url))))]
    return nearer(answers, at, row)


def nearer(answers: Iterable[Unmodified], at: datetime | None, row: CdxjRow) -> Unmodified | None:
    """The answer that is nearest to `at`, if it is nearer than the capture of `row`; without `at` none is."""
    if at is None:
        return None
    nearest = min(answers, key=lambda answer: abs(answer.at - at), default=None)
    if nearest is None or abs(nearest.at - at) >= abs(moment_of(row.timestamp) - at):
        return None
    return nearest


def answers_in(archive: Path, filename: str) -> list[tuple[str, Unmodified]]:
    """The 304s in a WARC file, each with its URL, as the ledger knows them; raises `ArchiveError`."""
    if not (archive / LEDGER_NAME).exists():
        return []
    with reading_ledger(archive) as database:
        return list(_answers(database.execute(_IN_FILE, (filename,))))


def _answers(rows: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, Unmodified]]:
    for target, at, original_at in rows:
        yield target, Unmodified(datetime.fromisoformat(at), datetime.fromisoformat(original_at))
