"""A feed's bytes -> its links (the one door to feedparser)."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import feedparser

from crawler.discover.times import parse_time
from crawler.discover.urls import absolute
from crawler.model import Link
from crawler.page import Page

MAX_BYTES = 10 * 2**20  # the largest feeds seen are below 3 MB; feedparser holds several times this in memory


def feed_links(page: Page) -> Iterator[Link]:
    """The entries of an RSS (0.9x, 1.0, 2.0) or Atom feed, in its order; none where it is no feed."""
    # Bytes that happen to spell a file's name would be opened as that file; a stream is only ever read.
    stream = BytesIO(page.content[:MAX_BYTES])
    media = {"content-type": page.capture.header("content-type") or "application/xml"}
    feed = feedparser.parse(stream, response_headers=media, resolve_relative_uris=False, sanitize_html=False)
    for entry in feed.entries:
        url = absolute(link_of(entry), page.url)
        if url:
            yield Link(url, "article", via=page.url, modified_at=time_of(entry), title=value(entry, "title"))


def link_of(entry: Any) -> str:
    """The entry's own page: where a redirecting service says it is, its link, or its id if that is a URL."""
    for name in ("feedburner_origlink", "link", "id"):
        found = value(entry, name)
        if found and not found.startswith(("urn:", "tag:")):
            return found
    return ""


def time_of(entry: Any) -> Any:
    """When the entry says that it changed, or else appeared; feedparser's own reading takes odd zones for UTC."""
    return parse_time(value(entry, "updated")) or parse_time(value(entry, "published"))


def value(entry: Any, name: str) -> str | None:
    """A text field of the entry."""
    found = entry[name] if name in entry else None  # noqa: SIM401 - .get() falls back to other fields, with a warning
    return found.strip() or None if isinstance(found, str) else None
