"""Pages made by chance in which a seed's own noise stands elsewhere, and in the orders of words of earlier years."""

import random
from collections.abc import Callable, Sequence

import pytest

from crawler.extract import read_article
from crawler.extract.span import matches_any
from crawler.page import Page
from tests.captures import page_of
from tests.demo.seeds import URLS
from tests.spiders.test_seeds import GOLD, SITES, spider_of
from tests.spiders.test_wild_seeds import lines_of
from tests.spiders.wild import Wild

NUMBERS = [*range(5), *(pytest.param(number, marks=pytest.mark.slow) for number in range(5, 60))]
INSET = (
    "Minister warns of a gap in radar cover",
    "The chain will be blind for nine hours a day, the minister told parliament, and asked for patience and for money.",
)
CAPTION = "the new dish at dawn, as it is seen from the road."


def own_noise(site: str) -> list[str]:
    """The seed's lines that its layouts call noise wherever they are."""
    drop = [pattern for layout in spider_of(site).layouts for pattern in layout.drop_text]
    return [
        line for line in dict.fromkeys(lines_of(site)) if line not in GOLD[site]["body"] and matches_any(drop, line)
    ]


def interleaved(site: str, number: int) -> list[str]:
    """The seed's lines, its own noise once more between paragraphs of the text."""
    chance, noise, body = random.Random(number), own_noise(site), set(GOLD[site]["body"][:-1])
    lines: list[str] = []
    for line in lines_of(site):
        lines.append(line)
        if line in body and noise and chance.random() < 0.3:
            lines.append(chance.choice(noise))
    return lines


def page_made(site: str, lines: Sequence[str], number: int) -> Page:
    payload, content_type = Wild(number).page(lines, GOLD[site]["headline"])
    return page_of(payload, URLS[site], content_type)


@pytest.mark.parametrize("site", [site for site in SITES if own_noise(site)])
def test_seeds_have_noise_of_their_own(site: str) -> None:
    assert len(interleaved(site, 1)) > len(lines_of(site))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("site", SITES)
def test_noise_between_paragraphs_costs_none(site: str, number: int) -> None:
    article = read_article(page_made(site, interleaved(site, number), number), spider_of(site))
    assert [block.text for block in article.blocks] == GOLD[site]["body"]


def order_of_1999(head: Sequence[str], dateline: str, first: str) -> list[str]:
    _, _, headline, _, byline = head
    return [headline, byline, f"{dateline} - {first}"]


def order_of_2004(head: Sequence[str], dateline: str, first: str) -> list[str]:
    masthead, kicker, headline, _, byline = head
    return [masthead, kicker, headline, CAPTION, byline, dateline, first]


def order_of_2008(head: Sequence[str], dateline: str, first: str) -> list[str]:
    masthead, kicker, headline, _, byline = head
    return [masthead, kicker, headline, *INSET, byline, dateline, first]


ORDERS: dict[str, Callable[[Sequence[str], str, str], list[str]]] = {
    "1999": order_of_1999,
    "2004": order_of_2004,
    "2008": order_of_2008,
}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("year", ORDERS)
def test_the_networks_orders_of_all_years_are_read(year: str, number: int) -> None:
    site = "space_media_network"
    gold, lines = GOLD[site], interleaved(site, number)
    at = lines.index(gold["dateline"])
    lines = [*ORDERS[year](lines[:at], lines[at], lines[at + 1]), *lines[at + 2 :]]
    article = read_article(page_made(site, lines, number), spider_of(site))
    assert [block.text for block in article.blocks] == gold["body"]
    assert (article.dateline, list(article.authors), article.agency) == (
        gold["dateline"],
        gold["authors"],
        gold["agency"],
    )
    assert article.headline == gold["headline"]
