"""A listing page -> the links on it, and its next page."""

from collections.abc import Iterator

from crawler.discover.sources import Listing
from crawler.discover.urls import absolute, same_site
from crawler.model import Link
from crawler.page import Page

MAX_LINKS = 5000  # on one page; front pages have up to 600
#: How themes mark the link to the next (older) page.
NEXT = (
    "link[rel~=next]",
    "a[rel~=next]",
    "a.next",
    ".next > a",
    ".nav-previous > a",  # WordPress calls the older posts "previous"
    ".older > a",
    "[data-next]",
)


def listing_links(page: Page, source: Listing) -> Iterator[Link | Listing]:
    """Every link of the page, once, in its order; then the next page, if the listing may turn that far."""
    seen: set[str] = set()
    for anchor in page.css("a[href]"):
        url = absolute(anchor.attrib["href"], page.base_url)
        if url and url not in seen and len(seen) < MAX_LINKS:
            seen.add(url)
            yield Link(url, "article", via=page.url, title=title_of(anchor.xpath("string()").get()))
    further = next_page(page, source)
    if further:
        yield source.turned(further)


def next_page(page: Page, source: Listing) -> str | None:
    """Where the listing goes on: as its site file says, or as the page links it."""
    if source.number >= source.pages:
        return None
    if source.page_url:
        return source.page_url.format(n=source.number + 1)
    for selector in NEXT:
        for found in page.css(selector):
            url = absolute(found.attrib.get("href") or found.attrib.get("data-next") or "", page.base_url)
            if url and url != page.url and same_site(url, source.url):
                return url
    return None


def title_of(text: str | None) -> str | None:
    """A link's text in one line."""
    return " ".join((text or "").split()) or None
