"""MB/s of checking and of indexing one WARC file: `verify` beside `warcio check`, `index` beside `cdxj-indexer`.

    .venv/bin/python benchmarks/bench_verify.py [PAGES] [ROUNDS]

All read the same file in this process: once to warm up, then once a round in shuffled turns; medians of CPU seconds
are compared. MB are of the compressed file. `verify` does more than `warcio check`: it compares index rows and
references, too, and digests chunked bodies rightly. `cdxj-indexer` copies the digests that `index` computes. FastWARC,
which is written in C++, stands beside them for what a compiled reader needs to read records and compare both digests;
nobody else's answer is computed there.

At the end, the seconds on the clock for the same archive of several files with one worker and with one a CPU.
"""

import contextlib
import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench_writer import answers, exchange
from cdxj_indexer.main import write_cdx_index
from fastwarc.warc import ArchiveIterator
from warcio.checker import Checker

from crawler.archive.tree import filename_in
from crawler.archive.writer import WarcWriter
from crawler.crawl.indexing import IndexUnit, index_warc
from crawler.crawl.tally import VerifyUnit
from crawler.crawl.verification import verify_archive, verify_unit
from crawler.engine import engine_of

SITE = "bench"
FILES = 40


class Arguments:
    """What `warcio check` takes from its command line."""

    verbose = False

    def __init__(self, path: Path) -> None:
        self.inputs = [str(path)]


def write(folder: Path, kinds: list[bytes], pages: int) -> Path:
    """A file as a crawl writes it, the kinds of answer in turns."""
    writer = WarcWriter(folder, SITE, "run")
    for number in range(pages):
        answer = exchange(kinds[number % len(kinds)])
        writer.append(replace(answer, url=f"{answer.url}/{number}"))  # no key is known from the page before
    (finished,) = writer.close()
    return folder / finished.filename


def quietly(work: Callable[[], object]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        work()


def works(folder: Path, path: Path) -> dict[str, Callable[[], object]]:
    unit = VerifyUnit(folder, "warc", filename_in(folder, path), path.stat().st_size)
    return {
        "verify": lambda: sound(unit),
        "warcio check": lambda: Checker(Arguments(path)).process_all(),
        "FastWARC": lambda: read_by_fastwarc(path),
        "index": lambda: index_warc(IndexUnit(folder, SITE, path)),
        "cdxj-indexer": lambda: write_cdx_index(io.StringIO(), [str(path)], {"sort": True}),
    }


def read_by_fastwarc(path: Path) -> int:
    """How many records have the digests that they claim."""
    with path.open("rb") as file:
        records = ArchiveIterator(file, verify_digests=True)
        return sum(record.verify_payload_digest() for record in records)


def sound(unit: VerifyUnit) -> None:
    tally = verify_unit(unit)
    assert tally.defects == 0, tally.told


def measure(folder: Path, path: Path, rounds: int) -> dict[str, float]:
    """CPU seconds of each, the median of the rounds."""
    seconds: dict[str, list[float]] = {}
    for turn in range(rounds + 1):
        todo = list(works(folder, path).items())
        random.Random(turn).shuffle(todo)
        for name, work in todo:
            began = time.process_time()
            quietly(work)
            if turn:
                seconds.setdefault(name, []).append(time.process_time() - began)
    return {name: statistics.median(found) for name, found in seconds.items()}


def main(pages: int = 400, rounds: int = 5) -> None:
    kinds = answers() | {"small, 1 KB": b"HTTP/1.1 404 Not Found\r\nContent-Length: 900\r\n\r\n" + b"not here " * 100}
    for name, answer in kinds.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            path = write(folder, [answer], pages)
            megabytes = path.stat().st_size / 1e6
            seconds = measure(folder, path, rounds)
        print(f"\n{name}: {pages} pages, {megabytes:.1f} MB, median of {rounds} rounds")
        for ours, theirs in (("verify", "warcio check"), ("index", "cdxj-indexer")):
            speeds = [f"{one} {megabytes / seconds[one]:.1f} MB/s" for one in (ours, theirs)]
            print(f"  {speeds[0]:24} {speeds[1]:28} {seconds[theirs] / seconds[ours]:.1f} times as fast")
        print(f"  FastWARC {megabytes / seconds['FastWARC']:.1f} MB/s")
    print_workers(list(kinds.values()), pages)


def print_workers(kinds: list[bytes], pages: int) -> None:
    """Seconds on the clock, new processes and all, for as many files as make the start of a worker a small part."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        paths = [write(folder, kinds, pages) for _ in range(FILES)]
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
        print(f"\n{FILES} files, {megabytes:.1f} MB, on the clock:")
        for workers in sorted({1, os.cpu_count() or 1}):
            began = time.perf_counter()
            assert sum(tally.defects for _, tally in verify_archive(folder, engine_of(workers))) == 0
            taken = time.perf_counter() - began
            print(f"  verify --workers {workers}: {megabytes / taken:.1f} MB/s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
