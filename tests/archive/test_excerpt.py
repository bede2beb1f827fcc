"""An excerpt holds some captures, all that belongs to them, and nothing else."""

import gzip
from pathlib import Path

import pytest

from crawler.archive.excerpt import copied, excerpt
from crawler.archive.glance import read_entries
from tests.archive.test_reader import record

NAME = "x.warc.gz"


def other(kind: str, record_id: str, owner: str) -> bytes:
    field = "WARC-Refers-To" if kind == "conversion" else "WARC-Concurrent-To"
    return named(record(b"GET / HTTP/1.1\r\n\r\n", kind=kind, extra=f"{field}: {owner}\r\n"), record_id)


def named(data: bytes, record_id: str) -> bytes:
    return data.replace(b"<urn:uuid:1>", record_id.encode())


def response(record_id: str) -> bytes:
    return named(record(url=f"http://{record_id}/"), record_id)


def file_of(folder: Path, *records: bytes) -> Path:
    path = folder / NAME
    path.write_bytes(b"".join(gzip.compress(one, mtime=0) for one in records))
    return path


def ids(path: Path) -> list[str]:
    return [line[16:] for line in gzip.decompress(path.read_bytes()).decode().splitlines() if "Record-ID: " in line]


def packed(path: Path, *chosen: str) -> list[str]:
    """The ids of the records in an excerpt, whose index tells where its captures are."""
    offsets = {entry.ref.offset for entry in read_entries(path) if entry.ref.record_id in chosen}
    pieces = list(excerpt(path, NAME, offsets))
    copy = path.with_name("copy.warc.gz")
    copy.write_bytes(b"".join(copied(path, [piece.span for piece in pieces])))
    entries = [piece.entry for piece in pieces if piece.entry is not None]
    assert [entry.ref.offset for entry in entries] == [entry.ref.offset for entry in read_entries(copy)]
    return ids(copy)


INFO = named(record(b"a: b", kind="warcinfo"), "info")
GROUPS = [(response(n), other("request", f"q{n}", n), other("metadata", f"m{n}", n)) for n in "abc"]
BEHIND = [INFO, *(one for group in GROUPS for one in group)]
BEFORE = [INFO, *(one for n in "abc" for one in (other("request", f"q{n}", n), response(n)))]


@pytest.mark.parametrize(
    ("records", "chosen", "expected"),
    [
        (BEHIND, "b", "info b qb mb"),
        (BEHIND, "ac", "info a qa ma c qc mc"),
        (BEFORE, "b", "info qb b"),
        (BEFORE, "c", "info qc c"),
        ([*BEHIND, other("conversion", "ta", "a"), other("conversion", "tb", "b")], "b", "info b qb mb tb"),
        ([other("request", "qb", "b"), *BEFORE[:3], response("b")], "ab", "info qa a qb b"),
        (BEHIND, "", "info"),
    ],
    ids=["behind", "two", "before", "before the last", "conversions", "far before", "none"],
)
def test_holds_what_belongs_to_its_captures(tmp_path: Path, records: list[bytes], chosen: str, expected: str) -> None:
    assert packed(file_of(tmp_path, *records), *chosen) == expected.split()


def test_remembers_some_of_the_records_that_name_what_has_not_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.archive.excerpt.WAITING", 2)
    records = [*(other("request", f"q{n}", n) for n in "abc"), *map(response, "abc")]
    assert packed(file_of(tmp_path, *records), *"abc") == ["a", "qb", "b", "qc", "c"]
