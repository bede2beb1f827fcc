"""What every WordPress site has: feeds, redirects to the slash, robots.txt, uploads."""

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from crawler.demo.feeds import DECLARATION, RSS_TYPE, Item, rfc822, rss
from crawler.demo.pictures import picture
from crawler.demo.resource import Resource
from crawler.demo.served import Served, opening_of

FEED_ITEMS = 10


def feed(title: str, home: str, articles: Sequence[Served]) -> Resource:
    """The newest ten, each with an excerpt and a link to the site at its end."""
    items = [
        Item(
            served.url,
            served.story.headline,
            f"<p>{opening_of(served.story, 200)} [&#8230;]</p>",
            date=rfc822(served.modified_at),
            tags=tuple(filter(None, (served.story.section, *served.story.tags))),
        )
        for served in articles[:FEED_ITEMS]
    ]
    return Resource(f"{DECLARATION}{rss(title, home, items)}".encode(), RSS_TYPE)


def slash_redirects(paths: Iterable[str], home: str) -> Iterator[tuple[str, Resource]]:
    """A permanent redirect from each path without its trailing slash."""
    for path in paths:
        if path != "/" and path.endswith("/"):
            yield path[:-1], Resource(status=301, location=home + path)


def moved(host: str, paths: Iterable[str]) -> dict[str, Resource]:
    """Every path of another host, sent to the same path on `host`."""
    return {path: Resource(status=301, location=f"https://{host}{path}") for path in paths}


def robots(home: str, sitemap: str) -> Resource:
    """WordPress' own rules, and where the sitemap is."""
    rules = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
    return Resource(f"{rules}\nSitemap: {home}{sitemap}\n".encode(), "text/plain; charset=utf-8")


def pictures(urls: Iterable[str]) -> Iterator[tuple[str, Resource]]:
    """Path -> picture, for each URL that is not empty."""
    for url in filter(None, urls):
        path = urlsplit(url).path
        yield path, Resource(*picture(path))


def sitemap_items(articles: Iterable[Served]) -> list[Item]:
    """The articles as sitemaps list them."""
    return [Item(served.url, served.story.headline, modified_at=served.modified_at) for served in articles]
