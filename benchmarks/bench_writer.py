"""What a page costs to archive and to read back, beside warcio: CPU milliseconds and their ratio, in one run.

    .venv/bin/python benchmarks/bench_writer.py [PAGES] [ROUNDS]

Both write a request and a response with their digests, each record a gzip member, and read them with payloads decoded.
Ours writes a metadata record and the index line too, and is also measured durable: through the thread that syncs file
and ledger. Rounds are interleaved, and the medians compared, because a machine's speed wanders.
"""

import gzip
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeadersParser
from warcio.warcwriter import WARCWriter

from crawler.archive.reader import read_captures
from crawler.archive.writer import WarcWriter
from crawler.crawl.archive_run import ArchiveRun, RunOptions
from crawler.model import Exchange
from crawler.spool import Spool

URL = "https://news.example/2024/02/08/a-story"
REQUEST = b"GET /2024/02/08/a-story HTTP/1.1\r\nHost: news.example\r\nUser-Agent: newswarc\r\nAccept: */*\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 08 Feb 2024 09:30:00 GMT\r\nContent-Type: text/html\r\n"


def page() -> bytes:
    """Some 70 KB that compress to some 20 KB, as a news page does."""
    generator = random.Random(1)
    words = ["".join(generator.choices("etaoinshrdlu", k=generator.randint(2, 11))) for _ in range(700)]
    return b"".join(f"<p class=x>{' '.join(generator.choices(words, k=60))}</p>\n".encode() for _ in range(150))


def answers() -> dict[str, bytes]:
    """The two kinds of response that a crawl meets most."""
    identity = page()
    packed = gzip.compress(identity, 6, mtime=0)
    return {
        f"gzip, {len(packed) / 1000:.0f} KB": HEAD
        + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
        + packed,
        f"identity, {len(identity) / 1000:.0f} KB": HEAD + b"Content-Length: %d\r\n\r\n" % len(identity) + identity,
    }


def exchange(answer: bytes) -> Exchange:
    return Exchange(URL, datetime.now(UTC), 57, REQUEST, Spool(answer), ip_address="192.0.2.1", hops="L")


def write_ours(answer: bytes, pages: int, folder: Path) -> Path:
    writer = WarcWriter(folder, "bench", "run")
    for _ in range(pages):
        writer.append(exchange(answer))
    (finished,) = writer.close()
    return folder / finished.filename


def write_durable(answer: bytes, pages: int, folder: Path) -> Path:
    # The same payload each time, which is to be written each time.
    with closing(ArchiveRun(folder, "bench", "run", RunOptions(deduplicate=False))) as run:
        waiting = [run.committer.record(exchange(answer)) for _ in range(pages)]
        for future in waiting:
            future.result()
    return folder


def write_warcio(answer: bytes, pages: int, folder: Path) -> Path:
    path = folder / "warcio.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        for _ in range(pages):
            records = []
            for kind, block in (("response", answer), ("request", REQUEST)):
                stream = io.BytesIO(block)
                first = stream.readline()
                stream.seek(0)
                words = first.split(b" ", 1)
                headers = StatusAndHeadersParser([words[0].decode()]).parse(stream)
                record = writer.create_warc_record(URL, kind, payload=stream, http_headers=headers)
                records.append(record)
            writer.write_request_response_pair(records[1], records[0])
    return path


def read_ours(path: Path) -> int:
    return sum(len(capture.payload) for capture in read_captures(path))


def read_warcio(path: Path) -> int:
    with path.open("rb") as file:
        return sum(len(record.raw_stream.read()) for record in ArchiveIterator(file) if record.rec_type == "response")


def cost(work: Callable[[], object], pages: int) -> tuple[float, float]:
    """CPU and wall milliseconds a page; all threads count."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) / pages * 1e3, (time.perf_counter() - wall) / pages * 1e3


def measure(answer: bytes, pages: int, rounds: int) -> dict[str, tuple[float, float, float]]:
    """CPU and wall milliseconds a page and bytes a page of each way; for reading, of the same file."""
    costs: dict[str, list[tuple[float, float]]] = {}
    sizes: dict[str, float] = {}
    for _ in range(rounds):
        for name, write in (("ours", write_ours), ("ours, durable", write_durable), ("warcio", write_warcio)):
            with tempfile.TemporaryDirectory() as folder:
                work = partial(write, answer, pages, Path(folder))
                costs.setdefault(f"write {name}", []).append(cost(work, pages))
                sizes[f"write {name}"] = sum(file.stat().st_size for file in Path(folder).rglob("*.warc.gz*")) / pages
        with tempfile.TemporaryDirectory() as folder:
            path = write_ours(answer, pages, Path(folder))
            assert read_ours(path) == read_warcio(path)
            for name, read in (("ours", read_ours), ("warcio", read_warcio)):
                costs.setdefault(f"read {name}", []).append(cost(partial(read, path), pages))
    return {
        name: (
            statistics.median(cpu for cpu, _ in found),
            statistics.median(wall for _, wall in found),
            sizes.get(name, 0.0),
        )
        for name, found in costs.items()
    }


def main(pages: int = 300, rounds: int = 7) -> None:
    for kind, answer in answers().items():
        print(f"\n{kind}; {pages} pages, median of {rounds} rounds")
        print(f"{'':20}{'CPU ms/page':>12}{'wall':>8}{'bytes/page':>12}{'warcio is':>12}")
        found = measure(answer, pages, rounds)
        for name, (cpu, wall, size) in found.items():
            ratio = found[f"{name.split()[0]} warcio"][0] / cpu
            print(f"{name:20}{cpu:12.3f}{wall:8.3f}{size or 0:12.0f}{ratio:11.1f}x")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
