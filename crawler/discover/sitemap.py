"""A sitemap's bytes -> its links and the sitemaps it names."""

import re
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from crawler.discover.sources import Sitemap
from crawler.discover.times import parse_time
from crawler.discover.urls import absolute, same_site
from crawler.model import Link
from crawler.page import Page

MAX_BYTES = 50 * 2**20  # the protocol's own limit, unpacked
PARENTS = ("url", "sitemap", "news")  # an image's or a video's own loc and title are not the page's
MAX_DEPTH = 3  # indexes of indexes; a loop of them ends here


def sitemap_links(page: Page, source: Sitemap) -> Iterator[Link | Sitemap]:
    """The URLs of a sitemap, or the sitemaps of an index, in its order; what is broken ends it early."""
    data = page.content[:MAX_BYTES]  # decoded by Page, .gz files too
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        yield from text_links(data, page.url)
        return
    for kind, fields in entries(data):
        url = absolute(fields.get("loc", ""), page.url)
        if url and kind == "url":
            time = parse_time(fields.get("lastmod")) or parse_time(fields.get("publication_date"))
            yield Link(url, "article", via=page.url, hop="M", modified_at=time, title=fields.get("title"))
        elif url and kind == "sitemap" and is_wanted(url, source):
            yield source.child(url)


def is_wanted(url: str, source: Sitemap) -> bool:
    """Whether a sitemap that the index `source` names is to be fetched."""
    allowed = source.only is None or re.search(source.only, url) is not None
    return allowed and source.depth < MAX_DEPTH and same_site(url, source.url)


def entries(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Each `url` and `sitemap` element's name and its first fields by name, whatever their namespaces."""
    # Entities are left alone (no bombs, no files), the network is closed, and a broken tail costs only itself.
    events = etree.iterparse(
        BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    fields: dict[str, str] = {}
    try:
        for _, element in events:
            name = local_name(element)
            if name in ("url", "sitemap"):
                yield name, fields
                fields = {}
                forget(element)
            elif element.text and element.text.strip() and local_name(element.getparent()) in PARENTS:
                fields.setdefault(name, element.text.strip())
    except etree.XMLSyntaxError:
        return


def local_name(element: etree._Element | None) -> str:
    """The element's name in lower case, without its namespace, declared or not; empty for comments and the like."""
    tag = None if element is None else element.tag
    return re.split(r"[}:]", tag)[-1].lower() if isinstance(tag, str) else ""


def forget(element: etree._Element) -> None:
    """Free an element that was read, and those before it; a sitemap may hold fifty thousand."""
    element.clear()
    while (before := element.getprevious()) is not None and (parent := element.getparent()) is not None:
        parent.remove(before)


def text_links(data: bytes, url: str) -> Iterator[Link]:
    """A sitemap that is plain text, one URL a line."""
    for line in data.decode("utf-8", "replace").splitlines():
        if line.strip().startswith(("http://", "https://")) and (found := absolute(line, url)):
            yield Link(found, "article", via=url, hop="M")
