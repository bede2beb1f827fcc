import re

import lxml.html
import pytest
from lxml.etree import _Element

from crawler.demo.story import Story
from tests.demo.seeds import CASES, extra, extras, seed

MOVED = 6  # lines that a markup may print elsewhere than the seed did: menus, captions, the second copy's opening


def letters(text: str) -> str:
    """The text without white space, bullets and case, which are the markup's business."""
    return re.sub(r"[\s•]+", "", text).casefold()


def shown(page: bytes) -> str:
    """All that a reader of the page's body sees, pictures by their alternative text."""
    parser = lxml.html.HTMLParser(encoding="utf-8")
    (body,) = lxml.html.document_fromstring(page, parser=parser).iter("body")
    return letters("".join(pieces(body)))


def pieces(element: _Element) -> list[str]:
    if not isinstance(element.tag, str) or element.tag in ("script", "style"):
        return []
    found = [element.text or "", element.get("alt") or ""]
    for child in element:
        found += [*pieces(child), child.tail or ""]
    return found


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_prints_every_line_of_the_seed_in_nearly_its_order(site: str, variant: str) -> None:
    page = shown(seed(site).page(variant))
    lines = [line for line in map(letters, seed(site).text.splitlines()) if line]
    if variant in ("cosmos", "arc"):
        lines = list(dict.fromkeys(lines))  # these print the body once
    assert [line for line in lines if line not in page] == []
    at, moved = 0, []
    for line in lines:
        found = page.find(line, at)
        if found < 0:
            moved.append(line)
        else:
            at = found + len(line)
    assert len(moved) <= MOVED, moved


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_prints_the_text_as_often_as_the_markup_does(site: str, variant: str) -> None:
    page = shown(seed(site).page(variant))
    copies = 2 if variant == "cosmos_doubled" else 1
    assert {page.count(letters(text)) for text in seed(site).gold["body"]} == {copies}


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_declares_nothing_that_a_seed_does_not_show(site: str, variant: str) -> None:
    page = seed(site).page(variant).decode()
    for sign in ("datetime=", "ld+json", "cosmos:data", "og:", "article:published_time", 'itemprop="date'):
        assert sign not in page


def test_makes_extra_stories_of_any_seed_and_variant() -> None:
    ((story, around, variant),) = extra("indebta", "foxiz2")["indebta"]
    assert isinstance(story, Story)
    assert (around.url, variant) == (seed("indebta").around.url, "foxiz2")
    assert [given[0][2] for given in extras((1, 1, 1, 1, 1)).values()] == [
        "semantic", "foxiz2", "semantic", "cosmos_doubled", "semantic"
    ]  # fmt: skip


def test_prints_the_caption_in_the_first_copy_only_and_the_agency_in_the_second() -> None:
    page = shown(seed("business_live").page("cosmos_doubled"))
    gold = seed("business_live").gold
    last, caption, agency = (letters(text) for text in (gold["body"][-1], gold["image_caption"], gold["agency"]))
    headline = page.index(letters(gold["headline"]))
    assert [match.start() < headline for match in re.finditer(re.escape(caption), page)] == [True]
    assert [match.start() > headline for match in re.finditer(re.escape(last + agency), page)] == [True]
