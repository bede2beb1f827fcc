"""Digests as WARC writes them: a lower-case label, then upper-case Base32 for SHA-1 and lower-case hex for SHA-256."""

import base64
import hashlib
from collections.abc import Iterable
from typing import Literal

Algorithm = Literal["sha1", "sha256"]

#: What CDX files, Common Crawl and the Internet Archive compare by.
DEFAULT_ALGORITHM: Algorithm = "sha1"


class Digester:
    """A digest that is fed piece by piece."""

    def __init__(self, algorithm: Algorithm = DEFAULT_ALGORITHM) -> None:
        self._algorithm = algorithm
        # Digests name content here; nobody is kept out by them.
        self._hash = hashlib.new(algorithm, usedforsecurity=False)

    def feed(self, data: bytes) -> None:
        """Add `data` to what is digested."""
        self._hash.update(data)

    def label(self) -> str:
        """`sha1:BASE32` or `sha256:hex` of all that was fed."""
        return labelled(self._algorithm, self._hash.digest())


def digest_of(pieces: Iterable[bytes], algorithm: Algorithm = DEFAULT_ALGORITHM) -> str:
    """The labelled digest of `pieces`, joined."""
    digester = Digester(algorithm)
    for piece in pieces:
        digester.feed(piece)
    return digester.label()


def labelled(algorithm: str, value: bytes) -> str:
    """A digest's bytes with their label."""
    if algorithm == "sha1":
        return "sha1:" + base64.b32encode(value).decode("ascii")
    return f"{algorithm}:{value.hex()}"
