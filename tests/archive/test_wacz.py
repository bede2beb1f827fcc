"""The package itself: what is where, described as it is."""

import gzip
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from crawler.archive.wacz import BLOCK_LINES, Page, WaczWriter

AT = datetime(2024, 2, 8, 9, 30, 0, 123456, tzinfo=UTC)
LINES = [f"example,news)/{number:06d} 20240208093000 {{}}\n".encode() for number in range(2 * BLOCK_LINES + 1)]
PAGES = (
    Page("1", "https://news.example/a", AT, "A „headline“", "Text.\n\nMore."),
    Page("2", "https://news.example/b", AT),
)


def package(lines: Iterable[bytes] = (), pages: Iterable[Page] = ()) -> bytes:
    file = io.BytesIO()
    with WaczWriter(file) as writer:
        writer.add_warc("One.warc.gz", iter([b"first", b"second"]))
        writer.add_index(lines)
        writer.add_pages(pages)
        writer.describe("Some news", AT)
    return file.getvalue()


def opened(data: bytes) -> ZipFile:
    return ZipFile(io.BytesIO(data))


def described(data: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(opened(data).read("datapackage.json"))
    return told


def test_says_what_it_is() -> None:
    told = described(package())
    told.pop("resources")
    assert told.pop("software").startswith("newswarc/")
    assert told == {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": "Some news",
        "created": "2024-02-08T09:30:00.123Z",
    }


def test_names_each_file_with_its_size_and_digest() -> None:
    data = package(LINES, PAGES)
    with opened(data) as zipped:
        names = [name for name in zipped.namelist() if not name.startswith("datapackage")]
        assert [one["path"] for one in described(data)["resources"]] == names
        for one in described(data)["resources"]:
            content = zipped.read(one["path"])
            assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert one["bytes"] == len(content)
            assert one["name"] == one["path"].rpartition("/")[2].lower()


def test_is_sealed_by_the_digest_of_its_description() -> None:
    with opened(package()) as zipped:
        seal = json.loads(zipped.read("datapackage-digest.json"))
        digest = hashlib.sha256(zipped.read("datapackage.json")).hexdigest()
    assert seal == {"path": "datapackage.json", "hash": f"sha256:{digest}"}


def test_stores_what_is_read_by_range() -> None:
    data = package(LINES)
    with opened(data) as zipped:
        stored = {info.filename for info in zipped.infolist() if info.compress_type == ZIP_STORED}
        assert stored == {"archive/One.warc.gz", "indexes/index.cdx.gz"}
        assert zipped.read("archive/One.warc.gz") == b"firstsecond"
    assert b"firstsecond" in data


def test_is_the_same_whenever_it_is_packed() -> None:
    assert package(LINES, PAGES) == package(iter(LINES), iter(PAGES))


def test_each_block_of_the_index_is_found_by_its_first_line() -> None:
    with opened(package(LINES)) as zipped:
        packed = zipped.read("indexes/index.cdx.gz")
        meta, *blocks = zipped.read("indexes/index.idx").decode().splitlines()
    assert meta == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    assert gzip.decompress(packed) == b"".join(LINES)
    found = []
    for block in blocks:
        key, timestamp, told = block.split(" ", 2)
        place = json.loads(told)
        member = packed[place["offset"] : place["offset"] + place["length"]]
        assert place["digest"] == f"sha256:{hashlib.sha256(member).hexdigest()}"
        found.append(gzip.decompress(member).splitlines(keepends=True))
        assert found[-1][0].startswith(f"{key} {timestamp} ".encode())
    assert [len(lines) for lines in found] == [BLOCK_LINES, BLOCK_LINES, 1]
    assert [line for lines in found for line in lines] == LINES


def test_lists_pages_with_all_that_is_known_of_them() -> None:
    head, *pages = (json.loads(line) for line in opened(package((), PAGES)).read("pages/pages.jsonl").splitlines())
    assert (head["format"], head["hasText"]) == ("json-pages-1.0", True)
    first = {"id": "1", "url": "https://news.example/a", "ts": "2024-02-08T09:30:00.123Z"}
    assert pages[0] == first | {"title": "A „headline“", "text": "Text.\n\nMore."}
    assert pages[1] == {"id": "2", "url": "https://news.example/b", "ts": "2024-02-08T09:30:00.123Z"}


def test_an_index_without_a_line_is_an_index() -> None:
    with opened(package()) as zipped:
        assert gzip.decompress(zipped.read("indexes/index.cdx.gz")) == b""
        assert zipped.read("indexes/index.idx").count(b"\n") == 1
