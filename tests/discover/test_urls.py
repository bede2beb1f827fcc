"""URLs are compared and fetched in one normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discover.urls import MAX_URL, absolute, same_site

BASE = "https://news.example/section/page.html?x=1"


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("story", "https://news.example/section/story"),
        ("/a/../b/./c", "https://news.example/b/c"),
        ("../up/", "https://news.example/up/"),
        ("//Other.Example/x", "https://other.example/x"),
        ("HTTPS://NEWS.example:443/x", "https://news.example/x"),
        ("http://news.example:8080/x", "http://news.example:8080/x"),
        ("https://user:secret@news.example/x", "https://news.example/x"),
        ("https://news.example", "https://news.example/"),
        ("/x#part", "https://news.example/x"),
        ("#part", "https://news.example/section/page.html?x=1"),
        ("/x?utm_source=a&id=7&fbclid=b", "https://news.example/x?id=7"),
        ("/x?utm_source=a", "https://news.example/x"),
        ("/x?b=2&a=1", "https://news.example/x?b=2&a=1"),
        ("/sell%e2%80%91off/", "https://news.example/sell%E2%80%91off/"),
        ("/sell\u2011off/", "https://news.example/sell%E2%80%91off/"),
        ("/%7euser/%41", "https://news.example/~user/A"),
        ("/a%2Fb", "https://news.example/a%2Fb"),
        ("/100%", "https://news.example/100%"),
        ("/a b", "https://news.example/a%20b"),
        (" \n/x\t ", "https://news.example/x"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("http://[::1]:81/x", "http://[::1]:81/x"),
        ("/a/..", "https://news.example/"),
        ("/a/b/..", "https://news.example/a/"),
        ("/what's-new/", "https://news.example/what's-new/"),
    ],
)
def test_it_puts_a_reference_into_normal_form(href: str, url: str) -> None:
    assert absolute(href, BASE) == url


@pytest.mark.parametrize(
    "href",
    [
        "mailto:a@news.example",
        "javascript:void(0)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://news.example/x",
        "http://",
        "http://[::1/x",
        "http://news.example:port/x",
        "http://news.example:99999/x",
        "http://a b/x",
        "https://" + "a" * 70 + "ü.example/",
        "/" + "x" * MAX_URL,
    ],
)
def test_it_refuses_what_leads_to_no_web_page(href: str) -> None:
    assert absolute(href, BASE) is None


@given(st.text(max_size=80))
def test_it_takes_any_text_and_its_result_is_stable(href: str) -> None:
    url = absolute(href, BASE)
    assert url is None or (url.isascii() and absolute(url, BASE) == url)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.news.example/a", "http://news.example/b", True),
        ("https://cdn.news.example/a", "https://news.example/b", True),
        ("https://news.example/a", "https://cdn.news.example/b", True),
        ("https://badnews.example/a", "https://news.example/b", False),
        ("https://other.example/a", "https://news.example/b", False),
    ],
)
def test_it_tells_a_sites_own_hosts(one: str, other: str, *, same: bool) -> None:
    assert same_site(one, other) is same
