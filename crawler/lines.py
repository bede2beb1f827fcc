"""A document flattened to lines: every block's text in document order, whatever the markup.

A line ends where a browser would start a new one: at block elements, at `<br>`, and between inline elements that are
piled up as lines of their own. Text straight in a `<td>`, unclosed `<p>` and `<pre>` pages come out alike, so that a
reader can go by what a page says instead of how it is built.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from lxml import etree
from lxml.html import HtmlElement

from crawler.blocks import (
    BLOCKS,
    HEADINGS,
    Text,
    begun_between,
    displayed_as_block,
    is_link,
    is_stack,
    stands_alone,
    table_rows,
)
from crawler.model import BlockKind
from crawler.shown import SKIPPED, Attributes, hidden_elements, unclosed
from crawler.text import is_label, is_listing, is_sentence, is_statement, normalised, visible

ZONES = frozenset(["nav", "footer", "aside", "figure", "figcaption"])
_WHOLE = frozenset(["table", "pre"])
_BOLD = frozenset(["b", "strong"])
_INLINE = frozenset(["em", "font", "i", "label", "small", "span", "time", "u"])  # nothing but their style matters
_FLOWING = _INLINE | _BOLD | {"a"}
_NO_STACKS = frozenset(["table", "tr", "ul", "ol"])
_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(HEADINGS, "heading"),
    "pre": "preformatted",
    "blockquote": "quote",
    "li": "list_item",
    "table": "paragraph",
    "td": "paragraph",
}
_TEXTS = etree.XPath("//text()")
#: Of each block element by name the kind of its lines and their zone, where it says so.
_PLACES: dict[object, tuple[BlockKind | None, str | None]] = {
    tag: (_KINDS.get(tag), tag if tag in ZONES else None) for tag in BLOCKS
}
WRAPPED = 60  # a line cut by hand is at least this long


class Line(NamedTuple):  # made three times as fast as a frozen dataclass
    """A run of text that a reader sees on lines of its own."""

    text: str
    kind: BlockKind
    #: The block element that holds the text directly.
    element: HtmlElement
    #: Share of the characters that are inside links.
    linked: float
    #: The nearest of nav, footer, aside, figure, figcaption around it.
    zone: str | None
    #: The text as inline elements cut it, white space as in the source.
    pieces: tuple[str, ...]
    #: Whether a single `<br>` (or newline in `<pre>`) alone parts it from the line before.
    broken: bool = False
    #: Whether a layout's selector says that it is the article's standfirst.
    standfirst: bool = False

    def split(self, at: int) -> tuple["Line", "Line"]:
        """The lines made of the pieces before and from number `at`."""
        first, second = self.pieces[:at], self.pieces[at:]
        return self.holding(first), self.holding(second)

    def holding(self, pieces: tuple[str, ...]) -> "Line":
        """A line like this one with only these pieces."""
        return self._replace(pieces=pieces, text=normalised("".join(pieces)))


_line = partial(tuple.__new__, Line)  # a page has hundreds: half the time of the class's own


def flatten(elements: Sequence[HtmlElement], attributes: Attributes) -> tuple[Line, ...]:
    """Every line of a tree, given all its elements in document order, the root first, and their attributes."""
    return tuple(_rejoined(_Flattener(elements[0], attributes).run(_TEXTS(elements[0]))))


#: What text straight in an element belongs to: the block element that it stands in, the kind and the zone of its lines,
#: whether it is in a link, and whether it is bold. A page has hundreds, and a plain tuple is made in no time.
_Around: TypeAlias = tuple[HtmlElement, BlockKind, str | None, bool, bool]


class _Flattener:
    """Goes from text to text; of the elements only those with text in them, and between texts of a block, are seen."""

    def __init__(self, root: HtmlElement, attributes: Attributes) -> None:
        self.lines: list[Line] = []
        self.pieces: list[str] = []
        self.filled = False
        self.linked = 0
        self.bold = 0  # characters inside <b>
        self.broken = False
        #: White space since the last piece, which is part of the line if that goes on.
        self.blanks: list[Text] = []
        #: What the last piece is of, and what it belongs to.
        self.last: Text
        self.at: _Around = (root, "paragraph", None, False, False)
        #: What was found out of elements; of one that is not shown, or that is a line as a whole, `None`.
        self.known: dict[HtmlElement | None, _Around | None] = {None: self.at}
        self.hidden, self.unclosed = hidden_elements(root, attributes), unclosed(root)
        self.displayed = displayed_as_block(attributes)
        self.styled = self.hidden | self.displayed
        self.stacks: dict[HtmlElement, bool] = {}

    def run(self, texts: Sequence[Text]) -> list[Line]:
        kept = next(self.at[0].iter("pre"), None) is not None
        for text in texts:
            if text.isspace():
                if not kept or (around := self._around(text)) is None or around[1] != "preformatted":
                    self.blanks.append(text)
                    continue
            elif (around := self._around(text)) is None:
                continue
            if self.filled:
                if around[0] is self.at[0]:
                    self._go_on(text)
                else:
                    self._end_line()
            self.blanks.clear()
            self.last, self.at = text, around
            if around[1] == "preformatted":
                self._add_kept(text)
            else:
                self._piece(text)
        self._end_line()
        return self.lines

    def _around(self, text: Text) -> _Around | None:
        element = text.getparent()
        if text.is_tail and element is not None:
            element = element.getparent()
        known = self.known
        if element in known:
            return known[element]
        path: list[HtmlElement] = []
        while element is not None and element not in known:
            path.append(element)
            element = element.getparent()
        around = known[element]
        while path and around is not None:
            inner = path.pop()
            around = known[inner] = self._inside(inner, around)
        known.update(dict.fromkeys(path))  # what is inside an element that is not shown
        return around

    def _inside(self, element: HtmlElement, outer: _Around) -> _Around | None:
        tag = element.tag
        if (place := _PLACES.get(tag)) is None:
            return self._unplaced(element, tag, outer)
        if element in self.hidden or (tag in _WHOLE and self._take_whole(element, tag, outer)):
            return None
        kind, zone = place
        _, outer_kind, outer_zone, linked, bold = outer
        return element, kind or outer_kind, zone or outer_zone, linked, bold

    def _unplaced(self, element: HtmlElement, tag: object, outer: _Around) -> _Around | None:
        flows = tag in _FLOWING and element not in self.styled
        if not flows and not self._is_shown(element):
            return None
        home, kind, zone, linked, bold = outer
        if not flows and self._is_block(element, tag):
            return element, kind, zone, linked, bold
        if tag == "a":
            return outer if linked or not is_link(element) else (home, kind, zone, True, bold)
        return outer if bold or tag not in _BOLD else (home, kind, zone, linked, True)

    def _is_shown(self, element: HtmlElement) -> bool:
        """Whether the element's own text is in the page's lines."""
        tag = element.tag
        if element in self.hidden or tag == "br" or not isinstance(tag, str):
            return False
        return tag not in SKIPPED or element in self.unclosed

    def _is_block(self, element: HtmlElement, tag: object) -> bool:
        return tag in BLOCKS or element in self.displayed or ("-" in str(tag) and stands_alone(element))

    def _go_on(self, text: Text) -> None:
        """End the line if a text of the same block begins another one, else add the white space before it."""
        if ends := self._ends_between(self.last, text):
            self._end_line(broken=ends == 1)
        else:
            self.pieces += [blank for blank in self.blanks if self._around(blank) is not None]

    def _ends_between(self, before: Text, text: Text) -> int:
        """How many line ends are between two texts in one block: 1 for a `<br>` alone, 2 for any other or more."""
        ends = 0
        for element in begun_between(before, text, self._is_shown):
            tag = element.tag
            if not self._is_shown(element):
                ends += tag == "br" and element not in self.hidden
            elif self._is_block(element, tag) or self._is_stacked(element):
                return 2
        return min(ends, 2)

    def _is_stacked(self, element: HtmlElement) -> bool:
        """Whether it is one of inline elements that are lines of their own."""
        parent = element.getparent()
        if parent is None:
            return False
        if parent not in self.stacks:
            self.stacks[parent] = len(parent) > 1 and parent.tag not in _NO_STACKS and is_stack(parent)
        return self.stacks[parent]

    def _take_whole(self, element: HtmlElement, tag: object, outer: _Around) -> bool:
        """Whether a table of data or a listing was made one line."""
        text: str
        if tag == "table" and (rows := table_rows(element)):
            self._end_line()
            self._add_whole(element, "\n".join(rows), "table", outer[2])
            return True
        if tag == "pre" and is_listing(text := element.text_content()):
            self._end_line()
            self._add_whole(element, visible(text).strip("\n").rstrip(), "preformatted", outer[2])
            return True
        return False

    def _add_whole(self, element: HtmlElement, text: str, kind: BlockKind, zone: str | None) -> None:
        if text.strip():
            self.lines.append(Line(text, kind, element, 0.0, zone, (text,)))

    def _add_kept(self, text: str) -> None:
        """Add text whose line ends count."""
        first, *others = text.split("\n")
        self._piece(first)
        for line in others:
            self._end_line(broken=True)
            self._piece(line)

    def _piece(self, text: str) -> None:
        self.pieces.append(text)
        self.filled = True
        *_, linked, bold = self.at
        if linked:
            self.linked += len(text.strip())
        if bold:
            self.bold += len("".join(text.split()))

    def _end_line(self, *, broken: bool = False) -> None:
        if not self.filled:
            self.broken = False
            return
        raw = "".join(self.pieces)
        if text := normalised(raw):
            pieces = (raw,) if len(self.pieces) == 1 else tuple([str(piece) for piece in self.pieces if piece])
            share = min(1.0, self.linked / len(text)) if self.linked else 0.0
            element, kind, zone, _, _ = self.at
            if kind != "list_item":
                kind = self._kind_of(text, kind)
            self.lines.append(_line((text, kind, element, share, zone, pieces, self.broken, False)))
        self.broken = broken and bool(text)
        self.pieces = []
        self.filled = False
        self.linked = self.bold = 0

    def _kind_of(self, text: str, kind: BlockKind) -> BlockKind:
        """What a line is by its element's kind, unless its form says otherwise."""
        if kind == "preformatted":
            kind = "paragraph"
        if kind == "paragraph" and self.bold and self.bold >= len("".join(text.split())) and is_label(text):
            return "heading"
        return "paragraph" if kind == "heading" and is_statement(text) else kind


def _rejoined(lines: list[Line]) -> Iterator[Line]:
    """Lines that a `<br>` cut in the middle of a sentence, made one again."""
    held: Line | None = None
    for line in lines:
        if line.broken and held is not None and _continues(held, line):
            held = held.holding((*held.pieces, " ", *line.pieces))
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _continues(before: Line, line: Line) -> bool:
    return (
        before.element is line.element
        and len(before.text) >= WRAPPED
        and not is_sentence(before.text)
        and line.text[0].islower()
        and not line.text.startswith("by ")
    )
