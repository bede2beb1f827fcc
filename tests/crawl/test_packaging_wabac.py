"""ReplayWeb.page's engine opens our packages, by ranges over HTTP, and replays what is in them."""

import base64
import gzip
import json
import random
import shutil
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.tree import cdxj_filename
from crawler.archive.writer import WarcWriter
from crawler.corpus.manifest import Manifest, describe, write_manifest
from crawler.crawl.packaging import pack
from crawler.crawl.selection import Wanted
from crawler.model import Exchange, Original
from tests.archive.exchanges import STARTED, chunked, exchange, response

WABAC = Path(__file__).parents[1] / "wabac"
NODE = shutil.which("node")
HOME = "https://news.example/"
#: Long when it is compressed, too: short payloads are stored again.
BODY = "<html><body><p>Ein Künstler in Zürich ".encode() + random.Random(1).randbytes(2000).hex().encode()
GZIPPED = gzip.compress(BODY, mtime=0)
FRAMES = b"Transfer-Encoding: chunked"
CODING = b"Content-Encoding: gzip"
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'

#: Answers by path, and what their replay is to be.
PAGES = {
    "plain": (response(BODY), 200, BODY),
    "gzip": (response(GZIPPED, CODING), 200, BODY),
    "chunked?b=2&a=1": (response(chunked(BODY, 333), FRAMES, length=False), 200, BODY),
    "both": (response(chunked(GZIPPED, 100), FRAMES, CODING, length=False), 200, BODY),
    "Case/%C3%A4": (response(BODY), 200, BODY),
    "gone": (response(b"gone", status=b"404 Not Found"), 404, b"gone"),
}

pytestmark = pytest.mark.skipif(
    NODE is None or not (WABAC / "node_modules" / "@webrecorder").exists(),
    reason="wabac is not installed in tests/wabac (`make test`)",
)


def page(path: str, answer: bytes, days: int = 0, **changes: Any) -> Exchange:
    return exchange(answer, url=HOME + path, started_at=STARTED + timedelta(days=days), **changes)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages; the next day one of them again, elsewhere and in its place; and the day after, unchanged by its server."""
    folder = tmp_path_factory.mktemp("archive")
    writer = WarcWriter(folder, "demo", "1", clock=lambda: STARTED)
    entries = {path: writer.write(page(path, answer)) for path, (answer, _, _) in PAGES.items()}
    writer.finish()
    entry = entries["both"]
    original = Original(entry.url, entry.captured_at, entry.ref)
    again = PAGES["both"][0]
    for one in (page("elsewhere", again, 1), page("both", again, 1), page("both", NOT_MODIFIED, 2, validated=original)):
        assert writer.write(one, lambda *_: original).ref.refers_to
    names = [warc.filename for warc in writer.close()]
    files = describe(folder, [*names, *(cdxj_filename("demo", name) for name in names)])
    at = STARTED.isoformat()
    write_manifest(folder, Manifest("1", "demo", at, at, "newswarc", files, {}))
    return folder


def opened(package: Path, *wanted: str) -> dict[str, Any]:
    """What wabac says of a package and of these captures, each `TIMESTAMP/URL`."""
    command = [str(NODE), str(WABAC / "open.mjs"), str(package), *wanted]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["problems"] == []
    return told


def replay(package: Path, *wanted: str) -> list[tuple[int, str, bytes]]:
    """Status, day and body of each, as a browser gets it."""
    told = opened(package, *wanted)["replayed"]
    return [(one["status"], one["at"][:8], base64.b64decode(one["body"])) for one in told]


@pytest.fixture(scope="module")
def package(archive: Path) -> Path:
    out = archive.parent / "package.wacz"
    pack(archive, Wanted(), out, None)
    return out


def test_replays_every_page(package: Path) -> None:
    """Those that came again through their original; and of a 304 the page that it is about.

    There is no line for a 304 in the index: by one, wabac would replay the bare 304.
    """
    wanted = [f"20240208093000/{HOME}{path}" for path in PAGES]
    wanted += [f"20240209/{HOME}elsewhere", f"20240209093000/{HOME}both", f"20240210093000/{HOME}both"]
    *pages, elsewhere, again, unchanged = replay(package, *wanted)
    assert pages == [(status, "20240208", body) for _, status, body in PAGES.values()]
    assert elsewhere == again == (200, "20240209", BODY)
    assert (unchanged[0], unchanged[2]) == (200, BODY)


def test_a_revisit_chosen_alone_is_replayed(archive: Path, tmp_path: Path) -> None:
    pack(archive, Wanted(urls=(HOME + "elsewhere",)), tmp_path / "one.wacz", None)
    found = replay(tmp_path / "one.wacz", f"2024/{HOME}elsewhere", f"2024/{HOME}plain")
    assert found[0] == (200, "20240209", BODY)
    assert found[1][0] == 404


def test_opens_a_package_whose_sizes_take_eight_bytes(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    pack(archive, Wanted(), tmp_path / "long.wacz", None)
    assert replay(tmp_path / "long.wacz", f"2024/{HOME}plain") == [(200, "20240208", BODY)]


def test_offers_and_reads_the_articles_of_a_crawl(demo_archive: Path, tmp_path: Path) -> None:
    pack(demo_archive, Wanted(), tmp_path / "demo.wacz", None)
    told = opened(tmp_path / "demo.wacz")
    assert len(told["pages"]) == 121
    assert all(one["title"] and one["text"] for one in told["pages"])
    assert told["ranges"] > 3
