"""Gzip members: one for each WARC record, so that a record can be fetched by offset and length alone."""

import os
from collections.abc import Iterable, Iterator

from isal import igzip_lib, isal_zlib

MAGIC = b"\x1f\x8b\x08"
LEVEL = 1  # a fifth of zlib's cost for 1-3 % more bytes; news pages come mostly compressed already
READ_BYTES = 16 * 1024  # a record is mostly smaller; what is read past its end is read again
PIECE_BYTES = 256 * 1024
SCAN_BYTES = 1024 * 1024
MAX_WHOLE = 4 * 1024 * 1024  # bytes of a member that is decompressed at once; pages are shorter, and bombs are not
FIRST_BYTES = 4 * 1024  # bytes of a member that are tried first: requests and metadata are shorter

_IsalError: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment] # typed as an instance there


class BrokenMemberError(Exception):
    """The bytes are no whole gzip member: garbage, a wrong checksum or a torn end."""


def compress(data: bytes) -> bytes:
    """One gzip member that holds `data`; the same bytes for the same data."""
    return bytes(igzip_lib.compress(data, LEVEL, igzip_lib.COMP_GZIP))


def compress_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same member, made piece by piece with memory for one piece."""
    compressor = isal_zlib.compressobj(LEVEL, wbits=31)
    for piece in pieces:
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()


class WholeMembers:
    """The gzip members of an open file, each decompressed at once; the file is read ahead in windows."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._window = b""
        self._start = 0

    def read(self, offset: int) -> tuple[bytes, int] | None:
        """The bytes of the member at `offset`, and where it ends; `None` if it is broken, or too long for this."""
        decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        text, position, size = b"", offset, FIRST_BYTES
        try:
            while not decompressor.eof and len(text) < MAX_WHOLE:
                packed = self._packed(position, size) if decompressor.needs_input else b""
                if decompressor.needs_input and not packed:
                    return None
                position += len(packed)
                size = 8 * FIRST_BYTES  # what is left over is copied: small records shall not pay for large ones
                piece = decompressor.decompress(packed, PIECE_BYTES)
                text = text + piece if text else piece
        except _IsalError:
            return None
        return (text, position - len(decompressor.unused_data)) if decompressor.eof else None

    def _packed(self, position: int, size: int) -> bytes:
        """What follows `position`, at most `size` bytes; empty at the end of the file."""
        at = position - self._start
        if not 0 <= at < len(self._window):
            self._window, self._start, at = os.pread(self._descriptor, SCAN_BYTES, position), position, 0
        return self._window[at : at + size]


class MemberReader:
    """The decompressed bytes of the gzip member at `offset` of an open file, never more than a piece in memory."""

    def __init__(self, descriptor: int, offset: int) -> None:
        self._descriptor = descriptor
        self._position = offset
        self._decompressor = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        #: Where the member ends in the file; `None` until it was read to its end.
        self.end: int | None = None

    def read(self) -> bytes:
        """The next bytes; empty at the member's end. Raises `BrokenMemberError`."""
        while self.end is None:
            if piece := self._step():
                return piece
        return b""

    def _step(self) -> bytes:
        packed = b""
        if self._decompressor.needs_input:
            packed = os.pread(self._descriptor, READ_BYTES, self._position)
            if not packed:
                raise BrokenMemberError("it is cut off at the end of the file")
            self._position += len(packed)
        try:
            piece = bytes(self._decompressor.decompress(packed, PIECE_BYTES))
        except _IsalError as error:
            raise BrokenMemberError(f"its gzip data is broken ({error})") from error
        if self._decompressor.eof:
            self.end = self._position - len(self._decompressor.unused_data)
        return piece


def find_member(descriptor: int, start: int, opening: bytes, stop: int | None = None) -> int | None:
    """Where the next gzip member begins whose content begins with `opening`: from `start` on, to about `stop`."""
    while (stop is None or start < stop) and (window := os.pread(descriptor, SCAN_BYTES, start)):
        at = window.find(MAGIC)
        while at >= 0:
            if opens_with(descriptor, start + at, opening):
                return start + at
            at = window.find(MAGIC, at + 1)
        start += max(1, len(window) - len(MAGIC) + 1)
    return None


def opens_with(descriptor: int, offset: int, opening: bytes) -> bool:
    """Whether a gzip member begins at `offset` whose content begins with `opening`."""
    try:
        return MemberReader(descriptor, offset).read().startswith(opening)
    except BrokenMemberError:
        return False
