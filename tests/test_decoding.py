"""Whatever the encodings, a page's text comes out; what cannot be decoded costs one named error."""

# ruff: noqa: RUF001 - the quotes, dashes and letters are the point

import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from crawler import decoding
from crawler.decoding import decode_content, decode_text, known_codec
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


CHARSETS = [
    ("bom-utf8", "\ufeffé–".encode(), "text/html; charset=latin-1", "é–"),
    ("bom-utf16", "\ufeffé–".encode("utf-16-le"), None, "é–"),
    ("bom-utf16be", "\ufeffé–".encode("utf-16-be"), None, "é–"),
    ("header", "é“x”".encode("windows-1252"), "text/html; charset=windows-1252", "é“x”"),
    ("latin-1-means-1252", "“x”".encode("windows-1252"), "text/html; charset=ISO-8859-1", "“x”"),
    ("header-over-meta", b"<meta charset=utf-8>" + "я".encode("koi8-r"), "text/html; charset=koi8-r", "я"),
    ("utf8-undeclared", "é–“".encode(), "text/html", "é–“"),
    ("meta", b"<meta charset=windows-1251>" + "Москва".encode("cp1251"), None, "Москва"),
    ("undeclared-1252", "He said \u201cno\u201d \u2013 and left. ".encode("cp1252") * 9, None, "\u201cno\u201d \u2013"),
    ("default-header-over-utf8", "<meta charset=utf-8>é–".encode(), "text/html; charset=ISO-8859-1", "é–"),
    ("wrong-header-is-utf8", "é–“".encode(), "text/html; charset=ascii", "é–“"),
    ("shift-jis", "<meta charset=shift_jis>日本語".encode("shift_jis"), None, "日本語"),
    ("gb2312-means-gb18030", "<meta charset=gb2312>中文€".encode("gb18030"), None, "中文€"),
    ("unknown-label", "é–".encode(), "text/html; charset=x-mine", "é–"),
    ("dangerous-label", "é–".encode(), "text/html; charset=utf-7", "é–"),
]


@pytest.mark.parametrize(("data", "content_type", "text"), [c[1:] for c in CHARSETS], ids=[c[0] for c in CHARSETS])
def test_it_tells_the_charset(data: bytes, content_type: str | None, text: str) -> None:
    assert text in decode_text(data, content_type)


def test_one_broken_sequence_costs_one_character() -> None:
    data = ("“quoted” – " * 50).encode() + b"\xff" + "‘after’".encode()
    assert decode_text(data, "text/html; charset=utf-8") == "“quoted” – " * 50 + "\ufffd" + "‘after’"
    assert decode_text(data, None).endswith("\ufffd‘after’")


def test_a_page_that_lies_about_utf8_is_read_as_western() -> None:
    data = "Caf\u00e9 \u2013 \u201cyes\u201d".encode("cp1252")
    assert decode_text(data + b" plain text" * 40, "text/html; charset=utf-8").startswith("Café – “yes”")


def test_the_last_guess_finds_a_foreign_charset() -> None:
    data = ("Президент России Владимир Путин провел телефонный разговор с председателем. " * 20).encode("cp1251")
    assert "Путин" in decode_text(data, None)


def test_bytes_of_no_charset_still_give_a_text() -> None:
    assert len(decode_text(bytes(range(256)) * 4, None)) > 500


@pytest.mark.parametrize("label", ["zip", "hex", "idna", "punycode", "unicode_escape", "undefined", "rot13", "utf-7"])
def test_it_refuses_codecs_that_are_no_charsets(label: str) -> None:
    assert known_codec(label) is None
