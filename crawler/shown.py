"""What of a document its readers are shown: which elements hold text for them, how much it is, and what is hidden."""

import re
from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.html import HtmlElement

_SKIPPED = """title meta link base script style template svg math canvas iframe object embed audio video select option
textarea input button noscript map"""
SKIPPED = frozenset(_SKIPPED.split())
NOT_DISPLAYED = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_NO_SCRIPTS = SKIPPED - {"script", "style"}
_TEXTS = etree.XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
_STYLED = etree.XPath("descendant-or-self::*[@hidden or @style]")
MOST_HIDDEN = 0.2  # of a page's text; what hides more has an article that a button unfolds
LONGEST_HIDDEN = 600  # characters, white space not counted: a dialog or a pitch; longer ones can be the article
#: Classes of labels that style sheets hide from all but screen readers: "opens in a new tab", "share", "close".
SPOKEN = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:s|-text|-only)*|a11y-hidden|assistive-text)(?:$|[\s_])",
    re.IGNORECASE,
)
_CLASSED = etree.XPath("//*[contains(@class, '-only') or contains(@class, 'idden') or contains(@class, 'eader')]")
LONGEST_SPOKEN = 120  # characters


def text_length(element: HtmlElement) -> int:
    """Characters of the text below `element`, scripts and the like left out, white space not counted."""
    return _length(element) - sum(map(_length, outermost(element.iterdescendants(*_NO_SCRIPTS))))


def hidden_elements(root: HtmlElement) -> frozenset[HtmlElement]:
    """The elements that browsers do not show, those inside another left out; none where the article may be hidden."""
    return _undisplayed(root) | frozenset(_spoken(root))


def _spoken(root: HtmlElement) -> Iterator[HtmlElement]:
    """Labels that only screen readers are given; a headline may be one, for want of any other."""
    classed = (e for e in _CLASSED(root) if isinstance(e, HtmlElement) and e.tag not in ("h1", "body", "html"))
    for element in outermost(e for e in classed if SPOKEN.search(e.get("class", ""))):
        if sum(map(len, element.itertext())) <= LONGEST_SPOKEN:
            yield element


def _undisplayed(root: HtmlElement) -> frozenset[HtmlElement]:
    hidden = [element for element in _styled(root) if _is_hidden(element)]
    if not hidden:
        return frozenset()
    lengths = {element: text_length(element) for element in outermost(hidden)}
    if sum(lengths.values()) > MOST_HIDDEN * text_length(root):
        return frozenset()
    return frozenset(element for element, length in lengths.items() if length <= LONGEST_HIDDEN)


def unclosed(root: HtmlElement) -> frozenset[HtmlElement]:
    """Buttons that hold the page's main part, for want of an end tag; their text is the page's."""
    main = next(root.iter("main", "article", "h1"), None)
    return frozenset(main.iterancestors("button")) if main is not None else frozenset()


def _styled(root: HtmlElement) -> Iterator[HtmlElement]:
    """The elements whose attributes may say that they are not shown, in document order."""
    return (element for element in _STYLED(root) if isinstance(element, HtmlElement))


def outermost(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """Those of some elements in document order that are not inside another."""
    inner: set[HtmlElement] = set()
    for element in elements:
        if element not in inner:
            yield element
            inner.update(element.iterdescendants())


def _length(element: HtmlElement) -> int:
    """Likewise, but only scripts and styles, which can be most of a page, are left out."""
    return len("".join("".join(map(str, _TEXTS(element))).split()))


def _is_hidden(element: HtmlElement) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style", "").lower()  # pictures can be in it, a hundred thousand characters long
    return ("none" in style or "hidden" in style) and NOT_DISPLAYED.search(style) is not None
