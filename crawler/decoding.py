"""From a payload to the bytes of the page: content encodings undone within bounds.

Nothing is lost to damage: a cut or broken tail gives what comes before it. Labels are believed where the bytes are as
they say; else the bytes are.
"""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

import brotli
import zstandard

from crawler.errors import UnreadablePageError
from crawler.model import Capture

MAX_BYTES = 64 * 1024 * 1024  # the largest page seen in the wild is under 10 MB; a bomb costs this much and no more
MAX_ENCODINGS = 4  # "gzip, gzip" is a server's mistake; more is an attack
PIECE = 64 * 1024
ZSTD_WINDOW = 8 * 1024 * 1024  # RFC 9659: the most an HTTP client has to accept
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
MAGICS = {GZIP_MAGIC: "gzip", ZSTD_MAGIC: "zstd"}
NO_ENCODINGS = frozenset(["", "identity", "none", "8bit", "7bit", "binary", "chunked", "aws-chunked", "plain"])
CHARSETS = ("utf", "iso-", "windows-")  # what a label that mistakes the header begins with
PRINTED = bytes([9, 10, 13, *range(32, 127)])
GZIP_BITS = zlib.MAX_WBITS | 16  # zlib's way to say: a gzip wrapping


class _CorruptError(Exception):
    """The decoder found bytes that are not its own."""


def decode_content(capture: Capture) -> bytes:
    """The payload with its content encodings undone; raises `UnreadablePageError`."""
    tokens = _tokens(capture)
    if len(tokens) > MAX_ENCODINGS:
        raise UnreadablePageError(capture.url, f"{len(tokens)} content encodings on one body")
    data = capture.payload
    for token in reversed(tokens):
        data = _undo(token, data, capture.url)
    for _ in range(MAX_ENCODINGS):  # a .gz file, as sitemaps are, or an encoding that nobody labelled
        token = next((name for magic, name in MAGICS.items() if data.startswith(magic)), "")
        if not token:
            break
        data = _undo(token, data, capture.url)
    return data


def _tokens(capture: Capture) -> list[str]:
    """The content encodings named, in the order applied, without what is none: charsets, media types, framing."""
    stated = (v for name, v in capture.headers if name.lower() == "content-encoding")
    tokens = (t.partition(";")[0].strip().strip("\"'").lower() for value in stated for t in value.split(","))
    return [
        t for t in tokens if t not in NO_ENCODINGS and "/" not in t and not t.startswith(("utf", "iso-", "windows-"))
    ]


def _undo(token: str, data: bytes, url: str) -> bytes:
    decoder = _decoder_of(token, data)
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


def _decoder_of(token: str, data: bytes) -> Callable[[bytes], Iterator[bytes]] | None:
    """The decoder of what the bytes say they are; of the label, where they say nothing."""
    magic = next((name for magic, name in MAGICS.items() if data.startswith(magic)), None)
    return DECODERS.get(magic if magic is not None and token in DECODERS else token)


def _looks_plain(data: bytes) -> bool:
    """Whether the bytes are text already: markup, or at least no control characters but white space."""
    head = data[:256]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return True
    return not head.translate(None, PRINTED)


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
    if not wrapped:
        yield from _inflate(data, -zlib.MAX_WBITS)
        return
    given = False
    try:
        for piece in _inflate(data, zlib.MAX_WBITS):
            given = given or bool(piece)
            yield piece
    except _CorruptError:  # a raw stream may begin as the wrapping does
        if given:
            raise
        yield from _inflate(data, -zlib.MAX_WBITS)


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
