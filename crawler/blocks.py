"""Which elements begin lines of their own: by their names, and where the name does not tell by what is in them."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from lxml.etree import _ElementUnicodeResult
from lxml.html import HtmlElement

from crawler.shown import SKIPPED, Attributes
from crawler.text import LONG, is_sentence, normalised

_BLOCKS = """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav noframes ol optgroup
p pre section summary table tbody td tfoot th thead tr ul"""
BLOCKS = frozenset(_BLOCKS.split())
DISPLAYED_AS_BLOCK = re.compile(r"display *: *block", re.IGNORECASE)
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
#: A piece of text that knows where it is: straight in its element or, as a tail, behind it.
Text: TypeAlias = "_ElementUnicodeResult[HtmlElement]"
PROSE_PARENTS = frozenset(["p", "li", "a", "dd", "dt", *HEADINGS])


def is_link(element: HtmlElement) -> bool:
    """Whether it leads elsewhere; the place that a link leads to does not, and unclosed it may hold a whole article."""
    if element.tag != "a" or element.get("href") is not None:
        return element.tag == "a"
    return element.get("name") is None and element.get("id") is None


def displayed_as_block(attributes: Attributes) -> frozenset[HtmlElement]:
    """The elements whose own style says that they are laid out as blocks."""
    return frozenset(element for element, style in attributes.get("style", ()) if DISPLAYED_AS_BLOCK.search(style))


def stands_alone(element: HtmlElement) -> bool:
    """Whether a custom element is no part of a line: no text touches it and, unless it is long, nothing inline does."""
    parent, before, behind = element.getparent(), element.getprevious(), element.getnext()
    if parent is None or parent.tag in ("p", *HEADINGS) or not (parent.tag in BLOCKS or "-" in str(parent.tag)):
        return False
    ahead = parent.text if before is None else before.tail
    if (ahead or "").strip() or (element.tail or "").strip():
        return False
    return not (_is_inline(before) or _is_inline(behind)) or sum(map(len, islice(element.itertext(), 40))) >= LONG


def _is_inline(element: HtmlElement | None) -> bool:
    """Whether an element has text that stands in a line with its neighbours'."""
    if element is None or element.tag in BLOCKS or element.tag in SKIPPED or element.tag == "br":
        return False
    return "-" not in str(element.tag) and any(text.strip() for text in islice(element.itertext(), 40))


def is_stack(element: HtmlElement) -> bool:
    """Whether inline children are lines of their own: nothing but white space between them, each begun as a line is."""
    if element.tag in PROSE_PARENTS or (element.text or "").strip():
        return False
    children = list(islice(element, 400))
    for child in children:
        tag = child.tag
        if tag in BLOCKS or tag == "br" or not isinstance(tag, str) or ((tail := child.tail) and not tail.isspace()):
            return False
    texts = ["".join(islice(child.itertext(), 40)) if len(child) else child.text or "" for child in children]
    return any(len(text) >= LONG for text in texts) and _are_lines([text for text in map(normalised, texts) if text])


def _are_lines(texts: list[str]) -> bool:
    """Whether most begin as lines do and are whole sentences or labels; a cut sentence shows as a small letter."""
    begun = sum(not text[0].islower() or text.startswith("by ") for text in texts)
    ended = sum(len(text) < LONG or is_sentence(text) for text in texts)
    whole = sum(len(text) >= LONG and is_sentence(text) for text in texts)
    most = 0.8 * len(texts)
    return begun >= most and ended >= most and whole >= 1 and len(texts) >= (2 if whole > 1 else 3)


def table_rows(table: HtmlElement) -> list[str]:
    """The rows of a table of data, cells joined by ` | `; empty for a table that only places things on the page."""
    if (
        next(table.iterdescendants("th", "caption"), None) is None
        or next(table.iterdescendants("table"), None) is not None
    ):
        return []
    rows = [[normalised(cell.text_content()) for cell in row.iterchildren("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2 or max(map(len, rows)) < 2 or any(len(cell) > 2 * LONG for row in rows for cell in row):
        return []
    return [" | ".join(row) for row in rows]


def begun_between(before: Text, text: Text, is_shown: Callable[[HtmlElement], bool]) -> Iterator[HtmlElement]:
    """The elements that begin between two texts, but none in elements that are not shown."""
    at, end = before.getparent(), text.getparent()
    if at is end and at is not None and not len(at):
        return  # what is behind an element that has but text
    down = not before.is_tail
    while at is not None:
        inner = at[0] if down and len(at) else None
        while inner is None and at is not None:
            if text.is_tail and at is end:
                return
            inner, at = at.getnext(), at.getparent()
        at = inner
        if at is not None:
            yield at
        if at is end and not text.is_tail:
            return
        down = at is not None and is_shown(at)
