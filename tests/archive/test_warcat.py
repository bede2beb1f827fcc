"""warcat, an implementation that shares no code with the others, finds every kind of our records conforming."""

import gzip
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.conversion import Conversion
from crawler.model import Original
from tests.archive.exchanges import STARTED, exchange, response, writer
from tests.archive.test_other_readers import ALL

PYTHON = Path(__file__).parents[2] / ".venv-wacz" / "bin" / "python"
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
LONG = response(b"<p>Some words" * 100)

pytestmark = pytest.mark.skipif(
    not list(PYTHON.parents[1].glob("lib/*/site-packages/warcat")), reason="warcat is not installed (`make test`)"
)


def problems(*paths: Path) -> list[str]:
    command = [PYTHON, Path(__file__).with_name("warcat_verify.py"), *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@pytest.fixture
def every_kind(tmp_path: Path) -> Path:
    """A file with records of all kinds that we write."""
    writing = writer(tmp_path)
    for one in ALL.values():
        writing.write(one)
    entry = writing.write(exchange(LONG, url="https://news.example/original"))
    original = Original(entry.url, entry.captured_at, entry.ref)
    for answer, changes in ((LONG, {}), (NOT_MODIFIED, {"validated": original})):
        again = exchange(answer, url=entry.url, started_at=STARTED + timedelta(days=1), **changes)
        assert writing.write(again, lambda *_: original).ref.refers_to
    writing.convert(Conversion(entry.ref.record_id, entry.url, entry.captured_at, "Text."))
    (finished,) = writing.close()
    return tmp_path / finished.filename


def test_finds_nothing_wrong_with_any_kind_of_record(every_kind: Path) -> None:
    assert problems(every_kind) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"WARC-Profile:", b"WARC-Profil_:", "Expected WARC-Profile"),
        (b"Some words", b"Same words", "Bad block digest."),
        (b"WARC-Date:", b"WARC-Dat_:", "Mandatory WARC-Date field is missing"),
        (b"WARC-Refers-To: <urn:uuid:0", b"WARC-Refers-To: <urn:uuid:1", "not seen yet"),
    ],
)
def test_would_find_it(every_kind: Path, tmp_path: Path, old: bytes, new: bytes, told: str) -> None:
    data = gzip.decompress(every_kind.read_bytes())
    assert old in data
    (tmp_path / "broken.warc").write_bytes(data.replace(old, new))
    assert any(told in line for line in problems(tmp_path / "broken.warc"))


def test_finds_nothing_wrong_with_a_crawl(demo_archive: Path) -> None:
    assert problems(*demo_archive.rglob("*.warc.gz")) == []
