"""From bytes to text: the charset told as browsers tell it, but by the bytes where these say that a label is wrong.

Nothing is lost to one broken sequence: a wrong byte gives U+FFFD, and the text goes on.
"""

import codecs
import re

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, resolve_encoding

SAMPLE = 64 * 1024  # bytes that the last guess looks at
ENOUGH = 1 << 20  # bytes that tell what most of a page is
PIECE = 4096  # bytes looked at together
HEAD = 4096  # bytes in which a page says its charset; the standard's 1024 are too few for real ones
SPARSE = 0.05  # Western text has few bytes above 0x7F: quotes, dashes, accents
SURE = 12  # bytes above 0x7F that are whole UTF-8 by chance once in a million pages of another charset

#: Codecs a label may lead to; Python's others (utf-7, idna, unicode_escape) are slow or dangerous on hostile bytes.
CODECS = frozenset(
    ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5hkscs", "euc_jp", "shift_jis", "cp932", "iso2022_jp"]
    + ["euc_kr", "cp949", "koi8-r", "koi8-u", "mac-roman", "tis-620", "cp874", "ascii", "cp866", "mac-cyrillic"]
    + [f"cp125{n}" for n in range(9)]
    + [f"iso8859-{n}" for n in range(1, 17)]
)
#: Those of two bytes a character, which can look like UTF-8 where a few words are printed over and over.
DOUBLE = frozenset(["gb18030", "big5hkscs", "euc_jp", "cp932", "cp949"])
#: Labels of the WHATWG's Encoding Standard, section 4.2, that Python does not know, by the codec they mean.
_LABELS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff",
    "utf-16-be": "unicodefffe",
    "iso8859-2": "iso88592",
    "iso8859-3": "iso88593",
    "iso8859-4": "iso88594",
    "iso8859-5": "iso88595",
    "iso8859-6": "iso88596",
    "iso8859-7": "iso88597 sun_eu_greek",
    "iso8859-8": "iso88598 visual iso-8859-8-i csiso88598i csiso88598e logical iso-8859-8-e",
    "iso8859-10": "iso885910",
    "iso8859-13": "iso885913",
    "iso8859-14": "iso885914",
    "iso8859-15": "iso885915",
    "koi8-r": "koi koi8",
    "koi8-u": "koi8-ru",
    "mac-roman": "mac x-mac-roman csmacintosh",
    "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "cp874": "dos-874 iso885911",
    "cp1250": "x-cp1250",
    "cp1251": "x-cp1251",
    "cp1252": "x-cp1252 iso88591",
    "cp1253": "x-cp1253",
    "cp1254": "x-cp1254 iso88599",
    "cp1255": "x-cp1255",
    "cp1256": "x-cp1256",
    "cp1257": "x-cp1257",
    "cp1258": "x-cp1258",
    "gb18030": "csgb2312 csiso58gb231280 gb_2312 x-gbk",
    "big5hkscs": "cn-big5 x-x-big5",
    "euc_jp": "cseucpkdfmtjapanese x-euc-jp",
    "cp949": "cseuckr csksc56011987 iso-ir-149 ks_c_5601-1989 ksc_5601 windows-949",
}
_CODEC_OF = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HIGH = bytes(range(128, 256))
_BLANKED = bytes.maketrans(bytes(range(128)), b" " * 128)
_WHOLE = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+")


def to_utf8(data: bytes, content_type: str | None) -> bytes:
    """The text in UTF-8, by byte order mark, the bytes' own form, HTTP header, `<meta>`, a guess; in order."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _encoded(data[len(mark) :], codec)
    if (wide := _wide_codec(data)) is not None:
        return _encoded(data, wide)
    sent = _narrow_codec(http_content_type_encoding(content_type))
    whole = _is_utf8(data)
    if whole and (sent in (None, "utf-8", "cp1252", "ascii") or _high(data) >= SURE):
        if not _is_shifted(data, sent):
            return data
    elif not whole and _is_mostly_utf8(data, 0.9 if {sent, _declared(data)} & DOUBLE else 0.5):
        return _encoded(data, "utf-8")
    # latin-1 in a header is a web server's default more often than a fact
    order = (_declared(data), sent) if sent == "cp1252" else (sent, _declared(data))
    strict = (found for codec in order if codec and (found := _strict(data, codec)) is not None)
    if text := next(strict, None):
        return text.encode("utf-8", "surrogatepass")
    return data if whole and data else _encoded(data, _likely_codec(data, order))


def known_codec(label: str | None) -> str | None:
    """Python's codec for a charset label by WHATWG's rules (latin-1 means windows-1252), if it is a safe one."""
    name = (label or "").strip().strip("\"'").lower()
    resolved = _CODEC_OF.get(name) or (resolve_encoding(name) if name else None)
    codec = "gb18030" if resolved in ("gb2312", "gbk") else resolved
    return codec if codec in CODECS else None


def _declared(data: bytes) -> str | None:
    """The codec that the page names."""
    return _narrow_codec(html_body_declared_encoding(data[:HEAD]))


def _narrow_codec(label: str | None) -> str | None:
    """The codec of a label; UTF-16 is none, for its form would have shown."""
    codec = known_codec(label)
    return "utf-8" if (codec or "").startswith("utf-16") else codec


def _is_shifted(data: bytes, sent: str | None) -> bool:
    """Whether it is of the one charset that has no bytes above 0x7F, and so looks like UTF-8."""
    return "iso2022_jp" in (sent, _declared(data) if b"2022" in data[:HEAD] else None)


def _wide_codec(data: bytes) -> str | None:
    """UTF-16 without a mark: of its markup every other byte is zero, which no other charset has."""
    head = data[:HEAD]
    if 0 not in head:
        return None
    even, odd, half = head[::2].count(0), head[1::2].count(0), len(head) // 2
    if half < 4:
        return None
    if odd > half // 4 and even <= odd // 8:
        return "utf-16-le"
    return "utf-16-be" if even > half // 4 and odd <= even // 8 else None


def _is_utf8(data: bytes) -> bool:
    """Whether it is strict UTF-8; most pieces of most pages are ASCII, which is told in no time."""
    at = 0
    while at < len(data):
        end = at + PIECE
        while end < len(data) and 0x80 <= data[end] < 0xC0:  # inside a sequence
            end += 1
        piece = data[at:end]
        if not piece.isascii() and _strict(piece, "utf-8") is None:
            return False
        at = end
    return True


def _encoded(data: bytes, codec: str) -> bytes:
    return data.decode(codec, "replace").encode("utf-8", "surrogatepass")


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _high(data: bytes) -> int:
    """How many bytes are above 0x7F."""
    return len(data) - len(data.translate(None, _HIGH))


def _is_mostly_utf8(data: bytes, share: float) -> bool:
    """Whether most bytes above 0x7F belong to whole sequences: UTF-8 with a few wrong ones."""
    high = b" ".join(data[:ENOUGH].translate(_BLANKED).split())  # few of a Western page's bytes, soon searched
    return sum(found.end() - found.start() for found in _WHOLE.finditer(high)) > share * _high(high)


def _likely_codec(data: bytes, named: tuple[str | None, ...]) -> str:
    """The codec that loses least of bytes that are wrong in every codec named."""
    for codec in named:
        if codec not in (None, "utf-8", "ascii"):
            return str(codec)
    if _high(data) < SPARSE * len(data):
        return "cp1252"
    guess = from_bytes(data[:SAMPLE]).best()
    return guess.encoding if guess is not None and guess.encoding.replace("_", "-") in CODECS else "cp1252"
