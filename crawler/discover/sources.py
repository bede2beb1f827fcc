"""What a site file lists under `sources`: the places where a site tells what it has published."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Feed:
    """An RSS or Atom feed."""

    url: str
    #: Whether its absence is no news: one of several guesses at where a site keeps it.
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap or an index of sitemaps, as sitemaps.org has them, gzipped or not."""

    url: str
    probe: bool = False
    #: Which sitemaps of an index are worth a fetch, as a regular expression on their URLs; `None` for all.
    only: str | None = None
    #: How many indexes led here.
    depth: int = 0

    def child(self, url: str) -> "Sitemap":
        """A sitemap that this index names."""
        return replace(self, url=url, depth=self.depth + 1, probe=False)


@dataclass(frozen=True, slots=True)
class NewsSitemap(Sitemap):
    """A sitemap of the last days' articles, with Google's news extension."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A front page, a section's or a category's page: any page whose links lead to articles."""

    url: str
    probe: bool = False
    #: Pages to turn at most, this one included.
    pages: int = 1
    #: Where page n is, with `{n}` for its number, on sites that load more by script and link no next page.
    page_url: str | None = None
    number: int = 1

    def turned(self, url: str) -> "Listing":
        """The next page of this listing; that it is not there only means that this one was the last."""
        return replace(self, url=url, number=self.number + 1, probe=True)


Source = Feed | Sitemap | Listing
