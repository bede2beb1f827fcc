"""Any news site, by URL, feed, sitemap or listing from the command line: read by the generic cascade."""

from collections.abc import Sequence
from typing import Any

from crawler.crawl.spider import NewsSpider
from crawler.discover import Feed, Listing, Sitemap, Source
from crawler.discover.urls import absolute
from crawler.errors import UsageError
from crawler.model import Link
from crawler.site import Generic


class AnyNewsSpider(NewsSpider):
    """Knows no site: every page that reads as an article is one. Its arguments are lists, parted by white space."""

    name = "news"
    layouts = (Generic,)

    def __init__(self, url: str = "", feed: str = "", sitemap: str = "", listing: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._urls = addresses(url)
        self._sources: tuple[Source, ...] = (
            *(Feed(address) for address in addresses(feed)),
            *(Sitemap(address) for address in addresses(sitemap)),
            *(Listing(address) for address in addresses(listing)),
        )
        if not self._urls and not self._sources:
            raise UsageError("news: name what to fetch with --url, --feed, --sitemap or --listing")

    def first_links(self) -> Sequence[Link]:
        """The articles named by URL."""
        return tuple(Link(url, "article") for url in self._urls)

    def first_sources(self) -> Sequence[Source]:
        """The feeds, sitemaps and listings named."""
        return self._sources


def addresses(text: str) -> list[str]:
    """The URLs in `text`; raises `UsageError` for what is none."""
    found = []
    for word in text.split():
        url = absolute(word, "")
        if url is None:
            raise UsageError(f"{word}: no web address; give one that begins with https:// or http://")
        found.append(url)
    return found
