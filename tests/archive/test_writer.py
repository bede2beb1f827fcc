import gzip
import os
import re
import uuid
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import pytest

from crawler.archive.exchange import Policy
from crawler.archive.tree import open_path
from crawler.archive.writer import new_record_id, utc_now
from crawler.errors import ArchiveError
from crawler.spool import Spool
from tests.archive.exchanges import STARTED, block_of, exchange, header_of, members, response, write, writer

GOLDEN = Path(__file__).parent / "golden.warc"


def test_writes_these_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The golden file holds every field, in order."""
    monkeypatch.setattr("crawler.archive.warcinfo.__version__", "0.1.0")
    one = exchange(
        response(gzip.compress(b"<p>Hello", mtime=0), b"x-lower: a", b"X-lower:  b ", b"Content-Encoding: gzip"),
        request=b"POST /login HTTP/1.1\r\nHost: news.example\r\nauthorization: Basic c2VjcmV0\r\n"
        b"Cookie: a=1; session=s3cret; b=2\r\nContent-Length: 3\r\n\r\nx=1",
        interim=(b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n",),
        ip_address="2001:db8::1",
        protocols=("http/1.1", "tls/1.3"),
        cipher_suite="TLS_AES_128_GCM_SHA256",
        truncated="time",
        via="https://me:secret@news.example/feed",
        hops="LM",
    )
    options = {"info": (("operator", "The Desk"),), "policy": Policy(secret_cookies=("session",))}
    finished = write(tmp_path, one, **options)
    assert gzip.decompress((tmp_path / finished.filename).read_bytes()) == GOLDEN.read_bytes()


def test_puts_each_record_into_a_gzip_member_of_its_own(tmp_path: Path) -> None:
    finished = write(tmp_path, exchange(), exchange())
    data = (tmp_path / finished.filename).read_bytes()
    for entry in finished.entries:
        member = gzip.decompress(data[entry.ref.offset : entry.ref.offset + entry.ref.length])
        assert member.startswith(b"WARC/1.1\r\nWARC-Type: response\r\n")
        assert block_of(member) == response()
        assert len(header_of(member)) + len(response()) + 4 == len(member)
    assert len(members(tmp_path / finished.filename)) == 7


def test_writes_a_body_on_disk_as_it_writes_one_in_memory(tmp_path: Path) -> None:
    body = response(os.urandom(300_000))
    in_memory = write(tmp_path / "a", exchange(body))
    with closing(Spool(body, limit=10)) as spool:
        on_disk = write(tmp_path / "b", exchange(response=spool))
    one, other = ((folder / in_memory.filename).read_bytes() for folder in (tmp_path / "a", tmp_path / "b"))
    assert gzip.decompress(one) == gzip.decompress(other)
    assert [entry.ref.payload_digest for entry in in_memory.entries] == [
        entry.ref.payload_digest for entry in on_disk.entries
    ]


def test_names_files_as_common_crawl_does(tmp_path: Path) -> None:
    finished = write(tmp_path, exchange())
    assert finished.filename == "warc/demo/2024/02/NEWSWARC-demo-20240208093000-00000.warc.gz"
    assert finished.entries[0].ref.filename == finished.filename
    assert finished.bytes == (tmp_path / finished.filename).stat().st_size


def test_ends_a_file_name_with_open_while_it_writes(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    ref = writing.append(exchange())
    final = tmp_path / ref.filename
    assert open_path(final).exists()
    assert not final.exists()
    writing.close()
    assert final.exists()
    assert not open_path(final).exists()


def test_makes_no_file_without_an_exchange(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    writing.sync()
    assert writing.close() == []
    assert list(tmp_path.iterdir()) == []


def test_begins_another_file_when_one_is_large_enough(tmp_path: Path) -> None:
    writing = writer(tmp_path, max_bytes=5000)
    for _ in range(6):
        writing.append(exchange(response(os.urandom(2000))))
    finished = writing.close()
    assert [warc.filename[-13:-8] for warc in finished] == ["00000", "00001", "00002"]
    assert [len(warc.entries) for warc in finished] == [2, 2, 2]
    for warc in finished:
        first = members(tmp_path / warc.filename)[0]
        assert b"WARC-Type: warcinfo" in first
        assert f"WARC-Filename: {Path(warc.filename).name}\r\n".encode() in first


def test_names_its_warcinfo_on_each_record(tmp_path: Path) -> None:
    finished = write(tmp_path, exchange(), exchange())
    first, *others = members(tmp_path / finished.filename)
    warcinfo_id = re.search(rb"WARC-Record-ID: (\S+)", first)
    assert warcinfo_id
    assert all(b"WARC-Warcinfo-ID: " + warcinfo_id[1] + b"\r\n" in record for record in others)


@pytest.mark.parametrize("suffix", ["", ".open"])
def test_never_takes_the_name_of_a_file_that_is_there(tmp_path: Path, suffix: str) -> None:
    taken = tmp_path / ("warc/demo/2024/02/NEWSWARC-demo-20240208093000-00000.warc.gz" + suffix)
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"another's")
    assert write(tmp_path, exchange()).filename.endswith("-00001.warc.gz")
    assert taken.read_bytes() == b"another's"


def test_never_overwrites_at_the_end(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    final = tmp_path / writing.append(exchange()).filename
    final.write_bytes(b"another's")
    with pytest.raises(ArchiveError, match=r"name is taken.*move"):
        writing.close()
    assert final.read_bytes() == b"another's"
    assert open_path(final).exists()


def test_leaves_an_abandoned_file_open(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    ref = writing.append(exchange())
    writing.abandon()
    writing.abandon()
    assert open_path(tmp_path / ref.filename).exists()


def test_makes_random_ids_and_aware_times() -> None:
    assert uuid.UUID(new_record_id()[1:-1]).version == 4
    assert utc_now().tzinfo is not None
    assert utc_now() > STARTED


def test_goes_on_after_a_short_write(tmp_path: Path) -> None:
    class Slow:
        """A file on a disk that is almost full."""

        def __init__(self, file: IO[bytes]) -> None:
            self._file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        def write(self, data: bytes) -> int:
            return self._file.write(data[:7])

    whole = write(tmp_path / "whole", exchange(), exchange())
    writing = writer(tmp_path / "short")
    writing.append(exchange())
    assert writing._file is not None
    writing._file._file = Slow(writing._file._file)  # type: ignore[assignment]
    writing.append(exchange())
    (short,) = writing.close()
    assert short == whole
    one, other = ((tmp_path / name / whole.filename).read_bytes() for name in ("whole", "short"))
    assert one == other
