"""What of a document its readers are shown: which elements hold text for them, how much it is, and what is hidden."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache

from lxml import etree
from lxml.html import HtmlElement

_SKIPPED = """title meta link base script style template svg math canvas iframe object embed audio video select option
textarea input button noscript map"""
SKIPPED = frozenset(_SKIPPED.split())
NOT_DISPLAYED = re.compile(r"\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b")
_SCRIPTS = frozenset(["script", "style"])
_NO_SCRIPTS = SKIPPED - _SCRIPTS
_TEXTS = etree.XPath("descendant::text()[not(parent::script or parent::style)]", smart_strings=False)
MOST_HIDDEN = 0.2  # of a page's text; what hides more has an article that a button unfolds
LONGEST_HIDDEN = 600  # characters, white space not counted: a dialog or a pitch; longer ones can be the article
#: Classes of labels that style sheets hide from all but screen readers: "opens in a new tab", "share", "close".
SPOKEN = re.compile(
    r"(?:^|[\s_-])(?:sr-?only|visually-?hidden|screen-?reader(?:s|-text|-only)*|a11y-hidden|assistive-text)(?:$|[\s_])",
    re.IGNORECASE,
)
LONGEST_SPOKEN = 120  # characters

#: Attributes of many elements, of which libxml2 gives no list faster than the elements themselves do.
_FREQUENT = frozenset(["class", "href", "id"])
_PLAIN = re.compile(r"[a-z][a-z0-9-]*")

#: Of each attribute by name, the elements that have it, in document order, and what it says there.
Attributes = Mapping[str, Sequence[tuple[HtmlElement, str]]]


class Listed(Mapping[str, Sequence[tuple[HtmlElement, str]]]):
    """The attributes of all elements of a document, each listed when it is first asked for."""

    def __init__(self, elements: Sequence[HtmlElement]) -> None:
        self._elements = elements
        self._found: dict[str, Sequence[tuple[HtmlElement, str]]] = {}

    def __getitem__(self, name: str) -> Sequence[tuple[HtmlElement, str]]:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._list(name)
        if not found:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for element in self._elements for name in element.attrib))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _list(self, name: str) -> Sequence[tuple[HtmlElement, str]]:
        if name in _FREQUENT or not _PLAIN.fullmatch(name):
            return [(element, value) for element in self._elements if (value := element.get(name)) is not None]
        return [(value.getparent(), str(value)) for value in _attributes_called(name)(self._elements[0])]


@cache
def _attributes_called(name: str) -> etree.XPath:
    return etree.XPath(f"//*/@{name}")  # a sixth faster than without the star: texts have no attributes


def text_length(element: HtmlElement) -> int:
    """Characters of the text below `element`, scripts and the like left out, white space not counted."""
    skipped = outermost(element.iterdescendants(*_NO_SCRIPTS)) if len(element) else ()
    return _length(element) - sum(map(_length, skipped))


def has_text(element: HtmlElement, least: int) -> bool:
    """Whether `text_length` of the element is `least` or more; no more text is looked at than that takes."""
    return _reaches(element, lambda length: length >= least)


def hidden_elements(root: HtmlElement, attributes: Attributes) -> frozenset[HtmlElement]:
    """The elements that browsers do not show, those inside another left out; none where the article may be hidden."""
    hidden = [element for element, _ in attributes.get("hidden", ())]
    if styled := [element for element, style in attributes.get("style", ()) if _hides(style)]:
        both = {*hidden, *styled}
        hidden = [element for element in root.iter() if element in both] if hidden else styled
    classed = attributes.get("class", ())
    names = {name for _, name in classed}  # a third of all
    spoken = {n for n in names if ("-only" in n or "idden" in n or "eader" in n) and SPOKEN.search(n)}
    labels = _spoken(element for element, name in classed if name in spoken) if spoken else ()
    return _undisplayed(root, hidden).union(labels)


def _spoken(classed: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """Labels that only screen readers are given; a headline may be one, for want of any other."""
    for element in outermost(e for e in classed if e.tag not in ("h1", "body", "html")):
        if sum(map(len, element.itertext())) <= LONGEST_SPOKEN:
            yield element


def _undisplayed(root: HtmlElement, hidden: Sequence[HtmlElement]) -> frozenset[HtmlElement]:
    """Those of some elements in document order that cannot be the article."""
    if not hidden:
        return frozenset()
    lengths = {element: text_length(element) for element in outermost(hidden)}
    total = sum(lengths.values())
    if total and not _reaches(root, lambda length: total <= MOST_HIDDEN * length):
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


def _reaches(root: HtmlElement, enough: Callable[[int], bool]) -> bool:
    """Whether the text below `root`, counted as `text_length` does, is enough, however little of it is looked at."""
    length, inner = 0, set[HtmlElement]()
    for element in root.iter():
        if inner and element in inner:
            continue
        if (tag := element.tag) not in SKIPPED:
            text = element.text or ""
        else:
            text = ""
            if len(element) and tag not in _SCRIPTS:
                inner.update(element.iterdescendants())
        if element is not root:
            text += element.tail or ""
        if text and not text.isspace():
            length += len("".join(text.split()))
            if enough(length):
                return True
    return enough(length)


def _length(element: HtmlElement) -> int:
    """Likewise, but only scripts and styles, which can be most of a page, are left out."""
    return len("".join("".join(map(str, _TEXTS(element))).split()))


def _hides(style: str) -> bool:
    """Whether a style says so; one with a picture in it is a hundred thousand characters long."""
    style = style.lower()
    if "none" not in style and "hidden" not in style:
        return False
    return any(NOT_DISPLAYED.match(declaration) for declaration in style.split(";"))
