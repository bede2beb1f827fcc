"""What of a document its readers are shown: which elements hold text for them, how much it is, and what is hidden."""

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree
from lxml.html import HtmlElement

_SKIPPED = """title meta link base script style template svg math canvas iframe object embed audio video select option
textarea input button noscript map"""
SKIPPED = frozenset(_SKIPPED.split())
NOT_DISPLAYED = re.compile(r"\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b")
_NO_SCRIPTS = SKIPPED - {"script", "style"}
_TEXTS = etree.XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
MOST_HIDDEN = 0.2  # of a page's text; what hides more has an article that a button unfolds
LONGEST_HIDDEN = 600  # characters, white space not counted: a dialog or a pitch; longer ones can be the article
#: Classes of labels that style sheets hide from all but screen readers: "opens in a new tab", "share", "close".
SPOKEN = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:s|-text|-only)*|a11y-hidden|assistive-text)(?:$|[\s_])",
    re.IGNORECASE,
)
LONGEST_SPOKEN = 120  # characters


def text_length(element: HtmlElement) -> int:
    """Characters of the text below `element`, scripts and the like left out, white space not counted."""
    return _length(element) - sum(map(_length, outermost(element.iterdescendants(*_NO_SCRIPTS))))


def hidden_elements(root: HtmlElement) -> frozenset[HtmlElement]:
    """The elements that browsers do not show, those inside another left out; none where the article may be hidden."""
    hidden: list[HtmlElement] = []
    spoken: list[HtmlElement] = []
    for element in root.iter():  # once, with plain look-ups: as XPath it took longer than all other work on lines
        if element.get("hidden") is not None or ((style := element.get("style")) and _hides(style)):
            hidden.append(element)
        if (name := element.get("class")) and ("-only" in name or "idden" in name or "eader" in name):
            spoken.append(element)
    return _undisplayed(root, hidden) | frozenset(_spoken(spoken))


def _spoken(classed: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """Labels that only screen readers are given; a headline may be one, for want of any other."""
    for element in outermost(
        e for e in classed if SPOKEN.search(e.get("class", "")) and e.tag not in ("h1", "body", "html")
    ):
        if sum(map(len, element.itertext())) <= LONGEST_SPOKEN:
            yield element


def _undisplayed(root: HtmlElement, hidden: Sequence[HtmlElement]) -> frozenset[HtmlElement]:
    lengths = {element: text_length(element) for element in outermost(hidden)}
    if not lengths or sum(lengths.values()) > MOST_HIDDEN * text_length(root):
        return frozenset()
    return frozenset(element for element, length in lengths.items() if length <= LONGEST_HIDDEN)


def unclosed(root: HtmlElement) -> frozenset[HtmlElement]:
    """Buttons that hold the page's main part, for want of an end tag; their text is the page's."""
    main = next(root.iter("main", "article", "h1"), None)
    return frozenset(main.iterancestors("button")) if main is not None else frozenset()


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


def _hides(style: str) -> bool:
    """Whether a style says so; one with a picture in it is a hundred thousand characters long."""
    style = style.lower()
    if "none" not in style and "hidden" not in style:
        return False
    return any(NOT_DISPLAYED.match(declaration) for declaration in style.split(";"))
