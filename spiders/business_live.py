"""BusinessLIVE, https://www.businesslive.co.za.

Arena Holdings' COSMOS pages until the autumn of 2025, Arc XP since, when the site moved to https://www.businessday.co.za.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from crawler.crawl.spider import NewsSpider
from crawler.discover import Feed, Listing, NewsSitemap, Sitemap
from crawler.extract.dates import from_epoch_ms
from crawler.linked import tolerant_json
from crawler.model import Access
from crawler.page import Page
from crawler.site import Layout, Stamp
from crawler.wording import opening_with_dash, signed


class Words(Layout):
    """What Arena's pages say round an article, whatever their design."""

    dateline = opening_with_dash()
    ends = (
        r"^Would you like to comment on this article\?",
        r"^Sign up \(it's quick and free\)",
        r"^Please read our Comment Policy\b",
        r"^Please enable JavaScript to view the comments\b",
        r"^(?:Most Read|Related Articles|Next Article|Latest Videos|Editor’s Choice|Top Stories)$",
        r"^Published by Arena Holdings\b",
    )
    drop_text = (
        r"^Support our award-winning journalism\.",
        r"^Support BusinessLIVE’s award-winning journalism\b",
        r"^Subscribe now to unlock this article\.",
        r"^There’s never been a more important time to support independent\b",
        r"^(?:Cancel anytime\.|BL PREMIUM|BL Premium|PREMIUM|Speech Bubbles|SIGN UP)$",
        r"^Questions(?: or problems)?\? Email helpdesk@",
        r"^This article is reserved for .{0,30}subscribers\.$",
        r"^A subscription helps you enjoy the best of our business content\b",
        r"^Already subscribed\? Simply sign in below\.",
        r"^If you have already registered or subscribed, please sign in\b",
        r"^(?:Register \(it's quick and free\)|Commenting is subject to our house rules\.)",
        r"^Just R\d+ for the first month\.",
        r"^We've got news for you\. Register on\b",
        r"^READ MORE:?$",
    )
    sign_off = (
        signed(),
        r"^(?:TimesLIVE|BusinessLIVE|Business Day|SowetanLIVE|TshisaLIVE|Sunday Times|Financial Mail)(?: .{1,30})?$",
    )
    # what ends in a full stop, as paragraphs do, is none: they are left after one run
    caption = r"^(?!.*+(?<=\.)$).{20,400}\b(?:Picture|Image|Photo)s?: ?(?P<credit>[A-Z][^.]{1,60})$"
    rights = r"^Published by Arena Holdings\b"
    site_names = ("BusinessLIVE", "Business Day", "TimesLIVE", "Financial Mail", "SowetanLIVE")

    def access(self) -> Access | None:
        """What the page says where it stops for those who do not pay."""
        said = any(
            re.match(r"This article is reserved for .{0,30}subscribers\.$", line.text) for line in self.page.lines
        )
        return "paywalled" if said else None


class Cosmos(Words):
    """Arena's own content system: the record of the article is in `meta[name="cosmos:data"]`, all but its text."""

    body = ("div.article-widgets", "div.article-content")
    drop = (
        ".article-widget-related_articles",
        ".article-widget-image",
        ".article-subscribe",
        ".premium-alert",
        ".audio-player",
    )
    standfirst_css = ("h3.article-title-tertiary",)
    headline_css = ("h1.article-title-primary",)
    authors_css = ("#author-block .author-block span.name", ".heading-author", "span.article-author")
    section_css = ("#article div.section span a", ".article-left div.section a")
    published_css = (".article-pub-date",)
    time_formats = ("%d %B %Y - %H:%M",)
    time_zone = "Africa/Johannesburg"
    figure_css = (".article-widget-image",)
    caption_css = (".image-text",)
    credit_css = (".image-text .author .name",)

    def published(self) -> Stamp | None:
        """To the second in the record, to the minute on the page."""
        return from_epoch_ms(self._record("published"))

    def modified(self) -> Stamp | None:
        """As the record has it."""
        return from_epoch_ms(self._record("modified"))

    def section(self) -> str | None:
        """The section's name in the record."""
        section = self._record("section")
        name = section.get("name") if isinstance(section, Mapping) else None
        return name if isinstance(name, str) and name else None

    def tags(self) -> list[str] | None:
        """The record's keywords, or the meta element's up to the site's own list, which begins with "Breaking news"."""
        stated = self._record("keywords")
        if isinstance(stated, list):
            return [word for word in stated if isinstance(word, str)]
        metas = self.page.meta("keywords")
        return [word.strip() for word in metas.split(", Breaking news")[0].split(",")] if metas else None

    def access(self) -> Access | None:
        """Premium articles are for subscribers; without them the text ends early."""
        if self._record("content_type") != "premium":
            return super().access()
        return "paywalled" if self._record("access") else "truncated"

    @cached_property
    def _article(self) -> Mapping[str, object]:
        data = tolerant_json(self.page.meta("cosmos:data") or "")
        article = data.get("article") if isinstance(data, Mapping) else None
        return article if isinstance(article, Mapping) else {}

    def _record(self, key: str) -> object:
        return self._article.get(key)


