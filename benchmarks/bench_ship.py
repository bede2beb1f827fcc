"""Shipping, with all bytes hashed, checked and listed, beside `boto3.upload_file`, which does none of that: in one run.

    .venv/bin/python benchmarks/bench_ship.py [GIGABYTES] [FILES] [ROUNDS]

One large file and many small ones go to a server of our own on the loopback interface, which keeps small objects, and
of large ones the checksums (ranges of them are read from the source). The large one goes at the pace of a network, and
as fast as the processors allow. Rounds are interleaved, and the medians compared,
because a machine's speed wanders. Memory is the highest resident size of a process that ships the large file only.
"""

import hashlib
import os
import re
import resource
import statistics
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import boto3
from isal import isal_zlib
from scrapy.settings import Settings

from crawler.corpus.manifest import Manifest, describe, write_manifest
from crawler.crawl.ledger import Ledger
from crawler.crawl.ship_run import ship_sites

Work = Callable[[Path, str, str], None]
Measured = tuple[float, float, float]
CONTEXT = get_context("spawn")
MIB = 2**20
SMALL_BYTES = 20_000
LINK = 125_000_000  # bytes a second: what most archives are shipped over, or less
KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}


class Sink(BaseHTTPRequestHandler):
    """What a store must do for shipping, and no more."""

    source: Path
    objects: ClassVar[dict[str, tuple[bytes | None, dict[str, str]]]] = {}
    lock: ClassVar = threading.Lock()
    free_at = 0.0
    parts: ClassVar[dict[str, dict[int, int]]] = {}
    protocol_version = "HTTP/1.1"
    wbufsize = 2**16  # head and body in one packet: two would wait 40 ms for each other
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def body(self) -> tuple[bytes | None, int]:
        left, crc = int(self.headers.get("Content-Length", 0)), 0
        if "uploadId" not in self.path:
            data = self.rfile.read(left)
            return data, isal_zlib.crc32(data)
        while left:
            piece = self.rfile.read(min(left, MIB))
            crc, left = isal_zlib.crc32(piece, crc), left - len(piece)
            if "1gbit" in self.path:
                self.wait(len(piece))
        return None, crc

    def wait(self, size: int) -> None:
        """Let all connections together be no faster than a link."""
        with self.lock:
            Sink.free_at = max(self.free_at, time.monotonic()) + size / LINK
            until = self.free_at
        time.sleep(max(0.0, until - time.monotonic()))

    def do_PUT(self) -> None:
        data, crc = self.body()
        query, name = parse_qs(urlsplit(self.path).query), urlsplit(self.path).path
        sent = self.headers.get("x-amz-checksum-crc32")
        if "uploadId" in query:
            self.parts[query["uploadId"][0]][int(query["partNumber"][0])] = crc
            self.reply(200, {"ETag": f'"{crc}"'})
        elif sent and sent != text(crc):
            self.reply(400, {}, b"<Error><Code>BadDigest</Code></Error>")
        elif self.headers.get("If-None-Match") and name in self.objects:
            self.reply(412, {}, b"<Error><Code>PreconditionFailed</Code></Error>")
        else:
            self.objects[name] = (data, {"ETag": f'"{crc}"', "x-amz-checksum-crc32": text(crc)})
            self.reply(200, {"ETag": f'"{crc}"'})

    def do_POST(self) -> None:
        self.body()
        query, name = parse_qs(urlsplit(self.path).query, keep_blank_values=True), urlsplit(self.path).path
        if "uploads" in query:
            self.parts[name] = {}
            self.reply(200, {}, f"<R><UploadId>{name}</UploadId></R>".encode())
            return
        sums = b"".join(crc.to_bytes(4, "big") for _, crc in sorted(self.parts[name].items()))
        composite = f"{text(isal_zlib.crc32(sums))}-{len(self.parts[name])}"
        self.objects[name] = (None, {"ETag": f'"{composite}"', "x-amz-checksum-crc32": composite})
        self.reply(200, {}, b"<R><ETag>x</ETag></R>")

    def do_GET(self) -> None:
        if (name := urlsplit(self.path).path) not in self.objects:
            self.reply(404, {}, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        data, headers = self.objects[name]
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            self.reply(200, headers, data, self.source.stat().st_size)
            return
        start, end = int(wanted[1]), int(wanted[2])
        if data is None:
            with self.source.open("rb") as file:
                file.seek(start)
                found = file.read(end - start + 1)
        else:
            found = data[start : end + 1]
        self.reply(206, {"Content-Range": f"bytes {start}-{end}/*"}, found)

    def do_HEAD(self) -> None:
        self.do_GET()

    def reply(self, status: int, headers: dict[str, str], body: bytes | None = b"", size: int = 0) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(size if body is None else len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        pass


def serve(connection: Connection, source: Path) -> None:
    """A child's life."""
    Sink.source = source
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    server.daemon_threads = True
    connection.send(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection.recv()


def text(crc: int) -> str:
    return b64encode(crc.to_bytes(4, "big")).decode()


def make_archive(folder: Path, sizes: dict[str, int]) -> Path:
    block = os.urandom(MIB)
    for path, size in sizes.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("wb") as file:
            for start in range(0, size, MIB):
                file.write(hashlib.sha256(f"{path}{start}".encode()).digest() + block[: min(MIB, size - start) - 32])
    at = "2024-02-08T09:30:00+00:00"
    write_manifest(folder, Manifest("run", "bench", at, at, "newswarc", describe(folder, sizes), {}))
    Ledger(folder / "ledger.sqlite").close()
    return folder


def ship(archive: Path, bucket: str, endpoint: str) -> None:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict({"NEWSWARC_STORE": f"s3://{bucket}", "NEWSWARC_STORE_ENDPOINT": endpoint}, priority="cmdline")
    with Ledger(archive / "ledger.sqlite"):
        outcome = ship_sites(archive, ["bench"], settings, patient=False)
    assert outcome.exit_code == 0, outcome.errors


def upload(archive: Path, bucket: str, endpoint: str) -> None:
    client = boto3.client("s3", endpoint_url=endpoint)
    paths = [path for path in archive.rglob("*") if path.is_file() and path.name != "ledger.sqlite"]
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda path: client.upload_file(str(path), bucket, str(path.relative_to(archive))), paths):
            pass


def child(connection: Connection, work: Work, *args: Path | str) -> None:
    for name, value in KEYS.items():
        os.environ[name] = value
    began, cpu = time.perf_counter(), time.process_time()
    work(*args)  # type: ignore[arg-type]
    spent = time.perf_counter() - began, time.process_time() - cpu
    connection.send((*spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def measured(
    work: Callable[[Path, str, str], None], archive: Path, bucket: str, port: int
) -> tuple[float, float, float]:
    """Seconds, CPU seconds, and the highest MiB of a process of its own."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=child, args=(theirs, work, archive, bucket, f"http://127.0.0.1:{port}"))
    process.start()
    theirs.close()
    found: Measured = ours.recv()
    process.join()
    return found


def compare(name: str, archive: Path, port: int, rounds: int) -> None:
    times: dict[str, list[Measured]] = {"upload_file": [], "newswarc": []}
    for number in range(rounds):
        for label, work in (("upload_file", upload), ("newswarc", ship)):
            (archive / "ledger.sqlite").unlink()
            Ledger(archive / "ledger.sqlite").close()
            bucket = re.sub(r"\W", "", f"{name}{number}{label}").lower()
            times[label].append(measured(work, archive, bucket, port))
    medians = {
        label: [statistics.median(column) for column in zip(*rows, strict=True)] for label, rows in times.items()
    }
    for label, (wall, cpu, rss) in medians.items():
        base = medians["upload_file"]
        ratios = f"{wall / base[0]:5.2f} {cpu / base[1]:9.2f}"
        print(f"{name:<18} {label:<12} {wall:8.1f} {cpu:7.1f} {rss:7.0f}   {ratios}")


def main() -> None:
    gigabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    files = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with tempfile.TemporaryDirectory() as folder:
        warc = "warc/bench/2024/02/NEWSWARC-bench-20240208093000-00000.warc.gz"
        large = make_archive(Path(folder) / "large", {warc: int(gigabytes * 10**9)})
        names = (f"articles/site=bench/date=2024-02-08/run-{number:05d}.jsonl.zst" for number in range(files))
        small = make_archive(Path(folder) / "small", dict.fromkeys(names, SMALL_BYTES))
        ours, theirs = CONTEXT.Pipe()
        server = CONTEXT.Process(target=serve, args=(theirs, large / warc), daemon=True)
        server.start()
        port = ours.recv()
        print(f"{'':<18} {'':<12} {'seconds':>8} {'CPU s':>7} {'MiB':>7}   ratio  CPU ratio")
        compare(f"{gigabytes:g} GB, 1 Gbit/s", large, port, rounds)
        compare(f"{gigabytes:g} GB, loopback", large, port, rounds)
        compare(f"{files} small", small, port, rounds)
        ours.send(None)


if __name__ == "__main__":
    main()
