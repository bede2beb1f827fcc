"""Feeds and sitemaps as XML; what differs between sites is given by the caller."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
RSS_TYPE = "application/rss+xml; charset=UTF-8"
XML_TYPE = "application/xml; charset=UTF-8"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed or sitemap."""

    url: str
    title: str = ""
    description: str = ""
    modified_at: datetime | None = None
    #: RFC 822 date as this feed writes it.
    date: str = ""
    tags: tuple[str, ...] = ()


def rss(title: str, home: str, items: Iterable[Item], *, cdata: bool = True, guid: bool = True) -> str:
    """An RSS 2.0 document without its XML declaration."""
    rows = "".join(_item(item, cdata=cdata, guid=guid) for item in items)
    channel = (
        f"<title>{escape(title)}</title>\n<link>{escape(home)}</link>\n<description>{escape(title)}</description>\n"
    )
    return f'<rss version="2.0">\n<channel>\n{channel}{rows}</channel>\n</rss>\n'


def rfc822(time: datetime | None) -> str:
    """`Fri, 11 Jun 2021 10:55:18 +0200`, or nothing."""
    return format_datetime(time) if time is not None else ""


def urlset(items: Iterable[Item]) -> bytes:
    """A sitemap."""
    rows = "".join(f"<url><loc>{escape(item.url)}</loc>{_lastmod(item)}</url>\n" for item in items)
    return f'{DECLARATION}<urlset xmlns="{SITEMAP}">\n{rows}</urlset>\n'.encode()


def sitemap_index(items: Iterable[Item]) -> bytes:
    """A sitemap of sitemaps."""
    rows = "".join(f"<sitemap><loc>{escape(item.url)}</loc>{_lastmod(item)}</sitemap>\n" for item in items)
    return f'{DECLARATION}<sitemapindex xmlns="{SITEMAP}">\n{rows}</sitemapindex>\n'.encode()


def news_sitemap(items: Iterable[Item], publication: str) -> bytes:
    """A sitemap with Google's news extension; `modified_at` is the publication date."""
    rows = "".join(_news(item, publication) for item in items)
    return f'{DECLARATION}<urlset xmlns="{SITEMAP}" xmlns:news="{NEWS}">\n{rows}</urlset>\n'.encode()


def _item(item: Item, *, cdata: bool, guid: bool) -> str:
    text = _cdata if cdata else escape
    rows = [f"<title>{text(item.title)}</title>", f"<link>{_cdata(item.url) if not guid else escape(item.url)}</link>"]
    if guid:
        rows.append(f'<guid isPermaLink="true">{escape(item.url)}</guid>')
    rows.append(f"<description>{text(item.description)}</description>")
    if item.date:
        rows.append(f"<pubDate>{item.date}</pubDate>")
    rows += [f"<category>{_cdata(tag)}</category>" for tag in item.tags]
    return "<item>\n" + "\n".join(rows) + "\n</item>\n"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _lastmod(item: Item) -> str:
    return f"<lastmod>{item.modified_at.isoformat(timespec='seconds')}</lastmod>" if item.modified_at else ""


def _news(item: Item, publication: str) -> str:
    date = item.modified_at.astimezone(UTC).isoformat(timespec="seconds") if item.modified_at else ""
    dated = f"<news:publication_date>{date}</news:publication_date>" if date else ""
    name = f"<news:name>{escape(publication)}</news:name><news:language>en</news:language>"
    return (
        f"<url><loc>{escape(item.url)}</loc><news:news><news:publication>{name}</news:publication>"
        f"{dated}<news:title>{escape(item.title)}</news:title></news:news></url>\n"
    )