class ArcXP(Words):
    """Since autumn 2025."""

    since = date(2025, 7, 1)
    body = ("article.b-article-body",)
    drop = (".b-author-bio", ".arena-share-bar", ".c-stack--related", "aside")
    standfirst_css = ("h2.b-subheadline", ".b-subheadline")
    headline_css = ("h1.b-headline",)
    authors_css = (".b-author-bio__author-name", ".b-byline__names a")
    section_css = ("a.b-overline",)
    published_css = ("time.b-date",)
    figure_css = (".b-lead-art",)
    caption_css = ("figcaption", ".c-media-item__caption")
    credit_css = (".c-media-item__credit",)

    def tags(self) -> list[str] | None:
        """The meta element's keywords, which here are the article's own."""
        stated = self.page.meta("keywords")
        return [word.strip() for word in stated.split(",")] if stated else None

    @classmethod
    def label(cls) -> str:
        """Its name has a word in capitals."""
        return "arc_xp"


class Printed(Words):
    """Any other markup: the text is what stands before the comment box once the pitches are gone."""

    by_text = True

    @classmethod
    def matches(cls, page: Page) -> bool:
        """A page at an article's URL, or with the offer to comment on it; no listing has either."""
        asked = any(line.text.startswith("Would you like to comment on this article?") for line in page.lines)
        return asked or any(BusinessLiveSpider.is_article_url(url) for url in (page.url, page.canonical_url or ""))


_COSMOS, _ARC = "https://www.businesslive.co.za", "https://www.businessday.co.za"
SECTIONS = ("markets", "opinion", "national", "politics", "companies", "economy", "world", "sport", "life")


class BusinessLiveSpider(NewsSpider):
    """Addresses of one article differ by publication, section, amp and host; day and slug stay."""

    name = "business_live"
    # Arc XP's feeds are the site's now; those of COSMOS are probes since the old host began to redirect.
    sources = (
        Feed(f"{_ARC}/arc/outboundfeeds/rss/"),
        NewsSitemap(f"{_ARC}/arc/outboundfeeds/sitemap-news-index/"),
        Sitemap(f"{_ARC}/arc/outboundfeeds/sitemap-index/", probe=True),
        Listing(f"{_ARC}/"),
        Feed(f"{_COSMOS}/rss/?publication=bl", probe=True),
        Feed(f"{_COSMOS}/rss/?publication=bd", probe=True),
        Sitemap(f"{_COSMOS}/sitemap.xml", probe=True),
        *(NewsSitemap(f"{_COSMOS}/sitemap/google-news/bd/{section}/", probe=True) for section in SECTIONS),
        *(Listing(f"{_COSMOS}/bd/{section}/", probe=True) for section in SECTIONS),
    )
    article_url = (
        r"^https?://(?:[\w-]+\.)?(?:businesslive|businessday|timeslive|sowetanlive)\.co\.za/(?!amp/)(?:[a-z0-9-]+/){0,4}"
        r"(?P<day>\d{4}-\d{2}-\d{2})-[^/?#]+/?$"
    )
    layouts = (ArcXP, Cosmos, Printed)

    @classmethod
    def key(cls, url: str) -> str:
        """Day and slug; " | " in a headline gave two hyphens once and one later."""
        slug = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]
        return re.sub(r"-{2,}", "-", slug.lower()) if re.match(r"\d{4}-\d{2}-\d{2}-", slug) else super().key(url)
