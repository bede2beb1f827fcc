"""Diplomat News Network, https://diplomat.so.

Neither markup nor URL scheme of its pages of 2024 is known; the layout goes by the time stamp, the by-line under it and
the dateline that opens the text.
"""

import re
from itertools import takewhile

from crawler.crawl.spider import NewsSpider
from crawler.discover import Feed, Listing, Sitemap
from crawler.extract.bylines import split_byline
from crawler.extract.span import find, is_noise
from crawler.page import Page
from crawler.site import Layout
from crawler.wording import CLOCK, MONTH_FIRST_ORDINAL, WEEKDAY, WHOLE_MONTH, opening, stamp

_DATELINE = opening("diplomat.so")
_TIMESTAMP = stamp(rf"{WEEKDAY} {WHOLE_MONTH} \d{{1,2}}, \d{{4}} - {CLOCK}")
_OLD_DATE = stamp(MONTH_FIRST_ORDINAL)
_DESK = r"(?:By )?[A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|and|,)){0,6}"


class Stamped(Layout):
    """Since 2024 at the latest: "Thursday February 08, 2024 - 19:24:07", then the by-line, then the text."""

    by_text = True
    anchors = (_DATELINE, rf"^{_TIMESTAMP}$")
    dateline = _DATELINE
    timestamp = _TIMESTAMP
    time_formats = ("%A %B %d, %Y - %H:%M:%S", "%A %B %d, %Y - %H:%M")
    time_zone = "Africa/Mogadishu"
    byline = r"(?:By (?P<names>[A-Z][\w.' -]{1,60})|Staff Reporter)"
    ends = (r"^Related Items$", r"^Leave a comment$", r"^Custom Search$")
    site_names = ("Diplomat News Network", "Diplomat", "DNN")

    @classmethod
    def matches(cls, page: Page) -> bool:
        """An article carries the time stamp."""
        return super().matches(page) and any(find(_TIMESTAMP, line.text) for line in page.lines)

    def authors(self) -> tuple[str, ...] | None:
        """The line between time stamp and text, "By" or not: a name or a desk; a link only where no other is one."""
        lines = self.page.lines
        for at in (i for i, line in enumerate(lines) if find(_TIMESTAMP, line.text)):
            under = takewhile(lambda line: not find(_DATELINE, line.text), lines[at + 1 : at + 6])
            names = [line for line in under if re.fullmatch(_DESK, line.text) and not is_noise(line, self)]
            if names:
                return split_byline(min(names, key=lambda line: line.linked).text)
        return None


class Blog(Layout):
    """2014 and 2015: WordPress, "By Tajuddin", "In Local News", "Jan 31st, 2015", then the text."""

    by_text = True
    anchors = (_DATELINE,)
    dateline = _DATELINE
    timestamp = rf"^{_OLD_DATE}$"
    time_formats = ("%B %d, %Y",)
    byline = r"By (?P<names>[A-Z][\w.' -]{1,60})"
    ends = Stamped.ends
    site_names = Stamped.site_names


class DiplomatSoSpider(NewsSpider):
    """Accepts pages by what they print: any path may be an article's."""

    name = "diplomat_so"
    # Nothing but the front page is known for sure; the rest is where such sites keep it.
    sources = (
        Listing("https://diplomat.so/", pages=10, page_url="https://diplomat.so/page/{n}/"),
        Sitemap("https://diplomat.so/sitemap.xml", probe=True),
        Sitemap("https://diplomat.so/wp-sitemap.xml", probe=True, only=r"-posts-post-"),
        Feed("https://diplomat.so/feed/", probe=True),
        Feed("https://diplomat.so/rss", probe=True),
    )
    article_url = r"^https?://(?:www\.)?diplomat\.so/(?!(?:category|tag|author|page|feed|wp-\w+|contact|about)\b)[^?#]"
    layouts = (Stamped, Blog)
