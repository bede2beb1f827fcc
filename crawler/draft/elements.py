"""Elements -> the selectors that find them, on every page alike."""

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from crawler.page import Page

#: What changes from page to page, or with each release of a site's scripts.
UNSTEADY = re.compile(
    r"\d{3,}|^(?:css|sc|jsx|svelte|emotion|tdi|uid|post|postid|id)-?_?[\w-]*\d|__[\w-]{5}$|[A-Z]\w*\d\w*[A-Z]"
)
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")
ABOVE = 3  # elements; a place further up says nothing about one


def selector_of(pages: Sequence[Page], elements: Sequence[HtmlElement]) -> str | None:
    """A selector whose first match is the element of each page; `None` if there is none that is short."""
    for query in _queries(elements[0]):
        if all(_first(page, query) is element for page, element in zip(pages, elements, strict=True)):
            return query
    return None


def own_selectors(element: HtmlElement) -> Iterator[str]:
    """What an element itself can be told by, best first."""
    tag = str(element.tag)
    if (prop := element.get("itemprop")) and _NAME.fullmatch(prop):
        yield f"{tag}[itemprop={prop}]"
    steady = [name for name in element.get("class", "").split() if is_steady(name)]
    yield from (f"{tag}.{name}" for name in steady)
    if len(steady) > 1:
        yield f"{tag}.{'.'.join(steady[:3])}"
    if is_steady(element.get("id", "")):
        yield f"{tag}#{element.get('id')}"


def is_steady(name: str) -> bool:
    """Whether a class or an id will be the same on another page."""
    return _NAME.fullmatch(name) is not None and UNSTEADY.search(name) is None


def _queries(element: HtmlElement) -> Iterator[str]:
    yield from own_selectors(element)
    tag = str(element.tag)
    if tag in ("article", "main", "h1", "time"):
        yield tag
    for outer, _ in zip(element.iterancestors(), range(ABOVE), strict=False):
        if outer.tag not in ("body", "html"):
            yield from (f"{query} {tag}" for query in own_selectors(outer))
            yield from (f"{query} {own}" for query in own_selectors(outer) for own in own_selectors(element))


def _first(page: Page, query: str) -> HtmlElement | None:
    return next(iter(page.select(query)), None)
