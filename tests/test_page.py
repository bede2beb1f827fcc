"""A page is one capture, decoded; its views are tolerant, made once, and the same every time."""

# ruff: noqa: RUF001 - the quotes, dashes and letters are the point

import gzip

import pytest

from crawler.errors import UnreadablePageError
from crawler.linked import tolerant_json
from crawler.page import Page, once_a_page, same_site
from tests.captures import capture_of, page_of

HTML = """<html lang=en><head><base href="/deep/"><title> A
title </title>
<meta property="og:title" content=" Declared "><meta name=Author content="Ann"><meta itemprop=x content="">
<meta name=author content="Bo"><link rel="shortlink canonical" href="../news/1?a=b"></head><body><p class=x>Text</p>"""


def test_it_decodes_content_and_charset() -> None:
    capture = capture_of(gzip.compress("<p>é–".encode()), headers=(("content-encoding", "gzip"),))
    assert Page(capture).html == "<p>é–"


def test_an_unreadable_page_says_so() -> None:
    page = Page(capture_of(b"\x01", headers=(("Content-Encoding", "snappy"),)))
    with pytest.raises(UnreadablePageError):
        _ = page.tree


def test_css_and_xpath_read_the_one_tree() -> None:
    page = page_of(HTML)
    assert page.css("p.x::text").get() == "Text"
    assert page.xpath("//p/@class").get() == "x"
    assert page.css("p")[0].root is page.xpath("//p")[0].root
    assert page.css("p")[0].root.getroottree().getroot() is page.tree


def test_what_is_found_out_once_is_kept_with_the_page() -> None:
    asked = []

    @once_a_page
    def length(page: Page) -> int:
        asked.append(page.url)
        return len(page.html)

    first, second = page_of("<p>1"), page_of("<p>22")
    assert [length(page) for page in (first, second, first)] == [4, 5, 4]
    assert len(asked) == 2


def test_elements_are_put_in_document_order() -> None:
    page = page_of("<i>1</i><b>2</b><u>3</u>")
    chosen = set(page.select("u, i"))
    assert [element.tag for element in page.in_order(chosen)] == ["i", "u"]
    assert page.in_order(frozenset()) == []


def test_elements_come_once_and_in_document_order() -> None:
    page = page_of("<i>1</i><b class=y>2</b><i>3</i>")
    assert [e.text for e in page.elements([".y", "i", "b"])] == ["1", "2", "3"]
    assert page.elements([]) == []


def test_what_tells_of_the_page_is_found_by_name_in_document_order() -> None:
    named = page_of("<title>t</title><h1>a</h1><svg><title>u</title></svg><h1>b</h1>").named
    assert [e.text for e in named["h1"]] == ["a", "b"]
    assert [e.text for e in named["title"]] == ["t", "u"]
    assert list(named["base"]) == []


def test_it_reads_metas_whatever_they_are_called_by() -> None:
    page = page_of(HTML)
    assert page.meta("og:title") == "Declared"
    assert page.meta("missing", "AUTHOR") == "Ann"
    assert page.metas("author") == ["Ann", "Bo"]
    assert page.meta("x") is None
    assert page.metas("none") == []


def test_an_icons_title_is_not_the_pages() -> None:
    icon = "<svg><title>Search</title></svg>"
    assert page_of(f"<body>{icon}<p>Text").title is None
    assert page_of(f"{icon}<title>Port</title><p>Text").title == "Port"


def test_it_reads_title_and_canonical_url() -> None:
    page = page_of(HTML, "https://example.com/a/b")
    assert page.title == "A title"
    assert page.canonical_url == "https://example.com/news/1?a=b"
    assert page.absolute("c.jpg") == "https://example.com/deep/c.jpg"


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ("<link rel=canonical href='javascript:x'>", None),
        ("<link rel=canonical>", None),
        ("<p>none", None),
        ("<meta property=og:url content=https://www.example.com/o>", "https://www.example.com/o"),
        ("<link rel=canonical href=https://other.test/a>", None),
        ("<link rel=canonical href=https://example.com/>", None),
        ("<link rel=canonical href='//[broken'>", None),
    ],
)
def test_it_takes_no_canonical_url_that_is_none(html: str, url: str | None) -> None:
    assert page_of(html).canonical_url == url


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.example.com/a", "http://m.example.com:8080/b", True),
        ("https://news.daily.co.za/a", "https://www.daily.co.za/", True),
        ("https://one.co.za/a", "https://two.co.za/a", False),
        ("https://example.com/a", "https://example.org/a", False),
        ("https://127.0.0.1/a", "https://127.0.0.1/b", True),
        ("https://[broken/a", "https://[broken/a", False),
        ("/a", "/a", False),
    ],
)
def test_sites_are_told_by_their_domain(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same


def linked(script: str) -> list[object]:
    page = page_of(f'<script type="application/ld+json">{script}</script>')
    return [entry.get("n") for entry in page.linked_data]


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ('{"n": 1}', [1]),
        ('[{"n": 1}, {"n": 2}]', [1, 2]),
        ('{"@graph": [{"n": 1}, [{"n": 2}]]}', [1, 2]),
        ('{"@type": "X", "n": 0, "@graph": [{"n": 1}]}', [1, 0]),
        ('{"n": 1,}', [1]),
        ('{"n": [1, 2, ],\n}', [[1, 2]]),
        ('{"n": "line\nbreak\ttab"}', ["line\nbreak\ttab"]),
        ('<!-- {"n": 1} -->', [1]),
        ('//<![CDATA[\n{"n": 1}\n//]]>', [1]),
        ('/* x */ {"n": 1};', [1]),
        ("", []),
        ("not json", []),
        ("3", []),
        ('"text"', []),
        ("null", []),
        ("[" * 100_000, []),
        ('{"n": ' + "9" * 5000 + "}", []),
    ],
)
def test_linked_data_is_read_as_it_is_written(script: str, names: list[object]) -> None:
    assert linked(script) == names


def test_linked_data_nested_beyond_sense_is_left_out() -> None:
    assert linked('{"@graph":' * 300 + "[]" + "}" * 300) == []


def test_broken_linked_data_does_not_hide_the_next() -> None:
    page = page_of(
        '<script type="application/ld+json">{broken</script><script type=" Application/LD+JSON">{"n":2}</script>'
    )
    assert [dict(entry) for entry in page.linked_data] == [{"n": 2}]


def test_json_beyond_help_is_none() -> None:
    assert tolerant_json("{'a': 1}") is None


@pytest.mark.parametrize("body", [b"", b"\0" * 100, b"\xff\xfe", b"GIF89a\x01\x00", b"<" * 10_000, b"&" * 10_000])
def test_no_bytes_break_a_view(body: bytes) -> None:
    page = page_of(body)
    assert page.title is None
    assert page.canonical_url is None
    assert page.linked_data == ()
    assert page.css("p").getall() == [] or page.lines is not None


def test_external_entities_are_not_resolved() -> None:
    page = page_of('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><p>&e;</p>')
    assert "root:" not in " ".join(line.text for line in page.lines)
