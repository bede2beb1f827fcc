"""Dimsum Daily, https://www.dimsumdaily.hk.

WordPress with a theme that no stored page shows: tagDiv's and the usual class names are tried first, then the words.
"""

from crawler.crawl.spider import NewsSpider
from crawler.discover import Feed, Listing, Sitemap
from crawler.extract.span import find
from crawler.page import Page
from crawler.site import Layout
from crawler.wording import DAY_FIRST, opening_with_day

_DATELINE = opening_with_day(DAY_FIRST)
#: What WordPress itself, and tagDiv's theme, print on a post and not on a page.
POST = "body.single-post, article.type-post, time.entry-date"


class Dateline(Layout):
    """The first paragraph opens with day, month, year and place: "11th February 2024 - (Beijing)"."""

    body = (".td-post-content", ".tdb_single_content .tdb-block-inner", ".entry-content", ".content-inner")
    drop = (".td-post-share", ".td-a-rec", ".sharedaddy", ".jp-relatedposts", ".wp-block-embed")
    by_text = True
    anchors = (_DATELINE,)
    dateline = _DATELINE
    time_formats = ("%d %B %Y",)
    byline = r"(?:By |Posted by )(?P<names>[A-Z][\w.' -]{1,60})"
    authors_css = (".td-post-author-name a", ".tdb-author-name")
    section_css = (".td-post-category", "ul.td-category a", "li.entry-category a", ".tdb-entry-category")
    tags_css = ("ul.td-tags li a", ".tdb-tags li a")
    ends = (r"^RELATED ARTICLES", r"^(?:Previous|Next) article", r"^TAGS\b")
    drop_text = (r"^(?:Facebook|Twitter|WhatsApp|Telegram|Copy URL)$",)
    site_names = ("Dimsum Daily", "Dimsum Daily Hong Kong", "Dimsum Daily HK")

    @classmethod
    def matches(cls, page: Page) -> bool:
        """An article has the dateline; a page of the same design has not."""
        urls = (page.url, page.canonical_url or page.url)
        return all(map(DimsumDailySpider.is_article_url, urls)) and any(
            find(_DATELINE, line.text) for line in page.lines
        )


class DimsumDailySpider(NewsSpider):
    """Article URLs look like any page's, so what is an article is told by its dateline."""

    name = "dimsum_daily"
    # WordPress for certain; which of its sitemaps there is depends on plug-ins nobody has described.
    sources = (
        Feed("https://www.dimsumdaily.hk/feed/"),
        Sitemap("https://www.dimsumdaily.hk/wp-sitemap.xml", probe=True, only=r"-posts-post-"),
        Sitemap("https://www.dimsumdaily.hk/sitemap_index.xml", probe=True, only=r"/post-sitemap"),
        Sitemap("https://www.dimsumdaily.hk/sitemap.xml", probe=True),
        Listing("https://www.dimsumdaily.hk/", pages=5, page_url="https://www.dimsumdaily.hk/page/{n}/"),
    )
    article_url = (
        r"^https?://(?:www\.)?dimsumdaily\.hk/(?!(?:category|tag|author|page|feed|wp-[\w.-]+)(?:/|$))[^/?#]+/?$"
    )
    layouts = (Dateline,)

    @classmethod
    def is_article_page(cls, page: Page) -> bool:
        """Contact pages have URLs like articles'; only a post says when it was published, or that it is one."""
        return page.meta("article:published_time") is not None or bool(page.select(POST))
