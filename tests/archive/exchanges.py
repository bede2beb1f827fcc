"""Exchanges for tests, with a clock and ids that do not change."""

import gzip
import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.archive.writer import FinishedWarc, WarcWriter
from crawler.model import Exchange
from crawler.spool import Spool

STARTED = datetime(2024, 2, 8, 9, 30, 0, 123456, tzinfo=UTC)
URL = "https://news.example/world/a?b=1&c=%20d"
REQUEST = b"GET /world/a?b=1&c=%20d HTTP/1.1\r\nHost: news.example\r\nUser-Agent: newswarc\r\n\r\n"


def response(body: bytes = b"<p>Hello", *headers: bytes, status: bytes = b"200 OK", length: bool = True) -> bytes:
    """A response's bytes."""
    lines = [b"HTTP/1.1 " + status, b"Content-Type: text/html", *headers]
    lines += [b"Content-Length: %d" % len(body)] if length else []
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(body: bytes, size: int, trailers: bytes = b"") -> bytes:
    """The body in chunks of `size` bytes."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return framed + b"0\r\n" + trailers + b"\r\n"


def exchange(answer: bytes | None = None, **changes: Any) -> Exchange:
    """An exchange; `changes` replace its fields."""
    fields: dict[str, Any] = {
        "url": URL,
        "started_at": STARTED,
        "fetch_ms": 57,
        "request": REQUEST,
        "response": Spool(response() if answer is None else answer),
    }
    return Exchange(**(fields | changes))


def counting_ids() -> Callable[[], str]:
    """Record ids that count."""
    numbers = itertools.count(1)
    return lambda: f"<urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}>"


def writer(folder: Path, **options: Any) -> WarcWriter:
    """A writer whose clock stands still."""
    options = {"clock": lambda: STARTED, "new_id": counting_ids()} | options
    return WarcWriter(folder, "demo", "run-1", **options)


def write(folder: Path, *exchanges: Exchange, **options: Any) -> FinishedWarc:
    """The one file with these exchanges."""
    writing = writer(folder, **options)
    for one in exchanges:
        writing.append(one)
    (finished,) = writing.close()
    return finished


def members(path: Path) -> list[bytes]:
    """The records of a file, decompressed by another implementation."""
    return [record + b"\r\n\r\n" for record in gzip.decompress(path.read_bytes()).split(b"\r\n\r\nWARC/")]


def header_of(record: bytes) -> bytes:
    """A record's header, blank line included."""
    return record[: record.index(b"\r\n\r\n") + 4]


def block_of(record: bytes) -> bytes:
    """A record's block, by its Content-Length."""
    head = header_of(record)
    length = int(next(line for line in head.splitlines() if line.lower().startswith(b"content-length")).split(b":")[1])
    return record[len(head) : len(head) + length]
