"""pywb replays what we write, from our index: an independent reader of both."""

import gzip
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.model import Exchange
from tests.archive.exchanges import chunked, exchange, response, write

PYWB = Path(__file__).parents[2] / ".venv-pywb" / "bin" / "wayback"
START_SECONDS = 60
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

pytestmark = pytest.mark.skipif(not PYWB.exists(), reason="pywb is not installed in .venv-pywb (`make test` does it)")


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a pywb that serves an archive of ours."""
    folder = tmp_path_factory.mktemp("archive")
    write(folder, *(page for page, _ in PAGES.values()), exchange(b"garbage"))
    told = f"collections:\n  c:\n    index_paths: {folder}/index/cdxj/demo/\n    archive_paths: {folder}/\n"
    (folder / "config.yaml").write_text(told)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "pywb.log").open("wb")
    command = [str(PYWB), "-p", str(port), "-b", "127.0.0.1"]
    with log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server:
        try:
            wait_for(port, server, folder / "pywb.log")
            yield f"http://127.0.0.1:{port}/c"
        finally:
            server.terminate()


def wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the server answers; fail with its log if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)  # for another process to start; there is nothing else to wait on
        else:
            return
    pytest.fail(f"pywb did not start: {log.read_text()[-2000:]}")


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
