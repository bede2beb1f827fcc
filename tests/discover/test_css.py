"""The URLs of style sheets, and nothing that only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discover.css import css_urls


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a{background:url(x.png)}", [("x.png", None)]),
        ("a{background: URL( 'x y.png' ) no-repeat}", [("x y.png", None)]),
        ('a{background:url("x.png"), url(y.png)}', [("x.png", None), ("y.png", None)]),
        ('@import "a.css";', [("a.css", "@import")]),
        ("@import url(a.css) screen and (color);", [("a.css", "@import")]),
        ("@IMPORT 'a.css' layer('x');a{b:url(c)}", [("a.css", "@import"), ("c", None)]),
        ("@import url(a.css);@import url(b.css)", [("a.css", "@import"), ("b.css", "@import")]),
        (
            "@font-face{font-family:'F';src:url(f.woff2) format('woff2'),url(f.ttf)}p{b:url(p)}",
            [("f.woff2", "@font-face"), ("f.ttf", "@font-face"), ("p", None)],
        ),
        (r"a{b:url(\78.png)}", [("x.png", None)]),
        (r"a{b:url(\000078 .png)}", [("x.png", None)]),
        (r"a{b:url('it\'s.png')}", [("it's.png", None)]),
        (r"a{b:url(a\)b.png)}", [("a)b.png", None)]),
        ("a{b:url(\\110000 x)}", [("\ufffdx", None)]),
        ("a{b:url('two\\\nlines')}", [("twolines", None)]),
        ("/* url(no.png) @import 'no.css' */ a{b:url(yes)}", [("yes", None)]),
        ("a{content:'url(no.png)';b:url(yes)}", [("yes", None)]),
        ("a{b:my-url(no.png)}", []),
        ("a{content:'just a string'}", []),
        ("a{b:url()}", []),
        ("a{b:url('')}", []),
        ("a{b:url(", []),
        ("a{b:url(open.png", [("open.png", None)]),
        ("/* never closed url(no)", []),
        ("@import 'open.css", [("open.css", "@import")]),
        ("@important 'no.css';", []),
    ],
)
def test_it_finds_what_a_browser_would_fetch(text: str, found: list[tuple[str, str | None]]) -> None:
    assert [tuple(each) for each in css_urls(text)] == found


@given(st.text(alphabet="/*@importfn-ac url(){};'\"\\\n1", max_size=200))
def test_it_takes_any_text(text: str) -> None:
    assert all(href.strip() for href, _ in css_urls(text))


@pytest.mark.parametrize("piece", ["/*", "url(", "'", '"', "\\", "url('", "@import ", "@import url(", "*", "{", "a"])
def test_it_reads_a_megabyte_of_anything_once(piece: str) -> None:
    """A pattern that goes back would take hours for these, and the test its time limit."""
    assert sum(len(href) for href, _ in css_urls(piece * (2**20 // len(piece)))) <= 2**20


def test_it_finds_no_more_than_one_url_in_repeated_openings() -> None:
    assert [href for href, _ in css_urls("a{b:url(" + "x" * 10**6)] == ["x" * 10**6]
