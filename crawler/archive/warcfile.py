"""WARC files as they are found: plain or gzip, 1.0 or 1.1, whole or damaged; one record at a time."""

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from crawler.archive.members import MAGIC, SCAN_BYTES, MemberReader, WholeMembers, find_member, opens_with
from crawler.archive.pieces import (
    OPENING,
    BrokenFramingError,
    OddRecordError,
    Pieces,
    PlainReader,
    Reader,
    Record,
    Span,
)
from crawler.errors import ArchiveError, DamagedRecordError, NotAWarcError


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a file's records: those that begin from `start` on and before `end`."""

    start: int
    end: int


OnDamage = Callable[[DamagedRecordError], None]
T = TypeVar("T")
#: Makes something of the whole bytes of a record; raises `OddRecordError`.
Glancing = Callable[[bytes, Span], T]

_RECORD_BOUNDARY = b"\r\n\r\n" + OPENING
_ARC = "it is an ARC file; convert it first, as with `warcio recompress`"
_OTHER_KINDS = (
    (b"", "it is empty"),
    (b"filedesc:", _ARC),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd; decompress it first"),
    (b"PK\x03\x04", "it is a ZIP file; if it is a WACZ, the WARC files are inside, in `archive/`"),
)


class WarcFile:
    """An open WARC file. Raises `NotAWarcError` if it is none, `ArchiveError` if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        #: Where the record begins that is being read; for a damaged one, where to look.
        self.cursor = 0
        self._next: int | None = 0
        try:
            if path.exists() and not path.is_file():
                raise ArchiveError(f"{path}: it is no file")  # a FIFO would wait for its writer for ever
            self._file = path.open("rb")
            self._size = os.fstat(self._file.fileno()).st_size
            opening = os.pread(self._file.fileno(), 64, 0)
        except OSError as error:
            raise ArchiveError(f"{path}: it cannot be read: {error.strerror}") from error
        self._gzip = opening.startswith(MAGIC)
        if (why := self._why_not(opening)) is not None:
            self._file.close()
            raise NotAWarcError(f"{path}: this is not a WARC file: {why}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def each(
        self,
        read: Callable[[Record], T],
        on_damage: OnDamage | None = None,
        glance: Glancing[T] | None = None,
        part: Part | None = None,
    ) -> Iterator[T]:
        """What `read` makes of each record of the file, or of `part`; without `on_damage` a damaged one is raised.

        With `glance`, which makes the same of the whole bytes of a record, `read` is given only what that finds odd.
        """
        part = part or Part(0, self._size)
        self._next = part.start
        members = WholeMembers(self._file.fileno())
        while self._next is not None and self._next < part.end:
            if glance is not None and self._gzip:
                yield from self._glanced(members, glance, part.end)
            if self._next >= part.end:
                return
            for result in self._segment(self._next, read):
                if not isinstance(result, DamagedRecordError):
                    yield result
                elif on_damage is None:
                    raise result
                else:
                    on_damage(result)

    def ends(self, part: Part) -> bool:
        """Whether the last record that `each` read ends just where `part` does."""
        return self._next == part.end or (self._next is None and part.end == self._size)

    def at(self, offset: int, read: Callable[[Record], T]) -> T:
        """What `read` makes of the record at `offset`. Raises `DamagedRecordError`."""
        for result in self._segment(offset, read):
            if isinstance(result, DamagedRecordError):
                raise result
            return result
        raise DamagedRecordError(f"{self.path}: no record begins at byte {offset}")

    def _glanced(self, members: WholeMembers, glance: Glancing[T], stop: int) -> Iterator[T]:
        """What `glance` makes of the next records, up to one that is odd or begins at `stop`."""
        start = self._next or 0
        while start < stop and (member := members.read(start)) is not None:
            text, end = member
            try:
                result = glance(text, Span(start, end - start))
            except OddRecordError:
                break
            self.cursor, self._next = start, end
            yield result
            start = end

    def _segment(self, start: int, read: Callable[[Record], T]) -> Iterator[T | DamagedRecordError]:
        """The records of one gzip member, or of a plain file from `start` on; sets where to read on."""
        self.cursor = start
        try:
            self._next = yield from self._records(start, read)
        except BrokenFramingError as error:
            yield self._located(error)
            self._next = self._find_record(self.cursor + 1)

    def _records(self, start: int, read: Callable[[Record], T]) -> Generator[T | DamagedRecordError, None, int | None]:
        reader: Reader = (MemberReader if self._gzip else PlainReader)(self._file.fileno(), start)
        pieces = Pieces(reader)
        first = True
        while not pieces.at_end():
            self.cursor = start if self._gzip else start + pieces.taken
            record = Record(pieces, self._locator(pieces, reader, first=first))
            yield self._result(record, read)
            first = False
        return reader.end

    def _result(self, record: Record, read: Callable[[Record], T]) -> T | DamagedRecordError:
        try:
            result = read(record)
        except BrokenFramingError:
            raise
        except DamagedRecordError as error:
            record.finish()  # where it ends can be told, so nothing after it is lost
            return self._located(error)
        record.finish()
        return result

    def _locator(self, pieces: Pieces, reader: Reader, *, first: bool) -> Callable[[], Span | None]:
        cursor, begun = self.cursor, pieces.taken

        def locate() -> Span | None:
            if not self._gzip:
                return Span(cursor, pieces.taken - begun)
            alone = first and pieces.at_end() and reader.end is not None
            return Span(cursor, reader.end - cursor) if alone and reader.end is not None else None

        return locate

    def _located(self, error: DamagedRecordError) -> DamagedRecordError:
        located = DamagedRecordError(f"{self.path}: the record at byte {self.cursor} is damaged: {error}")
        located.__cause__ = error  # for those who tell the place in their own way
        return located

    def _find_record(self, start: int) -> int | None:
        if self._gzip:
            return find_member(self._file.fileno(), start, OPENING)
        return _find_plain(self._file.fileno(), start)

    def _why_not(self, opening: bytes) -> str | None:
        if self._gzip:
            if find_member(self._file.fileno(), 0, OPENING) is not None:
                return None
            return _ARC if opens_with(self._file.fileno(), 0, b"filedesc:") else "no WARC record is in this gzip file"
        if opening.startswith(OPENING):
            return None
        kinds = (why for magic, why in _OTHER_KINDS if (opening.startswith(magic) if magic else not opening))
        return next(kinds, f"it begins with {opening[:16]!r}")


def _find_plain(descriptor: int, start: int) -> int | None:
    while window := os.pread(descriptor, SCAN_BYTES, start):
        if (at := window.find(_RECORD_BOUNDARY)) >= 0:
            return start + at + 4
        start += max(1, len(window) - len(_RECORD_BOUNDARY) + 1)
    return None
