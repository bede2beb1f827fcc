import contextlib
import gzip
import resource
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.glance import read_entries
from crawler.archive.reader import name_in_archive, read_capture, read_captures
from crawler.archive.records import parse_date
from crawler.errors import ArchiveError, DamagedRecordError, NotAWarcError
from crawler.model import Capture, Exchange
from crawler.spool import Spool
from tests.archive.exchanges import STARTED, URL, chunked, exchange, response, write, writer

TOKEN = st.text("abcdefXYZ-09_!", min_size=1, max_size=12).map(str.encode)
VALUE = st.binary(max_size=30).map(lambda raw: bytes(byte for byte in raw if byte not in b"\r\n\0").strip())
HEADERS = st.lists(
    st.tuples(st.sampled_from([b"X-A", b"x-a", b"ETag", b"Set-Cookie"]) | TOKEN.map(b"X-".__add__), VALUE)
)


@st.composite
def framed(draw: st.DrawFn) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
    """A response's bytes, its headers and its payload."""
    headers, body = draw(HEADERS), draw(st.binary(max_size=3000))
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    if framing == "length":
        headers = [*headers, (b"Content-Length", b"%d" % len(body))]
    elif framing == "chunked":
        headers = [*headers, (b"Transfer-Encoding", b"chunked")]
    on_wire = chunked(body, draw(st.integers(1, 4000)), b"X-T: 1\r\n") if framing == "chunked" else body
    head = b"".join(b"%s: %s\r\n" % pair for pair in headers)
    status = draw(st.sampled_from([b"200 OK", b"404 \xe9", b"503 Nope", b"301"]))
    return b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\n" + on_wire, headers, body


class TestWhatWasWritten:
    @settings(deadline=None, max_examples=150)
    @given(messages=st.lists(framed(), min_size=1, max_size=3), limit=st.sampled_from([10, 10**6]))
    def test_comes_back(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        messages: list[tuple[bytes, list[tuple[bytes, bytes]], bytes]],
        limit: int,
    ) -> None:
        folder = tmp_path_factory.mktemp("archive")
        exchanges = [exchange(response=Spool(wire, limit=limit)) for wire, _, _ in messages]
        finished = write(folder, *exchanges)
        for one in exchanges:
            one.response.close()
        captures = list(read_captures(folder / finished.filename))
        assert [entry.ref for entry in finished.entries] == [capture.ref for capture in captures]
        for capture, (_, headers, body) in zip(captures, messages, strict=True):
            assert capture.payload == body
            assert [(name.encode("latin-1"), value.encode("latin-1")) for name, value in capture.headers] == headers
            assert (capture.url, capture.captured_at, capture.run_id) == (URL, STARTED, "run-1")
            assert capture.ref is not None
            assert read_capture(folder / finished.filename, capture.ref.offset, capture.ref.length) == capture

    @settings(deadline=None, max_examples=150)
    @given(wire=st.binary(max_size=300) | framed().map(lambda made: made[0]), request=st.binary(max_size=80))
    def test_is_never_more_than_an_error_for_any_bytes(
        self, tmp_path_factory: pytest.TempPathFactory, wire: bytes, request: bytes
    ) -> None:
        folder = tmp_path_factory.mktemp("archive")
        finished = write(folder, exchange(wire, request=request), exchange())
        path = folder / finished.filename
        assert [entry.ref for entry in read_entries(path)] == [entry.ref for entry in finished.entries]
        assert gzip.decompress(path.read_bytes()).count(wire) >= 1

    def test_tells_the_same_to_the_index(self, tmp_path: Path) -> None:
        redirect = response(b"", b"Location: /b?\xc3\xa4", b"ETag: W/1", status=b"301 Moved")
        exchanges = exchange(), exchange(redirect, truncated="length"), exchange(b"garbage")
        finished = write(tmp_path, *exchanges)
        assert tuple(read_entries(tmp_path / finished.filename)) == finished.entries
        assert finished.entries[1].redirect_to == "https://news.example/b?%C3%A4"
        assert finished.entries[1].etag == "W/1"
        assert [entry.status for entry in finished.entries] == [200, 301, 0]

    def test_is_read_while_the_file_is_open(self, tmp_path: Path) -> None:
        writing = writer(tmp_path)
        ref = writing.append(exchange())
        assert read_capture(tmp_path / ref.filename, ref.offset, ref.length).payload == b"<p>Hello"
        writing.abandon()

    def test_is_not_read_from_a_wrong_place(self, tmp_path: Path) -> None:
        finished = write(tmp_path, exchange(), exchange(b"garbage"))
        path, ref = tmp_path / finished.filename, finished.entries[0].ref
        wrong = [
            (ref.offset, ref.length + 1),
            (ref.offset + 1, ref.length),
            (0, ref.offset),
            (ref.offset + ref.length, 100),
            (path.stat().st_size, 100),
            (finished.entries[1].ref.offset, finished.entries[1].ref.length),
        ]
        for offset, length in wrong:
            with pytest.raises(DamagedRecordError, match=path.name):
                read_capture(path, offset, length)

    @pytest.mark.parametrize(("token", "kept"), [("length", "length"), ("head", "unspecified"), (" TIME", "time")])
    def test_says_how_it_was_cut(self, tmp_path: Path, token: str, kept: str) -> None:
        path = foreign(tmp_path, record(extra=f"WARC-Truncated: {token}\r\n"))
        assert only(path).truncated == kept


