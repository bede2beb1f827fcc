"""Indebta: WordPress with Yoast's sitemaps."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

from crawler.demo.feeds import XML_TYPE, Item, sitemap_index, urlset
from crawler.demo.markup import fill, pick
from crawler.demo.pages import indebta as pages
from crawler.demo.resource import Resource, Service
from crawler.demo.served import Served, newest_first, others, pages_of, sections_of, teaser_of
from crawler.demo.sites import wordpress
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings

HOST = "indebta.com"
PAGE_SIZE = 8
DEAD = f"{pages.HOME}/news/a-story-that-was-taken-down/"
FURNITURE = ("/a.png", *(f"/wp-content/uploads/2023/01/{name}.png" for name in ("logo", "logo-w", "ad", "ad-w")))
PITCHES = (
    (
        "Stay informed with free updates",
        "Simply sign up to the {} myFT Digest \N{EM DASH} delivered directly to your inbox.",
    ),
    (
        "Unlock the Editor\N{RIGHT SINGLE QUOTATION MARK}s Digest for free",
        "Roula Khalaf, Editor of the FT, selects her favourite stories in this weekly newsletter.",
    ),
    (),
)

printed = pages.printed


def place(stories: Sequence[Story]) -> list[Served]:
    """Foxiz 1.5 for what was published before the redesign, 2.x for the rest."""
    return [Served(story, _surroundings(stories, story), _variant(story)) for story in stories]


def services(articles: Sequence[Served]) -> list[Service]:
    """The site, and the host with `www.` that sends to it."""
    site = Service((HOST,), partial(_resources, articles), server="LiteSpeed", encodings=("br", "gzip"), chunked=True)
    paths = list(site.resources(HOST))
    return [site, Service((f"www.{HOST}",), lambda _: wordpress.moved(HOST, paths), server="LiteSpeed")]


def _variant(story: Story) -> str:
    return "foxiz2" if story.published and story.published >= pages.REDESIGNED_AT else "foxiz15"


def _surroundings(stories: Sequence[Story], story: Story) -> Surroundings:
    teasers = [teaser_of(other, pages.address(other), length=90) for other in others(stories, story, 8)]
    pitch = PITCHES[pick(story.slug, len(PITCHES))] if story.original else ()
    return Surroundings(
        url=pages.address(story),
        pitch=tuple(line.format(story.section) for line in pitch),
        sidebar=tuple(teasers[:4]),
        related=tuple(teasers[2:]),
        rights_notice=pages.RIGHTS_NOTICE,
    )


def _resources(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:  # noqa: ARG001 - one host
    newest = newest_first(articles)
    found = {
        served.path: Resource(pages.render(served.story, served.around, served.variant), modified_at=served.modified_at)
        for served in articles
    }
    found |= _listings("/", "Indebta", newest)
    for section, members in sections_of(articles).items():
        name = pages.category(section)
        found |= _listings(f"/category/{name}/", section, members)
        found[f"/{name}/feed/"] = wordpress.feed(f"{section} - Indebta", f"{pages.HOME}/category/{name}/", members)
    found["/feed/"] = wordpress.feed("Indebta", f"{pages.HOME}/", newest)
    found |= _sitemaps(newest)
    found |= _pages()
    found |= dict(wordpress.slash_redirects(list(found), pages.HOME))
    found["/robots.txt"] = wordpress.robots(pages.HOME, "/sitemap_index.xml")
    found |= dict(wordpress.pictures(FURNITURE))
    found |= dict(wordpress.pictures(pages.picture_url(served.story) for served in articles))
    return found


def _sitemaps(newest: Sequence[Served]) -> dict[str, Resource]:
    names = ("/post-sitemap.xml", "/page-sitemap.xml", "/category-sitemap.xml")
    categories = [Item(f"{pages.HOME}/category/{pages.category(name)}/") for name in sections_of(newest)]
    return {
        "/sitemap_index.xml": Resource(sitemap_index(Item(pages.HOME + name) for name in names), XML_TYPE),
        names[0]: Resource(urlset([Item(f"{pages.HOME}/"), *wordpress.sitemap_items(newest)]), XML_TYPE),
        names[1]: Resource(urlset(Item(pages.HOME + path) for path in _pages()), XML_TYPE),
        names[2]: Resource(urlset(categories), XML_TYPE),
    }


def _pages() -> dict[str, Resource]:
    titles = {"/contact/": "Contact", "/privacy-policy/": "Privacy Policy", "/terms/": "Terms & Conditions"}
    return {path: _listing(title, "", "", "page") for path, title in titles.items()}


def _listings(base: str, title: str, articles: Sequence[Served]) -> dict[str, Resource]:
    found = {}
    count = max(1, -(-len(articles) // PAGE_SIZE))
    for number, members in pages_of(articles, PAGE_SIZE):
        cards = "\n".join(pages.card(teaser_of(served.story, served.url, length=120)) for served in members)
        if number == 1:
            cards += f'\n<div class="p-wrap"><h4 class="entry-title"><a class="p-url" href="{DEAD}">Gone</a></h4></div>'
        links = "".join(
            f'<a class="page-numbers" href="{_page(base, other)}">{other}</a>' for other in range(1, count + 1)
        )
        pagination = f'<nav class="pagination-wrap pagination-number">{links}</nav>' if count > 1 else ""
        found[_page(base, number)] = _listing(title, cards, pagination, "archive category")
    return found


def _page(base: str, number: int) -> str:
    return base if number == 1 else f"{base}page/{number}/"


def _listing(title: str, cards: str, pagination: str, body_class: str) -> Resource:
    page = fill(
        "indebta.listing.html",
        title=escape(title),
        body_class=body_class,
        header=pages.header(),
        footer=pages.footer(),
        cards=cards,
        pagination=pagination,
    )
    return Resource(page.encode())
