"""One line for each damaged record and each wrong claim, whatever the file holds."""

import base64
import gzip
import hashlib
import resource
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.cdxj import cdxj_line, parse_row
from crawler.archive.claims import Claim, Claims, Defect
from crawler.archive.entries import IndexEntry
from crawler.archive.glance import read_entries
from crawler.archive.verify import WINDOW, verify_warc
from crawler.errors import NotAWarcError
from tests.archive.exchanges import chunked, exchange, response, write
from tests.archive.test_reader import record


def verify(path: Path, claims: Claims | None = None, *, indexed: bool = False) -> list[Defect]:
    """The defects of a file."""
    defects: list[Defect] = []
    verify_warc(path, path.name, claims if claims is not None else {}, defects.append, indexed=indexed)
    return defects


def packed(folder: Path, *records: bytes) -> Path:
    path = folder / "x.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)))
    return path


def numbered(number: int, *, extra: str = "", **options: str) -> bytes:
    """A record of another tool with an id of its own."""
    return record(extra=extra, **options).replace(b"<urn:uuid:1>", b"<urn:uuid:n%d>" % number)  # type: ignore[arg-type]


@pytest.fixture
def ours(tmp_path: Path) -> tuple[Path, list[IndexEntry]]:
    """A file of ours with every framing, and its entries."""
    exchanges = (
        exchange(response(b"plain" * 100)),
        exchange(response(chunked(b"framed" * 99, 100), b"Transfer-Encoding: chunked", length=False)),
        exchange(response(b"", status=b"304 Not Modified")),
        exchange(b"no HTTP at all"),
        exchange(request=b"POST / HTTP/1.1\r\n\r\nform=1", truncated="length"),
        exchange(request=b"POST / HTTP/1.1\nHost: a\n\nform=1"),
    )
    finished = write(tmp_path, *exchanges)
    return tmp_path / finished.filename, list(finished.entries)


def test_finds_nothing_wrong_with_what_we_write(ours: tuple[Path, list[IndexEntry]]) -> None:
    path, entries = ours
    assert verify(path) == []
    whole = path.with_name("plain.warc")
    whole.write_bytes(gzip.decompress(path.read_bytes()))
    assert verify(whole) == []
    assert len(read_entries(path)) == len(entries)


@pytest.mark.parametrize("field", ["WARC-Block-Digest", "WARC-Payload-Digest"])
def test_finds_each_byte_that_is_not_its_digests(
    tmp_path: Path, ours: tuple[Path, list[IndexEntry]], field: str
) -> None:
    """Both digests of a chunked response: over the bytes as they are, and over the body without its chunks."""
    text = gzip.decompress(ours[0].read_bytes())
    for number in range(text.count(field.encode() + b": sha1:")):
        at = [i for i in range(len(text)) if text.startswith(field.encode() + b": sha1:", i)][number]
        at += len(field) + len(": sha1:")
        changed = text[:at] + (b"A" if text[at : at + 1] != b"A" else b"B") + text[at + 1 :]
        path = tmp_path / "changed.warc"
        path.write_bytes(changed)
        (defect,) = verify(path)
        assert f"its {field} is sha1:" in defect.why
        assert text.startswith(b"WARC/1.1", defect.offset)


@pytest.mark.parametrize(
    ("digest", "why"),
    [
        ("sha1:{b32}", None),
        ("SHA-1:{lower}", None),
        ("sha256:{hex}", None),
        ("md5:{md5}", None),
        ("blake3:what", None),
        ("sha1:WRONG", "its WARC-Payload-Digest is 'sha1:WRONG'"),
        ("sha1: {short}", "its WARC-Payload-Digest is 'sha1: "),
        ("sha1:+{short}", "its WARC-Payload-Digest is 'sha1:+"),
        ("sha1:{hex40}", None),
        ("sha1:{short}7", "and its bytes have sha1:"),
        ("sha256:{md5}", "its WARC-Payload-Digest is 'sha256:"),
        ("md5:{other}", "and its bytes have md5:"),
    ],
)
def test_reads_digests_as_others_write_them(tmp_path: Path, digest: str, why: str | None) -> None:
    body = b"<p>Theirs"
    forms = {
        "hex": hashlib.sha256(body).hexdigest(),
        "md5": hashlib.md5(body).hexdigest(),
        "other": hashlib.md5(b"").hexdigest(),
    }
    forms["b32"] = base64.b32encode(hashlib.sha1(body).digest()).decode()
    forms["short"], forms["hex40"] = forms["b32"][:31], hashlib.sha1(body).hexdigest()
    forms["lower"] = forms["b32"].lower()
    path = packed(tmp_path, record(extra=f"WARC-Payload-Digest: {digest.format(**forms)}\r\n"))
    defects = verify(path)
    assert len(defects) == (why is not None)
    assert why is None or why in defects[0].why


