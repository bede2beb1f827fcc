"""The text of an article beside its page: a record that every reader reads, and none takes for a capture."""

import base64
import gzip
import hashlib
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.cdxj import write_cdxj
from crawler.archive.conversion import Conversion, StoredConversion, WetFile, conversion_of, wet_filename
from crawler.archive.entries import IndexEntry
from crawler.archive.glance import read_entries
from crawler.archive.inspection import Inspector
from crawler.archive.reader import read_captures
from crawler.archive.verify import Defect, verify_warc
from crawler.archive.warcfile import WarcFile
from tests.archive.exchanges import STARTED, block_of, counting_ids, exchange, header_of, members, writer
from tests.archive.test_other_readers import check
from tests.corpus.test_record import ARTICLE
from tests.replaying import PYWB, needs_pywb

TEXT = "Ein Künstler.\n\nIn Zürich."


def written(folder: Path, text: str = TEXT) -> tuple[Path, IndexEntry, StoredConversion]:
    """A page and its text, in one file."""
    writing = writer(folder)
    entry = writing.write(exchange())
    stored = writing.convert(Conversion(entry.ref.record_id, entry.url, entry.captured_at, text))
    (finished,) = writing.close()
    assert finished.entries == (entry,)
    assert finished.conversions == (stored,)
    return folder / finished.filename, entry, stored


def test_says_which_page_it_is_of(tmp_path: Path) -> None:
    path, entry, stored = written(tmp_path)
    info, *_, record = members(path)
    warcinfo_id = next(line for line in info.decode().splitlines() if line.startswith("WARC-Record-ID")).partition(" ")[
        2
    ]
    digest = base64.b32encode(hashlib.sha1(TEXT.encode()).digest()).decode()
    assert header_of(record).decode().rstrip().splitlines()[1:] == [
        "WARC-Type: conversion",
        "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000005>",
        f"WARC-Warcinfo-ID: {warcinfo_id}",
        f"WARC-Target-URI: {entry.url}",
        "WARC-Date: 2024-02-08T09:30:00.123456Z",
        f"WARC-Refers-To: {entry.ref.record_id}",
        f"WARC-Payload-Digest: sha1:{digest}",
        f"WARC-Block-Digest: sha1:{digest}",
        "Content-Type: text/plain;charset=utf-8",
        f"Content-Length: {len(TEXT.encode())}",
    ]
    assert block_of(record) == TEXT.encode()
    assert path.stat().st_size == stored.offset + stored.length


def test_half_a_character_is_no_reason_to_fail(tmp_path: Path) -> None:
    path, *_ = written(tmp_path, "broken \ud83d script")
    assert b"broken ? script" in members(path)[-1]


def test_is_read_by_others(tmp_path: Path) -> None:
    path, _, stored = written(tmp_path)
    with path.open("rb") as file:
        *_, record = ((one.rec_type, one.content_stream().read()) for one in ArchiveIterator(file))
    assert record == ("conversion", TEXT.encode())
    assert check(path)[0] == 0
    with path.open("rb") as file:
        fast = [
            (one.stream_pos, one.verify_block_digest(), one.reader.read())
            for one in FastIterator(file, parse_http=False, record_types=WarcRecordType.conversion)
        ]
    assert fast == [(stored.offset, True, TEXT.encode())]


def test_is_no_capture_and_has_no_line_in_an_index(tmp_path: Path) -> None:
    path, entry, _ = written(tmp_path)
    assert [capture.ref for capture in read_captures(path)] == [entry.ref]
    assert read_entries(path) == [entry]
    with WarcFile(path) as file:
        assert [one for one in file.each(Inspector(entry.ref.filename).entry) if one] == [entry]
    command = [str(Path(sys.executable).parent / "cdxj-indexer"), str(path)]
    lines = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.splitlines()
    assert [json.loads(line.split(b" ", 2)[2])["offset"] for line in lines] == [str(entry.ref.offset)]


@needs_pywb
def test_is_taken_for_a_capture_by_pywbs_own_indexer(tmp_path: Path) -> None:
    """So archives with texts are to be served by our index; `--conversion` says it. Should this change, this tells."""
    path, _, stored = written(tmp_path)
    told = subprocess.run([PYWB.with_name("cdx-indexer"), "-j", path], capture_output=True, check=True, timeout=60)
    assert f'"offset": "{stored.offset}"'.encode() in told.stdout


def defects_of(path: Path) -> list[Defect]:
    told: list[Defect] = []
    verify_warc(path, "/".join(path.parts[-5:]), {}, told.append, indexed=False)
    return told


def test_its_page_may_be_in_another_file(tmp_path: Path) -> None:
    new_id = counting_ids()
    writing = writer(tmp_path, new_id=new_id)
    entry = writing.write(exchange())
    (first,) = writing.close()
    writing = writer(tmp_path, new_id=new_id)
    writing.convert(Conversion(entry.ref.record_id, entry.url, entry.captured_at, TEXT))
    (second,) = writing.close()
    assert defects_of(tmp_path / second.filename) == []
    write_cdxj(next(tmp_path.glob("index/cdxj/demo/*-00000.cdxj")), [])
    (defect,) = defects_of(tmp_path / second.filename)
    assert defect.why == f"its original {entry.ref.record_id} is not in the archive"
    assert first.filename != second.filename


@pytest.mark.parametrize("what", ["text", "digest"])
def test_damage_to_it_is_found(tmp_path: Path, what: str) -> None:
    path, *_ = written(tmp_path)
    assert defects_of(path) == []
    plain = tmp_path / "plain.warc"
    old, new = (b"Ein", b"Kei") if what == "text" else (b"Digest: sha1:Y3H", b"Digest: sha1:Y3I")
    plain.write_bytes(gzip.decompress(path.read_bytes()).replace(old, new))
    assert "Digest" in defects_of(plain)[-1].why


class TestWetFile:
    def test_is_the_same_each_time_and_read_by_others(self) -> None:
        one, other = (io.BytesIO(), io.BytesIO())
        for file in (one, other):
            wet = WetFile(file, wet_filename("demo", "A"), "A.warc.gz", STARTED)
            for number in range(2):
                wet.add(Conversion(f"<urn:uuid:{number}>", "https://news.example/", STARTED, TEXT))
        assert one.getvalue() == other.getvalue()
        one.seek(0)
        records = [
            (record.rec_type, record.rec_headers, record.content_stream().read()) for record in ArchiveIterator(one)
        ]
        assert [kind for kind, _, _ in records] == ["warcinfo", "conversion", "conversion"]
        assert [headers.get_header("WARC-Refers-To") for _, headers, _ in records[1:]] == [
            "<urn:uuid:0>",
            "<urn:uuid:1>",
        ]
        assert len({headers.get_header("WARC-Record-ID") for _, headers, _ in records}) == 3
        assert records[0][1].get_header("WARC-Filename") == "A.warc.wet.gz"
        assert records[1][2] == TEXT.encode()


def test_an_article_knows_what_it_was_made_of() -> None:
    at = datetime(2024, 2, 9, 10, 30, tzinfo=UTC)
    assert conversion_of(ARTICLE) == Conversion("<urn:uuid:1>", "https://news.example/1", at, "One.\n\nTwo.")
