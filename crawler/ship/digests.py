"""What is known of a local file after one reading: the digests by which a store can tell what it holds."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from isal import isal_zlib

from crawler.errors import ArchiveError

MIB = 2**20
#: Of a large upload; a file of at most one part is sent in one request. S3 wants 5 MiB at least.
PART_BYTES = 8 * MIB
Piece = TypeVar("Piece", bytes, bytearray)
MAX_PARTS = 10_000  # S3's limit


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file."""

    size: int
    crc32: int
    #: `None` where nobody needs it: it costs more than all others together.
    md5: bytes | None


@dataclass(frozen=True, slots=True)
class Digests:
    """A file's content, by parts and as a whole."""

    size: int
    sha256: str
    crc32: int
    parts: tuple[Part, ...]

    @property
    def whole_crc32(self) -> str:
        """As S3 tells that of a whole object."""
        return crc32_text(self.crc32)

    @property
    def composite_crc32(self) -> str:
        """As S3 tells that of an object made of parts: the checksum of the parts' checksums."""
        joined = b"".join(part.crc32.to_bytes(4, "big") for part in self.parts)
        return f"{crc32_text(isal_zlib.crc32(joined))}-{len(self.parts)}"

    def etags(self) -> frozenset[str]:
        """What S3 calls the object, where that is its MD5: sent in one request, and in parts."""
        md5s = [part.md5 for part in self.parts if part.md5 is not None]
        if len(md5s) != len(self.parts):
            return frozenset()
        in_parts = f"{hashlib.md5(b''.join(md5s), usedforsecurity=False).hexdigest()}-{len(md5s)}"
        return frozenset({in_parts} | ({md5s[0].hex()} if len(md5s) == 1 else set()))


def part_bytes_of(size: int, least: int = PART_BYTES) -> int:
    """The size of the parts in which a file of `size` bytes is sent."""
    return max(least, -(-size // MAX_PARTS))


def read_parts(path: Path, part_bytes: int) -> Iterator[bytes]:
    """The file's pieces in their order, at least one; raises `ArchiveError`."""
    try:
        with path.open("rb") as file:
            yield file.read(part_bytes)
            while piece := file.read(part_bytes):
                yield piece
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be read: {error.strerror or error}") from error


def digests_of(pieces: Iterable[bytes], *, md5: bool = False) -> Digests:
    """Of all pieces together; `md5` asks for what `Digests.etags` needs."""
    reading = Reading()
    parts = [part_of(reading.add(piece), md5=md5) for piece in pieces]
    return reading.digests(parts)


class Reading:
    """The digests of a file while its pieces go by."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._crc32 = 0
        self._size = 0

    def add(self, piece: Piece) -> Piece:
        """Take the next piece into account, and give it back."""
        self._sha256.update(piece)
        self._crc32 = isal_zlib.crc32(piece, self._crc32)
        self._size += len(piece)
        return piece

    def digests(self, parts: Iterable[Part]) -> Digests:
        """Of all that went by."""
        return Digests(self._size, self._sha256.hexdigest(), self._crc32, tuple(parts))


def part_of(piece: bytes | bytearray, *, md5: bool) -> Part:
    """What is known of one piece."""
    digest = hashlib.md5(piece, usedforsecurity=False).digest() if md5 else None
    return Part(len(piece), isal_zlib.crc32(piece), digest)


def crc32_text(value: int) -> str:
    """A checksum as S3 writes it: Base64 of the big-endian number."""
    return base64.b64encode(value.to_bytes(4, "big")).decode()
