import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.cdxj import cdxj_line
from crawler.archive.entries import IndexEntry, make_entry
from crawler.archive.glance import read_entries
from crawler.archive.keys import surt_key
from crawler.archive.tree import cdxj_filename
from crawler.model import WarcRef
from tests.archive.exchanges import exchange, response, write

REF = WarcRef("warc/s/2024/02/N.warc.gz", 512, 1024, "<urn:uuid:1>", "sha1:ABC")


def entry(url: str = "https://www.news.example/A?b=2&a=1", headers: tuple[tuple[str, str], ...] = ()) -> IndexEntry:
    at = datetime(2024, 2, 8, 9, 30, 0, 999, tzinfo=UTC)
    return make_entry(url, at, 200, headers, ref=REF, truncated=None, run_id=None)


def test_writes_a_line_as_pywb_reads_it() -> None:
    line = cdxj_line(entry(headers=(("content-TYPE", "Text/HTML; charset=x"),))).decode()
    assert line == (
        'example,news)/a?a=1&b=2 20240208093000 {"url": "https://www.news.example/A?b=2&a=1", "mime": "text/html", '
        '"status": "200", "digest": "ABC", "length": "1024", "offset": "512", '
        '"filename": "warc/s/2024/02/N.warc.gz"}\n'
    )


@pytest.mark.parametrize("headers", [(), (("Content-Type", ""),), (("Content-Type", "a b"),)])
def test_calls_a_type_unknown_that_is_none(headers: tuple[tuple[str, str], ...]) -> None:
    assert json.loads(cdxj_line(entry(headers=headers)).split(b" ", 2)[2])["mime"] == "unk"


@pytest.mark.parametrize(
    "url",
    [
        "https://a:99999999/",
        "https://[::1",
        "https://h/\udcff",
        "https://h/a b\n",
        "dns:x",
        "http://h/ä",
        "x",
        "https://",
    ],
)
def test_makes_one_line_of_three_fields_for_any_url(url: str) -> None:
    line = cdxj_line(entry(url))
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert json.loads(line.split(b" ", 2)[2])["url"] == url


def test_keys_hosts_of_every_kind() -> None:
    assert surt_key("https://sub.News.example:443/") == "example,news,sub)/"
    assert surt_key("https://a:99999999/X") == "https://a:99999999/x"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://www.news.example/b"),
        ("//other.example/b", "https://other.example/b"),
        ("?x=\u00c3\u00a4", "https://www.news.example/A?x=%C3%A4"),
        ("http://[broken/", None),
    ],
)
def test_resolves_a_redirect(location: str, target: str | None) -> None:
    headers = (("Location", location), ("location", "http://second/"))
    made = make_entry(
        "https://www.news.example/A", datetime.now(UTC), 302, headers, ref=REF, truncated=None, run_id=None
    )
    assert made.redirect_to == target
    assert entry(headers=headers).redirect_to is None


def test_gives_each_capture_a_line_and_sorts_them_by_bytes(tmp_path: Path) -> None:
    urls = [f"https://news.example/{name}" for name in ("b", "a", "Z", "a/b", "a?q", "ä", "a-b")]
    finished = write(
        tmp_path, *(exchange(url=url) for url in urls), exchange(response(b"", status=b"404 No")), exchange(b"garbage")
    )
    lines = (tmp_path / cdxj_filename("demo", finished.filename)).read_bytes().splitlines(keepends=True)
    assert lines == sorted(lines)
    assert len(lines) == len(urls) + 1  # bytes that are no HTTP cannot be replayed
    again = [cdxj_line(one) for one in read_entries(tmp_path / finished.filename) if one.status]
    assert sorted(again) == lines
