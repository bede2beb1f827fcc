"""Site and Layout: what a site definition is.

A site file is data first: selectors where the markup is known, and the words that the pages print where it is not.
What a layout leaves unsaid is read from linked data, Open Graph and the page's text. A method that returns `None` says
"not stated here": the default reader of that field goes on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import ClassVar
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from lxml.html import HtmlElement

from crawler.errors import NoLayoutMatchesError, NotAnArticleError
from crawler.model import Access, Image, Precision
from crawler.page import Page
from crawler.shown import has_text
from crawler.text import clipped, searcher
from crawler.wording import ORIGIN, RIGHTS, opening_with_agency

MIN_BODY = 200  # characters; stray leads and summaries that match a selector are 65-300
TRACKING = re.compile(r"^(utm_\w+|fbclid|gclid|igshid|mc_[ce]id|ref|amp|device|service)$")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as a page states it."""

    #: ISO 8601; with a zone only if it is known; a date alone at day precision.
    at: str
    precision: Precision
    #: As printed or as marked up.
    raw: str


class Layout:
    """One design of a site's article pages: where things are, or how they can be told by their words.

    Selectors are CSS, tried in order; patterns are regular expressions searched in one line of the page's text.
    """

    #: First and last day on which captures can have this design; windows may overlap, content decides inside them.
    since: ClassVar[date | None] = None
    until: ClassVar[date | None] = None

    #: The element that holds the article's text and nothing else but what is dropped.
    body: ClassVar[Sequence[str]] = ()
    #: Elements inside the body that are not the article.
    drop: ClassVar[Sequence[str]] = ()
    #: The standfirst where it stands outside the body; it becomes the text's first block.
    standfirst_css: ClassVar[Sequence[str]] = ()
    #: Whether the article is found by its words where no body element is.
    by_text: ClassVar[bool] = False

    #: Fields by selector; the text of the first element that has any.
    headline_css: ClassVar[Sequence[str]] = ()
    authors_css: ClassVar[Sequence[str]] = ()
    section_css: ClassVar[Sequence[str]] = ()
    tags_css: ClassVar[Sequence[str]] = ()
    #: Times by selector: the `datetime` attribute if there is one, else the text.
    published_css: ClassVar[Sequence[str]] = ()
    modified_css: ClassVar[Sequence[str]] = ()
    #: Pictures: elements with an `<img>`, and in each the caption and its credit.
    figure_css: ClassVar[Sequence[str]] = ()
    caption_css: ClassVar[Sequence[str]] = ()
    credit_css: ClassVar[Sequence[str]] = ()

    #: Lines at which the article starts, best first: a dateline, a time stamp; one that goes on is its first paragraph.
    anchors: ClassVar[Sequence[str]] = ()
    #: Lines before which the article ends.
    ends: ClassVar[Sequence[str]] = ()
    #: Lines that are not the article wherever they are.
    drop_text: ClassVar[Sequence[str]] = ()
    #: The dateline: groups `place`, `agency`, `date` where it has them. With a group `dateline` it opens a
    #: paragraph and stays in it; without one it is a line of its own.
    dateline: ClassVar[str | None] = None
    #: The time of publication as printed, in group `raw`.
    timestamp: ClassVar[str | None] = None
    #: How printed dates are written, for `datetime.strptime`.
    time_formats: ClassVar[Sequence[str]] = ()
    #: The zone of printed times, an IANA name; `None` where the page leaves it open.
    time_zone: ClassVar[str | None] = None
    #: The by-line, its names in group `names`.
    byline: ClassVar[str | None] = None
    #: The channel above the headline.
    kicker: ClassVar[str | None] = None
    #: A lone line that names the source, in group `agency`; without that group it is only left out.
    sign_off: ClassVar[Sequence[str]] = ()
    #: A picture's caption printed as a line, its credit in group `credit`.
    caption: ClassVar[str | None] = None
    #: Cross-heads that are marked up as paragraphs.
    cross_head: ClassVar[str | None] = None
    #: The legal footer, kept apart from the text.
    rights: ClassVar[str | None] = None
    #: Text of the link to the original of a republished article.
    origin: ClassVar[str | None] = None
    #: Names of the site as they follow a headline in `<title>`.
    site_names: ClassVar[Sequence[str]] = ()

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    def matches(cls, page: Page) -> bool:
        """Whether the page has this design: its body element with enough text, or a line the article starts at."""
        if cls.find_body(page) is not None:
            return True
        anchors = cls.anchors if cls.by_text else ()
        searches = [searcher(anchor) for anchor in anchors]
        return bool(searches) and any(search(text) for text in _texts(page) for search in searches)

    @classmethod
    def find_body(cls, page: Page) -> HtmlElement | None:
        """The body element, if one of the selectors finds `MIN_BODY` characters."""
        for query in cls.body:
            for element in page.select(query):
                if has_text(element, MIN_BODY):
                    return element
        return None

    @cached_property
    def body_element(self) -> HtmlElement | None:
        """The body element of this page."""
        return self.find_body(self.page)

    @classmethod
    def label(cls) -> str:
        """The layout's name in records: the class name in snake case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def headline(self) -> str | None:
        """The headline, where the page states it in a way of its own."""
        return None

    def authors(self) -> Sequence[str] | None:
        """The by-line's names as printed, without "By"."""
        return None

    def agency(self) -> str | None:
        """The news agency that wrote it."""
        return None

    def section(self) -> str | None:
        """The channel or category."""
        return None

    def tags(self) -> Sequence[str] | None:
        """Keywords of this article."""
        return None

    def published(self) -> Stamp | None:
        """When it was published."""
        return None

    def modified(self) -> Stamp | None:
        """When it was changed last."""
        return None

    def images(self) -> Sequence[Image] | None:
        """The pictures of the article."""
        return None

    def access(self) -> Access | None:
        """Who may read it."""
        return None


