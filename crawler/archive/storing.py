"""What is compressed already, put into a gzip member as it is: pages sent with gzip or brotli, pictures, films.

To deflate such bytes once more makes them no shorter, and every reader pays for it with the slowest thing there is in
inflating, one code for each byte. RFC 1951 has stored blocks (section 3.2.4) for them.
"""

import re
import struct
from collections.abc import Iterable, Iterator

from isal import igzip_lib, isal_zlib

from crawler.archive.members import LEVEL, MAGIC

LEAST = 2 * 1024  # bytes; below that there is little to win
SAMPLE = 512  # bytes
#: Of the 256 values of a byte in a sample; noise has 221 and text less than 100.
DENSE = 180
MAX_HEAD = 64 * 1024  # of HTTP; real ones have 1 KB
#: More, and the two bytes of a block's length, turned round, could be read as the first two of `MAGIC`.
MAX_STORED = 0x74DF
MIN_SAVING = 0.02  # of a picture's bytes, for which it is deflated: some hold long texts or plain areas
_CODED = re.compile(rb"\ncontent-encoding:[ \t]*(?:x-)?(?:gzip|deflate|br|zstd)", re.IGNORECASE)
_PACKED = re.compile(
    rb"\ncontent-type:[ \t]*(?:video/|audio/|font/woff|image/(?:jpe?g|png|gif|webp|avif))", re.IGNORECASE
)
#: What opens a member, by RFC 1952: no time, no name, an unknown system.
_OPENING = MAGIC + b"\0\0\0\0\0\0\xff"
_FINAL = b"\x01\0\0\xff\xff"  # the last block, which is empty
_MARK = MAGIC[:2]  # found in a third of the time of all three, and as rare in what is dense
_BLANK_LINE = b"\r\n\r\n"


def stored_from(first: bytes) -> int | None:
    """Where in the first piece of an HTTP message compressed bytes begin, if it says so and it is so."""
    end = first.find(_BLANK_LINE, 0, MAX_HEAD) + len(_BLANK_LINE)
    if len(first) - end < LEAST or not _is_dense(first, end):
        return None
    if _CODED.search(first, 0, end) is not None:
        return end
    if _PACKED.search(first, 0, end) is None:
        return None
    saved = len(first) - end - len(igzip_lib.compress(memoryview(first)[end:], LEVEL, igzip_lib.COMP_DEFLATE))
    return end if saved < MIN_SAVING * (len(first) - end) else None


def store_pieces(head: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """One gzip member of `head`, deflated, and of `pieces`, each deflated only where that helps.

    Nowhere in what is stored can the beginning of a gzip member be read: who looks for the next record behind damage
    would else find the records of a WARC file that was served as a page.
    """
    yield _OPENING + _deflated(head)
    check, size = isal_zlib.crc32(head), len(head)
    for piece in pieces:
        check, size = isal_zlib.crc32(piece, check), size + len(piece)
        yield _stored(piece) if len(piece) < LEAST or _is_dense(piece) else _deflated(piece)
    yield _FINAL + struct.pack("<II", check, size & 0xFFFFFFFF)


def _is_dense(data: bytes, start: int = 0) -> bool:
    """Whether the middle of what is behind `start` looks like noise."""
    middle = (start + len(data) - SAMPLE) // 2
    return len(set(data[middle : middle + SAMPLE])) >= DENSE


def _deflated(data: bytes) -> bytes:
    """Blocks that end where a byte does and refer to nothing before them."""
    compressor = isal_zlib.compressobj(LEVEL, wbits=-15)
    return bytes(compressor.compress(data) + compressor.flush(isal_zlib.Z_SYNC_FLUSH))


def _stored(data: bytes) -> bytes:
    """Blocks as they are; deflated after all, if the marks are so many that keeping them apart makes it long."""
    parts, at, cuts = [], 0, 0
    while at < len(data):
        mark = data.find(_MARK, at, end := min(at + MAX_STORED, len(data)))
        if mark >= 0:
            end, cuts = mark + 1, cuts + 1  # the header of the next block comes between its bytes
        if cuts * 64 > len(data):
            return _deflated(data)
        parts += [struct.pack("<xHH", end - at, end - at ^ 0xFFFF), data[at:end]]
        at = end
    return b"".join(parts)
