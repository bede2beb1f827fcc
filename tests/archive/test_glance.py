"""A glance at a record says what a full reading says, or leaves it to that."""

import base64
import gzip
import hashlib
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.glance import Glance
from crawler.archive.inspection import Inspector
from crawler.archive.members import MAX_WHOLE
from crawler.archive.pieces import OddRecordError, Record, Span
from crawler.archive.warcfile import WarcFile
from crawler.errors import NotAWarcError
from tests.archive.exchanges import chunked, exchange, members, response, write
from tests.archive.test_reader import record

FIRST = gzip.compress(record(extra="X-First: yes\r\n"))
Seen = tuple[list[tuple[int, object]], list[tuple[int, str]]]


def read(path: Path, how: str, *, glancing: bool) -> Seen:
    """Offset and reading of each record, and of each damage."""
    inspector = Inspector(path.name)
    glance = getattr(Glance(inspector), how) if glancing else None
    damages: list[tuple[int, str]] = []
    with WarcFile(path) as file:
        found = file.each(getattr(inspector, how), lambda error: damages.append((file.cursor, str(error))), glance)
        return [(file.cursor, one) for one in found], damages


def agree(path: Path) -> None:
    """Both ways of reading find the same in the file, for `verify` and for `index`."""
    for how in ("inspect", "entry"):
        assert read(path, how, glancing=True) == read(path, how, glancing=False)


