"""WARC files of those who mean harm, or know no better: each a gzip file with one bad part among four sound records.

    python -m tests.archive.hostile COMMAND FOLDER

reads each archive in FOLDER as COMMAND does, and prints a line of JSON about each: what it told, what it found, what it
raised, and by how many megabytes the memory had grown by then.
"""

import gzip
import json
import random
import resource
import struct
import sys
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path

from isal import isal_zlib

from crawler.archive import lookup
from crawler.archive.cdxj import parse_row
from crawler.archive.tree import open_path, warc_filename
from crawler.crawl.archive_run import repair_site
from crawler.crawl.indexing import IndexUnit, index_warc
from crawler.crawl.tally import VerifyUnit
from crawler.crawl.verification import verify_unit
from crawler.errors import NewswarcError
from crawler.rebuild.warcs import WarcUnit, rebuild_warc
from tests.archive.exchanges import STARTED
from tests.archive.test_reader import record

MEGABYTE = 2**20
HTTP = b"HTTP/1.1 200 OK\r\n%s\r\n\r\n%s"
REVISIT = "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
NOISE = random.Random(7)  # the same file each time


def raw(head: str = "", body: bytes = HTTP % (b"A: b", b"x"), *, kind: str = "response", **changes: str) -> bytes:
    """A record, told in full; `changes` replace its fields."""
    fields = {"WARC-Record-ID": "<urn:uuid:bad>", "WARC-Date": "2024-02-08T09:30:00Z"}
    fields |= {"WARC-Target-URI": "http://a.example/bad", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in changes.items()}
    lines = f"WARC/1.1\r\nWARC-Type: {kind}\r\n" + head
    lines += "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value is not None)
    return lines.encode("utf-8", "surrogateescape") + b"\r\n" + body + b"\r\n\r\n"


def packed(data: bytes) -> bytes:
    return gzip.compress(data, 1, mtime=0)


