"""What a page declares of itself: linked data, Open Graph and meta elements, read as loosely as they are written."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import unescape

from lxml import etree

from crawler.extract.calendars import is_possible, parse_written
from crawler.extract.dates import from_epoch, parse_iso
from crawler.extract.naming import own_names
from crawler.extract.reading import fold
from crawler.linked import Entry
from crawler.model import Access, Image
from crawler.page import Page, is_front, once_a_page, same_site
from crawler.site import Stamp
from crawler.text import normalised

#: Meta elements that tell the time of publication, best first; the last ones are dates of many things.
_PUBLISHED = """article:published_time datepublished og:article:published_time article:published article:published:time
publish_date publish-date publishdate published_at publisheddate published pubdate parsely-pub-date sailthru.date
cxenseparse:recs:publishtime cxenseparse:publishtime dc.date.issued dcterms.issued prism.publicationdate
og:publish_date content:publishdate citation_publication_date date.created dcterms.created datecreated dc.date
dcterms.date release_date date"""
_MODIFIED = """article:modified_time datemodified og:updated_time article:modified:time date.updated date.modified
dcterms.modified dc.date.modified lastmod last-modified"""
PUBLISHED = tuple(_PUBLISHED.split())
MODIFIED = tuple(_MODIFIED.split())
SECTIONS = ("article:section", "og:section", "articlesection", "parsely-section", "section", "category")
TAGS = ("article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords")
MAX_TAGS = 60
LONGEST_TAG = 80  # characters; longer is a sentence
_ARTICLES = ("article", "news", "newsarticle", "blog", "blogpost")
_TIMES = ("datePublished", "dateModified")
_PAID = ("locked", "paid", "premium", "subscriber")
_PAYING = ("premium", "is_premium", "article:premium", "adv:premium", "paywall", "ispaid", "is-paid", "paid")
_PAYWALL = etree.XPath("boolean(//*[contains(@class, 'paywall') or contains(@id, 'paywall')])")
SHORT = 1500  # characters; behind a paywall, a text of fewer is its beginning


def article_data(page: Page) -> Entry:
    """The linked data that describes the article; empty where there is none."""
    return next(iter(page.linked.articles), {})


def is_declared_article(page: Page) -> bool:
    """Whether the page says that it is an article: in linked data, by its kind, its time, or an address of its own."""
    if article_data(page) or (page.meta("og:type") or "").lower() in _ARTICLES or page.meta(*PUBLISHED):
        return True
    return page.declared_url is not None and not is_front(page.declared_url)


def texts_of(value: object) -> Iterator[str]:
    """The strings that a value of linked data stands for: itself, its items', its name's."""
    if isinstance(value, str):
        if text := normalised(unescape(value)):
            yield text
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, Mapping):
        yield from texts_of(value.get("name") or value.get("url"))


@once_a_page
def headlines(page: Page) -> list[str]:
    """The headline as linked data and Open Graph declare it, best first."""
    declared = [*texts_of(article_data(page).get("headline")), page.meta("og:title"), page.meta("twitter:title")]
    return [normalised(unescape(text)) for text in declared if text]


def published(page: Page) -> Stamp | None:
    """When the page says it was published."""
    return _stamp(page, ("datePublished", "dateCreated"), PUBLISHED)


def modified(page: Page) -> Stamp | None:
    """When the page says it was changed last."""
    return _stamp(page, ("dateModified",), MODIFIED)


def _stamp(page: Page, keys: tuple[str, ...], metas: Iterable[str]) -> Stamp | None:
    """The first time declared that can be read and is not after the capture."""
    captured_at: datetime = page.capture.captured_at
    month_first = locale_of(page).lower().startswith("en-us")
    for raw in _declared_times(page, keys, metas):
        stamp = parse_iso(raw) or from_epoch(raw) or parse_written(raw, month_first=month_first)
        if stamp is not None and is_possible(stamp, captured_at):
            return stamp
    return None


def _declared_times(page: Page, keys: tuple[str, ...], metas: Iterable[str]) -> Iterator[str]:
    for key in keys[:1]:
        yield from (text for entry in page.linked.articles for text in texts_of(entry.get(key)))
    yield from (text for name in metas for text in page.metas(name))
    for key in keys:
        entries = (*page.linked.articles, *page.linked.pages)
        yield from (text for entry in entries for text in texts_of(entry.get(key)))
    timed = {element for element in page.named["time"] if element.get("pubdate") is not None}
    timed.update(element for element, value in page.attributes.get("itemprop", ()) if value in _TIMES)
    for element in page.in_order(timed):
        if element.get("itemprop", keys[0]) == keys[0]:
            yield element.get("datetime") or element.get("content") or normalised(element.text_content())


@once_a_page
def locale_of(page: Page) -> str:
    """The language and region that the page's tags declare, as in `pt-BR`; empty if none."""
    declared = page.tree.get("lang") or page.tree.get("xml:lang") or page.meta("og:locale", "content-language") or ""
    return declared.strip().replace("_", "-")