def b32(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


NAMES = ["WARC-Type", "warc-type", "WARC-Record-ID", "WARC-Date", "WARC-Target-URI", "WARC-Concurrent-To", "X-Own"]
NAMES += ["WARC-Warcinfo-ID", "WARC-Truncated", "WARC-Protocol", "Content-Type", "WARC-Profile", "WARC-REFERS-TO"]
VALUES = ["response", "Response", "request", "metadata", "revisit", "resource", "warcinfo", "odd", "", " <urn:uuid:2> "]
VALUES += [
    "2024-02-08T09:30:00Z",
    "2024-02-08T24:00:00Z",
    "2024-02-08T09:30:00.123456789Z",
    "2024",
    "length",
    "ü",
    "a:b",
]
VALUES += [
    "http://a.example/",
    "<http://a.example/>",
    "application/http;msgtype=response",
    "text/plain",
    "a\r\n b",
    "<x>",
]
LINES = st.builds(
    "{}{}{}{}".format,
    *map(st.sampled_from, (NAMES, [": ", ": ", ": ", ":", " : ", ""], VALUES, ["\r\n", "\r\n", "\r\n", "\n", " \r\n"])),
)
HTTP_NAMES = [b"Content-Type", b"content-type", b"Location", b"ETag", b"Last-Modified", b"X", b"Transfer-Encoding"]
HTTP_VALUES = [
    b"text/html; charset=x",
    b" Text/HTML ",
    b"/there",
    b"chunked",
    b"gzip, chunked",
    b"",
    b"\xe4\xa0",
    b"a\n b",
]
HTTP_LINES = st.builds(
    b"%s%s%s%s".__mod__,
    st.tuples(*map(st.sampled_from, (HTTP_NAMES, [b": ", b":", b" :"], HTTP_VALUES, [b"\r\n", b"\n", b"\t\r\n"]))),
)
STATUSES = [b"200 OK", b"301 M\xf6ved", b"304 Not Modified", b"204", b"404 ", b"101 S", b"100 Continue", b"99", b"2000"]
VERSIONS = [b"HTTP/1.1 ", b"HTTP/1.0 ", b"http/1.1 ", b"HTTP/2 ", b"HTTP/1.1  ", b"\r\nHTTP/1.1 ", b"ICY ", b""]
BODIES = st.binary(max_size=40) | st.builds(
    chunked, st.binary(max_size=40), st.integers(1, 50), st.sampled_from([b"", b"A: b\r\n"])
)
DIGESTS = ["{right}", "{right}", "{lower}", "{wrong}", "sha1:x", "md5:x", "sha256:{hex}", "sha256:{HEX}", "SHA1:{bare}"]


def digest_line(name: str, form: str, data: bytes) -> str:
    right, value = b32(data), hashlib.sha256(data).hexdigest()
    told = {"right": right, "lower": right.lower(), "wrong": b32(data + b"."), "bare": right[5:]}
    return f"{name}: {form.format(**told, hex=value, HEX=value.upper())}\r\n"


#: What a part of a sound record is, and what it may be instead.
PARTS: dict[str, tuple[Any, list[Any]]] = {
    "version": ("WARC/1.1\r\n", ["WARC/1.0\r\n", "WARC/1.1\n", "WARC/0.18\r\n", "WARC/1.1 \r\n"]),
    "kind": ("response", VALUES[:9]),
    "date": ("2024-02-08T09:30:00Z", VALUES[10:15]),
    "url": ("http://a.example/", ["<http://a.example/>", "", "<>", "a b"]),
    "type": ("application/http;msgtype=response", ["text/plain", "", "Application/HTTP"]),
    "front": ("", []),
    "back": ("", []),
    "http": (b"HTTP/1.1 ", VERSIONS),
    "status": (b"200 OK", STATUSES),
    "body": (b"<p>sound", []),
    "block_digest": ("{right}", ["", *DIGESTS]),
    "payload_digest": ("{right}", ["", *DIGESTS]),
    "digested": ("body", ["block"]),
    "block": ("whole", ["body", "head"]),
    "length": (0, [-1, 1, 1000]),
    "end": (b"\r\n\r\n", [b"\r\n", b"", b"\n\n", b"\r\n\r\n\r\n", b"\r\n\r\nWARC/1.1\r\n"]),
}
DRAWN: dict[str, Any] = {"front": st.lists(LINES, max_size=2).map("".join), "body": BODIES}
DRAWN["back"] = DRAWN["front"]


@st.composite
def stored(draw: st.DrawFn) -> bytes:
    """A record that is sound but for a part or two."""
    odd = draw(st.lists(st.sampled_from(sorted(PARTS)), max_size=2))
    part: dict[str, Any] = {name: usual for name, (usual, _) in PARTS.items()}
    part |= {name: draw(DRAWN[name] if name in DRAWN else st.sampled_from(PARTS[name][1])) for name in odd}
    part["headers"] = b"".join(draw(st.lists(HTTP_LINES, max_size=2)))
    if "body" not in odd and draw(st.booleans()):
        part |= {"body": chunked(part["body"], 3), "payload": part["body"]}
        part["headers"] += b"Transfer-Encoding: chunked\r\n"
    return assembled(part)


def assembled(part: dict[str, Any]) -> bytes:
    """The record of these parts."""
    body = part["body"]
    head = part["http"] + part["status"] + b"\r\n" + part["headers"] + b"\r\n"
    block = {"whole": head + body, "body": body, "head": head}[part["block"]]
    lines = f"WARC-Type: {part['kind']}\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: {part['date']}\r\n"
    lines += f"WARC-Target-URI: {part['url']}\r\nContent-Type: {part['type']}\r\n"
    digested = part.get("payload", body) if part["digested"] == "body" else block
    for name, data in (("block_digest", block), ("payload_digest", digested)):
        if part[name]:
            lines += digest_line(f"WARC-{name.title().replace('_', '-')}", part[name], data)
    lines += f"Content-Length: {len(block) + part['length']}\r\n{part['back']}\r\n"
    return (part["version"] + part["front"] + lines).encode() + block + part["end"]


@settings(max_examples=400, deadline=None)
@given(records=st.lists(stored(), min_size=1, max_size=2))
def test_sees_what_a_full_reading_sees(path: Path, records: list[bytes]) -> None:
    path.write_bytes(FIRST + b"".join(map(gzip.compress, records)))
    agree(path)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for a file, written anew for each case."""
    return tmp_path_factory.mktemp("warc") / "x.warc.gz"


ODD = {
    "another type before": {"front": "WARC-Type: request\r\n"},
    "another type behind": {"back": "WARC-Type: request\r\n"},
    "another type in small letters": {"front": "warc-type: metadata\r\n"},
    "another id": {"front": "WARC-Record-ID: <urn:uuid:7>\r\n"},
    "another date": {"front": "WARC-Date: 2025-01-01T00:00:00Z\r\n"},
    "cut": {"back": "WARC-Truncated: length\r\n"},
    "cut in small letters": {"back": "warc-truncated: length\r\n"},
    "references": {"back": "WARC-Concurrent-To: <a>\r\nWARC-Warcinfo-ID: <b>\r\nWARC-Concurrent-To: <c>\r\n"},
    "a name with a space": {"back": "WARC-Truncated : length\r\n"},
    "a fold": {"back": "X: y\r\n WARC-Truncated: length\r\n"},
    "small digests": {"block_digest": "{lower}", "payload_digest": "{lower}"},
    "hex digests": {"block_digest": "sha256:{hex}", "payload_digest": "sha256:{HEX}"},
    "no digests": {"block_digest": "", "payload_digest": ""},
    "a wrong block digest": {"block_digest": "{wrong}"},
    "a wrong payload digest": {"payload_digest": "{wrong}"},
    "a payload digest of a request": {"kind": "request", "payload_digest": "{wrong}"},
    "a request that is longer than it says": {"kind": "request", "length": -1},
    "a request that is shorter than it says": {"kind": "request", "length": 1},
    "a request without an end": {"kind": "request", "end": b"\0\0\0\0"},
    "a request that is a response first": {"kind": "request", "front": "warc-type: response\r\n"},
    "a request with another length first": {"kind": "request", "front": "content-length: 3\r\n"},
    "metadata with another length behind": {"kind": "metadata", "back": "CONTENT-LENGTH: 3\r\n"},
    "no end": {"end": b"\0\0\0\0"},
    "no body": {"status": b"304 Not Modified", "body": b"surplus", "payload_digest": ""},
    "a redirect": {"status": b"302 Found", "headers": b"location: /a\r\nLocation: /b\r\n"},
    "two codings": {
        "headers": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "body": b"1\r\na\r\n0\r\n\r\n",
    },
    "another coding first": {
        "headers": b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        "body": b"0\r\n\r\n",
    },
    "a chunk that is too long": {"headers": b"Transfer-Encoding: chunked\r\n", "body": b"1\r\naXX1\r\nb\r\n0\r\n\r\n"},
    "a chunk that is cut": {"headers": b"Transfer-Encoding: chunked\r\n", "body": b"9\r\nab"},
    "chunks with trailers": {"headers": b"Transfer-Encoding: chunked\r\n", "body": b"1\r\na\r\n0\r\nX: y\r\n\r\n"},
    "chunks and more": {"headers": b"Transfer-Encoding: chunked\r\n", "body": b"1\r\na\r\n0\r\n\r\nmore"},
    "no chunks": {"headers": b"Transfer-Encoding: chunked\r\n", "body": b"<p>whole"},
    "spaces in HTTP": {"headers": b"Content-Type : a/b\r\nETag:\t x \r\n"},
    "white of Latin": {"headers": b"Content-Type: \xa0a/b\x85\r\n"},
    "two media types": {"headers": b"Content-Type: a/b\r\ncontent-type: c/d\r\n"},
    "a bare line feed in HTTP": {"headers": b"X: y\nContent-Type: a/b\r\n"},
    "a line without a colon": {"headers": b"whatever\r\nContent-Type: a/b\r\n"},
}


@pytest.mark.parametrize("parts", ODD.values(), ids=ODD.keys())
def test_sees_what_is_odd(path: Path, parts: dict[str, Any]) -> None:
    usual: dict[str, Any] = {name: one for name, (one, _) in PARTS.items()}
    path.write_bytes(FIRST + gzip.compress(assembled(usual | {"headers": b"X: y\r\n"} | parts)))
    agree(path)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ours")
    exchanges = (
        exchange(response(b"plain" * 100, b"ETag: x", b"Set-Cookie: a", b"Set-Cookie: b")),
        exchange(response(chunked(b"framed" * 99, 100), b"Transfer-Encoding: chunked", length=False)),
        exchange(response(b"", status=b"304 Not Modified")),
        exchange(response(b"", b"Location: /there", status=b"302 Found"), protocols=("http/1.1", "tls/1.3")),
    )
    return folder / write(folder, *exchanges).filename


def test_leaves_nothing_of_ours_to_a_full_reading_but_the_first_record(ours: Path) -> None:
    inspector = Inspector(ours.name)
    full: list[str | None] = []

    def inspect(one: Record) -> object:
        full.append(one.header.get("WARC-Type"))
        return inspector.inspect(one)

    with WarcFile(ours) as file:
        found = list(file.each(inspect, None, Glance(inspector).inspect))
    assert len(found) == 13
    assert full == ["warcinfo"]
    agree(ours)


@settings(max_examples=200, deadline=None)
@given(where=st.floats(0, 1), byte=st.integers(0, 255), number=st.integers(0, 12))
def test_sees_any_changed_byte_of_ours(path: Path, ours: Path, where: float, byte: int, number: int) -> None:
    texts = members(ours)
    text = bytearray(texts[number])
    text[int(where * (len(text) - 1))] = byte
    texts[number] = bytes(text)
    path.write_bytes(FIRST + b"".join(map(gzip.compress, texts)))
    agree(path)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), what=st.sampled_from(["flip", "cut", "insert", "drop", "double"]))
def test_sees_the_same_in_a_broken_file(path: Path, ours: Path, seed: int, what: str) -> None:
    chance, data = random.Random(seed), ours.read_bytes()
    at, size = chance.randrange(len(data)), chance.choice([1, 3, 40, 5000])
    changed = {
        "flip": data[:at] + bytes([data[at] ^ (1 + seed % 255)]) + data[at + 1 :],
        "cut": data[:at],
        "insert": data[:at] + chance.randbytes(size) + data[at:],
        "drop": data[:at] + data[at + size :],
        "double": data[:at] + data[max(0, at - size) :],
    }[what]
    path.write_bytes(changed)
    try:
        agree(path)
    except NotAWarcError:  # both ways begin alike
        assert at < len(FIRST)


@pytest.mark.parametrize("size", [MAX_WHOLE - 2000, MAX_WHOLE + 1, 3 * MAX_WHOLE])
def test_leaves_what_is_long_to_a_full_reading(tmp_path: Path, size: int) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(FIRST + gzip.compress(record(response(b"a" * size))) + FIRST)
    agree(path)
    assert len(read(path, "entry", glancing=True)[0]) == 3


def test_asks_for_a_full_reading_of_what_is_no_record() -> None:
    with pytest.raises(OddRecordError):
        Glance(Inspector("x")).inspect(b"nothing", Span(0, 7))
