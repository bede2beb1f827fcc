"""Whatever the content encodings, a page's bytes come out; what cannot be decoded costs one named error."""

import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from crawler import decoding
from crawler.decoding import decode_content
from crawler.errors import UnreadablePageError
from tests.captures import capture_of

TEXT = ("<p>" + "plain words, again and again. " * 400 + "</p>").encode()
NOISE = random.Random(1).randbytes(400_000)


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


ENCODERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("GZIP", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstandard.compress),
    ("identity", bytes),
    ("none", bytes),
    ("", bytes),
]


def decoded(payload: bytes, *encodings: str) -> bytes:
    return decode_content(capture_of(payload, headers=tuple(("Content-Encoding", e) for e in encodings)))


@pytest.mark.parametrize(("label", "encode"), ENCODERS, ids=[f"{n}-{e[0]}" for n, e in enumerate(ENCODERS)])
@pytest.mark.parametrize("data", [b"", b"x", TEXT, NOISE], ids=["empty", "byte", "text", "noise"])
def test_it_undoes_every_encoding(label: str, encode: Callable[[bytes], bytes], data: bytes) -> None:
    assert decoded(encode(data), label) == data


def test_it_undoes_several_encodings_in_reverse_order() -> None:
    assert decoded(brotli.compress(gzip.compress(TEXT)), "gzip, br") == TEXT
    assert decoded(brotli.compress(gzip.compress(TEXT)), "gzip", "br") == TEXT


def test_it_opens_gzip_files_served_as_such() -> None:
    assert decoded(gzip.compress(TEXT)) == TEXT


def test_it_reads_all_members_of_gzip_and_ignores_padding() -> None:
    assert decoded(gzip.compress(TEXT) + gzip.compress(b"more") + b"\0" * 20, "gzip") == TEXT + b"more"


@pytest.mark.parametrize("size", [65530, 65536, 65542])
def test_it_reads_members_that_meet_at_the_edge_of_a_piece(size: int) -> None:
    first = gzip.compress(NOISE[:size], compresslevel=0)
    assert decoded(first + gzip.compress(b"more"), "gzip") == NOISE[:size] + b"more"


@pytest.mark.parametrize(("label", "encode"), ENCODERS[:7], ids=[f"{n}-{e[0]}" for n, e in enumerate(ENCODERS[:7])])
def test_it_gives_what_is_there_before_a_cut(label: str, encode: Callable[[bytes], bytes]) -> None:
    whole = encode(NOISE)
    got = decoded(whole[: len(whole) * 3 // 4], label)
    assert got
    assert NOISE.startswith(got)


def test_it_gives_what_is_there_before_damage() -> None:
    whole = bytearray(gzip.compress(NOISE))
    whole[-8:] = b"\0" * 8
    assert decoded(bytes(whole), "gzip") == NOISE


@pytest.mark.parametrize("label", ["gzip", "deflate", "br", "zstd"])
def test_it_refuses_what_is_not_encoded_so(label: str) -> None:
    with pytest.raises(UnreadablePageError, match=r"https://example\.com/a: not"):
        decoded(b"\xff\xfe\xfd not compressed at all", label)


@pytest.mark.parametrize("label", ["gzip", "br", "zstd", "utf-8", "x-new"])
def test_it_takes_html_that_is_only_labelled_as_encoded(label: str) -> None:
    assert decoded(b"\n<html>plain", label) == b"\n<html>plain"


def test_it_refuses_unknown_encodings_and_too_many() -> None:
    with pytest.raises(UnreadablePageError, match="unknown"):
        decoded(b"\x01\x02", "snappy")
    with pytest.raises(UnreadablePageError, match="5 content encodings"):
        decoded(b"x", "gzip, gzip, gzip, gzip, gzip")


@pytest.mark.parametrize(("label", "encode"), ENCODERS[:7], ids=[f"{n}-{e[0]}" for n, e in enumerate(ENCODERS[:7])])
def test_a_bomb_costs_one_error(label: str, encode: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_BYTES", 1_000_000)
    with pytest.raises(UnreadablePageError, match="more than 1000000 bytes"):
        decoded(encode(b"\0" * 5_000_000), label)


MISTAKEN = [
    ("deflate", gzip.compress(TEXT)),
    ("br", gzip.compress(TEXT)),
    ("gzip", zstandard.compress(TEXT)),
    ("", zstandard.compress(TEXT)),
    ("utf-8", gzip.compress(TEXT)),
    ('"gzip"', gzip.compress(TEXT)),
    ("gzip;q=1.0", gzip.compress(TEXT)),
    ("ISO-8859-1", TEXT),
    ("text/html", TEXT),
    ("binary", TEXT),
    ("gzip", b"plain words without any markup"),
    ("gzip, gzip", gzip.compress(TEXT)),
    ("gzip", gzip.compress(gzip.compress(TEXT))),
]


@pytest.mark.parametrize(("label", "payload"), MISTAKEN, ids=range(len(MISTAKEN)))
def test_it_believes_the_bytes_before_the_label(label: str, payload: bytes) -> None:
    assert decoded(payload, label) in (TEXT, payload)
    assert not decoded(payload, label).startswith((b"\x1f\x8b", b"\x28\xb5"))


COMBINED = [(f"{a[0]}, {b[0]}", a[1], b[1]) for a in ENCODERS[:7] for b in ENCODERS[:7]]


@pytest.mark.parametrize(("label", "first", "second"), COMBINED, ids=range(len(COMBINED)))
def test_it_undoes_any_two_encodings_cut_or_whole(
    label: str, first: Callable[[bytes], bytes], second: Callable[[bytes], bytes]
) -> None:
    whole = second(first(NOISE))
    assert decoded(whole, label) == NOISE
    got = decoded(whole[: len(whole) * 3 // 4], label)
    assert got
    assert NOISE.startswith(got)


def test_a_raw_stream_that_begins_as_a_wrapped_one_is_read() -> None:
    stored = b"<p>" + b"x" * 254  # a stored block's first byte has spare bits, its length is 0x0101: 0x7801 in all
    raw = b"\x78" + (257).to_bytes(2, "little") + (0xFFFF - 257).to_bytes(2, "little") + stored + b"\x01\0\0\xff\xff"
    assert zlib.decompress(raw, -zlib.MAX_WBITS) == stored
    assert decoded(raw, "deflate") == stored
