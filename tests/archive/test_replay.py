"""pywb replays what we write, from our index: an independent reader of both."""

import gzip
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from crawler.model import Exchange
from tests.archive.exchanges import chunked, exchange, response, write
from tests.replaying import needs_pywb, replayed

BODY = "<html><body><p>Ein Künstler in Zürich".encode() * 50
GZIPPED = gzip.compress(BODY, mtime=0)
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
        ("https://NEWS.example/Case/%C3%A4", response(BODY), BODY),
        ("https://news.example/gone", response(b"gone", status=b"404 Not Found"), b"gone"),
    )
}

pytestmark = needs_pywb


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a pywb that serves an archive of ours."""
    folder = tmp_path_factory.mktemp("archive")
    write(folder, *(page for page, _ in PAGES.values()), exchange(b"garbage"))
    with replayed(folder, ["demo"], folder) as address:
        yield address


@pytest.mark.parametrize("url", PAGES)
def test_gives_the_page_back(replay: str, url: str) -> None:
    try:
        with urllib.request.urlopen(f"{replay}/20240208093000id_/{url}", timeout=30) as answer:
            status, headers, body = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, headers, body = error.code, error.headers, error.read()
        error.close()
    if headers["Content-Encoding"] == "gzip":
        body = gzip.decompress(body)
    assert (status, body) == (404 if url.endswith("gone") else 200, PAGES[url][1])
    assert headers["Memento-Datetime"] == "Thu, 08 Feb 2024 09:30:00 GMT"


def test_finds_every_line_of_the_index(replay: str) -> None:
    with urllib.request.urlopen(f"{replay}/cdx?url=news.example/*&output=json", timeout=30) as answer:
        assert len(answer.read().splitlines()) == len(PAGES)
