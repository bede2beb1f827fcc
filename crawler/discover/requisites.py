"""Page -> what a browser fetches to show it: images, style sheets, fonts and scripts. Pure.

page_requisites(page)   of an HTML page
sheet_requisites(page)  of a style sheet: what it imports, its images and fonts
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.discover.css import css_urls
from crawler.discover.urls import MAX_URL, absolute
from crawler.model import Resource
from crawler.page import Page

MAX_FOUND = 5000  # on one page, as of links; the largest front pages show some hundred pictures

#: What a reader misses most comes first: a budget may end anywhere.
_ORDER: tuple[Resource, ...] = ("stylesheet", "image", "font", "script")
_AS: Mapping[str, Resource] = {"style": "stylesheet", "script": "script", "image": "image", "font": "font"}
_ICONS = ("icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon")
#: Where scripts that load pictures late keep their addresses; names vary, these words are in all of them.
_LAZY = re.compile(r"data-(?:[\w-]+-)?(?:src|original|lazy|image|img|bg|background|poster)", re.IGNORECASE)
_LAZY_SET = re.compile(r"data-(?:[\w-]+-)?srcset", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s{}<>]*[/.][^\s{}<>]*")
_CANDIDATE = re.compile(r"[\s,]*+([^\s,]\S*+)\s*+([^,]*+)")
_WEIGHT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)[wx]\b")
_XLINK = "{http://www.w3.org/1999/xlink}href"

Found = Iterator[tuple[str, Resource]]


@dataclass(frozen=True, slots=True)
class Requisite:
    """What a page or a style sheet needs to be shown."""

    url: str
    kind: Resource


def page_requisites(page: Page) -> Iterator[Requisite]:
    """What an HTML page needs, each URL once: style sheets, then images, fonts and scripts, in the page's order.

    Of several sizes of a picture the one that `src` names and the largest. Documents within the page (frames), sound
    and film are no requisites. Raises `UnreadablePageError`.
    """
    found = _first_of_each(_in_elements(page), page.base_url, page.url)
    return iter(sorted(found, key=lambda requisite: _ORDER.index(requisite.kind)))


def sheet_requisites(page: Page) -> Iterator[Requisite]:
    """What a style sheet needs, each URL once, in its order; raises `UnreadablePageError`."""
    return _first_of_each(_in_css(page.html), page.url, page.url)


def _first_of_each(found: Found, base: str, own: str) -> Iterator[Requisite]:
    seen: set[str] = set()
    for href, kind in found:
        # The longest address that fits may be written with escapes; a picture within its own address is far longer.
        url = absolute(href, base, whole_query=True) if len(href) <= 3 * MAX_URL and href.strip() else None
        if url and url not in seen and url != own:
            seen.add(url)
            yield Requisite(url, kind)
        if len(seen) >= MAX_FOUND:
            return


def _in_elements(page: Page) -> Found:
    for element in page.tree.iter("*"):
        reader = _READERS.get(element.tag) if isinstance(element.tag, str) else None
        if reader is not None:
            yield from reader(element)
        if background := element.get("background"):  # as tables had it in the nineties
            yield background, "image"
        yield from _in_css(element.get("style") or "")
        yield from _lazy(element)


def _in_css(text: str) -> Found:
    for href, rule in css_urls(text):
        yield href, "stylesheet" if rule == "@import" else "font" if rule == "@font-face" else "image"


def _link(element: HtmlElement) -> Found:
    relations = (element.get("rel") or "").lower().split()
    kind: Resource | None = None
    if "stylesheet" in relations:
        kind = "stylesheet"
    elif "modulepreload" in relations:
        kind = "script"
    elif any(icon in relations for icon in _ICONS):
        kind = "image"
    elif "preload" in relations:
        kind = _AS.get((element.get("as") or "").lower())
    if kind is not None:
        yield element.get("href") or "", kind
        yield from _largest(element.get("imagesrcset"))


def _image(element: HtmlElement) -> Found:
    yield element.get("src") or "", "image"
    yield from _largest(element.get("srcset"))


def _source(element: HtmlElement) -> Found:
    yield from _largest(element.get("srcset"))  # its `src` is sound or film


def _svg_image(element: HtmlElement) -> Found:
    for name in ("href", "xlink:href", _XLINK):
        yield element.get(name) or "", "image"


def _script(element: HtmlElement) -> Found:
    yield element.get("src") or "", "script"


def _style(element: HtmlElement) -> Found:
    yield from _in_css(element.text or "")


def _poster(element: HtmlElement) -> Found:
    yield element.get("poster") or "", "image"


def _input(element: HtmlElement) -> Found:
    if (element.get("type") or "").lower() == "image":
        yield element.get("src") or "", "image"


_READERS: Mapping[str, Callable[[HtmlElement], Found]] = {
    "link": _link,
    "img": _image,
    "source": _source,
    "image": _svg_image,
    "script": _script,
    "style": _style,
    "video": _poster,
    "input": _input,
}
#: Whose `data-` attributes are read; elsewhere they mean anything.
_LAZY_TAGS = frozenset({"img", "source", "div", "section", "figure", "span", "a", "picture"})


def _lazy(element: HtmlElement) -> Found:
    if element.tag not in _LAZY_TAGS:
        return
    for name, value in element.items():
        if _LAZY_SET.fullmatch(name):
            yield from _largest(value)
        elif _LAZY.fullmatch(name) and len(value) <= 3 * MAX_URL and _ADDRESS.fullmatch(value.strip()):
            yield value, "image"


def _largest(srcset: str | None) -> Found:
    """The largest picture of a `srcset`: the widest, or the one for the densest screen."""
    best, weight = "", 0.0
    for url, told in _candidates(srcset or ""):
        match = _WEIGHT.search(told)
        own = float(match[1]) if match else 1.0
        if own > weight:
            best, weight = url, own
    if best:
        yield best, "image"


def _candidates(srcset: str) -> Iterator[tuple[str, str]]:
    """URL and descriptor of each candidate, as the HTML standard parts them: commas may stand within a URL."""
    at = 0
    while match := _CANDIDATE.match(srcset, at):
        alone = match[1].endswith(",")
        yield match[1].rstrip(","), "" if alone else match[2]
        at = match.end(1) if alone else match.end()
