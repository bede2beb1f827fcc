"""What is drafted: the rule that addresses follow, selectors, sources, and a site file that people can read."""

import re

import pytest

from crawler.discover import Feed, NewsSitemap, Sitemap
from crawler.draft import candidates, robots_sitemaps, rule_of, source_of
from crawler.draft.elements import is_steady, selector_of
from tests.captures import page_of

HOST = "https://www.post.example"
RULES = [
    (["/2024/06/03/ferry-sails-again/"], ["/2023/01/30/old-pier-is-painted/"], ["/about/", "/2024/06/", "/tag/sea/"]),
    (["/news/ferry-sails-again-today"], ["/news/old-pier-is-painted-grey"], ["/news", "/contact"]),
    (["/news/ferry-sails", "/sport/boat-wins"], ["/world/pier-falls"], ["/news", "/tag/sea", "/author/ada", "/a/b/c"]),
    (["/bd/world/2024-06-03-ferry/"], ["/bd/sport/2023-01-30-pier/"], ["/bd/world/", "/bd/world/ferry/"]),
    (["/reports/Ferry_sails_999.html"], ["/reports/Old_pier_painted_999.html"], ["/reports/", "/index.html"]),
    (["/ferry-sails-again-on-monday/"], ["/old-pier-is-painted-grey/"], ["/category/sea/", "/tag/", "/about/"]),
    (["/a/ferry-sails-again/4711", "/ferry-sails-again/"], ["/old-pier-painted/"], ["/about/", "/a/b/c/d"]),
    (["/story.php?id=4711"], ["/story.php?id=12"], ["/story.php", "/index.php?id=4"]),
]  # fmt: skip


@pytest.mark.parametrize(("given", "articles", "others"), RULES, ids=[rule[0][0] for rule in RULES])
def test_a_rule_holds_for_articles_and_not_for_other_pages(
    given: list[str], articles: list[str], others: list[str]
) -> None:
    urls = [HOST + path for path in given]
    rule = rule_of(urls, [HOST + path for path in (*given, *articles, *others)])
    assert all(re.search(rule.pattern, url) for url in urls)
    assert all(re.search(rule.pattern, HOST + path) for path in articles)
    assert [path for path in others if re.search(rule.pattern, HOST + path)] == []
    assert (rule.matched, rule.known) == (len(articles), len(articles) + len(others))


def test_a_rule_is_of_one_host_only() -> None:
    rule = rule_of([f"{HOST}/news/ferry-sails"], ["https://other.example/news/ferry-sails"])
    assert rule.known == 0
    assert re.search(rule.pattern, "http://post.example/news/pier-falls-down")
    assert not re.search(rule.pattern, "https://other.example/news/pier-falls-down")


@pytest.mark.parametrize("name", ["story", "entry-content", "b-article-body", "main_text"])
def test_names_that_stay_are_taken(name: str) -> None:
    assert is_steady(name)


@pytest.mark.parametrize(
    "name", ["post-1234", "css-1x2y3z", "tdi_130", "sc-9f8e7", "Body_text__k3J9a", "", "a:b", "9x"]
)
def test_names_that_change_are_not(name: str) -> None:
    assert not is_steady(name)


def test_a_selector_finds_the_same_on_all_pages() -> None:
    pages = [
        page_of(f"<div class='x css-{n}99'><p>no</p></div><div class='x y'><section><p>{n}</p></section></div>")
        for n in (1, 2)
    ]
    bodies = [page.select("section")[0] for page in pages]
    query = selector_of(pages, bodies)
    assert query is not None
    assert [page.select(query)[0] for page in pages] == bodies
    assert selector_of(pages, [pages[0].select("p")[0], pages[1].select("p")[1]]) is None


def test_candidates_are_the_pages_feeds_and_where_such_things_are_kept() -> None:
    html = (
        "<link rel=alternate type=application/rss+xml href=/rss.xml><link rel=alternate href=/de/ hreflang=de>"
        "<link rel=alternate type=application/rss+xml href=/comments/feed/>"
    )
    found = list(candidates(page_of(html, f"{HOST}/a")))
    assert found[:2] == [f"{HOST}/rss.xml", f"{HOST}/robots.txt"]
    assert f"{HOST}/sitemap.xml" in found
    assert f"{HOST}/de/" not in found
    assert f"{HOST}/comments/feed/" not in found


def test_robots_txt_names_sitemaps() -> None:
    text = f"User-agent: *\nSitemap: {HOST}/a.xml\nsitemap:/b.xml # b\nDisallow: /\n"
    assert robots_sitemaps(text, f"{HOST}/robots.txt") == [f"{HOST}/a.xml", f"{HOST}/b.xml"]


NEWS = "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>"
ANSWERS = [
    ("<rss version='2.0'><channel><item><link>https://post.example/a</link></item></channel></rss>", Feed),
    ("<urlset><url><loc>https://post.example/a</loc></url></urlset>", Sitemap),
    (f"{NEWS}<url><loc>https://post.example/a</loc></url></urlset>", NewsSitemap),
]


@pytest.mark.parametrize(("text", "kind"), ANSWERS, ids=[kind.__name__ for _, kind in ANSWERS])
def test_an_answer_is_told_by_what_is_in_it(text: str, kind: type) -> None:
    found = source_of(page_of(f"<?xml version='1.0'?>{text}", f"{HOST}/x", "text/xml"))
    assert found is not None
    assert (type(found[0]), found[1]) == (kind, ["https://post.example/a"])


@pytest.mark.parametrize("text", ["<urlset></urlset>", "<html><p>Nothing here</p></html>", ""])
def test_an_empty_answer_is_no_source(text: str) -> None:
    assert source_of(page_of(text, f"{HOST}/x", "text/xml")) is None
