"""A file gets its name only when another implementation reads in it what was written."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive.glance import read_entries
from crawler.archive.selfcheck import check_warc
from crawler.archive.writer import WarcWriter
from crawler.errors import ArchiveError
from tests.archive.exchanges import chunked, exchange, response, write

PAGES = (
    exchange(response(b"plain " * 400)),
    exchange(response(chunked(b"in chunks " * 300, 77), b"Transfer-Encoding: chunked", length=False)),
    exchange(b"garbage"),
    exchange(response(b"")),
)


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    write(tmp_path, *PAGES)
    return next(tmp_path.rglob("*.warc.gz"))


def other_block(data: bytes, at: int, length: int) -> bytes:
    """The file with one byte of a block changed, and its member whole."""
    member = gzip.decompress(data[at : at + length])
    return data[:at] + gzip.compress(member.replace(b"HTTP/1.1", b"HTTP/1.0", 1)) + data[at + length :]


DAMAGE: dict[str, Callable[[bytes, int, int], bytes]] = {
    "a changed block": other_block,
    "a cut member": lambda data, at, _: data[: at + 40],
    "a missing record": lambda data, at, length: data[:at] + data[at + length :],
    "a flipped byte": lambda data, at, _: data[: at + 60] + bytes([data[at + 60] ^ 0xFF]) + data[at + 61 :],
    "garbage between records": lambda data, at, _: data[:at] + b"no member" + data[at:],
}


def test_it_agrees_with_what_is_written(warc: Path) -> None:
    check_warc(warc, read_entries(warc))


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_it_tells_damage_in_one_line(warc: Path, damage: Callable[[bytes, int, int], bytes]) -> None:
    entries = read_entries(warc)
    ref = entries[1].ref
    warc.write_bytes(damage(warc.read_bytes(), ref.offset, ref.length))
    with pytest.raises(ArchiveError, match="keep the file and report it") as told:
        check_warc(warc, entries)
    assert str(warc) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_file_that_fails_it_keeps_its_open_name(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "demo", "run")
    writer.append(exchange(response(b"page")))
    writer.sync()
    path = next(tmp_path.rglob("*.open"))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ArchiveError):
        writer.close()
    assert path.exists()
    assert not list(tmp_path.rglob("*.warc.gz"))