def record(
    block: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>Theirs",
    *,
    version: str = "1.0",
    kind: str = "response",
    url: str = "http://theirs.example/",
    date: str = "2014-01-27T17:12:51Z",
    extra: str = "",
    length: int | None = None,
) -> bytes:
    """A record as other tools write it."""
    head = f"WARC/{version}\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n{extra}"
    head += "Content-Type: application/http; msgtype=response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
    size = len(block) if length is None else length
    return f"{head}Content-Length: {size}\r\n\r\n".encode() + block + b"\r\n\r\n"


def foreign(folder: Path, *records: bytes, packed: bool = True, name: str = "theirs.warc") -> Path:
    """A file of others, each record a gzip member if `packed`."""
    path = folder / (name + ".gz" * packed)
    path.write_bytes(b"".join(gzip.compress(one) if packed else one for one in records))
    return path


def only(path: Path) -> Capture:
    (capture,) = read_captures(path)
    return capture


def survivors(path: Path) -> tuple[list[str], list[str]]:
    """The URLs that can be read, and the damages told."""
    damages: list[DamagedRecordError] = []
    urls = [capture.url for capture in read_captures(path, on_damage=damages.append)]
    return urls, [str(damage) for damage in damages]


class TestFilesOfOthers:
    @pytest.mark.parametrize("packed", [True, False])
    def test_are_read_with_offsets_that_fetch_the_record_again(self, tmp_path: Path, packed: bool) -> None:
        info = record(b"isPartOf: theirs\r\n", kind="warcinfo")
        path = foreign(tmp_path, info, record(kind="request"), record(), record(version="1.1"), packed=packed)
        captures = list(read_captures(path))
        assert [capture.payload for capture in captures] == [b"<p>Theirs"] * 2
        for capture in captures:
            assert capture.ref is not None
            assert capture.ref.filename == path.name
            assert capture.run_id == "theirs"
            assert read_capture(path, capture.ref.offset, capture.ref.length) == capture

    def test_may_put_brackets_round_the_url(self, tmp_path: Path) -> None:
        assert only(foreign(tmp_path, record(url="<http://theirs.example/>"))).url == "http://theirs.example/"

    def test_may_digest_the_framing(self, tmp_path: Path) -> None:
        """wget digests chunked bodies with their chunk sizes; ours is the digest that the standard means."""
        block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        capture = only(foreign(tmp_path, record(block, extra="WARC-Payload-Digest: sha1:WRONG\r\n")))
        assert capture.payload == b"abc"
        assert capture.ref is not None
        assert capture.ref.payload_digest == "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"

    def test_may_use_sha256(self, tmp_path: Path) -> None:
        capture = only(foreign(tmp_path, record(extra="WARC-Payload-Digest: sha256:00\r\n")))
        assert capture.ref is not None
        assert (capture.ref.payload_digest or "").startswith("sha256:")

    def test_may_have_bare_line_feeds_folded_lines_and_odd_cases(self, tmp_path: Path) -> None:
        odd = record().replace(b"WARC-Target-URI: ", b"warc-target-uri:\r\n ").replace(b"\r\nWARC-Date", b"\nWARC-Date")
        assert only(foreign(tmp_path, odd)).url == "http://theirs.example/"
        bare = b"WARC/1.0\nWARC-Type: response\nWARC-Target-URI: http://b/\nWARC-Date: 2014\nContent-Length: 19\n\n"
        assert only(foreign(tmp_path, bare + b"HTTP/1.1 200 OK\n\nab\n\n")).payload == b"ab"

    def test_may_be_compressed_as_a_whole(self, tmp_path: Path) -> None:
        """Such records have no place of their own, so nothing can be fetched by offset."""
        path = tmp_path / "whole.warc.gz"
        path.write_bytes(gzip.compress(record(url="http://a/") + record(url="http://b/")))
        captures = list(read_captures(path))
        assert [(capture.url, capture.ref) for capture in captures] == [("http://a/", None), ("http://b/", None)]
        assert read_entries(path) == []

    def test_may_hold_records_of_kinds_that_are_no_captures(self, tmp_path: Path) -> None:
        other = record(b"x", kind="response").replace(b"application/http; msgtype=response", b"text/dns")
        kinds = ("revisit", "metadata", "conversion", "continuation", "never-heard-of")
        path = foreign(tmp_path, other, *(record(b"x", kind=kind) for kind in kinds), record())
        assert only(path).url == "http://theirs.example/"

    def test_tell_the_time_in_every_legal_precision(self) -> None:
        day = datetime(2014, 1, 27, tzinfo=UTC)
        assert parse_date("2014") == datetime(2014, 1, 1, tzinfo=UTC)
        assert parse_date("2014-01") == datetime(2014, 1, 1, tzinfo=UTC)
        assert parse_date("2014-01-27") == day
        assert parse_date("2014-01-27T17:12Z") == day.replace(hour=17, minute=12)
        assert parse_date("2014-01-27T17:12:51Z") == day.replace(hour=17, minute=12, second=51)
        assert parse_date("2014-01-27T17:12:51.123456789Z").microsecond == 123456

    def test_are_named_by_their_place_in_an_archive(self) -> None:
        assert name_in_archive(Path("/x/warc/s/2024/02/N.warc.gz")) == "warc/s/2024/02/N.warc.gz"
        assert name_in_archive(Path("crawl-data/CC-NEWS/2024/02/N.warc.gz")) == "N.warc.gz"

    def test_take_the_name_they_are_given(self, tmp_path: Path) -> None:
        (capture,) = read_captures(foreign(tmp_path, record()), filename="crawl-data/CC-NEWS/2024/02/N.warc.gz")
        assert capture.ref is not None
        assert capture.ref.filename == "crawl-data/CC-NEWS/2024/02/N.warc.gz"