def section(page: Page) -> str | None:
    """The section declared, or the last step of the bread crumbs before the article."""
    for entry in page.linked.articles:
        if (found := next(texts_of(entry.get("articleSection")), None)) is not None:
            return found
    return page.meta(*SECTIONS) or next(iter(_crumbs(page)), None)


def _crumbs(page: Page) -> list[str]:
    """The steps between the site's front page and the article, the nearest to the article first."""
    items = next((e.get("itemListElement") for e in page.linked.entries if e.get("@type") == "BreadcrumbList"), None)
    names = [name for item in items for name in _crumb(item)] if isinstance(items, list) else []
    heads = {fold(text) for text in headlines(page)} | own_names(page)
    return [name for name in reversed(names[1:]) if fold(name) not in heads and len(name) <= LONGEST_TAG]


def _crumb(item: object) -> Iterator[str]:
    if isinstance(item, Mapping):
        yield from texts_of(item.get("name") or item.get("item"))


def tags(page: Page) -> tuple[str, ...]:
    """The article's tags and keywords, in order, none twice."""
    linked = [text for entry in page.linked.articles for text in texts_of(entry.get("keywords"))]
    for found in (page.metas(TAGS[0]), linked, *(page.metas(name) for name in TAGS[1:])):
        parts = (normalised(unescape(tag)) for text in found for tag in text.split(","))
        if names := tuple(dict.fromkeys(tag for tag in parts if 0 < len(tag) <= LONGEST_TAG)):
            return names[:MAX_TAGS]
    return ()


def access(page: Page, length: int | None = None) -> Access:
    """Who may read it, as the page declares; `truncated` where only the beginning, `length` characters, is there."""
    tier = (page.meta("article:content_tier") or "").lower()
    if tier == "metered":
        return "metered"
    stated = {str(entry.get("isAccessibleForFree")).lower() for entry in (*page.linked.articles, *page.linked.pages)}
    paying = {(page.meta(name) or "").lower() for name in _PAYING}
    if not (
        "false" in stated or "https://schema.org/false" in stated or tier in _PAID or paying & {"true", "1", "yes"}
    ):
        return "free"
    return "truncated" if length is not None and length < SHORT and _PAYWALL(page.tree) else "paywalled"


def original_url(page: Page) -> str | None:
    """The article on another site that the page says it copies: its canonical URL there, or what it is based on."""
    named = (url for entry in page.linked.articles for url in texts_of(entry.get("isBasedOn")))
    for url in (page.declared_url, *named):
        if url and url.startswith(("http://", "https://")) and not same_site(url, page.url) and not is_front(url):
            return url
    return None


def image(page: Page) -> Image | None:
    """The picture the page shows for itself elsewhere, with the caption and credit that linked data gives it."""
    url = page.meta("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
    linked = next((i for entry in page.linked.articles for i in _pictures(page, entry.get("image"))), None)
    if linked is None:
        return Image(page.absolute(url)) if url else None
    return Image(page.absolute(url), linked.caption, linked.credit) if url else linked


def _pictures(page: Page, value: object) -> Iterator[Image]:
    for item in value if isinstance(value, list) else [value]:
        entry = page.linked.resolved(item)
        if isinstance(entry, str) and entry.strip():
            yield Image(page.absolute(entry.strip()))
        elif isinstance(entry, Mapping):
            url = next(texts_of(entry.get("url") or entry.get("contentUrl")), None)
            caption = next(texts_of(entry.get("caption")), None)
            credit = next(texts_of(entry.get("creditText") or entry.get("copyrightHolder")), None)
            if url:
                yield Image(page.absolute(url), caption, credit)
