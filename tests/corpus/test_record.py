"""A record is one line that gives the article back."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.corpus.record import from_json, to_json
from crawler.errors import DamagedRecordError
from crawler.model import Article, Block, Image

ARTICLE = Article(
    id="a1",
    schema_version=1,
    site="example",
    layout="plain",
    url="https://news.example/1",
    canonical_url=None,
    headline="“Ferries” — until midnight",
    text="One.\n\nTwo.",
    blocks=(Block("paragraph", "One."), Block("paragraph", "Two.")),
    authors=("A. Writer",),
    agency=None,
    dateline="Mombasa",
    section=None,
    tags=("harbour", "ferries"),
    language="en",
    published_at="2024-02-08",
    published_precision="day",
    published_raw="Feb 8, 2024",
    modified_at=None,
    images=(Image("https://news.example/1.jpg", "A ferry", None),),
    republished_from=None,
    access="free",
    rights_notice=None,
    captured_at=datetime(2024, 2, 9, 10, 30, tzinfo=UTC),
    warc_filename="warc/example/2024/02/x.warc.gz",
    warc_record_offset=0,
    warc_record_length=100,
    warc_record_id="<urn:uuid:1>",
    payload_digest="sha1:AAA",
    text_digest="sha1:BBB",
    word_count=2,
    extractor="newswarc/0.1.0",
    run_id=None,
)


def test_it_keeps_the_order_of_the_articles_fields() -> None:
    assert list(json.loads(to_json(ARTICLE))) == [field.name for field in fields(Article)]


def test_it_writes_text_as_it_is_and_the_absent_as_null() -> None:
    line = to_json(ARTICLE)
    assert "“Ferries” — until midnight" in line
    assert '"agency":null' in line
    assert "\n" not in line


def test_it_writes_times_in_utc() -> None:
    abroad = replace(ARTICLE, captured_at=datetime(2024, 2, 9, 12, 30, tzinfo=timezone(timedelta(hours=2))))
    assert '"captured_at":"2024-02-09T10:30:00Z"' in to_json(abroad)


def test_it_replaces_half_a_character_which_no_file_could_hold() -> None:
    line = to_json(replace(ARTICLE, headline="broken \ud83d")).encode()
    assert from_json(line.decode()).headline not in (None, "broken \ud83d")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_it_gives_the_article_back(text: str, names: list[str]) -> None:
    article = replace(ARTICLE, text=text, authors=tuple(names), blocks=(Block("quote", text),))
    assert from_json(to_json(article)) == article
    assert to_json(from_json(to_json(article))) == to_json(article)


@pytest.mark.parametrize("line", ["", "{}", "[]", "null", '{"blocks":[{"kind":"x"}]}', "{", to_json(ARTICLE)[:-9]])
def test_it_says_what_is_no_record(line: str) -> None:
    with pytest.raises(DamagedRecordError, match="no article record"):
        from_json(line)
