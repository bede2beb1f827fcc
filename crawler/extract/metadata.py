"""What a page declares of itself: linked data, Open Graph and meta elements, read as loosely as they are written."""

from collections.abc import Iterator, Mapping

from crawler.extract.bylines import split_byline
from crawler.extract.dates import parse_iso
from crawler.model import Access, Image
from crawler.page import Page
from crawler.site import Stamp
from crawler.text import normalised

PUBLISHED = (
    "article:published_time",
    "datepublished",
    "og:article:published_time",
    "pubdate",
    "publishdate",
    "dc.date",
)
MODIFIED = ("article:modified_time", "og:updated_time", "datemodified")
_PAID = ("locked", "paid", "premium", "subscriber")


def article_data(page: Page) -> Mapping[str, object]:
    """The linked data that describes the article; empty where there is none."""
    for entry in page.linked_data:
        if any(kind.endswith(("Article", "BlogPosting", "Report")) for kind in _texts(entry.get("@type"))):
            return entry
    return {}


def _texts(value: object) -> Iterator[str]:
    """The strings that a value of linked data stands for: itself, its items', its name's."""
    if isinstance(value, str):
        if text := normalised(value):
            yield text
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        yield from _texts(value.get("name") or value.get("url"))


def headlines(page: Page) -> list[str]:
    """The headline as linked data and Open Graph declare it, best first."""
    declared = [*_texts(article_data(page).get("headline")), page.meta("og:title"), page.meta("twitter:title")]
    return [normalised(text) for text in declared if text]


def published(page: Page) -> Stamp | None:
    """When the page says it was published."""
    return _stamp(page, "datePublished", PUBLISHED)


def modified(page: Page) -> Stamp | None:
    """When the page says it was changed last."""
    return _stamp(page, "dateModified", MODIFIED)


def _stamp(page: Page, key: str, metas: tuple[str, ...]) -> Stamp | None:
    declared = [*_texts(article_data(page).get(key)), *(page.meta(name) for name in metas)]
    declared += [e.get("datetime") or e.get("content") for e in page.select(f"[itemprop={key}]")]
    return next((stamp for raw in declared if (stamp := parse_iso(raw))), None)


def authors(page: Page) -> tuple[str, ...]:
    """The authors declared, people before accounts."""
    named = [name for name in _texts(article_data(page).get("author")) if not name.startswith("http")]
    if named:
        return tuple(dict.fromkeys(name for text in named for name in split_byline(text)))
    declared = [*page.metas("author"), *page.metas("article:author")]
    return tuple(dict.fromkeys(n for t in declared if not t.startswith("http") for n in split_byline(t)))


def section(page: Page) -> str | None:
    """The section declared."""
    return next(_texts(article_data(page).get("articleSection")), None) or page.meta("article:section")


def tags(page: Page) -> tuple[str, ...]:
    """The article's tags and keywords, in order, none twice."""
    found = page.metas("article:tag") or list(_texts(article_data(page).get("keywords"))) or page.metas("news_keywords")
    return tuple(dict.fromkeys(tag for text in found for tag in map(normalised, text.split(",")) if tag))


def access(page: Page) -> Access:
    """Who may read it, as the page declares."""
    free = article_data(page).get("isAccessibleForFree")
    tier = (page.meta("article:content_tier") or "").lower()
    if tier == "metered":
        return "metered"
    return "paywalled" if str(free).lower() == "false" or tier in _PAID else "free"


def image(page: Page) -> Image | None:
    """The picture the page shows for itself elsewhere."""
    url = page.meta("og:image", "og:image:url", "twitter:image")
    return Image(page.absolute(url)) if url else None
