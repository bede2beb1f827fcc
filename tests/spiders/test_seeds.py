"""Every seed page gives its gold, field by field, in the replica's markups and in ones that no layout was made for."""

import json
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from crawler.extract import explain, read_article
from crawler.model import Article
from crawler.page import Page
from crawler.site import Site
from tests.captures import capture_of
from tests.demo.seeds import CASES, URLS, seed
from tests.spiders.markup import MARKUPS, ORIGINAL, document, seed_lines

FOLDER = Path(__file__).parent.parent / "seeds"
GOLD = {gold["site"]: gold for gold in (json.loads(p.read_text("utf-8")) for p in FOLDER.glob("*.gold.json"))}
SITES = sorted(GOLD)
FIELDS = {
    "headline": "headline",
    "section": "section",
    "agency": "agency",
    "dateline": "dateline",
    "published_at": "published",
    "published_raw": "published_raw",
    "published_precision": "published_precision",
    "language": "language",
}
TITLES = {
    "space_media_network": ("{}", "{} - GPS News", "{} | Space Media Network"),
    "indebta": ("{}", "{} | Indebta", "{} - indebta.com"),
    "diplomat_so": ("{}", "Diplomat News Network | {}", "{} :: Diplomat.so"),
    "business_live": ("{}", "{} | BusinessLIVE", "{} – Business Day"),  # noqa: RUF001
    "dimsum_daily": ("{}", "{} - Dimsum Daily"),
}


def spider_of(site: str) -> type[Site]:
    module = import_module(f"spiders.{site}")
    return next(c for c in vars(module).values() if isinstance(c, type) and c.__dict__.get("name") == site)


def page_of_markup(site: str, markup: str, *, title: bool = True) -> Page:
    lines = seed_lines((FOLDER / GOLD[site]["seed"]).read_text("utf-8"))
    html = document(lines, MARKUPS[markup], GOLD[site]["headline"] if title else None)
    return Page(capture_of(html, URLS[site]))


@cache
def article_in(site: str, markup: str) -> Article:
    page = page_of_markup(site, markup) if markup in MARKUPS else Page(capture_of(seed(site).page(markup), URLS[site]))
    return read_article(page, spider_of(site))


PAGES = [(site, markup) for site in SITES for markup in MARKUPS] + CASES
IDS = [f"{site}-{markup}" for site, markup in PAGES]
every_page = pytest.mark.parametrize(("site", "markup"), PAGES, ids=IDS)


@every_page
def test_the_text_is_the_gold_body(site: str, markup: str) -> None:
    assert article_in(site, markup).text == "\n\n".join(GOLD[site]["body"])


@every_page
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_the_gold(site: str, markup: str, field: str) -> None:
    assert getattr(article_in(site, markup), field) == GOLD[site][FIELDS[field]]


@every_page
def test_the_authors_are_the_gold(site: str, markup: str) -> None:
    assert list(article_in(site, markup).authors) == GOLD[site]["authors"]


@every_page
def test_the_caption_is_the_gold(site: str, markup: str) -> None:
    captions = [image.caption for image in article_in(site, markup).images]
    assert (captions or [None])[0] == GOLD[site]["image_caption"]


@every_page
def test_the_rights_notice_is_kept_apart(site: str, markup: str) -> None:
    start, notice = GOLD[site]["rights_notice_starts"], article_in(site, markup).rights_notice
    assert notice is None if start is None else notice is not None and notice.startswith(start)


@every_page
def test_the_original_is_named(site: str, markup: str) -> None:
    assert article_in(site, markup).republished_from == (ORIGINAL if GOLD[site]["republished_from"] else None)


@every_page
def test_cross_heads_are_headings(site: str, markup: str) -> None:
    heads = [block.text for block in article_in(site, markup).blocks if block.kind == "heading"]
    assert heads == GOLD[site]["subheadings"]


@every_page
def test_nothing_is_in_it_that_must_not_be(site: str, markup: str) -> None:
    blocks = {block.text for block in article_in(site, markup).blocks}
    assert not blocks & set(GOLD[site]["must_not_be_in_body"])


@pytest.mark.parametrize("markup", MARKUPS)
@pytest.mark.parametrize("site", SITES)
def test_a_page_without_title_has_its_headline_too(site: str, markup: str) -> None:
    article = read_article(page_of_markup(site, markup, title=False), spider_of(site))
    assert article.headline == GOLD[site]["headline"]
    assert article.text == "\n\n".join(GOLD[site]["body"])


@pytest.mark.parametrize(("site", "title"), [(site, title) for site in SITES for title in TITLES[site]])
def test_a_headline_in_the_title_alone_is_found(site: str, title: str) -> None:
    gold = GOLD[site]
    lines = [line for line in seed_lines((FOLDER / gold["seed"]).read_text("utf-8")) if line != gold["headline"]]
    html = document(lines, MARKUPS["paragraphs"], title.format(gold["headline"]))
    assert read_article(Page(capture_of(html, URLS[site])), spider_of(site)).headline == gold["headline"]


@pytest.mark.parametrize("site", SITES)
def test_the_same_page_gives_the_same_record(site: str) -> None:
    first, second = (read_article(page_of_markup(site, "breaks"), spider_of(site)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("site", SITES)
def test_explain_tells_each_line_and_its_fate(site: str) -> None:
    verdicts = explain(page_of_markup(site, "paragraphs"), spider_of(site))
    assert [v.line.text for v in verdicts if v.kept] == GOLD[site]["body"]
    assert all(v.reason for v in verdicts)
    assert len(verdicts) >= len(seed_lines((FOLDER / GOLD[site]["seed"]).read_text("utf-8")))
