"""An archive, or some of its captures, as one WACZ package: WARC files, their index, and the articles as its pages."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, count
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from crawler.archive.cdxj import MAX_LINE, cdxj_lines, parse_row, timestamp_of, write_index
from crawler.archive.entries import IndexEntry
from crawler.archive.excerpt import Piece, copied, excerpt
from crawler.archive.glance import read_entries
from crawler.archive.lookup import MAX_OPEN, merged
from crawler.archive.pieces import Span
from crawler.archive.tree import cdxj_filename
from crawler.archive.wacz import Page, WaczWriter
from crawler.corpus.formats import read_records
from crawler.corpus.record import from_json
from crawler.crawl.selection import Selection, Wanted, select
from crawler.durable import NEW_SUFFIX, new_file
from crawler.errors import ArchiveError, DamagedRecordError, NoCaptureError, UsageError
from crawler.model import Article

MAX_HELD = 10_000  # entries of an index, of some 1 KB each


@dataclass(frozen=True, slots=True)
class Packed:
    """What a package holds."""

    file: str
    bytes: int
    warcs: int
    #: Lines of its index.
    captures: int
    #: Articles.
    pages: int
    #: One line for each revisit that cannot be replayed.
    lost: tuple[str, ...]


def pack(archive: Path, wanted: Wanted, out: Path, title: str | None) -> Packed:
    """Write the package `out`, whole or not at all; raises `UsageError`, `NoCaptureError`, `ArchiveError`."""
    growing = out.with_name(out.name + NEW_SUFFIX)
    if growing.exists():
        told = "is there, a file of yours, or what a run that was killed or goes on has written"
        raise UsageError(f"{growing}: {told}; move it away, or name another file than {out}")
    selection = select(archive, wanted)
    if not selection.warcs:
        raise NoCaptureError(f"{archive}: no capture there is as asked for")
    try:
        with new_file(out) as file, WaczWriter(file) as writer, TemporaryDirectory(prefix="newswarc-") as scratch:
            packing = _Packing(archive, selection, _Runs(Path(scratch)))
            for filename in selection.warcs:
                packing.add_warc(writer, filename)
            captures = writer.add_index(packing.runs.lines())
            pages = writer.add_pages(packing.pages())
            writer.describe(title or archive.absolute().name, datetime.fromisoformat(selection.finished_at))
    except OSError as error:
        raise ArchiveError(f"{out}: cannot be written: {error.strerror or error}") from error
    size = out.stat().st_size
    return Packed(str(out), size, len(selection.warcs), captures, pages, tuple(selection.lost))


class _Packing:
    """Joins WARC files, index rows and articles."""

    def __init__(self, archive: Path, selection: Selection, runs: "_Runs") -> None:
        self.runs = runs
        self._archive = archive
        self._selection = selection
        #: Hashes of URL and second of those captures that have an article: a URL may be long.
        self._articles: set[int] = set()
        #: Of the WARC files in the package.
        self._names: set[str] = set()

    def add_warc(self, writer: WaczWriter, filename: str) -> None:
        """Copy a file, or what is chosen of it, and note the lines of its index."""
        path, offsets = self._archive / filename, self._selection.warcs[filename]
        if not path.exists():
            raise ArchiveError(
                f"{path}: a manifest names it, and it is not there; pack something else, or bring it back"
            )
        if offsets is None:
            name = self._free_name(PurePosixPath(filename).name)
            if writer.add_warc(name, copied(path)) != self._selection.sha256[filename]:
                raise ArchiveError(f"{path}: it is not what its manifest says; `newswarc verify` tells more")
            self.runs.add(_renamed(self._index_of(filename), name))
            return
        name = self._free_name(part_name(filename))
        writer.add_warc(name, copied(path, self._spans(excerpt(path, filename, offsets), name)))

    def _spans(self, pieces: Iterable[Piece], name: str) -> Iterator[Span]:
        """Where the pieces are, one after the other; the lines of their index are kept on the way."""
        held: list[IndexEntry] = []
        for piece in pieces:
            yield piece.span
            held += [piece.entry] if piece.entry is not None else []
            if len(held) == MAX_HELD:
                self.runs.add(_renamed(cdxj_lines(held), name))
                held = []
        self.runs.add(_renamed(cdxj_lines(held), name))

    def _free_name(self, name: str) -> str:
        """`name`, or with a number before it where another folder's file is called so too."""
        free = next(one for one in chain([name], (f"{number}-{name}" for number in count(2))) if one not in self._names)
        self._names.add(free)
        return free

    def pages(self) -> Iterator[Page]:
        """One page for each capture that an article was made of, by site and day."""
        for name in self._selection.articles:
            for line in read_records(self._archive / name):
                article = from_json(line)
                if self._selection.has(article.warc_filename, article.warc_record_offset) and self._is_new(article):
                    yield page_of(article)

    def _is_new(self, article: Article) -> bool:
        key = hash((article.url, timestamp_of(article.captured_at)))
        is_new = key not in self._articles
        self._articles.add(key)
        return is_new

    def _index_of(self, filename: str) -> Iterator[bytes]:
        """The lines of a whole file, sorted."""
        parts = PurePosixPath(filename).parts
        index = self._archive / cdxj_filename(parts[1] if len(parts) > 1 else "", filename)
        if not index.exists():
            yield from cdxj_lines(read_entries(self._archive / filename, on_damage=lambda _: None))
            return
        with index.open("rb") as file:
            yield from _checked(iter(partial(file.readline, MAX_LINE), b""), index)


def _checked(lines: Iterable[bytes], index: Path) -> Iterator[bytes]:
    """The lines of an index file that a search finds; raises `ArchiveError` for others."""
    before = b""
    for line in lines:
        try:
            parse_row(line)
        except DamagedRecordError as error:
            raise ArchiveError(f"{index}: {error}; `newswarc index` makes it again") from error
        if line < before:
            raise ArchiveError(f"{index}: its rows are not in their order; `newswarc index` makes it again")
        yield line
        before = line


def page_of(article: Article) -> Page:
    """The article as a page; its id is that of its capture's record."""
    page_id = (article.warc_record_id or article.id).strip("<>").removeprefix("urn:uuid:")
    return Page(page_id, article.url, article.captured_at, article.headline, article.text)


def part_name(filename: str) -> str:
    """What a WARC file is called in the package if only a part of it is there."""
    return PurePosixPath(filename).name.removesuffix(".warc.gz") + ".part.warc.gz"


def _renamed(lines: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The lines of one file under its name in the package, which changes nothing in their order."""
    for line in lines:
        key, timestamp, told = line.decode().split(" ", 2)
        yield f"{key} {timestamp} {json.dumps(json.loads(told) | {'filename': name})}\n".encode()


class _Runs:
    """Sorted lines, one lot for each WARC file, as files of which never too many are open."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._paths: list[Path] = []
        self._number = 0

    def add(self, lines: Iterable[bytes]) -> None:
        """Keep sorted lines."""
        if len(self._paths) == MAX_OPEN:
            self._paths = [self._write(merged(self._paths))]
        self._paths.append(self._write(lines))

    def lines(self) -> Iterator[bytes]:
        """All lines, sorted."""
        return merged(self._paths)

    def _write(self, lines: Iterable[bytes]) -> Path:
        self._number += 1
        path = self._scratch / str(self._number)
        write_index(path, lines)
        return path
