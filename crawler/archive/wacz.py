"""WACZ 1.1.1: WARC files, their index and a list of pages in one ZIP file, written in one pass and read by range.

WARC files and the packed index are stored as they are, so that a reader gets one record by one range of the package.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import PurePosixPath
from types import TracebackType
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from crawler import __version__

VERSION = "1.1.1"
INDEX = "index.cdx.gz"
BLOCK_LINES = 3000  # a packed index is read a block at a time; Common Crawl's and Webrecorder's size
#: Of every file in the package: the time of packing tells nothing of the archive, and would make each package another.
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
#: An empty field of our own. Of a file without any in the ZIP's directory, wabac takes it that there is none before its
#: bytes either, where its ZIP64 sizes are.
EXTRA_FIELD = b"NW\0\0"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a reader is offered."""

    page_id: str
    url: str
    captured_at: datetime
    title: str | None = None
    text: str | None = None

    def line(self) -> bytes:
        """Its line of JSON, with the line feed."""
        known = {"title": self.title, "text": self.text}
        told = {"id": self.page_id, "url": self.url, "ts": _iso(self.captured_at)}
        told |= {name: value for name, value in known.items() if value is not None}
        return json.dumps(told).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class _Resource:
    name: str
    path: str
    hash: str
    bytes: int

    def described(self) -> dict[str, str | int]:
        return {"name": self.name, "path": self.path, "hash": self.hash, "bytes": self.bytes}


class WaczWriter:
    """Writes a package into `file`, one of its files after the other, and none of them held in memory.

    The same input gives the same bytes. To be left as a context, even where the package is not completed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = ZipFile(file, "w", allowZip64=True)
        self._resources: list[_Resource] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self._zip.close()
            return
        with suppress(OSError):  # a full disk is told already
            self._zip.close()

    def add_warc(self, name: str, pieces: Iterable[bytes]) -> str:
        """Store a WARC file; the SHA-256 of its bytes, in hex."""
        return self._add(f"archive/{name}", pieces, ZIP_STORED).hash.removeprefix("sha256:")

    def add_index(self, lines: Iterable[bytes]) -> int:
        """Pack the sorted lines of a CDXJ index, and write the index of its blocks; how many lines there are."""
        packing = _Packing()
        self._add(f"indexes/{INDEX}", packing.blocks(lines), ZIP_STORED)
        self._add("indexes/index.idx", packing.lines, ZIP_DEFLATED)
        return packing.packed

    def add_pages(self, pages: Iterable[Page]) -> int:
        """Write the list of the pages that readers offer and search; how many there are.

        There is no second list for other pages (`extraPages.jsonl`): where there is one, ReplayWeb.page searches that.
        """
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            yield b'{"format": "json-pages-1.0", "id": "pages", "title": "All Pages", "hasText": true}\n'
            for page in pages:
                count += 1
                yield page.line()

        self._add("pages/pages.jsonl", lines(), ZIP_DEFLATED)
        return count

    def describe(self, title: str, created_at: datetime) -> None:
        """Write what the package is and what is in it; the last thing to write."""
        described = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": title,
            "created": _iso(created_at),
            "software": f"newswarc/{__version__}",
            "resources": [resource.described() for resource in self._resources],
        }
        described_as = _json(described)
        self._add("datapackage.json", [described_as], ZIP_DEFLATED)
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(described_as).hexdigest()}"}
        self._add("datapackage-digest.json", [_json(digest)], ZIP_DEFLATED)

    def _add(self, path: str, pieces: Iterable[bytes], method: int) -> _Resource:
        digest, size = hashlib.sha256(), 0
        with self._member(path, method) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        name = PurePosixPath(path).name.lower()  # a data package knows lower case only
        resource = _Resource(name, path, f"sha256:{digest.hexdigest()}", size)
        self._resources.append(resource)
        return resource

    @contextmanager
    def _member(self, path: str, method: int) -> Iterator[IO[bytes]]:
        info = ZipInfo(path, FIXED_DATE)
        info.compress_type = method
        info.create_system = 3  # Unix, wherever it was packed
        info.extra = EXTRA_FIELD
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as member:  # how long it is, is not known before
            yield member


class _Packing:
    """Packs index lines in blocks, and notes where each block is."""

    def __init__(self) -> None:
        self.packed = 0
        self.lines: list[bytes] = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': INDEX})}\n".encode()]

    def blocks(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """One gzip member for each block."""
        every, offset = iter(lines), 0
        while block := list(islice(every, BLOCK_LINES)):
            member = _gzip(b"".join(block))
            first = block[0].split(b" {", 1)[0].decode()
            digest = f"sha256:{hashlib.sha256(member).hexdigest()}"
            told = {"offset": offset, "length": len(member), "digest": digest}
            self.lines.append(f"{first} {json.dumps(told)}\n".encode())
            self.packed += len(block)
            offset += len(member)
            yield member
        if not offset:
            yield _gzip(b"")


def _gzip(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)  # without a time, unlike `gzip.compress`
    return packer.compress(data) + packer.flush()


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2).encode() + b"\n"


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
