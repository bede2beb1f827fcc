"""MB/s of checking and of indexing one WARC file: `verify` beside `warcio check`, `index` beside `cdxj-indexer`.

    .venv/bin/python benchmarks/bench_verify.py [PAGES] [ROUNDS]

All four read the same file in this process: once to warm up, then once a round in shuffled turns; medians of CPU
seconds are compared. MB are of the compressed file. `verify` does more than `warcio check`: it compares index rows and
references, too, and digests chunked bodies rightly. `cdxj-indexer` copies the digests that `index` computes.
"""

import contextlib
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench_writer import answers, exchange
from cdxj_indexer.main import write_cdx_index
from warcio.checker import Checker

from crawler.archive.tree import filename_in
from crawler.archive.writer import WarcWriter
from crawler.crawl.indexing import IndexUnit, index_warc
from crawler.crawl.verification import VerifyUnit, verify_unit

SITE = "bench"


class Arguments:
    """What `warcio check` takes from its command line."""

    verbose = False

    def __init__(self, path: Path) -> None:
        self.inputs = [str(path)]


def write(folder: Path, kinds: list[bytes], pages: int) -> Path:
    """A file as a crawl writes it, the kinds of answer in turns."""
    writer = WarcWriter(folder, SITE, "run")
    for number in range(pages):
        writer.append(exchange(kinds[number % len(kinds)]))
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
        "index": lambda: index_warc(IndexUnit(folder, SITE, path)),
        "cdxj-indexer": lambda: write_cdx_index(io.StringIO(), [str(path)], {"sort": True}),
    }


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


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
