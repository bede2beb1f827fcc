"""Every seed page gives its gold however its lines are marked up: hundreds of markups made by chance."""

from functools import cache

import pytest

from crawler.extract import read_article
from crawler.model import Article
from crawler.page import Page
from tests.captures import page_of
from tests.demo.seeds import URLS
from tests.spiders.markup import ORIGINAL, document, seed_lines
from tests.spiders.test_seeds import FIELDS, FOLDER, GOLD, SITES, spider_of
from tests.spiders.wild import Wild, mixed

QUICK = range(12)
MANY = range(len(QUICK), 160)


@cache
def lines_of(site: str) -> tuple[str, ...]:
    return tuple(seed_lines((FOLDER / GOLD[site]["seed"]).read_text("utf-8")))


def page_made(site: str, number: int) -> Page:
    return page_of(*_arguments(site, number))


def _arguments(site: str, number: int) -> tuple[bytes, str, str]:
    payload, content_type = Wild(number).page(lines_of(site), GOLD[site]["headline"])
    return payload, URLS[site], content_type


def stated(article: Article) -> dict[str, object]:
    """What is compared, under the gold's names."""
    captions = [image.caption for image in article.images if image.caption]
    return {
        "body": [block.text for block in article.blocks],
        **{gold: getattr(article, field) for field, gold in FIELDS.items()},
        "authors": list(article.authors),
        "image_caption": captions[0] if captions else None,
        "republished_from": article.republished_from,
        "rights_notice": article.rights_notice is not None,
        "subheadings": [block.text for block in article.blocks if block.kind == "heading"],
    }


def gold_of(site: str) -> dict[str, object]:
    gold = GOLD[site]
    return {
        **{name: gold[name] for name in ("body", "authors", "image_caption", "subheadings", *FIELDS.values())},
        "republished_from": ORIGINAL if gold["republished_from"] else None,
        "rights_notice": gold["rights_notice_starts"] is not None,
    }


NUMBERS = [*QUICK, *(pytest.param(n, marks=pytest.mark.slow) for n in MANY)]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("site", SITES)
def test_a_page_of_any_markup_gives_the_gold(site: str, number: int) -> None:
    assert stated(read_article(page_made(site, number), spider_of(site))) == gold_of(site)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("site", SITES)
def test_a_page_of_many_markups_gives_the_gold(site: str, number: int) -> None:
    title = GOLD[site]["headline"] if number % 2 else None
    page = page_of(document(lines_of(site), mixed(number), title), URLS[site])
    assert stated(read_article(page, spider_of(site))) == gold_of(site)
