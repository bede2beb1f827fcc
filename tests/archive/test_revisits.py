"""A payload is stored once; what comes again refers to it, in records that every reader understands."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.digests import digest_of
from crawler.archive.entries import IndexEntry
from crawler.archive.exchange import IDENTICAL, MIN_REVISIT_PAYLOAD, NOT_MODIFIED, FindOriginal
from crawler.archive.glance import read_entries
from crawler.archive.inspection import Inspector
from crawler.archive.reader import read_capture, read_captures
from crawler.archive.repair import repair
from crawler.archive.revisits import find_captures
from crawler.archive.tree import cdxj_filename, open_path
from crawler.archive.verify import Defect, verify_warc
from crawler.archive.warcfile import WarcFile
from crawler.errors import DamagedRecordError
from crawler.model import Exchange, Original
from tests.archive.exchanges import STARTED, URL, block_of, chunked, exchange, header_of, members, response, writer

BODY = b"<p>The same words again" * 50
LATER = STARTED + timedelta(hours=1)
AGAIN = "https://news.example/again?x=%C3%A4"
NOT_CHANGED = b'HTTP/1.1 304 Not  Modified\r\neTag:  "a"\r\nX-Odd: 1\r\n\r\n'


def original_of(entry: IndexEntry) -> Original:
    return Original(entry.url, entry.captured_at, entry.ref)


def always(entry: IndexEntry) -> FindOriginal:
    """As a ledger that knows this one response."""
    return lambda _, digest, __: original_of(entry) if digest == entry.ref.payload_digest else None


def identical(**changes: object) -> Exchange:
    answer = response(chunked(BODY, 90), b"x-Odd:  1", b"Transfer-Encoding: chunked", length=False)
    return exchange(answer, **{"url": AGAIN, "started_at": LATER, **changes})


def unmodified(entry: IndexEntry) -> Exchange:
    return exchange(NOT_CHANGED, url=AGAIN, started_at=LATER, validated=original_of(entry))


#: An original and one revisit of it, by the profile.
PAIRS: dict[str, Callable[[IndexEntry], Exchange]] = {IDENTICAL: lambda _: identical(), NOT_MODIFIED: unmodified}


def pair(folder: Path, profile: str = IDENTICAL, *, files: int = 1) -> tuple[IndexEntry, IndexEntry]:
    """The entries of an original and its revisit, in one file or in two."""
    writing = writer(folder)
    first = writing.write(exchange(response(BODY)))
    if files == 2:
        writing.finish()
    second = writing.write(PAIRS[profile](first), always(first))
    writing.close()
    return first, second


def fields_of(record: bytes) -> dict[str, str]:
    lines = header_of(record).decode().split("\r\n")[1:]
    return dict(line.split(": ", 1) for line in lines if line)


def defects_of(path: Path) -> list[Defect]:
    """What is wrong with a file of an archive."""
    defects: list[Defect] = []
    verify_warc(path, "/".join(path.parts[-5:]), {}, defects.append, indexed=False)
    return defects


@pytest.mark.parametrize("profile", PAIRS)
class TestBothProfiles:
    def test_name_their_original_in_every_way_there_is(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile)
        record = members(tmp_path / first.ref.filename)[4]
        told = fields_of(record)
        assert told["WARC-Type"] == "revisit"
        assert told["WARC-Profile"] == profile
        assert told["WARC-Refers-To"] == first.ref.record_id == second.ref.refers_to
        assert told["WARC-Refers-To-Target-URI"] == URL
        assert told["WARC-Refers-To-Date"] == "2024-02-08T09:30:00.123456Z"
        assert told["WARC-Payload-Digest"] == digest_of((BODY,)) == second.ref.payload_digest
        assert told["Content-Type"] == "application/http;msgtype=response"
        assert (told["WARC-Target-URI"], told["WARC-Date"]) == (AGAIN, "2024-02-08T10:30:00.123456Z")

    def test_hold_the_head_as_received_and_no_byte_more(self, tmp_path: Path, profile: str) -> None:
        first, _ = pair(tmp_path, profile)
        record = members(tmp_path / first.ref.filename)[4]
        received = NOT_CHANGED if profile == NOT_MODIFIED else identical().response.read().partition(b"\r\n\r\n")[0]
        block = block_of(record)
        assert block == received.removesuffix(b"\r\n\r\n") + b"\r\n\r\n"
        assert fields_of(record)["WARC-Block-Digest"] == digest_of((block,))

    def test_are_said_to_be_cut_only_where_a_body_was(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile)
        told = fields_of(members(tmp_path / first.ref.filename)[4])
        assert told.get("WARC-Truncated") == ("length" if profile == IDENTICAL else None)
        assert second.truncated is None  # no byte was lost

    def test_own_their_request(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile)
        for record in members(tmp_path / first.ref.filename)[5:]:
            assert fields_of(record)["WARC-Concurrent-To"] == second.ref.record_id

    @pytest.mark.parametrize("files", [1, 2])
    def test_are_read_back_with_their_originals_payload(self, tmp_path: Path, profile: str, files: int) -> None:
        _, second = pair(tmp_path, profile, files=files)
        path = tmp_path / second.ref.filename
        alone = read_capture(path, second.ref.offset, second.ref.length)
        assert alone == list(read_captures(path))[-1]
        assert alone.payload == BODY
        assert (alone.url, alone.captured_at, alone.ref) == (AGAIN, LATER, second.ref)
        assert alone.status == (304 if profile == NOT_MODIFIED else 200)
        assert alone.header("X-Odd") == "1"
        assert alone.is_revisit

    def test_are_found_without_an_index(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile)
        (tmp_path / cdxj_filename("demo", first.ref.filename)).unlink()
        assert read_capture(tmp_path / second.ref.filename, second.ref.offset, second.ref.length).payload == BODY

    def test_are_damaged_where_their_original_is_gone(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile, files=2)
        (tmp_path / first.ref.filename).unlink()
        path = tmp_path / second.ref.filename
        with pytest.raises(DamagedRecordError, match=f"its original {first.ref.record_id} is not in the archive"):
            list(read_captures(path))
        (capture,) = read_captures(path, follow=False)
        assert (capture.payload, capture.is_revisit) == (b"", True)

    def test_are_indexed_the_same_when_read_again(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile)
        assert read_entries(tmp_path / first.ref.filename) == [first, second]

    def test_are_verified(self, tmp_path: Path, profile: str) -> None:
        _, second = pair(tmp_path, profile, files=2)
        path = tmp_path / second.ref.filename
        with WarcFile(path) as file:
            found = [entry for entry in file.each(Inspector(second.ref.filename).entry) if entry]
        assert found == [second]
        assert defects_of(path) == []

    def test_are_found_by_a_verification_once_their_original_is_gone(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile, files=2)
        (tmp_path / first.ref.filename).unlink()
        (defect,) = defects_of(tmp_path / second.ref.filename)
        assert defect.offset == second.ref.offset
        assert defect.why == f"its original {first.ref.record_id} is not in the archive"

    def test_are_read_by_warcio_and_fastwarc(self, tmp_path: Path, profile: str) -> None:
        first, second = pair(tmp_path, profile)
        path = tmp_path / first.ref.filename
        with path.open("rb") as file:
            revisit = next(record for record in ArchiveIterator(file, check_digests="raise") if is_revisit(record))
            assert revisit.rec_headers.get_header("WARC-Record-ID") == second.ref.record_id
            assert revisit.http_headers.get_header("X-Odd") == "1"
            assert revisit.http_headers.get_statuscode() == ("304" if profile == NOT_MODIFIED else "200")
        with path.open("rb") as file:
            records = FastIterator(file, parse_http=False, record_types=WarcRecordType.revisit)
            found = [(record.stream_pos, record.verify_block_digest()) for record in records]
        assert found == [(second.ref.offset, True)]


def is_revisit(record: object) -> bool:
    return getattr(record, "rec_type", None) == "revisit"


def test_an_index_has_lines_for_revisits_that_can_be_replayed(tmp_path: Path) -> None:
    first, second = pair(tmp_path)
    index = tmp_path / cdxj_filename("demo", first.ref.filename)
    (line,) = (line for line in index.read_text().splitlines() if "again" in line)
    digest = digest_of((BODY,)).removeprefix("sha1:")
    told = {"mime": "warc/revisit", "status": "200", "digest": digest, "offset": str(second.ref.offset)}
    assert told.items() <= json.loads(line.split(" ", 2)[2]).items()
    assert list(find_captures(index, AGAIN, second.captured_at)) == []
    assert list(find_captures(index, URL, STARTED)) == [(first.ref.filename, first.ref.offset)]


def test_an_index_has_no_line_for_a_304(tmp_path: Path) -> None:
    """pywb answers with the 304 itself where it finds one, and with the page where it does not."""
    first, _ = pair(tmp_path, NOT_MODIFIED)
    (line,) = (tmp_path / cdxj_filename("demo", first.ref.filename)).read_text().splitlines()
    assert URL.partition("?")[0] in line


WHOLE = {
    "no body": exchange(response(b""), url=AGAIN),
    "less than a revisit": exchange(response(b"x" * (MIN_REVISIT_PAYLOAD - 1)), url=AGAIN),
    "another status": exchange(response(BODY, status=b"404 Not Found"), url=AGAIN),
    "cut": exchange(response(BODY), url=AGAIN, truncated="time"),
    "no HTTP": exchange(BODY, url=AGAIN),
    "a 304 that nobody asked for": exchange(NOT_CHANGED, url=AGAIN),
}


@pytest.mark.parametrize("name", WHOLE)
def test_it_stores_whole_what_may_not_refer(tmp_path: Path, name: str) -> None:
    writing = writer(tmp_path)
    first = writing.write(exchange(response(BODY)))
    second = writing.write(WHOLE[name], lambda *_: original_of(first))
    writing.close()
    assert second.ref.refers_to is None
    assert fields_of(members(tmp_path / first.ref.filename)[4])["WARC-Type"] != "revisit"


def test_it_refers_from_the_smallest_payload_on(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    body = b"x" * MIN_REVISIT_PAYLOAD
    first = writing.write(exchange(response(body)))
    assert writing.write(exchange(response(body)), always(first)).ref.refers_to == first.ref.record_id
    writing.close()


def test_it_finds_one_of_many_captures_of_a_second(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    pages = [
        writing.write(exchange(response(b"%d" % number + BODY), url=f"{URL}&n={number % 7}")) for number in range(90)
    ]
    writing.finish()
    revisit = writing.write(exchange(response(b"40" + BODY), started_at=LATER), always(pages[40]))
    writing.close()
    index = tmp_path / cdxj_filename("demo", pages[0].ref.filename)
    for page in pages:
        assert (page.ref.filename, page.ref.offset) in find_captures(index, page.url, page.captured_at)
    found = read_capture(tmp_path / revisit.ref.filename, revisit.ref.offset, revisit.ref.length)
    assert found.payload == b"40" + BODY


def test_it_passes_over_damaged_captures_of_the_same_second(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    damaged, first = writing.write(exchange(response(BODY))), writing.write(exchange(response(BODY)))
    writing.finish()
    revisit = writing.write(identical(), always(first))
    writing.close()
    path = tmp_path / first.ref.filename
    data = bytearray(path.read_bytes())
    data[damaged.ref.offset + 30 : damaged.ref.offset + 60] = b"\xff" * 30
    path.write_bytes(data)
    assert read_capture(tmp_path / revisit.ref.filename, revisit.ref.offset, revisit.ref.length).payload == BODY


def test_it_never_leaves_the_archive_by_an_index(tmp_path: Path) -> None:
    first, second = pair(tmp_path / "archive", files=2)
    (tmp_path / "archive" / first.ref.filename).rename(tmp_path / Path(first.ref.filename).name)
    index = tmp_path / "archive" / cdxj_filename("demo", first.ref.filename)
    index.write_text(index.read_text().replace("warc/demo/2024/02/", "../"))
    with pytest.raises(DamagedRecordError, match="is not in the archive"):
        read_capture(tmp_path / "archive" / second.ref.filename, second.ref.offset, second.ref.length)


def test_a_repair_keeps_no_revisit_without_its_original(tmp_path: Path) -> None:
    """Wherever a file is cut: an original was acknowledged before its revisit was written."""
    writing = writer(tmp_path / "before")
    first = writing.write(exchange(response(BODY)))
    entries = [first, writing.write(identical(), always(first)), writing.write(unmodified(first))]
    path = open_path(tmp_path / "before" / first.ref.filename)
    size = path.stat().st_size
    writing.abandon()
    kept = set()
    for cut in range(0, size + 1, 7):
        folder = tmp_path / f"cut-{cut}"
        target = folder / path.relative_to(tmp_path / "before")
        target.parent.mkdir(parents=True)
        target.write_bytes(path.read_bytes()[:cut])
        (one,) = repair(folder, "demo", {})
        found = list(one.finished.entries) if one.finished else []
        assert found == entries[: len(found)]
        if one.finished:
            assert [capture.payload for capture in read_captures(folder / first.ref.filename)] == [BODY] * len(found)
        kept.add(len(found))
    assert kept >= {0, 1, 2}


def test_revisits_of_others_are_followed_by_what_they_tell(tmp_path: Path) -> None:
    """Some name no id, some write 1.0's profile."""
    first, second = pair(tmp_path, files=2)
    path = tmp_path / second.ref.filename
    data = path.read_bytes()
    at, end = second.ref.offset, second.ref.offset + second.ref.length
    record = gzip.decompress(data[at:end])
    id_line = b"WARC-Refers-To: %s\r\n" % first.ref.record_id.encode()
    record = record.replace(id_line, b"").replace(b"warc/1.1/revisit", b"warc/1.0/revisit")
    path.write_bytes(data[:at] + gzip.compress(record) + data[end:])
    (capture,) = read_captures(path)
    assert (capture.payload, capture.truncated) == (BODY, None)
