"""pywb replays what we write, from our index: an independent reader of both."""

import gzip
import random
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from crawler.archive.writer import WarcWriter
from crawler.model import Exchange, Original
from tests.archive.exchanges import STARTED, chunked, exchange, response, write, writer
from tests.replaying import needs_pywb, replayed

BODY = "<html><body><p>Ein Künstler in Zürich".encode() * 50
GZIPPED = gzip.compress(BODY, mtime=0)
#: Stored as it comes in the record's gzip member.
DENSE = b"<html><body>" + random.Random(2).randbytes(60_000).hex().encode()
CHUNKED = b"Transfer-Encoding: chunked"
PAGES: dict[str, tuple[Exchange, bytes]] = {
    url: (exchange(answer, url=url), body)
    for url, answer, body in (
        ("https://news.example/plain", response(BODY), BODY),
        ("https://news.example/gzip", response(GZIPPED, b"Content-Encoding: gzip"), BODY),
        ("https://news.example/chunked?b=2&a=1", response(chunked(BODY, 333), CHUNKED, length=False), BODY),
        (
            "https://news.example/both",
            response(chunked(GZIPPED, 100), CHUNKED, b"Content-Encoding: gzip", length=False),
            BODY,
        ),
        ("https://news.example/dense", response(gzip.compress(DENSE, mtime=0), b"Content-Encoding: gzip"), DENSE),
        ("https://NEWS.example/Case/%C3%A4", response(BODY), BODY),
        ("https://news.example/gone", response(b"gone", status=b"404 Not Found"), b"gone"),
    )
}

LONG = random.Random(1).randbytes(2000).hex().encode()  # which stays long when it is compressed
PACKED = gzip.compress(LONG, mtime=0)
#: A body as the original came, and as the same payload came again.
FRAMINGS = {
    "length": response(PACKED, b"Content-Encoding: gzip"),
    "chunked": response(chunked(PACKED, 50), CHUNKED, b"Content-Encoding: gzip", length=False),
    "close": response(PACKED, b"Content-Encoding: gzip", length=False),
}
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
#: The ledger offers no original in chunks to what came without: pywb would show the chunk sizes.
REPEATS = {
    f"{first}-{again}": (first, again)
    for first, again in product(FRAMINGS, FRAMINGS)
    if again == "chunked" or first != "chunked"
}

pytestmark = needs_pywb


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a pywb that serves an archive of ours."""
    folder = tmp_path_factory.mktemp("archive")
    write(folder, *(page for page, _ in PAGES.values()), exchange(b"garbage"))
    write_revisits(folder)
    with replayed(folder, ["demo"], folder) as address:
        yield address


def write_revisits(folder: Path) -> None:
    """Each original in a file before its revisits: of another URL, of its own, and not modified."""
    writing = writer(folder)
    for name, (first, again) in REPEATS.items():
        url = f"https://revisits.example/{name}"
        entry = writing.write(exchange(FRAMINGS[first], url=url))
        writing.finish()
        original = Original(entry.url, entry.captured_at, entry.ref)
        write_again(writing, FRAMINGS[again], original, f"{url}/elsewhere", 1)
        write_again(writing, FRAMINGS[again], original, url, 1)
        write_again(writing, NOT_MODIFIED, original, url, 2)
    writing.close()


def write_again(writing: WarcWriter, answer: bytes, original: Original, url: str, hours: int) -> None:
    at = STARTED + timedelta(hours=hours)
    entry = writing.write(exchange(answer, url=url, started_at=at, validated=original), lambda *_: original)
    assert entry.ref.refers_to == original.ref.record_id


def got(url: str) -> tuple[int, bytes, str]:
    """Status, decoded body and the capture's time."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            status, headers, body = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers, error.read()
        error.close()
    body = gzip.decompress(body) if headers["Content-Encoding"] == "gzip" else body
    return status, body, headers["Memento-Datetime"]


@pytest.mark.parametrize("name", REPEATS)
@pytest.mark.parametrize("where", ["/elsewhere", ""])
def test_gives_a_revisits_page_back_through_its_original(replay: str, name: str, where: str) -> None:
    answer = got(f"{replay}/20240208103000id_/https://revisits.example/{name}{where}")
    assert answer == (200, LONG, "Thu, 08 Feb 2024 10:30:00 GMT")


def test_gives_the_page_that_a_304_stands_for(replay: str) -> None:
    status, body, _ = got(f"{replay}/20240208113000id_/https://revisits.example/length-length")
    assert (status, body) == (200, LONG)


@pytest.mark.parametrize("url", PAGES)
def test_gives_the_page_back(replay: str, url: str) -> None:
    status, body, at = got(f"{replay}/20240208093000id_/{url}")
    assert (status, body) == (404 if url.endswith("gone") else 200, PAGES[url][1])
    assert at == "Thu, 08 Feb 2024 09:30:00 GMT"


def test_finds_every_line_of_the_index(replay: str) -> None:
    with urllib.request.urlopen(f"{replay}/cdx?url=news.example/*&output=json", timeout=30) as answer:
        assert len(answer.read().splitlines()) == len(PAGES)
