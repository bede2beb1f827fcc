"""warcio and FastWARC read every file that we write; where they are wrong about a legal record, it says so here."""

import contextlib
import gzip
import io
import random
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from crawler.archive.writer import FinishedWarc
from crawler.model import Exchange
from tests.archive.exchanges import REQUEST, chunked, exchange, response, write

BODY = b"<p>Some words" * 100
CHUNKED = b"Transfer-Encoding: chunked"
GZIPPED = gzip.compress(BODY, mtime=0)
#: Stored as it is in the record's gzip member.
DENSE = gzip.compress(random.Random(1).randbytes(60_000).hex().encode(), mtime=0)

#: What every reader reads as it is meant.
PLAIN = {
    "identity": exchange(response(BODY)),
    "gzip": exchange(response(GZIPPED, b"Content-Encoding: gzip")),
    "dense": exchange(response(DENSE, b"Content-Encoding: gzip")),
    "empty": exchange(response(b"")),
    "not found": exchange(response(b"no", status=b"404 Nope Nothing")),
    "redirect": exchange(response(b"", b"Location: /b", status=b"301 Moved")),
    "cut": exchange(response(b"half", b"Content-Length: 99", length=False), truncated="disconnect"),
    "close-delimited": exchange(response(BODY, length=False)),
    "interim": exchange(response(BODY), interim=(b"HTTP/1.1 103 Early Hints\r\n\r\n",)),
    "post": exchange(response(BODY), request=b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"),
    "garbage": exchange(b"\x00 no HTTP"),
    "all fields": exchange(
        ip_address="2001:db8::1", protocols=("http/1.1", "tls/1.3"), cipher_suite="TLS_X", via="https://a/", hops="L"
    ),
}
#: What both decode wrongly, or digest with its framing.
FRAMED = {
    "chunked": exchange(response(chunked(BODY, 100), CHUNKED, length=False)),
    "chunked gzip": exchange(response(chunked(GZIPPED, 100), CHUNKED, b"Content-Encoding: gzip", length=False)),
    "chunked dense": exchange(response(chunked(DENSE, 999), CHUNKED, b"Content-Encoding: gzip", length=False)),
    "chunk extension": exchange(response(b"2;a=b\r\nhi\r\n0\r\n\r\n", CHUNKED, length=False)),
    "trailers": exchange(response(chunked(BODY, 100, b"X-T: 1\r\n"), CHUNKED, length=False)),
}
ALL = PLAIN | FRAMED


def case(folder: Path, one: Exchange) -> tuple[Path, FinishedWarc]:
    finished = write(folder, one, exchange())
    return folder / finished.filename, finished


@pytest.mark.parametrize("name", ALL)
class TestEveryRecord:
    def test_is_read_by_warcio_to_the_byte(self, tmp_path: Path, name: str) -> None:
        path, finished = case(tmp_path, ALL[name])
        with path.open("rb") as file:
            records = ArchiveIterator(file, no_record_parse=True)
            read = []
            for record in records:
                block = (
                    record.raw_stream.read()
                )  # before the offset is asked for: warcio reads to the record's end then
                place = records.get_record_offset(), records.get_record_length()
                read.append((record.rec_type, block, place))
        assert [kind for kind, _, _ in read[:4]] == [
            "warcinfo",
            "resource" if name == "garbage" else "response",
            "request",
            "metadata",
        ]
        assert read[1][1] == ALL[name].response.read()
        assert read[2][1] == ALL[name].request
        assert [place for _, _, place in (read[1], read[4])] == [
            (entry.ref.offset, entry.ref.length) for entry in finished.entries
        ]

    def test_is_read_by_fastwarc_to_the_byte(self, tmp_path: Path, name: str) -> None:
        path, finished = case(tmp_path, ALL[name])
        with path.open("rb") as file:
            read = [
                (record.record_type, record.stream_pos, record.reader.read(), record.verify_block_digest())
                for record in FastIterator(file, parse_http=False, record_types=WarcRecordType.any_type)
            ]
        assert len(read) == 7
        assert read[1][1:3] == (finished.entries[0].ref.offset, ALL[name].response.read())
        assert read[2][2] == ALL[name].request

    def test_has_a_block_digest_that_fastwarc_finds_right(self, tmp_path: Path, name: str) -> None:
        path, _ = case(tmp_path, ALL[name])
        with path.open("rb") as file:
            records = FastIterator(file, parse_http=False, record_types=WarcRecordType.any_type)
            assert [record.verify_block_digest() for record in records] == [True] * 7


def check(path: Path) -> tuple[int, str]:
    """What `warcio check` says."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), pytest.raises(SystemExit) as ended:
        warcio(["check", "-v", str(path)])
    return int(ended.value.code or 0), told.getvalue()


@pytest.mark.parametrize("name", PLAIN)
def test_plain_records_pass_both_checks(tmp_path: Path, name: str) -> None:
    path, _ = case(tmp_path, PLAIN[name])
    assert check(path)[0] == 0, check(path)[1]
    with path.open("rb") as file:
        records = FastIterator(file, parse_http=True, record_types=WarcRecordType.response)
        assert all(record.verify_payload_digest() for record in records)


@pytest.mark.parametrize("name", FRAMED)
def test_chunked_records_fail_both_checks_which_digest_the_chunk_sizes(tmp_path: Path, name: str) -> None:
    """WARC/1.1 calls the entity-body the payload: de-chunked (warcio issues 74 and 75; FastWARC does the same).

    Only the payload digest is rejected. Should one of them begin to agree, this test tells.
    """
    path, _ = case(tmp_path, FRAMED[name])
    code, told = check(path)
    assert code == 1
    assert told.count("payload digest failed") == 1
    assert "block digest failed" not in told
    with path.open("rb") as file:
        record = next(iter(FastIterator(file, parse_http=True, record_types=WarcRecordType.response)))
        assert not record.verify_payload_digest()


def test_the_request_is_found_from_its_response(tmp_path: Path) -> None:
    path, finished = case(tmp_path, exchange())
    with path.open("rb") as file:
        requests = [record for record in ArchiveIterator(file) if record.rec_type == "request"]
    named = [record.rec_headers.get_header("WARC-Concurrent-To") for record in requests]
    assert named == [entry.ref.record_id for entry in finished.entries]
    assert requests[0].http_headers.protocol == REQUEST.decode().split(" ", 1)[0]
