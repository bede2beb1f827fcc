"""Front pages and sections: their article links, and where they go on."""

from pathlib import Path

import pytest

from crawler.discover import Listing, discover
from crawler.discover.listing import MAX_LINKS, listing_links
from crawler.model import Link
from crawler.site import Site
from tests.discover.conftest import MakePage

URL = "https://news.example/world/"
LINKS = '<a href="/2024/one"> One\n story </a><a href="/2024/one"><img></a><a href="/about">About</a>'


def test_it_finds_each_article_once(page: MakePage, site: type[Site]) -> None:
    found = list(discover(page(LINKS, URL), Listing(URL), site))
    assert found == [Link("https://news.example/2024/one", "article", via=URL, title="One story")]


@pytest.mark.parametrize(
    "marked",
    [
        '<link rel="next" href="/world/page/2/">',
        '<a rel="nofollow next" href="page/2/">More</a>',
        '<a class="next page-numbers" href="/world/page/2/">2</a>',
        '<div class="nav-previous"><a href="/world/page/2/">Older</a></div>',
        '<span class="older"><a href="/world/page/2/">Older Articles</a></span>',
        '<div class="pagination-infinite" data-next="/world/page/2/"></div>',
    ],
)
def test_it_turns_the_page_where_the_page_says(page: MakePage, site: type[Site], marked: str) -> None:
    found = list(discover(page(LINKS + marked, URL), Listing(URL, pages=3), site))
    assert found[-1] == Listing("https://news.example/world/page/2/", probe=True, pages=3, number=2)


def test_it_turns_the_page_by_number_where_the_page_says_nothing(page: MakePage, site: type[Site]) -> None:
    listing = Listing(URL, pages=3, page_url=URL + "page/{n}/")
    (_, second) = discover(page(LINKS, URL), listing, site)
    assert isinstance(second, Listing)
    assert second.url == URL + "page/2/"
    (_, third) = discover(page(LINKS, second.url), second, site)
    assert isinstance(third, Listing)
    assert third.url == URL + "page/3/"
    assert len(list(discover(page(LINKS, third.url), third, site))) == 1


def test_it_ends_where_a_page_names_no_article(page: MakePage, site: type[Site]) -> None:
    assert list(discover(page("Nothing here", URL), Listing(URL, pages=9, page_url=URL + "page/{n}/"), site)) == []


def test_it_does_not_turn_to_another_site_or_to_itself(page: MakePage, site: type[Site]) -> None:
    for target in ("https://evil.example/2/", URL, "javascript:more()"):
        found = list(discover(page(f'{LINKS}<a rel="next" href="{target}">', URL), Listing(URL, pages=9), site))
        assert len(found) == 1


def test_it_resolves_links_against_the_base_that_the_page_names(page: MakePage) -> None:
    (link,) = listing_links(page('<base href="https://news.example/2024/"><a href="one">', URL), Listing(URL))
    assert link.url == "https://news.example/2024/one"


def test_it_bounds_the_links_of_one_page(page: MakePage) -> None:
    body = "".join(f"<a href='/2024/{n}'>x</a>" for n in range(MAX_LINKS + 10))
    assert sum(1 for _ in listing_links(page(body, URL), Listing(URL))) == MAX_LINKS


def test_it_finds_the_articles_of_a_cosmos_section(page: MakePage) -> None:
    body = (Path(__file__).parents[1] / "discover" / "cosmos_listing.html").read_bytes()
    found = [link.url for link in listing_links(page(body, "https://www.businesslive.co.za/bd/world/"), Listing(URL))]
    assert found.count("https://www.businesslive.co.za/bd/world/2024-02-08-lead-story/") == 1
    assert len([url for url in found if "2024-02-08" in url]) == 5
