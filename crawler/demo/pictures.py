"""Pictures of one pixel: enough for a crawler, which never looks at them."""

import struct
import zlib

#: One grey pixel: a quantisation table, one progressive scan, one Huffman code.
JPEG = (
    bytes.fromhex("ffd8 ffe0 0010 4a464946 00 0101 01 0048 0048 00 00 ffdb 0043 00")
    + b"\xff" * 64
    + bytes.fromhex("ffc2 000b 08 0001 0001 01 011100 ffc4 0014 10 01")
    + bytes(16)
    + bytes.fromhex("ffda 0008 01 0100 01 3f 10 ffd9")
)


def picture(name: str) -> tuple[bytes, str]:
    """A picture's bytes and its media type, for a file of that name."""
    if name.lower().endswith(".png"):
        return png(name), "image/png"
    return JPEG, "image/jpeg"


def png(name: str) -> bytes:
    """One pixel whose colour depends on `name`, so that payloads differ."""
    red, green, blue = zlib.crc32(name.encode()).to_bytes(4, "big")[:3]
    row = zlib.compress(bytes((0, red, green, blue)))
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", row) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
