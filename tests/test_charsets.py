"""Whatever the charset and whoever names it, a page's text comes out."""

# ruff: noqa: RUF001 - the quotes, dashes and letters are the point

import pytest

from crawler.charsets import _LABELS, CODECS, PIECE, known_codec, to_utf8

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
    ("cp932-beyond-shift-jis", "<meta charset=shift_jis>①髙～".encode("cp932"), None, "①髙～"),
    ("windows-31j", "日本語".encode("cp932"), "text/html; charset=windows-31j", "日本語"),
    ("cp949-beyond-euc-kr", "<meta charset=euc-kr>똠방각하".encode("cp949"), None, "똠방각하"),
    ("big5", "<meta charset=big5>中文".encode("big5"), None, "中文"),
    ("gbk", "中文€".encode("gbk", "ignore") + "€".encode("gb18030"), "text/html; charset=gbk", "中文€"),
    ("iso-2022-jp", "<meta charset=iso-2022-jp>日本語".encode("iso2022_jp"), None, "日本語"),
    ("utf16-no-mark", "<html><p>é–日本".encode("utf-16-le"), None, "<html><p>é–日本"),
    ("utf16be-no-mark", "<html><p>é–日本".encode("utf-16-be"), "text/html; charset=utf-16", "<html><p>é–日本"),
    ("meta-cannot-say-utf16", b"<meta charset=utf-16>" + "Привет".encode(), None, "Привет"),
    ("header-says-utf16-of-utf8", "<p>Привет всем".encode(), "text/html; charset=utf-16", "Привет"),
    ("utf8-labelled-1251", "<p>Привет, мир".encode(), "text/html; charset=windows-1251", "Привет"),
    ("utf8-labelled-gbk", "<meta charset=gbk>中文网页的内容".encode(), None, "中文网页的内容"),
    (
        "default-header-over-meta",
        b"<meta charset=windows-1251>" + "Москва".encode("cp1251"),
        "a/b; charset=latin1",
        "Мос",
    ),
    ("quoted-label", "я".encode("koi8-r") * 9, 'text/html; charset="koi8-r"', "яяя"),
    ("late-meta", b" " * 2000 + b"<meta charset=windows-1251>" + "Москва".encode("cp1251"), None, "Москва"),
    ("unknown-label", "é–".encode(), "text/html; charset=x-mine", "é–"),
    ("dangerous-label", "é–".encode(), "text/html; charset=utf-7", "é–"),
]


def _text(data: bytes, content_type: str | None) -> str:
    return to_utf8(data, content_type).decode()


@pytest.mark.parametrize(("data", "content_type", "text"), [c[1:] for c in CHARSETS], ids=[c[0] for c in CHARSETS])
def test_it_tells_the_charset(data: bytes, content_type: str | None, text: str) -> None:
    assert text in _text(data, content_type)


def test_one_broken_sequence_costs_one_character() -> None:
    data = ("“quoted” – " * 50).encode() + b"\xff" + "‘after’".encode()
    assert _text(data, "text/html; charset=utf-8") == "“quoted” – " * 50 + "\ufffd" + "‘after’"
    assert _text(data, None).endswith("\ufffd‘after’")


def test_a_page_that_lies_about_utf8_is_read_as_western() -> None:
    data = "Caf\u00e9 \u2013 \u201cyes\u201d".encode("cp1252")
    assert _text(data + b" plain text" * 40, "text/html; charset=utf-8").startswith("Café – “yes”")


def test_the_last_guess_finds_a_foreign_charset() -> None:
    data = ("Президент России Владимир Путин провел телефонный разговор с председателем. " * 20).encode("cp1251")
    assert "Путин" in _text(data, None)


def test_bytes_of_no_charset_still_give_a_text() -> None:
    assert len(_text(bytes(range(256)) * 4, None)) > 500


@pytest.mark.parametrize("label", ["zip", "hex", "idna", "punycode", "unicode_escape", "undefined", "rot13", "utf-7"])
def test_it_refuses_codecs_that_are_no_charsets(label: str) -> None:
    assert known_codec(label) is None


@pytest.mark.parametrize("codec", ["utf-8", "windows-1252", "iso-8859-1", "windows-1251", "gbk", "shift_jis"])
def test_one_wrong_byte_in_utf8_makes_no_garbage_of_the_rest(codec: str) -> None:
    data = "Ça va? Привет, 中文 — 🙂 ".encode() * 9
    text = _text(b"<meta charset=" + codec.encode() + b">" + data + b"\xff" + data, f"text/html; charset={codec}")
    assert text.endswith("Ça va? Привет, 中文 — 🙂 " * 9)
    assert text.count("\ufffd") == 1


def test_half_a_character_at_a_cut_costs_itself() -> None:
    assert _text("<p>Привет, мир".encode()[:-1], None) == "<p>Привет, ми\ufffd"


@pytest.mark.parametrize("codec", ["gb18030", "cp932", "cp949", "big5hkscs", "euc_jp"])
def test_a_wrong_byte_among_double_ones_loses_no_page(codec: str) -> None:
    data = b"<meta charset=" + codec.encode() + b"><p>" + "中文".encode(codec) * 20
    text = _text(data + b"\xff\xff<p>" + "中文".encode(codec) * 20, f"text/html; charset={codec}")
    assert text.count("中文") >= 38


LABELS = [
    ("x-sjis", "cp932"),
    ("ks_c_5601-1987", "cp949"),
    ("windows-949", "cp949"),
    ("x-gbk", "gb18030"),
    ("GB_2312", "gb18030"),
    ("cn-big5", "big5hkscs"),
    ("x-euc-jp", "euc_jp"),
    ("x-cp1251", "cp1251"),
    (" Latin1 ", "cp1252"),
    ("us-ascii", "cp1252"),
    ("iso-8859-9", "cp1254"),
    ("iso-8859-11", "cp874"),
    ("tis-620", "cp874"),
    ("iso-8859-8-i", "iso8859-8"),
    ("x-mac-cyrillic", "mac-cyrillic"),
    ("koi8", "koi8-r"),
    ("unicode-1-1-utf-8", "utf-8"),
    ("'utf-8'", "utf-8"),
    ("", None),
    (None, None),
    ("x-user-defined", None),
    ("hz-gb-2312", None),
]


@pytest.mark.parametrize(("label", "codec"), LABELS)
def test_labels_mean_what_browsers_take_them_for(label: str | None, codec: str | None) -> None:
    assert known_codec(label) == codec


def test_every_codec_of_a_label_is_one_that_python_has() -> None:
    assert {codec for codec in _LABELS if "x".encode(codec).decode(codec) == "x"} == set(_LABELS)
    assert set(_LABELS) <= CODECS


def test_bytes_that_are_utf8_are_not_copied() -> None:
    data = "<p>“quoted”</p>".encode()
    assert to_utf8(data, None) is data


@pytest.mark.parametrize("lead", range(PIECE - 5, PIECE + 2))
def test_sequences_over_the_bounds_of_pieces_are_whole(lead: int) -> None:
    data = b"x" * lead + "🙂é".encode() * 2000
    assert to_utf8(data, None) is data
    assert to_utf8(data + data[-1:], None).endswith("\ufffd".encode())
