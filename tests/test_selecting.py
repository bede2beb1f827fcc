"""Queries find what parsel finds, in document order, whichever way they are answered."""

import pytest
from cssselect import SelectorError
from parsel import Selector

from crawler.selecting import Selection
from tests.captures import page_of

HTML = """
<html><body class="single post"><div id=top class="a b"><p class=a>one<span class='b  c'>two</span></p>
<div class=a><p>three</p><div class="a"><p class="b a">four</p></div></div></div><ul><li>5<li class=b>6<li id=top>7</ul>
<time class=published datetime=2024>8</time><p class>9</p><P CLASS=Loud>10</P><my-box class=b><p>11</p></my-box></body>
"""
QUERIES = [
    "p", "P", "*", ".a", ".b.a", "p.a", "#top", "li#top", "div#top.a", ".a p", ".a .a p", "div > p", ".a > .a > p",
    "body.post .b", "ul li", "p, .b", ".b, p, #top", "li:last-child", "li + li", "[datetime]", "[CLASS=b]",
    "time[datetime].published", "[href]", "[class]", "time[datetime='2024']", ".none", ".none p", "p .none",
    "my-box > p", "div .a", "p:not(.a)", ".Loud", ".loud", "ul > *", "#top #top", "div div p",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_it_finds_what_parsel_finds(query: str) -> None:
    page = page_of(HTML)
    expected = [found.root for found in Selector(root=page.tree, type="html").css(query)]
    assert Selection(page.tree).all(query) == expected


def test_it_finds_the_same_again() -> None:
    selection = Selection(page_of(HTML).tree)
    assert selection.all(".a p") == selection.all(".a p") != []


def test_deep_nesting_is_no_burden() -> None:
    """A search in each of many elements, one inside the other, would take minutes."""
    page = page_of("<div class=a>" * 200 + "<p class=b>x</p>" * 2000)
    assert len(page.select(".a .a .a p.b")) == 2000


def test_what_is_no_css_is_refused() -> None:
    with pytest.raises(SelectorError):
        Selection(page_of(HTML).tree).all("p..a")