WRONG = {
    "no id": (record().replace(b"WARC-Record-ID: <urn:uuid:1>\r\n", b""), "it has no WARC-Record-ID"),
    "no type": (record().replace(b"WARC-Type: response\r\n", b""), "it has no WARC-Type"),
    "no URL": (record().replace(b"WARC-Target-URI: http://theirs.example/\r\n", b""), "it has no WARC-Target-URI"),
    "no date": (record(date="yesterday"), "its WARC-Date is 'yesterday'"),
    "no HTTP": (record(b"\x00\x01garbage"), "its block is no HTTP response"),
    "too long": (record(length=5), "after its Content-Length follows"),
    "too short": (record(length=5000), "before its Content-Length"),
    "no length": (record().replace(b"Content-Length", b"Content-Size"), "its Content-Length is ''"),
    "huge header": (record(extra="X: " + "x" * 3_000_000 + "\r\n"), "its header is longer than"),
    "unknown version": (record(version="9.0"), "instead of WARC/1.0 or WARC/1.1"),
    "a record that is not there": (
        numbered(1, extra="WARC-Concurrent-To: <urn:uuid:gone>\r\n"),
        "its WARC-Concurrent-To names '<urn:uuid:gone>', which the file does not hold",
    ),
    "two that are not there": (
        numbered(1, extra="WARC-Concurrent-To: <urn:uuid:a>\r\nWARC-Concurrent-To: <urn:uuid:b>\r\n"),
        "names '<urn:uuid:a>'",
    ),
    "everything": (
        record(b"x", date="never", extra="WARC-Block-Digest: sha1:x\r\nWARC-Concurrent-To: <urn:uuid:b>\r\n"),
        "its WARC-Block-Digest",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_tells_one_wrong_record_once_and_goes_on(tmp_path: Path, name: str) -> None:
    wrong, why = WRONG[name]
    path = packed(tmp_path, numbered(8), wrong, numbered(9))
    (defect,) = verify(path)
    assert why in defect.why
    assert defect.offset == len(gzip.compress(numbered(8)))
    assert len(str(defect)) < 600
    assert "\n" not in str(defect)


@pytest.mark.parametrize("kind", ["conversion", "continuation", "revisit", "nobody-knows-this", "resource"])
def test_takes_records_of_every_kind(tmp_path: Path, kind: str) -> None:
    """Also of a revisit, whose payload digest is of another record's payload."""
    digest = "sha1:" + "A" * 32
    extra = f"WARC-Payload-Digest: {digest}\r\n" if kind in {"continuation", "revisit"} else ""
    assert verify(packed(tmp_path, numbered(1, kind=kind, extra=extra), numbered(2, version="1.0"))) == []


def test_knows_a_record_that_was_named_before_it_came(tmp_path: Path) -> None:
    """wget writes the request first."""
    asked = numbered(1, kind="request", extra="WARC-Concurrent-To: <urn:uuid:n2>\r\n")
    assert verify(packed(tmp_path, asked, numbered(2))) == []


def test_finds_an_id_that_is_used_twice(tmp_path: Path) -> None:
    (defect,) = verify(packed(tmp_path, numbered(1), numbered(1)))
    assert "another record's" in defect.why


def test_lets_a_damaged_record_excuse_those_that_name_it(tmp_path: Path) -> None:
    named = [numbered(n, extra="WARC-Concurrent-To: <urn:uuid:n1>\r\n") for n in (2, 3)]
    lost = numbered(1, version="9.0")
    assert len(verify(packed(tmp_path, lost, *named))) == 1
    also = numbered(4, extra="WARC-Concurrent-To: <urn:uuid:gone>\r\n")
    assert len(verify(packed(tmp_path, lost, *named, also))) == 2


def test_tells_once_that_records_are_compressed_together(tmp_path: Path) -> None:
    path = tmp_path / "whole.warc.gz"
    path.write_bytes(gzip.compress(numbered(1) + numbered(2) + numbered(3)))
    (defect,) = verify(path)
    assert "compressed together" in defect.why


def test_tells_garbage_and_a_torn_tail(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    parts = [gzip.compress(numbered(n)) for n in range(3)]
    path.write_bytes(parts[0] + b"garbage" * 1000 + parts[1] + parts[2][:-9])
    assert [defect.offset for defect in verify(path)] == [len(parts[0]), len(parts[0]) + 7000 + len(parts[1])]


@pytest.mark.parametrize(
    "content", [gzip.compress(b"filedesc://x.arc 0.0.0.0 2014", mtime=0), b"filedesc://x.arc 0.0.0.0"]
)
def test_refuses_arc_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(NotAWarcError, match="it is an ARC file; convert it first"):
        verify(path)


def claims_of(entries: list[IndexEntry], change: Callable[[bytes], bytes] = lambda line: line) -> Claims:
    lines = [(entry.ref.offset, change(cdxj_line(entry))) for entry in entries if entry.status]
    return {offset: [Claim("i.cdxj", 7, parse_row(line).facts, is_row=True)] for offset, line in lines}


CHANGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "url": (lambda line: line.replace(b"https://news", b"https://old"), "url 'https://old"),
    "key": (lambda line: line.replace(b"example,", b"example,x,", 1), "key 'example,x,"),
    "time": (lambda line: line.replace(b" 2024", b" 2025", 1), "timestamp '2025"),
    "status": (lambda line: line.replace(b'"200"', b'"404"'), "status '404' instead of '200'"),
    "digest": (lambda line: line.replace(b'"digest": "', b'"digest": "A'), "digest 'sha1:A"),
    "length": (lambda line: line.replace(b'"length": "', b'"length": "1'), "length '1"),
    "file": (lambda line: line.replace(b'"filename": "', b'"filename": "x'), "filename 'x"),
}


def test_agrees_with_the_rows_of_its_index(ours: tuple[Path, list[IndexEntry]]) -> None:
    path, entries = ours
    defects: list[Defect] = []
    count = verify_warc(path, entries[0].ref.filename, claims_of(entries), defects.append, indexed=True)
    assert defects == []
    assert (count.records, count.captures) == (19, 6)


@pytest.mark.parametrize("name", CHANGES)
def test_finds_a_row_that_says_otherwise(ours: tuple[Path, list[IndexEntry]], name: str) -> None:
    path, entries = ours
    change, why = CHANGES[name]
    defects: list[Defect] = []
    verify_warc(path, entries[0].ref.filename, claims_of(entries[:1], change), defects.append, indexed=False)
    (defect,) = defects
    assert (defect.file, defect.offset) == ("i.cdxj", 7)
    assert why in defect.why


def test_finds_rows_that_lead_nowhere_and_rows_that_are_missing(ours: tuple[Path, list[IndexEntry]]) -> None:
    path, entries = ours
    claims = claims_of(entries[1:])
    claims[3] = [Claim("i.cdxj", 0, {}, is_row=True)]
    claims[0] = [Claim("ledger", None, {})]
    defects: list[Defect] = []
    verify_warc(path, entries[0].ref.filename, claims, defects.append, indexed=True)
    told = [defect.why for defect in defects]
    assert len(told) == 3
    assert "which is a warcinfo and no response" in told[0]
    assert "its index has no row for it" in told[1]
    assert "where no record begins" in told[2]


def test_bounds_what_it_remembers_of_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is named and does not come is given up when the window has passed, and told once."""
    monkeypatch.setattr("crawler.archive.verify.WINDOW", 10)
    assert WINDOW > 1000
    info = numbered(0, kind="warcinfo")
    named = "WARC-Warcinfo-ID: <urn:uuid:n0>\r\n"
    lost = named + "WARC-Concurrent-To: <urn:uuid:gone>\r\n"
    others = [numbered(n, extra=named) for n in range(2, 40)]
    (defect,) = verify(packed(tmp_path, info, numbered(1, extra=lost), *others))
    assert defect.offset == len(gzip.compress(info))
    far = numbered(50, extra="WARC-Concurrent-To: <urn:uuid:n2>\r\n")
    assert len(verify(packed(tmp_path, info, *others, far))) == 1


def test_costs_one_defect_a_record_for_any_bytes(tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(deadline=None, max_examples=150)
    @given(at=st.integers(0, 10**6), junk=st.binary(max_size=8), drop=st.integers(0, 8), plain=st.booleans())
    def check(at: int, junk: bytes, drop: int, plain: bool) -> None:
        data = gzip.decompress(whole) if plain else whole
        path.write_bytes(data[: at % len(data)] + junk + data[at % len(data) + drop :])
        try:
            defects = verify(path)
        except NotAWarcError:
            return
        offsets = [defect.offset for defect in defects]
        assert len(offsets) == len(set(offsets)) <= 4

    folder = tmp_path_factory.mktemp("fuzz")
    finished = write(folder, exchange(), exchange(response(b"other")))
    whole = (folder / finished.filename).read_bytes()
    path = folder / "x.warc.gz"
    check()


def test_holds_no_bomb_in_memory(tmp_path: Path) -> None:
    """A quarter of a gigabyte of zeros in one record, one of line ends after another: each costs a piece of memory."""
    size = 2**28
    path = tmp_path / "bomb.warc.gz"
    head = record(b"HTTP/1.1 200 OK\r\n\r\n", length=size + 19)[:-4]
    with path.open("wb") as file:
        for opening, filling in ((head, bytes(2**24)), (numbered(2), b"\r\n" * 2**23)):
            packer = zlib.compressobj(1, wbits=31)
            file.write(packer.compress(opening))
            for _ in range(size // 2**24):
                file.write(packer.compress(filling))
            file.write(packer.compress(b"\r\n\r\n") + packer.flush())
        file.write(gzip.compress(numbered(3)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert verify(path) == []
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 64 * 2**20
