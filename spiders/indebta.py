"""Indebta, https://indebta.com.

WordPress with the theme Foxiz 1.x; republishes the Financial Times and others behind "Read the full article here".
"""

import re

from crawler.crawl.spider import NewsSpider
from crawler.discover import Feed, Listing, Sitemap
from crawler.extract import metadata
from crawler.extract.dates import parse_iso
from crawler.extract.headline import first_text
from crawler.page import Page
from crawler.site import Layout, Stamp

_HOME = "https://indebta.com"
CATEGORIES = (
    "news",
    "banking",
    "credit-cards",
    "loans",
    "mortgage",
    "investing",
    "markets",
    "stocks",
    "commodities",
    "crypto",
    "forex",
    "videos",
    "finance",
    "dept-management",  # sic
    "small-business",
)


class Words(Layout):
    """What the pages say round an article, whatever their design."""

    drop_text = (
        r"^Stay informed with free updates$",
        r"^Simply sign up to the .+ myFT Digest\b",
        r"^Unlock the Editor’s Digest for free",
        r"^Roula Khalaf, Editor of the FT, selects her favourite stories in this weekly newsletter\.$",
        r"^This article was written by ?Follow",
        r"^Watch full video on YouTube$",
        r"^Last updated: ",
        r"^SHARE$",
    )
    timestamp = r"^Last updated: (?P<raw>\d{4}/\d{2}/\d{2} at \d{1,2}:\d{2} [AP]M)$"
    time_formats = ("%Y/%m/%d at %I:%M %p",)
    byline = r"By (?P<names>[A-Z][\w.'’ -]{1,60})"
    rights = r"^\d{4} © Inde[bp]ta\.com\. All Rights Reserved\."
    origin = r"^Read the full article here$"
    site_names = ("Indebta",)

    def published(self) -> Stamp | None:
        """First the article's own meta, which is UTC; then the theme's hidden time; last what readers see."""
        return metadata.published(self.page) or self._hidden("time.published")

    def modified(self) -> Stamp | None:
        """The visible "Last updated" prints the local clock as if it were UTC, so its markup is never believed."""
        return metadata.modified(self.page) or self._hidden("time.updated")

    def _hidden(self, query: str) -> Stamp | None:
        times = (parse_iso(element.get("datetime")) for element in self.page.select(query))
        return next(filter(None, times), None)

    def section(self) -> str | None:
        """The category, from the line "Indebta > News > headline" where no element names it."""
        if stated := first_text(self.page, (".s-cats a.p-category, .p-categories a",)):
            return stated
        trail = next((line.text for line in self.page.lines if re.match(r"Indebta ?> ?[\w -]+ ?>", line.text)), None)
        return trail.split(">")[1].strip() if trail else None


class Foxiz(Words):
    """The theme's own markup, 1.5 and 2.x."""

    body = ("div.entry-content.rbct", "div.entry-content[itemprop=articleBody]", "div.e-ct-outer div.entry-content")
    drop = (
        ".ad-wrap",
        ".inline-single-ad",
        ".entry-newsletter",
        ".efoot",
        ".related-sec",
        ".ruby-table-contents",
        ".rbtoc",
    )
    ends = (r"^Read the full article here$",)
    standfirst_css = ("h2.s-tagline", ".s-tagline")
    headline_css = ("h1.s-title",)
    authors_css = (".single-meta .meta-author a", ".meta-author a", ".article-meta .author [itemprop=name]")
    tags_css = (".tags-list a",)
    figure_css = (".s-feat-outer", "div.entry-content figure")
    caption_css = (".feat-caption .caption-text", "figcaption")
    credit_css = (".feat-caption .attribution",)


class Printed(Words):
    """Any other markup: the article stands between "Last updated: …", "4 Min Read" and "Read the full article here"."""

    by_text = True
    anchors = (r"^\d+ Min Read$", r"^Last updated: ")
    ends = (
        r"^Read the full article here$",
        r"^[\w .]+ (?P<day>(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}, \d{4}) (?P=day)$",
        r"(?i)^Share this Article$",
        r"^Leave a comment\b",
        r"^Finance Weekly Newsletter$",
        r"^You Might Also Like$",
    )

    @classmethod
    def matches(cls, page: Page) -> bool:
        """A page that says when it was updated; cards in listings say only how long the reading takes."""
        return any(line.text.startswith("Last updated: ") for line in page.lines)


class IndebtaSpider(NewsSpider):
    """Permalinks are /CATEGORY/SLUG/, the last slash optional."""

    name = "indebta"
    # The theme says that the sitemap is Yoast's or WordPress' own, but not which; categories are those of its menu.
    sources = (
        Feed("https://indebta.com/feed/"),
        Sitemap("https://indebta.com/sitemap_index.xml", probe=True, only=r"/post-sitemap"),
        Sitemap("https://indebta.com/wp-sitemap.xml", probe=True, only=r"-posts-post-"),
        Listing("https://indebta.com/", pages=3, page_url="https://indebta.com/page/{n}/"),
        *(
            Listing(
                f"https://indebta.com/category/{name}/", True, 3, f"https://indebta.com/category/{name}/page/{{n}}/"
            )
            for name in CATEGORIES
        ),
    )
    article_url = (
        r"^https?://(?:www\.)?indebta\.com/"
        r"(?!(?:category|tag|author|page|feed|wp-[\w.-]+|comments)/)[a-z0-9-]+(?:/[a-z0-9-]+)?/(?!page/|feed/)[^/?#]+/?$"
    )
    layouts = (Foxiz, Printed)
