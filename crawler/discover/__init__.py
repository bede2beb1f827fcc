"""Page -> Links: what a feed, a sitemap or a listing says there is. Pure.

discover(page, source, site)  the site's article links, once each, and the further sources that the page names
"""

from collections.abc import Iterator

from crawler.discover.feed import feed_links
from crawler.discover.listing import listing_links
from crawler.discover.sitemap import sitemap_links
from crawler.discover.sources import Feed, Listing, NewsSitemap, Sitemap, Source
from crawler.model import Link
from crawler.page import Page
from crawler.site import Site

__all__ = ["Feed", "Listing", "NewsSitemap", "Sitemap", "Source", "discover"]


def discover(page: Page, source: Source, site: type[Site]) -> Iterator[Link | Source]:
    """The articles of `site` that `page` links to, each key once, in its order, and the sources to read next.

    A listing's next page follows only where this page named an article: a listing that ran dry has ended.
    """
    keys: set[str] = set()
    for found in everything(page, source):
        if not isinstance(found, Link):
            if keys or not isinstance(found, Listing):
                yield found
        elif site.is_article_url(found.url) and (key := site.key(found.url)) not in keys:
            keys.add(key)
            yield found


def everything(page: Page, source: Source) -> Iterator[Link | Source]:
    """All links of the page, whether they are the site's articles or not."""
    if isinstance(source, Feed):
        return feed_links(page)
    if isinstance(source, Sitemap):
        return sitemap_links(page, source)
    return listing_links(page, source)