BROKEN = {
    "a date that is none": record(date="yesterday"),
    "a date that no calendar has": record(date="2014-02-30T00:00:00Z"),
    "no date": record().replace(b"WARC-Date", b"X-Date"),
    "no url": record().replace(b"WARC-Target-URI", b"X-URI"),
    "no HTTP in it": record(b"no status line\r\n\r\n"),
    "a length too long": record(length=500),
    "a length too short": record(length=50),
    "a length that is none": record().replace(b"Content-Length: ", b"Content-Length: x"),
    "a length without end": record().replace(b"Content-Length: ", b"Content-Length: 9999999999999999999"),
    "another version": record(version="9.9"),
    "a header too long": b"WARC/1.0\r\n" + b"X: y\r\n" * 300_000 + b"\r\n",
}


class TestDamage:
    @pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
    @pytest.mark.parametrize("packed", [True, False])
    def test_costs_one_record_and_is_told_once(self, tmp_path: Path, broken: bytes, packed: bool) -> None:
        path = foreign(tmp_path, record(url="http://a/"), broken, record(url="http://b/"), packed=packed)
        urls, damages = survivors(path)
        assert urls == ["http://a/", "http://b/"]
        assert len(damages) == 1
        assert str(path) in damages[0]
        assert "record at byte" in damages[0]

    def test_of_a_header_without_end_costs_one_record(self, tmp_path: Path) -> None:
        path = foreign(tmp_path, record(url="http://a/"), b"WARC/1.0\r\nX: y\r\n", record(url="http://b/"))
        urls, damages = survivors(path)
        assert (urls, len(damages)) == (["http://a/", "http://b/"], 1)

    def test_is_raised_where_nobody_listens(self, tmp_path: Path) -> None:
        captures = read_captures(foreign(tmp_path, record(), BROKEN["no date"]))
        assert next(captures).url == "http://theirs.example/"
        with pytest.raises(DamagedRecordError, match="WARC-Date"):
            next(captures)

    @pytest.mark.parametrize("change", ["flip", "crc", "cut", "insert"])
    def test_of_the_compression_costs_one_record(self, tmp_path: Path, change: str) -> None:
        one, two, three = (bytearray(gzip.compress(record(url=f"http://{name}/"))) for name in "abc")
        if change == "flip":
            two[30] ^= 0xFF
        elif change == "crc":
            two[-6] ^= 1
        elif change == "cut":
            del two[-20:]
        else:
            two += b"garbage"
        path = tmp_path / "x.warc.gz"
        path.write_bytes(bytes(one + two + three))
        urls, damages = survivors(path)
        assert urls == (["http://a/", "http://b/", "http://c/"] if change == "insert" else ["http://a/", "http://c/"])
        assert len(damages) == 1

    @pytest.mark.parametrize("packed", [True, False])
    def test_of_the_tail_costs_the_last_record(self, tmp_path: Path, packed: bool) -> None:
        path = foreign(tmp_path, record(url="http://a/"), record(url="http://b/"), packed=packed)
        path.write_bytes(path.read_bytes()[:-12])
        urls, damages = survivors(path)
        assert urls == ["http://a/"]
        assert len(damages) == 1

    def test_of_the_first_record_costs_it_alone(self, tmp_path: Path) -> None:
        first = bytearray(gzip.compress(record(url="http://a/")))
        first[12] ^= 0xFF
        path = tmp_path / "x.warc.gz"
        path.write_bytes(bytes(first) + gzip.compress(record(url="http://b/")))
        assert survivors(path)[0] == ["http://b/"]

    def test_does_not_let_a_page_forge_a_record(self, tmp_path: Path) -> None:
        """A WARC inside the body of a record that cannot be understood is not taken for the next record."""
        inner = zlib.compressobj(0, wbits=31)
        forged = inner.compress(record(url="http://forged/")) + inner.flush()
        outer = zlib.compressobj(0, wbits=31)  # stored, so that the inner bytes stand in the file as they are
        data = outer.compress(record(b"HTTP/1.1 200 OK\r\n\r\n" + forged, date="never")) + outer.flush()
        path = tmp_path / "x.warc.gz"
        path.write_bytes(gzip.compress(record(url="http://a/")) + data + gzip.compress(record(url="http://b/")))
        assert survivors(path)[0] == ["http://a/", "http://b/"]

    def test_of_any_kind_ends(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        @settings(deadline=None, max_examples=200)
        @given(at=st.integers(0, 2000), junk=st.binary(max_size=8), drop=st.integers(0, 8))
        def check(at: int, junk: bytes, drop: int) -> None:
            path.write_bytes(whole[: at % len(whole)] + junk + whole[at % len(whole) + drop :])
            with contextlib.suppress(NotAWarcError):
                survivors(path)

        folder = tmp_path_factory.mktemp("fuzz")
        path = foreign(folder, *(record(url=f"http://{name}/") for name in "abc"))
        whole = path.read_bytes()
        check()


class TestNoWarc:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "empty"),
            (b"some text", "begins with b'some text'"),
            (b"filedesc://x.arc 0.0.0.0 2014", "ARC"),
            (gzip.compress(b"filedesc://x.arc 0.0.0.0 2014", mtime=0), "ARC"),
            (gzip.compress(b"some text", mtime=0), "no WARC record"),
            (b"\x1f\x8b\x08\x00", "no WARC record"),
            (b"\x28\xb5\x2f\xfd....", "zstd"),
            (b"PK\x03\x04....", "WACZ"),
        ],
    )
    def test_is_refused_in_one_line(self, tmp_path: Path, content: bytes, why: str) -> None:
        path = tmp_path / "x.warc.gz"
        path.write_bytes(content)
        with pytest.raises(NotAWarcError, match=f"{path.name}: this is not a WARC file: .*{why}") as raised:
            list(read_captures(path))
        assert "\n" not in str(raised.value)

    def test_is_told_from_a_file_that_cannot_be_read(self, tmp_path: Path) -> None:
        with pytest.raises(ArchiveError, match=r"missing\.warc: it cannot be read: No such file"):
            list(read_captures(tmp_path / "missing.warc"))
        with pytest.raises(ArchiveError, match="it is no file"):
            list(read_captures(tmp_path))