def _texts(page: Page) -> Iterator[str]:
    """Each line of a page, and what inline elements make of it, as patterns look at it."""
    for line in page.lines:
        yield clipped(line.text)
        if len(line.pieces) > 1:
            yield from (clipped(piece.strip()) for piece in line.pieces)


class Generic(Layout):
    """No layout: the generic cascade reads the page, and the record says so."""

    dateline = opening_with_agency()
    rights = RIGHTS
    origin = ORIGIN

    @classmethod
    def matches(cls, page: Page) -> bool:  # noqa: ARG003 - it claims every page
        """Any page; what is no article is refused by its content."""
        return True


class Site:
    """What is known of a site: its name, which URLs are articles, and its layouts."""

    name: str
    #: Article URLs, searched in the whole URL; listings and contact pages do not match.
    article_url: ClassVar[str] = r"^https?://"
    #: Newest first.
    layouts: ClassVar[Sequence[type[Layout]]] = ()

    @classmethod
    def is_article_url(cls, url: str) -> bool:
        """Whether the URL has the shape of an article's."""
        return re.search(cls.article_url, url) is not None

    @classmethod
    def is_article_page(cls, page: Page) -> bool:
        """Whether a page that no layout reads is an article all the same, which is the redesign alarm."""
        return cls.is_article_url(page.url) and page.meta("og:type") != "website"

    @classmethod
    def key(cls, url: str) -> str:
        """What makes two URLs the same article: see `canonical_key`."""
        return canonical_key(url)


def canonical_key(url: str) -> str:
    """`host/path?query` of a URL: no www, no default port, escapes made one, no last slash, no tracking."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:  # no URL at all; it is its own key
        return url
    path = quote(unquote(parts.path, errors="replace"), safe="/:@!$&'()*+,;=-._~").rstrip("/")
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not TRACKING.match(k)])
    return f"{host}{port}{path}" + (f"?{query}" if query else "")


def choose_layout(site: type[Site], page: Page) -> type[Layout]:
    """The newest layout whose window holds the day of capture and that matches the page.

    Raises `NotAnArticleError` where the site sees no article in it either, else `NoLayoutMatchesError`.
    """
    day = page.capture.captured_at.date()
    for layout in site.layouts:
        if (layout.since or day) <= day <= (layout.until or day) and layout.matches(page):
            return layout
    if not site.is_article_page(page):
        raise NotAnArticleError(page.url, f"no article of {site.name}")
    raise NoLayoutMatchesError(page.url, f"no layout of {site.name} reads this page; add one to its site file")
