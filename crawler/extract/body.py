"""The one door to trafilatura and its date reader: the main text and day of a page of unknown design.

It is asked as a second opinion, on the pages that our own scorer is not sure of. Measured there, its fast mode, which
compares its text with no other extractor's, says as much as its default, and takes a third of the time. Both take a
tree that was parsed for them before, and work on a copy of their own.
"""

from collections.abc import Iterator

from htmldate import find_date
from lxml.etree import _Element
from trafilatura import bare_extraction
from trafilatura.settings import Document

from crawler.model import Block, BlockKind
from crawler.page import Page, once_a_page
from crawler.site import Stamp
from crawler.text import normalised

LARGEST = 1_000_000  # characters of markup
MOST_ELEMENTS = 10_000  # on larger ones it takes up to a second; the largest of 517 pages has 4,700
KINDS: dict[str, BlockKind] = {
    "p": "paragraph",
    "head": "heading",
    "item": "list_item",
    "quote": "quote",
    "code": "preformatted",
}


def is_small(page: Page) -> bool:
    """Whether trafilatura can be asked of the page: it is no larger than real ones are."""
    few_bytes = len(page.markup) <= LARGEST  # then no more characters, which are not counted
    return (few_bytes or len(page.html) <= LARGEST) and page.size <= MOST_ELEMENTS


@once_a_page
def main_blocks(page: Page) -> tuple[Block, ...]:
    """The blocks that trafilatura takes for the article's, in order; none if it finds no text.

    Its process-wide memory of duplicates stays off and its clock is never asked: same capture, same blocks.
    """
    document = bare_extraction(
        page.tree,
        url=page.url,
        fast=True,
        include_comments=False,
        deduplicate=False,
        with_metadata=False,
    )
    if not isinstance(document, Document) or document.body is None:
        return ()
    return tuple(block for block in _blocks(document.body) if block.text)


def likely_day(page: Page) -> Stamp | None:
    """The day of publication that htmldate, trafilatura's date reader, finds in markup or text up to the capture's."""
    latest = page.capture.captured_at.date().isoformat()
    found = find_date(page.tree, url=page.url, original_date=True, extensive_search=False, max_date=latest)
    return Stamp(found, "day", found) if found else None


def _blocks(body: _Element) -> Iterator[Block]:
    for element in body.iterchildren():
        if element.tag in ("list", "quote") and len(element):
            yield from (Block("quote" if element.tag == "quote" else b.kind, b.text) for b in _blocks(element))
        elif element.tag == "table":
            rows = [
                " | ".join(normalised("".join(c.itertext())) for c in row.iter("cell")) for row in element.iter("row")
            ]
            yield Block("table", "\n".join(row for row in rows if row))
        else:
            yield Block(KINDS.get(str(element.tag), "paragraph"), normalised("".join(map(str, element.itertext()))))
