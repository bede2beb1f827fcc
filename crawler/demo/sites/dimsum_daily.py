"""Dimsum Daily: WordPress with its own sitemaps, and pages that look like articles by their URL."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

from crawler.demo.feeds import XML_TYPE, Item, sitemap_index, urlset
from crawler.demo.markup import pick
from crawler.demo.pages import dimsum_daily as pages
from crawler.demo.pages.indebta import category
from crawler.demo.resource import Resource, Service, encoded
from crawler.demo.served import Served, newest_first, others, pages_of, sections_of, teaser_of
from crawler.demo.sites import wordpress
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings
from crawler.demo.theme import theme

HOST = "www.dimsumdaily.hk"
PAGE_SIZE = 8
DEAD = f"{pages.HOME}/harbour-notice-withdrawn/"
ABOUT = "Dimsum Daily is run by a small team in Hong Kong. Write to the desk with tips, corrections and pictures."

printed = pages.printed


def place(stories: Sequence[Story]) -> list[Served]:
    """The three markups, spread by slug."""
    return [
        Served(story, _surroundings(stories, story), pages.VARIANTS[pick(story.slug, len(pages.VARIANTS))])
        for story in stories
    ]


def services(articles: Sequence[Served]) -> list[Service]:
    """The site, the host without `www.` that sends to it, and the host of pictures."""
    site = Service(
        (HOST,), partial(_resources, articles), server="cloudflare", encodings=("zstd", "br", "gzip"), chunked=True
    )
    paths = list(site.resources(HOST))
    bare = Service((HOST.removeprefix("www."),), lambda _: wordpress.moved(HOST, paths), server="cloudflare")
    urls = [pages.picture_url(served.story) for served in articles]
    return [site, bare, Service((pages.PICTURES,), lambda _: dict(wordpress.pictures(urls)), server="cloudflare")]


def _surroundings(stories: Sequence[Story], story: Story) -> Surroundings:
    teasers = [teaser_of(other, pages.address(other), length=100) for other in others(stories, story, 5)]
    return Surroundings(url=pages.address(story), sidebar=tuple(teasers[:2]), related=tuple(teasers[2:]))


def _resources(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:  # noqa: ARG001 - one host
    newest = newest_first(articles)
    found = {
        served.path: Resource(pages.render(served.story, served.around, served.variant), modified_at=served.modified_at)
        for served in articles
    }
    found |= _listings("/", "Dimsum Daily", newest)
    for section, members in sections_of(articles).items():
        found |= _listings(f"/category/{category(section)}/", section, members)
    found["/feed/"] = wordpress.feed("Dimsum Daily", f"{pages.HOME}/", newest)
    found |= _pages()
    found |= theme()
    found |= dict(wordpress.slash_redirects(list(found), pages.HOME))
    found |= _sitemaps(newest)
    found["/robots.txt"] = wordpress.robots(pages.HOME, "/wp-sitemap.xml")
    return found


def _sitemaps(newest: Sequence[Served]) -> dict[str, Resource]:
    """The posts in two sitemaps, of which the second is a gzip file."""
    names = ("/wp-sitemap-posts-post-1.xml", "/wp-sitemap-posts-post-2.xml.gz", "/wp-sitemap-posts-page-1.xml")
    items = wordpress.sitemap_items(newest)
    half = len(items) // 2
    return {
        "/wp-sitemap.xml": Resource(sitemap_index(Item(pages.HOME + name) for name in names), XML_TYPE),
        names[0]: Resource(urlset(items[:half]), XML_TYPE),
        names[1]: Resource(encoded(urlset(items[half:]), "gzip"), "application/gzip"),
        names[2]: Resource(urlset(Item(pages.HOME + path) for path in _pages()), XML_TYPE),
    }


def _pages() -> dict[str, Resource]:
    titles = {"/about/": "About", "/contact-us/": "Contact Us"}
    return {path: _page(title, f"<article><p>{ABOUT}</p></article>") for path, title in titles.items()}


def _listings(base: str, title: str, articles: Sequence[Served]) -> dict[str, Resource]:
    found = {}
    last = max(1, -(-len(articles) // PAGE_SIZE))
    for number, members in pages_of(articles, PAGE_SIZE):
        cards = "".join(pages.card(teaser_of(served.story, served.url, length=120)) for served in members)
        if number == 1:
            cards += f'<h3 class="entry-title td-module-title"><a href="{DEAD}">Harbour notice withdrawn</a></h3>'
        following = f'<a class="page-numbers" href="{base}page/{number + 1}/">{number + 1}</a>' if number < last else ""
        path = base if number == 1 else f"{base}page/{number}/"
        found[path] = _page(title, f'{cards}<div class="page-nav td-pb-padding-side">{following}</div>')
    return found


def _page(title: str, content: str) -> Resource:
    menu = "".join(
        f'<a href="{pages.HOME}{path}">{name}</a> '
        for path, name in (("/", "Home"), ("/about/", "About"), ("/contact-us/", "Contact Us"))
    )
    head = f'<meta charset="UTF-8"><title>{escape(title)} - Dimsum Daily</title>'
    body = f"<nav>{menu}</nav><h1>{escape(title)}</h1>{content}"
    return Resource(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode())
