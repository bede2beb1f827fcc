"""The article's pictures: where, what the caption says, and whose they are."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.extract import metadata
from crawler.extract.reading import KEPT, Reading, fold
from crawler.extract.span import find, inside
from crawler.model import Image
from crawler.page import Page
from crawler.site import Layout
from crawler.text import clipped, normalised

CREDIT = re.compile(
    r"(?:\b(?:Picture|Image|Photo|Photograph|Credit|Source)s?(?: by| credit)?:|©)\s*(?P<credit>[^.:]{2,80}?)\.?\s*$"
)
ABOVE = 6  # lines
_SOURCES = ("src", "data-src", "data-lazy-src", "data-original")


def find_images(page: Page, layout: Layout, reading: Reading, headline: str | None) -> tuple[Image, ...]:
    """Pictures from the layout, else from figures in the article, else the one the page declares.

    A caption that only says the headline again is none.
    """
    stated = layout.images()
    images = _found(page, layout, reading) if stated is None else tuple(stated)
    again = fold(headline or "")
    return tuple(replace(i, caption=None, credit=None) if i.caption and fold(i.caption) == again else i for i in images)


def _found(page: Page, layout: Layout, reading: Reading) -> tuple[Image, ...]:
    found = (
        _from_selectors(page, layout) or _from_figures(page, layout, reading) or _captioned_twice(page, layout, reading)
    )
    lead = metadata.image(page)
    captions = reading.dropped("caption") if layout.caption else ()
    printed = [line.text for line in captions if layout.caption and find(layout.caption, line.text)]
    if printed and not any(image.caption for image in found):
        url = found[0].url if found else lead.url if lead else None
        return (Image(url, printed[0], credit_of(printed[0], layout)), *found[1:])
    return tuple(found) or ((lead,) if lead else ())


def credit_of(caption: str, layout: Layout) -> str | None:
    """Whose picture it is, as the caption's end says."""
    found = (find(layout.caption, caption) if layout.caption else None) or CREDIT.search(clipped(caption))
    return normalised(found["credit"]) if found and "credit" in found.re.groupindex and found["credit"] else None


def _from_selectors(page: Page, layout: Layout) -> list[Image]:
    return _of_figures(page, layout, page.elements(layout.figure_css))


def _from_figures(page: Page, layout: Layout, reading: Reading) -> list[Image]:
    """Figures in the smallest element that holds the article's lines."""
    home = _home([line.element for line, reason in reading.verdicts if reason == KEPT])
    inner = list(home.iter("figure")) if home is not None else []
    dropped = inside(page.elements(layout.drop)) if inner else frozenset()
    found = (figure for figure in inner if figure not in dropped)
    return _of_figures(page, layout, dict.fromkeys((*_figures_above(reading), *found)))


def _of_figures(page: Page, layout: Layout, figures: Iterable[HtmlElement]) -> list[Image]:
    images = (_image(page, layout, figure) for figure in figures)
    return list(dict.fromkeys(image for image in images if image.url or image.caption))


def _figures_above(reading: Reading) -> list[HtmlElement]:
    """The figures whose captions stand right above the text."""
    above = [verdict.line for verdict in reading.verdicts[max(0, reading.start - ABOVE) : reading.start]]
    elements = [line.element for line in above if line.zone in ("figure", "figcaption")]
    return [e for element in elements for e in (element, *element.iterancestors()) if e.tag == "figure"]


def _captioned_twice(page: Page, layout: Layout, reading: Reading) -> list[Image]:
    """A picture above the text with its title printed over and under it, as old systems do."""
    above = [verdict.line for verdict in reading.verdicts[max(0, reading.start - ABOVE) : reading.start]]
    for line, under in pairwise(above):
        if line.text == under.text and line.element is under.element and line.kind == "paragraph":
            image = _image(page, layout, line.element)
            return [Image(image.url, line.text, credit_of(line.text, layout))] if image.url else []
    return []


def _home(elements: Sequence[HtmlElement]) -> HtmlElement | None:
    if not elements:
        return None
    if elements[0] is elements[-1]:
        return elements[0]
    first = [elements[0], *elements[0].iterancestors()]
    last = {elements[-1], *elements[-1].iterancestors()}
    return next((element for element in first if element in last), None)


def _image(page: Page, layout: Layout, figure: HtmlElement) -> Image:
    stated = layout.caption_css
    caption = _text(page, figure, stated) if stated else _first_text(figure.iter("figcaption"))
    credit = _text(page, figure, layout.credit_css) or (credit_of(caption, layout) if caption else None)
    return Image(_source(page, figure), caption, _bare(credit) if credit else None)


def _bare(credit: str) -> str:
    """A credit without its label and brackets."""
    return re.sub(r"^(?:Picture|Image|Photo)s?: *", "", credit).strip("() ")


def _text(page: Page, figure: HtmlElement, queries: Sequence[str]) -> str | None:
    inner = frozenset(figure.iter()) if queries else ()
    found = (element for query in queries for element in page.select(query) if element in inner)
    return _first_text(found)


def _first_text(elements: Iterable[HtmlElement]) -> str | None:
    texts = (normalised(element.text_content()) for element in elements)
    return next((text for text in texts if text), None)


def _source(page: Page, figure: HtmlElement) -> str | None:
    for picture in figure.iter("img"):
        sources = (picture.get(name, "").strip() for name in _SOURCES)
        url = next((s for s in sources if s and not s.startswith("data:")), None)
        if url:
            return page.absolute(url)
    return None
