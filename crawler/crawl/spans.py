"""How many records a finished file holds, and of which time: what manifests tell those who choose files by it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from crawler.archive.lookup import moment_of
from crawler.corpus.files import read_lines
from crawler.corpus.manifest import Span
from crawler.crawl.ledger import Ledger
from crawler.errors import DamagedRecordError

LAST = "9999"  # sorts behind every time


def spans_of(archive: Path, paths: Iterable[str], ledger: Ledger) -> Iterator[tuple[str, Span]]:
    """Path and span of each file that has one; raises `ArchiveError`, `sqlite3.Error`."""
    for path in paths:
        try:
            if (span := _span_of(archive / path, path, ledger)) is not None:
                yield path, span
        except (LookupError, ValueError, DamagedRecordError, OSError):
            continue  # `verify` says what is wrong with it; a manifest need not know its span


def _span_of(file: Path, path: str, ledger: Ledger) -> Span | None:
    if path.endswith(".warc.gz"):
        number, first, last = ledger.span(path)
        return Span(number, _to_second(first) if first else None, _to_second(last) if last else None)
    if path.endswith(".cdxj"):
        return _span(_index_times(file))
    if path.endswith(".jsonl.zst"):
        return _span(str(json.loads(line)["captured_at"]) for line in read_lines(file))
    return None


def whole_span(spans: Iterable[Span]) -> tuple[str | None, str | None]:
    """The first and the last moment of all."""
    spans = list(spans)
    first = min((span.first_captured_at for span in spans if span.first_captured_at), default=None)
    return first, max((span.last_captured_at for span in spans if span.last_captured_at), default=None)


def _span(times: Iterable[str]) -> Span:
    number = 0
    first: str | None = None
    last: str | None = None
    for time in times:
        number += 1
        first = min(first or LAST, _to_second(time))
        last = max(last or "", _to_second(time))
    return Span(number, first, last)


def _to_second(time: str) -> str:
    """All our times are UTC, written one way or another."""
    return f"{time[:19]}Z"


def _index_times(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            yield moment_of(line.split(b" ", 2)[1].decode()).isoformat()