def bomb(size: int, opening: bytes) -> bytes:
    """A sound gzip member of `opening` and zeros, a thousandth as long."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = compressor.compress(opening) + compressor.flush(zlib.Z_FULL_FLUSH)
    zeros = bytes(MEGABYTE)
    compressor.compress(zeros)
    compressor.flush(zlib.Z_FULL_FLUSH)
    block = compressor.compress(zeros) + compressor.flush(zlib.Z_FULL_FLUSH)
    check = zlib.crc32(opening)
    for _ in range(size // MEGABYTE):
        check = isal_zlib.crc32(zeros, check)
    end = compressor.compress(b"\r\n\r\n") + compressor.flush()
    length = len(opening) + size // MEGABYTE * MEGABYTE + 4
    trailer = struct.pack("<II", isal_zlib.crc32(b"\r\n\r\n", check), length & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + start + block * (size // MEGABYTE) + end + trailer


def bomb_record(size: int, kind: str, opening: bytes = b"", extra: str = "") -> bytes:
    size = size // MEGABYTE * MEGABYTE
    text = raw(extra, opening, kind=kind, Content_Length=str(len(opening) + size))
    return bomb(size, text.removesuffix(b"\r\n\r\n"))


def framed(body: bytes) -> bytes:
    return HTTP % (b"Transfer-Encoding: chunked", body)


#: What stands between two sound records and two more; the number is that of the zeros in a bomb.
CASES: dict[str, Callable[[int], bytes]] = {
    "a length of thirty digits": lambda _: packed(raw(Content_Length="1" + "0" * 30)),
    "a length of fifteen digits": lambda _: packed(raw(Content_Length="9" * 15)),
    "a negative length": lambda _: packed(raw(Content_Length="-5")),
    "a length with a sign": lambda _: packed(raw(Content_Length="+5")),
    "a length in other digits": lambda _: packed(raw(Content_Length="\uff14")),
    "a length too short": lambda _: packed(raw(Content_Length="4")),
    "a length too long": lambda _: packed(raw(Content_Length="4000")),
    "a length doubled": lambda _: packed(raw("Content-Length: 3\r\n")),
    "no length": lambda _: packed(raw(Content_Length=None)),  # type: ignore[arg-type]
    "zeros": lambda size: bomb(size, b""),
    "zeros in a response": lambda size: bomb_record(size, "response"),
    "zeros in a request": lambda size: bomb_record(size, "request"),
    "zeros in a warcinfo": lambda size: bomb_record(size, "warcinfo"),
    "zeros in a metadata": lambda size: bomb_record(size, "metadata"),
    "zeros in a resource": lambda size: bomb_record(size, "resource"),
    "zeros in a revisit": lambda size: bomb_record(size, "revisit", b"", REVISIT),
    "zeros in no kind": lambda size: bomb_record(size, "zeros"),
    "zeros in a page": lambda size: bomb_record(size, "response", HTTP % (b"A: b", b"")),
    "zeros for chunks": lambda size: bomb_record(size, "response", framed(b"")),
    "zeros in a chunk": lambda size: bomb_record(size, "response", framed(b"ffffffff\r\n")),
    "a header of 100 MB": lambda _: packed(raw(f"X: {'x' * 100 * MEGABYTE}\r\n")),
    "a header nearly too long": lambda _: packed(raw(f"X: {'x' * 900_000}\r\n")),
    "a million header lines": lambda _: packed(raw("X: y\r\n" * 1_000_000)),
    "many header lines": lambda _: packed(raw("X: y\r\n" * 150_000)),
    "many references": lambda _: packed(raw("".join(f"WARC-Concurrent-To: {n}\r\n" for n in range(30_000)))),
    "an HTTP header of 100 MB": lambda _: packed(raw("", HTTP % (b"X: " + b"x" * 100 * MEGABYTE, b""))),
    "an HTTP header without an end": lambda _: packed(raw("", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100 * MEGABYTE)),
    "a million HTTP header lines": lambda _: packed(raw("", HTTP % (b"X: y\r\n" * 1_000_000, b""))),
    "many HTTP header lines": lambda _: packed(raw("", HTTP % (b"\r\n".join([b"X: y"] * 170_000), b""))),
    "many folds": lambda _: packed(raw("", HTTP % (b"X: y" + b"\r\n z" * 200_000, b""))),
    "many interim heads": lambda _: packed(raw("", b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000)),
    "nothing but line ends": lambda _: packed(raw("", b"\r\n" * 1_000_000)),
    "many chunks": lambda _: packed(raw("", framed(b"1\r\nx\r\n" * 300_000 + b"0\r\n\r\n"))),
    "a chunk of endless size": lambda _: packed(raw("", framed(b"ffffffffffffffff\r\nx"))),
    "a chunk with a long extension": lambda _: packed(raw("", framed(b"1;" + b"x" * 50 * MEGABYTE))),
    "a record of an unknown type": lambda _: packed(raw(kind="quux")),
    "a record without a type": lambda _: packed(raw(kind="")),
    "a record of WARC 0.18": lambda _: packed(raw().replace(b"WARC/1.1", b"WARC/0.18")),
    "a record of WARC 2.0": lambda _: packed(raw().replace(b"WARC/1.1", b"WARC/2.0")),
    "NULs": lambda _: packed(raw("X\0: y\0\r\n", WARC_Target_URI="http://a\0.example/\0")),
    "a date that is none": lambda _: packed(raw(WARC_Date="2024-13-45T99:99:99Z")),
    "the year 0": lambda _: packed(raw(WARC_Date="0000-01-01T00:00:00Z")),
    "the year 1": lambda _: packed(raw(WARC_Date="0001-01-01T00:00:00Z")),
    "the year 9999": lambda _: packed(raw(WARC_Date="9999-12-31T23:59:59Z")),
    "a URI that is no UTF-8": lambda _: packed(raw(WARC_Target_URI="http://a.example/\udcff\udcfe")),
    "a URI of half a character": lambda _: packed(raw(WARC_Target_URI="http://a.example/\udced\udca0\udc80")),
    "a URI with a port too high": lambda _: packed(raw(WARC_Target_URI="http://a.example:99999999999/")),
    "a URI that is no address": lambda _: packed(raw(WARC_Target_URI="http://[::1")),
    "a URI of nested escapes": lambda _: packed(raw(WARC_Target_URI="http://a.example/%" + "25" * 450_000)),
    "a redirect to nowhere": lambda _: packed(raw("", b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n")),
    "a long way up": lambda _: packed(raw("", b"HTTP/1.1 302 F\r\nLocation: " + b"../" * 300_000 + b"\r\n\r\n")),
    "digests that are none": lambda _: packed(raw("WARC-Block-Digest: sha1:\udcff\r\nWARC-Payload-Digest: ::\r\n")),
    "a long digest": lambda _: packed(raw(f"WARC-Block-Digest: sha1:{'A' * 500_000}\r\n")),
    "a part of a record": lambda _: packed(raw("WARC-Segment-Number: 2\r\n", kind="continuation")),
    "garbage": lambda _: NOISE.randbytes(5000),
    "text": lambda _: b"no gzip at all\n" * 1000,
    "nothing but zeros": lambda _: bytes(100_000),
    "many beginnings": lambda _: b"\x1f\x8b\x08\0\0\0\0\0\0\xff" * 20_000,
    "many names": lambda _: (b"\x1f\x8b\x08\x08" + b"a" * 100) * 5000,
    "an empty member": lambda _: packed(b""),
    "a torn member": lambda _: packed(raw())[:60],
    "a wrong checksum": lambda _: packed(raw())[:-8] + bytes(8),
    "records compressed together": lambda _: packed(raw() + raw() + raw()),
    "records compressed together, one broken": lambda _: packed(raw() + raw(Content_Length="3") + raw()),
}


def build(folder: Path, name: str, bomb_bytes: int) -> Path:
    """The file in an archive folder, which is otherwise empty."""
    path = folder / warc_filename("s", STARTED, 0)
    path.parent.mkdir(parents=True)
    sound = [record(HTTP % (b"A: b", b"<p>")).replace(b"uuid:1>", b"uuid:n%d>" % n) for n in range(4)]
    before, after = b"".join(map(packed, sound[:2])), b"".join(map(packed, sound[2:]))
    path.write_bytes(before + CASES[name](bomb_bytes) + after)
    return path


def as_index(folder: Path, path: Path) -> tuple[list[str], int]:
    told = index_warc(IndexUnit(folder, "s", path))
    return told, sum(file.read_bytes().count(b"\n") for file in folder.glob("index/cdxj/*/*"))


def as_verify(folder: Path, path: Path) -> tuple[list[str], int]:
    tally = verify_unit(VerifyUnit(folder, "warc", path.relative_to(folder).as_posix(), path.stat().st_size))
    return [str(defect) for defect in tally.told if "it has no index" not in defect.why], tally.captures


def as_rebuild(folder: Path, path: Path) -> tuple[list[str], int]:
    tally = rebuild_warc(WarcUnit(path, {}, None, folder / "out"))
    return tally.damaged, tally.responses


def as_repair(folder: Path, path: Path) -> tuple[list[str], int]:
    path.rename(open_path(path))
    repair_site(folder, "s")
    return [], 4  # it keeps what a writer of ours has completed, and there is none of that here


def as_adopt(folder: Path, _: Path) -> tuple[list[str], int]:
    repair_site(folder, "s")
    return [], sum(file.read_bytes().count(b"\n") for file in folder.glob("index/cdxj/*/*"))


def as_get(folder: Path, path: Path) -> tuple[list[str], int]:
    index_warc(IndexUnit(folder, "s", path))
    told = []
    rows = [parse_row(line) for file in folder.glob("index/cdxj/*/*") for line in file.read_bytes().splitlines()]
    for row in rows:
        try:
            lookup.write_head(folder, row, len)
            lookup.write_block(folder, row, len)
        except NewswarcError as error:
            told.append(str(error))
    return told, len(rows)


COMMANDS = {
    "index": as_index,
    "verify": as_verify,
    "rebuild": as_rebuild,
    "repair": as_repair,
    "adopt": as_adopt,
    "get": as_get,
}


def main(command: str, folder: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for case in sorted(Path(folder).iterdir()):
        (path,) = case.rglob("*.warc.gz")
        told, found, raised = [], 0, None
        try:
            told, found = COMMANDS[command](case, path)
        except NewswarcError as error:
            raised = str(error)
        except Exception:  # noqa: BLE001 - it is what the test is about
            raised = traceback.format_exc()
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        told_of = {"name": case.name, "told": told, "found": found, "raised": raised, "grown": grown}
        sys.stdout.write(json.dumps(told_of) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