def test_holds_no_bomb_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two gigabytes of zeros in two megabytes cost the memory of the limit, and the record after them is read."""
    limit = 8 * 2**20
    monkeypatch.setattr("crawler.archive.reader.MAX_PAYLOAD", limit)
    size = 2 * 2**30
    head = record(b"HTTP/1.1 200 OK\r\n\r\n", length=size + 19)[:-4]
    packer = zlib.compressobj(1, wbits=31)
    path = tmp_path / "bomb.warc.gz"
    with path.open("wb") as file:
        file.write(packer.compress(head))
        zeros = bytes(2**24)
        for _ in range(size // len(zeros)):
            file.write(packer.compress(zeros))
        file.write(packer.compress(b"\r\n\r\n") + packer.flush() + gzip.compress(record()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb, after = read_captures(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (len(bomb.payload), bomb.truncated) == (limit, "length")
    assert after.payload == b"<p>Theirs"
    assert grown * 1024 < 8 * limit


def test_reads_an_exchange_of_the_wire_as_it_was(tmp_path: Path) -> None:
    one: Exchange = exchange(response(b"caf\xe9", b"Content-Type: text/plain; charset=latin-1"), hops="L")
    finished = write(tmp_path, one)
    capture = only(tmp_path / finished.filename)
    assert capture.header("content-type") == "text/html"
    assert capture.payload == b"caf\xe9"
