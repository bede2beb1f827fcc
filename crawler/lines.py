"""A document flattened to lines: every block's text in document order, whatever the markup.

A line ends where a browser would start a new one: at block elements, at `<br>`, and between inline elements that are
piled up as lines of their own. Text straight in a `<td>`, unclosed `<p>` and `<pre>` pages come out alike, so that a
reader can go by what a page says instead of how it is built.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from lxml.html import HtmlElement

from crawler.blocks import BLOCKS, HEADINGS, displayed_as_block, is_link, is_stack, stands_alone, table_rows
from crawler.model import BlockKind
from crawler.shown import SKIPPED, Attributes, hidden_elements, unclosed
from crawler.text import is_label, is_listing, is_sentence, is_statement, normalised, visible

ZONES = frozenset(["nav", "footer", "aside", "figure", "figcaption"])
_WHOLE = frozenset(["table", "pre"])
_BOLD = frozenset(["b", "strong"])
_NO_STACKS = frozenset(["table", "tr", "ul", "ol"])
_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(HEADINGS, "heading"),
    "pre": "preformatted",
    "blockquote": "quote",
    "li": "list_item",
    "table": "paragraph",
    "td": "paragraph",
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
    return tuple(_rejoined(_Flattener().run(elements, attributes)))


#: The block element that text stands in, the kind of its lines, and the zone.
_Home = tuple[HtmlElement, BlockKind, str | None]


class _Flattener:
    """Walks a tree once, collecting the text between two line ends.

    Most of a page is elements without children, so these are dealt with in one step.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pieces: list[str] = []
        self.filled = False  # whether a piece has more than white space
        self.linked = 0
        self.links = 0  # how many <a> are open
        self.bold = 0  # characters inside <b>
        self.bolds = 0
        self.outer: list[_Home] = []
        self.stacks: set[HtmlElement] = set()
        self.hidden: frozenset[HtmlElement] = frozenset()
        self.unclosed: frozenset[HtmlElement] = frozenset()
        self.displayed: frozenset[HtmlElement] = frozenset()
        self.broken = False

    def run(self, elements: Sequence[HtmlElement], attributes: Attributes) -> list[Line]:
        root = elements[0]
        self.home: _Home = (root, "paragraph", None)
        self.hidden, self.unclosed = hidden_elements(root, attributes), unclosed(root)
        self.displayed = displayed_as_block(attributes)
        entered: list[HtmlElement] = []
        passed: set[HtmlElement] = set()  # with children that must be passed over too
        for element in elements:
            parent = element.getparent()
            if passed and parent in passed:
                passed.add(element)
                continue
            while entered and entered[-1] is not parent:
                self._leave(entered.pop())
            if self._enter(element):
                entered.append(element)
                continue
            if len(element):
                passed.add(element)
            if text := element.tail:
                self._text(text)
        for element in reversed(entered[1:]):
            self._leave(element)
        self._end_line()
        return self.lines

    def _enter(self, element: HtmlElement) -> bool:
        """Begin an element; false when all that it holds has been dealt with."""
        tag = element.tag
        if self.hidden and element in self.hidden:
            return False
        if tag in BLOCKS:
            return not (tag in _WHOLE and self._take_whole(element, tag)) and self._enter_block(element, tag)
        if tag == "br":
            self._end_line(broken=True)
            return False
        if (tag in SKIPPED and element not in self.unclosed) or not isinstance(tag, str):
            return False
        if element in self.displayed or ("-" in tag and stands_alone(element)):
            return self._enter_block(element, tag)
        return self._enter_inline(element, tag)

    def _enter_block(self, element: HtmlElement, tag: str) -> bool:
        if self.filled or self.pieces or self.broken:
            self._end_line()
        outer = self.home
        self.home = (element, _KINDS.get(tag) or outer[1], tag if tag in ZONES else outer[2])
        text, count = element.text, len(element)
        if count > 1 and tag not in _NO_STACKS and element[0].tag not in BLOCKS and is_stack(element):
            self.stacks.add(element)
        if text:
            self._text(text)
        if count:
            self.outer.append(outer)
        else:
            if text:
                self._end_line()
            self.home = outer
        return count > 0

    def _enter_inline(self, element: HtmlElement, tag: str) -> bool:
        text, count = element.text, len(element)
        if not count and not text and not self.filled:  # a picture, or what scripts fill
            return False
        if self.stacks and element.getparent() in self.stacks:
            self._end_line()
        if tag == "a":
            self.links += is_link(element)
        elif tag in _BOLD:
            self.bolds += 1
        self.pieces.append("")
        if text:
            self._text(text)
        if count > 1 and is_stack(element):
            self.stacks.add(element)
        elif not count:
            self._leave_inline(element)
        return count > 0

    def _leave(self, element: HtmlElement) -> None:
        if self.home[0] is element:
            if self.filled or self.pieces or self.broken:
                self._end_line()
            self.home = self.outer.pop()
        else:
            self._leave_inline(element)
        if text := element.tail:
            self._text(text)

    def _leave_inline(self, element: HtmlElement) -> None:
        if element.tag == "a":
            self.links -= bool(self.links) and is_link(element)
        elif self.bolds and element.tag in _BOLD:
            self.bolds -= 1
        if self.pieces:
            self.pieces.append("")

    def _take_whole(self, element: HtmlElement, tag: str) -> bool:
        """Whether a table of data or a listing was made one line."""
        if tag == "table" and (rows := table_rows(element)):
            self._end_line()
            self._add_whole(element, "\n".join(rows), "table")
            return True
        if tag == "pre" and is_listing(text := element.text_content()):
            self._end_line()
            self._add_whole(element, visible(text).strip("\n").rstrip(), "preformatted")
            return True
        return False

    def _text(self, text: str) -> None:
        if self.home[1] == "preformatted":
            first, *others = text.split("\n")
            self._piece(first)
            for line in others:
                self._end_line(broken=True)
                self._piece(line)
        elif self.filled or not text.isspace():
            self._piece(text)

    def _piece(self, text: str) -> None:
        if self.pieces and not self.pieces[-1]:
            self.pieces[-1] = text
        else:
            self.pieces.append(text)
        self.filled = True
        if self.links:
            self.linked += len(text.strip())
        if self.bolds:
            self.bold += len("".join(text.split()))

    def _end_line(self, *, broken: bool = False) -> None:
        if not self.filled:
            self.broken = False
            if self.pieces:
                self.pieces = []
            return
        text = normalised("".join(self.pieces))
        if text:
            pieces = tuple([piece for piece in self.pieces if piece])
            share = min(1.0, self.linked / len(text)) if self.linked else 0.0
            element, kind, zone = self.home
            if kind != "list_item" or self.bold:
                kind = self._kind_of(text)
            self.lines.append(_line((text, kind, element, share, zone, pieces, self.broken, False)))
        self.broken = broken and bool(text)
        self.pieces = []
        self.filled = False
        self.linked = self.bold = 0

    def _kind_of(self, text: str) -> BlockKind:
        """What a line is by its element, unless its form says otherwise."""
        kind = self.home[1]
        if kind == "preformatted":
            kind = "paragraph"
        if kind == "paragraph" and self.bold and self.bold >= len("".join(text.split())) and is_label(text):
            return "heading"
        return "paragraph" if kind == "heading" and is_statement(text) else kind

    def _add_whole(self, element: HtmlElement, text: str, kind: BlockKind) -> None:
        if text.strip():
            self.lines.append(Line(text, kind, element, 0.0, self.home[2], (text,)))


def _rejoined(lines: list[Line]) -> Iterator[Line]:
    """Lines that a `<br>` cut in the middle of a sentence, made one again."""
    held: Line | None = None
    for line in lines:
        if held is not None and _continues(held, line):
            held = held.holding((*held.pieces, " ", *line.pieces))
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _continues(before: Line, line: Line) -> bool:
    return (
        line.broken
        and before.element is line.element
        and len(before.text) >= WRAPPED
        and not is_sentence(before.text)
        and line.text[0].islower()
        and not line.text.startswith("by ")
    )
