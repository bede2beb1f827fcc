"""What a site definition is: which layout reads a page, and which URLs are one article."""

from datetime import UTC, date, datetime

import pytest

from crawler.errors import NoLayoutMatchesError, NotAnArticleError
from crawler.page import Page
from crawler.site import MIN_BODY, Generic, Layout, Site, canonical_key, choose_layout
from tests.captures import capture_of, page_of

BODY = "The council met. " * 20


class New(Layout):
    since = date(2024, 6, 1)
    body = ("div.new",)


class Old(Layout):
    until = date(2024, 6, 30)
    body = ("div.missing", "div.old")


class ByDateline(Layout):
    by_text = True
    anchors = (r"^Moscow \(AFP\)",)
    body = ("div.never",)


class Example(Site):
    name = "example"
    article_url = r"^https://example\.com/news/"
    layouts = (New, Old)


def page(html: str, day: str = "2024-06-15", url: str = "https://example.com/news/a") -> Page:
    return Page(capture_of(html, url, captured_at=datetime.fromisoformat(day).replace(tzinfo=UTC)))


def new(text: str = BODY) -> str:
    return f"<div class=new>{text}</div>"


def old(text: str = BODY) -> str:
    return f"<div class=old>{text}</div>"


def test_it_takes_the_newest_layout_that_matches() -> None:
    assert choose_layout(Example, page(new() + old())) is New
    assert choose_layout(Example, page(old())) is Old


def test_it_takes_the_layout_whose_window_holds_the_day_of_capture() -> None:
    both = new() + old()
    assert choose_layout(Example, page(both, "2024-05-31")) is Old
    assert choose_layout(Example, page(both, "2024-06-01")) is New
    assert choose_layout(Example, page(both, "2024-07-01")) is New


def test_a_stray_lead_does_not_make_a_layout_match() -> None:
    assert choose_layout(Example, page(new("x" * (MIN_BODY - 1)) + old())) is Old
    assert choose_layout(Example, page(new("x" * MIN_BODY) + old())) is New


def test_scripts_are_no_body() -> None:
    assert choose_layout(Example, page(new(f"<script>{BODY}</script>") + old())) is Old


def test_it_says_when_no_layout_reads_an_article_page() -> None:
    with pytest.raises(NoLayoutMatchesError, match=r"https://example\.com/news/a: no layout of example"):
        choose_layout(Example, page(old(), "2024-07-01"))


@pytest.mark.parametrize(
    ("html", "url"),
    [("", "https://example.com/contact"), ("<meta property=og:type content=website>", "https://example.com/news/")],
)
def test_it_tells_other_pages_from_unread_articles(html: str, url: str) -> None:
    with pytest.raises(NotAnArticleError):
        choose_layout(Example, page(html, url=url))


def test_a_layout_by_text_matches_by_its_anchor() -> None:
    assert ByDateline.matches(page("<td>by X<br>Moscow (AFP) Feb 8, 2024<br>Text"))
    assert not ByDateline.matches(page("<td>by X<br>Text"))


def test_generic_matches_every_page() -> None:
    assert Generic.matches(page(""))


def test_a_layout_is_called_by_its_class_in_snake_case() -> None:
    assert [New.label(), ByDateline.label(), Generic.label()] == ["new", "by_dateline", "generic"]


def test_a_layout_states_nothing_unless_it_overrides() -> None:
    layout = New(page(new()))
    assert layout.body_element is not None
    hooks = (layout.headline, layout.authors, layout.agency, layout.section, layout.tags, layout.published)
    assert [hook() for hook in (*hooks, layout.modified, layout.images, layout.access)] == [None] * 9


def test_an_article_is_told_by_its_url() -> None:
    assert Example.is_article_url("https://example.com/news/a")
    assert not Example.is_article_url("https://example.com/about")


KEY = "example.com/a%20b/c?x=1"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a%20b/c?x=1",
        "http://www.example.com/a%20b/c/?x=1#part",
        "HTTPS://EXAMPLE.com:443/a b/c?x=1&utm_source=feed&fbclid=z",
        "https://example.com/%61%20b/c?x=1",
    ],
)
def test_ways_to_write_a_url_have_one_key(url: str) -> None:
    assert Example.key(url) == KEY


@pytest.mark.parametrize("url", ["https://example.com/a%20b/c?x=2", "https://example.com/a%20b/C?x=1"])
def test_other_urls_have_other_keys(url: str) -> None:
    assert Example.key(url) != KEY


def test_a_hidden_hyphen_is_one_key_escaped_or_not() -> None:
    assert canonical_key("https://x.test/sell%E2%80%91off/") == canonical_key("https://x.test/sell\u2011off")


@pytest.mark.parametrize("url", ["", "not a url", "https://[broken", "https://x:port/", "mailto:a@b"])
def test_no_string_breaks_a_key(url: str) -> None:
    assert isinstance(canonical_key(url), str)


def test_page_of_gives_pages_for_sites() -> None:
    assert choose_layout(Example, page_of(new(), "https://example.com/news/b")) is New
