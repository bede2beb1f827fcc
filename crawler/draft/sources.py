"""Where a site may tell what it has published, and what an answer from there is."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from crawler.discover import Feed, NewsSitemap, Sitemap, Source
from crawler.discover.feed import feed_links
from crawler.discover.sitemap import sitemap_links
from crawler.discover.urls import absolute
from crawler.page import Page

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")
ROBOTS = "/robots.txt"
#: Where publishing systems keep them; asked for in turn, and none is missed.
GUESSES = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml", "/news-sitemap.xml", "/sitemap-news.xml", "/feed/")
_SITEMAP = re.compile(r"(?im)^\s*sitemap\s*:\s*(\S+)")
_NEWS = "schemas/sitemap-news/"


def candidates(page: Page) -> Iterator[str]:
    """Addresses worth asking: the feeds that the page links, robots.txt, and where such things are kept."""
    for link in page.tree.iter("link"):
        if "alternate" in (link.get("rel") or "").lower() and (link.get("type") or "").lower() in FEED_TYPES:
            url = absolute(link.get("href", ""), page.base_url)
            if url and "comment" not in url:
                yield url
    yield from (urljoin(page.url, path) for path in (ROBOTS, *GUESSES))


def robots_sitemaps(text: str, url: str) -> list[str]:
    """The sitemaps that a robots.txt names."""
    found = (absolute(named, url) for named in _SITEMAP.findall(text))
    return list(dict.fromkeys(filter(None, found)))


def source_of(page: Page) -> tuple[Source, list[str]] | None:
    """What a page is as a source, and the addresses it names; `None` if it is none, or an empty one."""
    feed = [link.url for link in feed_links(page)]
    if feed:
        return Feed(page.url), feed
    kind = NewsSitemap if _NEWS in page.html else Sitemap
    named = [found.url for found in sitemap_links(page, Sitemap(page.url))]
    return (kind(page.url), named) if named else None
