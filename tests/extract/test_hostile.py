"""Hostile pages cost at most one named error, and little time."""

import random

import pytest

from crawler.errors import PageSkippedError
from crawler.extract import read_article
from tests.captures import page_of
from tests.demo.seeds import CASES, URLS, seed
from tests.spiders.test_seeds import SITES, spider_of

TAIL = (
    "<p>Moscow (AFP) Feb 8, 2024<p>11th February 2024 - (Beijing) x<p>Last updated: 2024/02/08 at 10:43 AM"
    "<p>Thursday February 08, 2024 - 19:24:07<p>Moscow (diplomat.so) - x"
    + "<p>A sentence of the article that is long enough to count as prose for whoever reads it here today."
    * 5
)
LINES = [
    "A ",
    "by A Aa",
    "((((",
    "Moscow (",
    " , ,",
    "Picture: ",
    "11th ",
    "a-",
    "AAAA ",
    "Last updated: ",
    "\u00a0",
    "|| ",
]
SHAPES = [
    "<div>",
    "<p>",
    "<span>x</span>",
    "<span><b>x</b><b>y</b>",
    "<a>x</a>",
    "<br>",
    "<table><tr><th>a",
    "<!--",
    "<pre>x\n",
]


def reads_or_skips(site: str, body: bytes | str) -> bool:
    """Whether the page gave a text, or the one named reason for none."""
    try:
        return bool(read_article(page_of(body, URLS[site]), spider_of(site)).text)
    except PageSkippedError as skipped:
        return bool(skipped.reason)


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("line", LINES)
def test_endless_lines_take_no_endless_time(site: str, line: str) -> None:
    assert reads_or_skips(site, f"<title>{line * 20_000}</title><h1>{line * 20_000}</h1><p>{line * 20_000}{TAIL}")


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("shape", SHAPES)
def test_endless_markup_takes_no_endless_time(site: str, shape: str) -> None:
    assert reads_or_skips(site, shape * 10_000 + TAIL)


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_damaged_pages_are_read_or_skipped(site: str, variant: str) -> None:
    whole, chance = seed(site).page(variant), random.Random(f"{site}{variant}")
    for _ in range(20):
        body = bytearray(whole)
        for _ in range(chance.randrange(1, 40)):
            at = chance.randrange(len(body))
            body[at : at + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
        assert reads_or_skips(site, bytes(body[: chance.randrange(len(body))] if chance.random() < 0.3 else body))
