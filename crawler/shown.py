"""What of a document its readers are shown: which elements hold text for them, how much it is, and what is hidden."""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HtmlElement

_SKIPPED = """title meta link base script style template svg math canvas iframe object embed audio video select option
textarea input button noscript map"""
SKIPPED = frozenset(_SKIPPED.split())
NOT_DISPLAYED = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
MOST_HIDDEN = 0.2  # of a page's text; what hides more has an article that a button unfolds
LONGEST_HIDDEN = 600  # characters, white space not counted: a dialog or a pitch; longer ones can be the article


def text_length(element: HtmlElement) -> int:
    """Characters of the text below `element`, scripts and the like left out, white space not counted."""
    walk = etree.iterwalk(element, events=("start", "end"))
    total = 0
    for event, found in walk:
        if event == "start" and (not isinstance(found.tag, str) or found.tag in SKIPPED):
            walk.skip_subtree()
        elif event == "start":
            total += len("".join((found.text or "").split()))
        if event == "end" and found is not element:
            total += len("".join((found.tail or "").split()))
    return total


def hidden_elements(root: HtmlElement) -> frozenset[HtmlElement]:
    """The elements that browsers do not show, those inside another left out; none where the article may be hidden."""
    if not any(map(_is_hidden, root.xpath("descendant-or-self::*[@hidden or @style]"))):
        return frozenset()
    lengths = {element: text_length(element) for element in _outermost(root)}
    if sum(lengths.values()) > MOST_HIDDEN * text_length(root):
        return frozenset()
    return frozenset(element for element, length in lengths.items() if length <= LONGEST_HIDDEN)


def _outermost(root: HtmlElement) -> Iterator[HtmlElement]:
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if isinstance(element.tag, str) and _is_hidden(element):
            walk.skip_subtree()
            yield element


def _is_hidden(element: HtmlElement) -> bool:
    return "hidden" in element.attrib or NOT_DISPLAYED.search(element.get("style", "")) is not None
