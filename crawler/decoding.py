"""From a payload to text: content encodings undone within bounds, then the charset told.

Nothing is lost to one broken sequence: a cut or damaged tail gives what comes before it, and a wrong byte gives U+FFFD.
"""

import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import brotli
import zstandard
from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, resolve_encoding

from crawler.errors import UnreadablePageError
from crawler.model import Capture

MAX_BYTES = 64 * 1024 * 1024  # the largest page seen in the wild is under 10 MB; a bomb costs this much and no more
MAX_ENCODINGS = 4  # "gzip, gzip" is a server's mistake; more is an attack
PIECE = 64 * 1024
ZSTD_WINDOW = 8 * 1024 * 1024  # RFC 9659: the most an HTTP client has to accept
GZIP_MAGIC = b"\x1f\x8b"
GZIP_BITS = zlib.MAX_WBITS | 16  # zlib's way to say: a gzip wrapping
SPARSE = 0.05  # Western text has few bytes above 0x7F: quotes, dashes, accents

#: Codecs a label may lead to; Python's others (utf-7, idna, unicode_escape) are slow or dangerous on hostile bytes.
CODECS = frozenset(
    ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5hkscs", "euc_jp", "shift_jis", "cp932", "iso2022_jp"]
    + ["euc_kr", "cp949", "koi8-r", "koi8-u", "mac-roman", "tis-620", "cp874", "ascii", "cp866", "mac-cyrillic"]
    + [f"cp125{n}" for n in range(9)]
    + [f"iso8859-{n}" for n in range(1, 17)]
)


class _CorruptError(Exception):
    """The decoder found bytes that are not its own."""


def decode_content(capture: Capture) -> bytes:
    """The payload with its content encodings undone; raises `UnreadablePageError`."""
    tokens = [
        t.strip().lower() for name, v in capture.headers if name.lower() == "content-encoding" for t in v.split(",")
    ]
    tokens = [t for t in tokens if t not in ("", "identity", "none")]
    if len(tokens) > MAX_ENCODINGS:
        raise UnreadablePageError(capture.url, f"{len(tokens)} content encodings on one body")
    data = capture.payload
    for token in reversed(tokens):
        data = _undo(token, data, capture.url)
    if data.startswith(GZIP_MAGIC):  # a .gz file, as sitemaps are
        data = _undo("gzip", data, capture.url)
    return data


def _undo(token: str, data: bytes, url: str) -> bytes:
    decoder = DECODERS.get(token)
    if not data or (decoder is None and _looks_plain(data)):
        return data
    if decoder is None:
        raise UnreadablePageError(url, f"content encoding {token!r} is unknown")
    out = bytearray()
    try:
        for piece in decoder(data):
            out += piece
            if len(out) > MAX_BYTES:
                raise UnreadablePageError(url, f"more than {MAX_BYTES} bytes after {token}")
    except _CorruptError as error:
        if not out and _looks_plain(data):  # labelled, but never encoded
            return data
        if not out:
            raise UnreadablePageError(url, f"not {token}: {error}") from error
    return bytes(out)


def _looks_plain(data: bytes) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _inflate(data: bytes, wbits: int) -> Iterator[bytes]:
    engine = spare = zlib.decompressobj(wbits)
    for start in range(0, len(data), PIECE):
        rest = data[start : start + PIECE]
        while rest:
            if engine.eof:  # the next gzip member, or padding after the last
                if wbits != GZIP_BITS or not rest.startswith(GZIP_MAGIC[: len(rest)]):
                    return
                engine = zlib.decompressobj(wbits)
            spare = engine.copy()
            try:
                yield engine.decompress(rest, PIECE)
            except zlib.error as error:
                yield from _before_damage(spare, rest)
                raise _CorruptError(str(error)) from error
            rest = engine.unused_data if engine.eof else engine.unconsumed_tail


def _before_damage(engine: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    """What comes out before the byte that `engine` cannot read; zlib gives nothing of the call that meets it."""
    for number in range(len(data)):
        try:
            yield engine.decompress(data[number : number + 1], PIECE)
        except zlib.error:
            return


def _gzip(data: bytes) -> Iterator[bytes]:
    return _inflate(data, GZIP_BITS)


def _deflate(data: bytes) -> Iterator[bytes]:
    """Both readings of RFC 9110's deflate: zlib's wrapping, and the raw stream that some servers send."""
    wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
    return _inflate(data, zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)


def _brotli(data: bytes) -> Iterator[bytes]:
    engine = brotli.Decompressor()
    feed = data
    try:
        while not engine.is_finished():
            piece = engine.process(feed, output_buffer_limit=PIECE)
            feed = b""
            if not piece and engine.can_accept_more_data():
                return  # cut in the middle
            yield piece
    except brotli.error as error:
        raise _CorruptError(str(error)) from error


def _zstd(data: bytes) -> Iterator[bytes]:
    engine = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    try:
        with engine.stream_reader(BytesIO(data), read_across_frames=True) as reader:
            while piece := reader.read(PIECE):
                yield piece
    except zstandard.ZstdError as error:
        raise _CorruptError(str(error)) from error


DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode_text(data: bytes, content_type: str | None) -> str:
    """The text of `data` by byte order mark, HTTP header, strict UTF-8, `<meta>`, windows-1252, a guess; in order."""
    for mark, codec in MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace")
    sent = known_codec(http_content_type_encoding(content_type))
    declared = known_codec(html_body_declared_encoding(data[:4096]))
    # latin-1 in a header is a web server's default more often than a fact, and never valid UTF-8 by chance
    order = ("utf-8", sent, declared) if sent == "cp1252" else (sent, "utf-8", declared)
    for named in order:
        if named is not None and (text := _strict(data, named)) is not None:
            return text
    return data.decode(_lenient_codec(data, sent or declared), "replace")


def known_codec(label: str | None) -> str | None:
    """Python's codec for a charset label by WHATWG's rules (latin-1 means windows-1252), if it is a safe one."""
    resolved = resolve_encoding(label) if label else None
    codec = "gb18030" if resolved in ("gb2312", "gbk") else resolved
    return codec if codec in CODECS else None


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _lenient_codec(data: bytes, named: str | None) -> str:
    """The codec that loses least of bytes that are wrong in every codec named."""
    if named not in (None, "utf-8", "ascii"):
        return str(named)
    whole = len(re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", data))
    high = len(data) - len(data.translate(None, bytes(range(128, 256))))
    if whole * 4 > high:  # most high bytes belong to whole sequences: UTF-8 with a few wrong ones
        return "utf-8"
    if high < SPARSE * len(data):
        return "cp1252"
    guess = from_bytes(data[:PIECE]).best()
    return guess.encoding if guess is not None and guess.encoding.replace("_", "-") in CODECS else "cp1252"
