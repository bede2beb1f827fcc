"""Saved pages: written, found, compared, and accepted."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import UsageError
from crawler.pages import SavedPage, accept, check, differences, expected_of, page_of, record_of, save_html, saved_pages
from crawler.site import Layout, Site

PROSE = "The ferry to the outer islands will sail again from Monday, the harbour board said on Friday. " * 3
HTML = f"<title>Ferry sails</title><h1>Ferry sails</h1><div class=story><p>{PROSE}</p></div>".encode()
URL = "https://post.example/2024/ferry?x=1"
NOON = datetime(2024, 6, 3, 12, tzinfo=UTC)


class Story(Layout):
    body = ("div.story",)


class Post(Site):
    name = "post"
    layouts = (Story,)


@pytest.fixture
def saved(tmp_path: Path) -> SavedPage:
    path = tmp_path / "post" / "ferry.warc.gz"
    save_html(path, URL, HTML, NOON, "text/html; charset=utf-8")
    return SavedPage("post", path)


def test_a_saved_page_is_the_page(saved: SavedPage) -> None:
    capture = page_of(saved).capture
    assert (capture.url, capture.payload, capture.captured_at, capture.status) == (URL, HTML, NOON, 200)
    assert capture.header("Content-Type") == "text/html; charset=utf-8"


def test_other_tools_read_it(saved: SavedPage) -> None:
    with saved.path.open("rb") as file:
        records = [(r.rec_type, r.rec_headers.get_header("WARC-Target-URI")) for r in ArchiveIterator(file)]
    assert records == [("warcinfo", None), ("response", URL), ("request", URL), ("metadata", URL)]


def test_the_same_page_gives_the_same_file(saved: SavedPage, tmp_path: Path) -> None:
    again = tmp_path / "other" / "ferry.warc.gz"
    save_html(again, URL, HTML, NOON, "text/html; charset=utf-8")
    assert again.read_bytes() == saved.path.read_bytes()


def test_another_page_never_takes_its_place(saved: SavedPage) -> None:
    before = saved.path.read_bytes()
    with pytest.raises(FileExistsError):
        save_html(saved.path, URL, HTML + b"more", NOON)
    assert saved.path.read_bytes() == before


def test_pages_are_found_by_site(saved: SavedPage, tmp_path: Path) -> None:
    assert saved_pages(tmp_path, "post") == (saved,)
    assert saved_pages(tmp_path, "another") == ()
    assert saved.name == "ferry"


def test_what_was_accepted_is_expected(saved: SavedPage) -> None:
    accept(saved, record_of(saved, Post))
    assert check(saved, Post) == ()
    assert expected_of(saved)["headline"] == "Ferry sails"


def test_a_field_that_differs_is_told(saved: SavedPage) -> None:
    accept(saved, {**record_of(saved, Post), "headline": "Ferry sinks", "section": "Sea"})
    told = [(d.field, d.expected, d.found) for d in check(saved, Post)]
    assert told == [("headline", "Ferry sinks", "Ferry sails"), ("section", "Sea", None)]


def test_a_page_that_is_no_article_is_expected_to_be_none(tmp_path: Path) -> None:
    page = SavedPage("post", tmp_path / "post" / "video.warc.gz")
    save_html(page.path, URL, b"<h1>Ferry</h1><p>Watch the video.</p>", NOON)
    record = record_of(page, Post)
    assert record == {"skipped": "no_layout"}
    assert differences({"headline": "x"}, record)[0].field == "skipped"
    assert differences(record, record) == ()


@pytest.mark.parametrize(
    ("content", "told"), [(None, "--accept"), ("{", "no JSON"), ("[]", "a JSON object"), ("\xff", "no JSON")]
)
def test_what_is_expected_must_be_told(saved: SavedPage, content: str | None, told: str) -> None:
    if content is not None:
        saved.expected_path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UsageError, match=told) as raised:
        check(saved, Post)
    assert str(saved.expected_path) in str(raised.value)


def test_a_file_without_a_page_is_told(saved: SavedPage) -> None:
    saved.path.write_bytes(b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n")
    with pytest.raises(UsageError, match="no response with status 200"):
        page_of(saved)


def test_records_are_json_that_people_can_read(saved: SavedPage) -> None:
    accept(saved, record_of(saved, Post))
    text = saved.expected_path.read_text(encoding="utf-8")
    assert text.count("\n") > 10
    assert json.loads(text)["layout"] == "story"
