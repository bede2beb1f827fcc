"""MB/s of checking and of indexing one WARC file: `verify` beside `warcio check`, `index` beside `cdxj-indexer`.

    .venv/bin/python benchmarks/bench_verify.py [PAGES] [ROUNDS] [LARGE]

For each kind of answer, all read the same file. First a small one in this process, with one worker: once to warm up,
then once a round in shuffled turns; medians of CPU seconds are compared. Then a large one, of LARGE megabytes, with one
worker a CPU: medians of seconds on the clock, the start of the workers and all. MB are of the compressed file.

`verify` does more than `warcio check`: it compares index rows and references, too, and digests chunked bodies rightly.
`cdxj-indexer` copies the digests that `index` computes, and writes no Parquet. FastWARC, written in C++, stands
beside them for what a compiled reader needs to read records and compare both digests; nobody else's answer is computed
there.
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

from crawler.archive.writer import WarcWriter
from crawler.crawl.indexing import index_site
from crawler.crawl.verification import verify_archive
from crawler.engine import engine_of

SITE = "bench"
MAX_PAGES = 40_000  # of a large file: pages of 1 KB take as long to check as ten times the bytes in long ones
RIVALS = (("verify", "warcio check"), ("index", "cdxj-indexer"))


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


def works(folder: Path, path: Path, workers: int) -> dict[str, Callable[[], object]]:
    return {
        "verify": lambda: sound(folder, workers),
        "warcio check": lambda: Checker(Arguments(path)).process_all(),
        "FastWARC": lambda: read_by_fastwarc(path),
        "index": lambda: index_site(folder, SITE, workers),
        "cdxj-indexer": lambda: write_cdx_index(io.StringIO(), [str(path)], {"sort": True}),
    }


def read_by_fastwarc(path: Path) -> int:
    """How many records have the digests that they claim."""
    with path.open("rb") as file:
        records = ArchiveIterator(file, verify_digests=True)
        return sum(record.verify_payload_digest() for record in records)


def sound(folder: Path, workers: int) -> None:
    told = [str(defect) for _, tally in verify_archive(folder, engine_of(workers)) for defect in tally.told]
    assert told == []


def measure(
    todo: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float], *, warm: bool
) -> dict[str, float]:
    """Seconds of each by `clock`, the median of the rounds; the first work of the first round makes the index."""
    seconds: dict[str, list[float]] = {}
    todo["index"]()
    for turn in range(0 if warm else 1, rounds + 1):
        names = list(todo)
        random.Random(turn).shuffle(names)
        for name in names:
            began = clock()
            quietly(todo[name])
            if turn:
                seconds.setdefault(name, []).append(clock() - began)
    return {name: statistics.median(found) for name, found in seconds.items()}


def show(megabytes: float, seconds: dict[str, float]) -> None:
    for ours, theirs in RIVALS:
        speeds = [f"{one} {megabytes / seconds[one]:.1f} MB/s" for one in (ours, theirs)]
        print(f"    {speeds[0]:24} {speeds[1]:28} {seconds[theirs] / seconds[ours]:.1f} times as fast")
    print(f"    FastWARC {megabytes / seconds['FastWARC']:.1f} MB/s")


def main(pages: int = 400, rounds: int = 5, large: int = 200) -> None:
    kinds = answers() | {"small, 1 KB": b"HTTP/1.1 404 Not Found\r\nContent-Length: 900\r\n\r\n" + b"not here " * 100}
    for name, answer in kinds.items():
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            path = write(folder, [answer], pages)
            megabytes = path.stat().st_size / 1e6
            seconds = measure(works(folder, path, 1), rounds, time.process_time, warm=True)
        print(f"\n{name}\n  one worker, {megabytes:.1f} MB, CPU seconds, median of {rounds} rounds")
        show(megabytes, seconds)
        workers, many = os.cpu_count() or 1, min(MAX_PAGES, int(large * pages / megabytes))
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            path = write(folder, [answer], many)
            megabytes = path.stat().st_size / 1e6
            seconds = measure(works(folder, path, workers), 3, time.perf_counter, warm=False)
        print(f"  {workers} workers, {megabytes:.1f} MB, on the clock, median of 3 rounds")
        show(megabytes, seconds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
