"""Some captures of a WARC file with all that belongs to them, copied byte for byte.

A capture's request and metadata name it as WARC-Concurrent-To, and its conversion as WARC-Refers-To, wherever in the
file they are; warcinfo records belong to all.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.archive.entries import IndexEntry
from crawler.archive.inspection import Inspector
from crawler.archive.pieces import Record, Span
from crawler.archive.records import parse_fields
from crawler.archive.revisits import Reference, reference_of
from crawler.archive.warcfile import WarcFile
from crawler.errors import DamagedRecordError
from crawler.spool import CHUNK_BYTES

WAITING = 65_536  # records that name a capture which is yet to come, by that capture; ours come after it
MAX_TOLD = 64 * 1024  # of a metadata block: ours have 100 bytes


@dataclass(frozen=True, slots=True)
class Found:
    """A capture, and how the crawl came to it."""

    entry: IndexEntry
    #: What it refers to, if it is a revisit.
    reference: Reference | None = None
    via: str | None = None
    #: WARC's `hopsFromSeed`.
    hops: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    kind: str
    record_id: str
    #: The record that it belongs to.
    owner: str | None
    span: Span
    entry: IndexEntry | None
    reference: Reference | None
    told: tuple[tuple[str, str], ...]


def captures_of(path: Path, filename: str) -> Iterator[Found]:
    """The captures of a file in its order, what is damaged left out; raises `NotAWarcError`, `ArchiveError`."""
    waiting: _Seen | None = None
    for seen in _records(path, filename):
        if waiting is not None and waiting.entry and seen.kind == "metadata" and seen.owner == waiting.record_id:
            told = dict(seen.told)
            yield Found(waiting.entry, waiting.reference, told.get("via"), told.get("hopsFromSeed", ""))
            waiting = None
        if seen.entry is not None:
            if waiting is not None and waiting.entry:  # another tool's, without metadata
                yield Found(waiting.entry, waiting.reference)
            waiting = seen
    if waiting is not None and waiting.entry:
        yield Found(waiting.entry, waiting.reference)


@dataclass(frozen=True, slots=True)
class Piece:
    """A record to copy, and what an index of the copy keeps of it, if it is a capture."""

    span: Span
    entry: IndexEntry | None


def excerpt(path: Path, filename: str, offsets: Collection[int]) -> Iterator[Piece]:
    """The records that belong to the captures at `offsets`, each as soon as it is known: mostly in the file's order.

    Of the records that do not belong, at most `WAITING` are remembered.
    """
    end = 0
    for seen in _belonging(_records(path, filename), offsets):
        entry = seen.entry and replace(seen.entry, ref=replace(seen.entry.ref, offset=end))
        yield Piece(seen.span, entry)
        end += seen.span.length


def _belonging(records: Iterable[_Seen], offsets: Collection[int]) -> Iterator[_Seen]:
    chosen, waiting, passed = set[int](), dict[int, list[_Seen]](), 0
    for seen in records:
        key, owner = hash(seen.record_id), hash(seen.owner)  # an id may be long
        is_chosen = seen.entry is not None and seen.span.offset in offsets
        early = waiting.pop(key, []) if seen.entry is not None else []
        if is_chosen:
            chosen.add(key)
            yield from early
        if is_chosen or seen.kind == "warcinfo" or key in chosen or owner in chosen:
            yield seen
            continue
        if seen.entry is not None:
            passed = key
        if seen.owner is not None and owner != passed:
            waiting.setdefault(owner, []).append(replace(seen, told=()))
            if len(waiting) > WAITING:
                del waiting[next(iter(waiting))]


def copied(path: Path, spans: Iterable[Span] | None = None) -> Iterator[bytes]:
    """The bytes of a file, or of these parts of it."""
    with path.open("rb") as file:
        for span in spans if spans is not None else (Span(0, path.stat().st_size),):
            file.seek(span.offset)
            left = span.length
            while left and (piece := file.read(min(left, CHUNK_BYTES))):
                left -= len(piece)
                yield piece


def _records(path: Path, filename: str) -> Iterator[_Seen]:
    """Every record that can be copied alone."""
    inspector = Inspector(filename)
    with WarcFile(path) as file:
        yield from (seen for seen in file.each(_seer(inspector), _pass_over) if seen is not None)


def _seer(inspector: Inspector) -> Callable[[Record], _Seen | None]:
    def see(record: Record) -> _Seen | None:
        header = record.header
        kind = (header.get("WARC-Type") or "").lower()
        told = parse_fields(next(record.block(), b"")[:MAX_TOLD]) if kind == "metadata" else ()
        entry = inspector.entry(record) if kind != "metadata" else None
        reference = reference_of(header) if kind == "revisit" else None
        owner = header.get("WARC-Concurrent-To") or (header.get("WARC-Refers-To") if kind == "conversion" else None)
        span = record.finish()
        if span is None:
            return None
        return _Seen(kind, header.get("WARC-Record-ID") or "", owner, span, entry, reference, told)

    return see


def _pass_over(_: DamagedRecordError) -> None:
    """It cannot be replayed; `newswarc verify` tells of it."""
