"""Article records -> `articles/site=SITE/date=DAY/RUN-NNN.jsonl.zst`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from io import TextIOWrapper
from pathlib import Path
from typing import IO

import zstandard

from crawler import durable
from crawler.errors import ArchiveError, UsageError

MAX_RECORDS = 50_000  # a file; some 60 MB packed: one worker's bite in any query engine
LEVEL = 9  # records are written once and read often; 19 saves 5 % more at ten times the cost
PARQUET = ".parquet"
JSONL = ".jsonl.zst"
SUFFIXES = {"jsonl": (JSONL,), "parquet": (PARQUET,), "both": (JSONL, PARQUET)}


def suffixes_of(formats: str) -> tuple[str, ...]:
    """The endings of the files that are to be written; raises `UsageError`."""
    if formats not in SUFFIXES:
        raise UsageError(f"NEWSWARC_ARTICLES={formats}: give one of {', '.join(SUFFIXES)}")
    return SUFFIXES[formats]


def articles_filename(site: str, day: date | str, name: str, number: int = 0) -> str:
    """The path, below the archive folder, of part `number` of the records that `name` (a run, a WARC) has for a day."""
    return f"articles/site={site}/date={day}/{name}-{number:03d}.jsonl.zst"


def articles_filenames(site: str, day: date | str, name: str, number: int, suffixes: tuple[str, ...]) -> list[str]:
    """The paths, below the archive folder, of part `number` of a day's records in each format."""
    stem = articles_filename(site, day, name, number).removesuffix(JSONL)
    return [stem + suffix for suffix in suffixes]


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write records, one a line, as a file that is there whole or not at all; return how many.

    A file of that name and content may be there already: writing twice is writing once. Raises `ArchiveError` if it
    holds anything else.
    """
    count = 0
    with new_file(path) as file, compressed(file) as text:
        for line in lines:
            text.write(line + "\n")
            count += 1
    return count


def read_lines(path: Path) -> Iterator[str]:
    """The records of a file that `write_lines` wrote; raises `ArchiveError`."""
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            yield from (line.rstrip("\n") for line in TextIOWrapper(reader, "utf-8", newline="\n"))
    except (OSError, zstandard.ZstdError, UnicodeError) as error:
        raise ArchiveError(f"{path}: cannot be read: {error}") from error


@contextmanager
def compressed(file: IO[bytes]) -> Iterator[IO[str]]:
    """A text stream into `file` as one checksummed zstd frame, whose bytes depend on the text alone."""
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True, threads=0)
    with compressor.stream_writer(file, closefd=False) as writer:
        text = TextIOWrapper(writer, "utf-8", newline="\n", write_through=False)
        yield text
        text.flush()
        text.detach()


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """`durable.new_file` for records; raises `ArchiveError`."""
    try:
        with durable.new_file(path) as file:
            yield file
    except FileExistsError as error:
        raise ArchiveError(f"{path}: is there already, with another content; move it away") from error
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be written: {error.strerror or error}") from error
