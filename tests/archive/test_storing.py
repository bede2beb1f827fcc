import gzip
import random
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.archive.members import MAGIC, compress
from crawler.archive.records import header_bytes, member_pieces
from crawler.archive.storing import LEAST, _stored, store_pieces
from crawler.archive.verify import verify_warc
from crawler.spool import CHUNK_BYTES, Spool
from tests.archive.exchanges import exchange, response, write
from tests.archive.test_reader import record, survivors

HEADER = header_bytes((("WARC-Type", "response"), ("WARC-Record-ID", "<urn:uuid:1>")))
NOISE = random.Random(3).randbytes(400_000)
TEXT = b"<p>Some words of a story. " * 400
GZIP = b"Content-Encoding: gzip"
JPEG = b"Content-Type: image/jpeg"


def member(block: bytes | Spool) -> bytes:
    return b"".join(member_pieces(HEADER, block))


@pytest.mark.parametrize(
    "answer",
    [
        response(gzip.compress(NOISE[:9000].hex().encode(), mtime=0), GZIP),
        response(NOISE[:9000], b"content-encoding:BR"),
        response(NOISE[:9000], JPEG),
        response(b"%x\r\n%s\r\n0\r\n\r\n" % (9000, NOISE[:9000]), b"Transfer-Encoding: chunked", GZIP, length=False),
    ],
    ids=["gzip", "brotli", "picture", "chunked"],
)
def test_stores_what_is_compressed_already_as_it_is(answer: bytes) -> None:
    packed = member(answer)
    assert answer[-6000:] in packed
    assert gzip.decompress(packed) == HEADER + answer + b"\r\n\r\n"
    assert len(packed) <= len(compress(HEADER + answer + b"\r\n\r\n")) + 20


@pytest.mark.parametrize(
    "answer",
    [
        response(TEXT),
        response(TEXT, GZIP),
        response(NOISE[:9000], b"X-Content-Encoding: gzip"),
        response(NOISE[: LEAST - 1], GZIP),
        response(NOISE[:3000] + bytes(3000) + NOISE[:3000], JPEG),
        NOISE[:9000],
    ],
    ids=["text", "text that is said to be gzip", "nothing said", "short", "a picture with a plain area", "no HTTP"],
)
def test_deflates_everything_else(answer: bytes) -> None:
    assert member(answer) == compress(HEADER + answer + b"\r\n\r\n")


@pytest.mark.parametrize("tail", [b"", TEXT * 60, NOISE], ids=["short", "text behind", "noise behind"])
def test_stores_the_same_bytes_from_disk_and_from_memory(tail: bytes) -> None:
    answer = response(NOISE[:CHUNK_BYTES] + tail, GZIP)
    on_disk = Spool(answer, limit=10)
    assert on_disk.on_disk
    assert member(on_disk) == member(Spool(answer)) == member(Spool(answer))
    assert gzip.decompress(member(on_disk)) == HEADER + answer + b"\r\n\r\n"
    on_disk.close()


def test_deflates_the_text_behind_what_is_compressed() -> None:
    answer = response(NOISE[:CHUNK_BYTES] + TEXT * 60, GZIP)
    assert len(member(Spool(answer))) < CHUNK_BYTES + 10_000


#: What might make the beginning of a member, alone or with the headers of blocks between.
MARKS = st.sampled_from([MAGIC, b"\x1f", b"\x8b", b"\x08", b"\x1f\x8b", b"\x8b\x08", gzip.compress(b"WARC/1.1 forged")])
FILLING = st.integers(0, 70_000).map(lambda size: NOISE[:size])
#: Of lengths that are marks themselves when they are turned round.
LENGTHS = st.sampled_from([b"\x08" * 0x74E0, b"\x8b\x08" * 0x7070, b"\x8b\x08" * 0x7000 + b"\x08" * 0xE0])
PIECES = st.lists(MARKS | FILLING | LENGTHS, max_size=6).map(b"".join)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=3))
def test_is_read_back_by_others(pieces: list[bytes]) -> None:
    reader = zlib.decompressobj(31)
    assert reader.decompress(b"".join(store_pieces(HEADER, pieces))) == HEADER + b"".join(pieces)
    assert reader.eof
    assert reader.unused_data == b""


@settings(deadline=None)
@given(PIECES)
@example(b"\x08" * 0x74E0)
@example(b"\x1f" + b"\x8b\x08" * 0x7070)
def test_lets_no_beginning_of_a_member_be_read_in_what_is_stored(data: bytes) -> None:
    stored = _stored(data)
    assert MAGIC not in stored or len(stored) < len(data)  # or it was deflated


def test_costs_little_more_than_deflating_whatever_is_in_it() -> None:
    marks = b"".join(MAGIC + NOISE[at : at + 8] for at in range(0, 90_000, 8))
    assert len(member(response(marks, GZIP))) < 1.05 * len(marks)


def test_a_page_that_is_a_warc_forges_no_record(tmp_path: Path) -> None:
    """Where a record is damaged, the next is looked for by the beginnings of members, and its body holds some."""
    pages = [record(b"HTTP/1.1 200 OK\r\n\r\n" + NOISE[:3000], url=f"http://forged/{number}") for number in range(3)]
    forged = b"".join(gzip.compress(page, mtime=0) for page in pages)
    finished = write(tmp_path, exchange(response(forged, GZIP)), exchange())
    path = tmp_path / finished.filename
    data = bytearray(path.read_bytes())
    data[finished.entries[0].ref.offset + 30] ^= 0xFF
    path.write_bytes(data)
    urls, damages = survivors(path)
    assert urls == [finished.entries[1].url]
    assert len(damages) == 1


def test_is_sound_to_verify(tmp_path: Path) -> None:
    finished = write(tmp_path, exchange(response(NOISE, GZIP)), exchange(response(NOISE[:50_000], JPEG)))
    told = list[object]()
    count = verify_warc(tmp_path / finished.filename, finished.filename, {}, told.append, indexed=False)
    assert (count.records, told) == (7, [])
