"""A document flattened to lines: every block's text in document order, whatever the markup.

A line ends where a browser would start a new one: at block elements, at `<br>`, and between inline elements that are
piled up as lines of their own. Text straight in a `<td>`, unclosed `<p>` and `<pre>` pages come out alike, so that a
reader can go by what a page says instead of how it is built.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from crawler.model import BlockKind
from crawler.shown import SKIPPED, hidden_elements
from crawler.text import LONG, is_label, is_listing, is_sentence, is_statement, normalised, visible

_BLOCKS = """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav noframes ol optgroup
p pre section summary table tbody td tfoot th thead tr ul"""
BLOCKS = frozenset(_BLOCKS.split())
ZONES = frozenset(["nav", "footer", "aside", "figure", "figcaption"])
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
PROSE_PARENTS = frozenset(["p", "li", "a", "dd", "dt", *HEADINGS])
WRAPPED = 60  # a line cut by hand is at least this long


@dataclass(frozen=True, slots=True)
class Line:
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
        return replace(self, pieces=pieces, text=normalised("".join(pieces)))


def flatten(root: HtmlElement) -> tuple[Line, ...]:
    """Every line of the tree below `root`, in document order."""
    return tuple(_rejoined(_Flattener().run(root)))


class _Flattener:
    """Walks a tree once, collecting the text between two line ends."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pieces: list[str] = []
        self.linked = 0
        self.links = 0  # how many <a> are open
        self.bold = 0  # characters inside <b>
        self.bolds = 0
        self.blocks: list[HtmlElement] = []
        self.zones: list[str] = []
        self.kinds: list[BlockKind] = ["paragraph"]
        self.stacks: set[HtmlElement] = set()
        self.hidden: frozenset[HtmlElement] = frozenset()
        self.broken = False

    def run(self, root: HtmlElement) -> list[Line]:
        self.blocks.append(root)
        self.hidden = hidden_elements(root)
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "start" and self._open(element):
                walk.skip_subtree()
            elif event == "end":
                self._close(element, is_root=element is root)
        self._end_line()
        return self.lines

    def _open(self, element: HtmlElement) -> bool:
        """Begin an element; true when what it holds has been dealt with."""
        tag = element.tag
        if not isinstance(tag, str) or tag in SKIPPED or element in self.hidden:
            return True
        if tag == "br":
            self._end_line(broken=True)
        elif tag == "table" and (rows := table_rows(element)):
            self._end_line()
            self._add_whole(element, "\n".join(rows), "table")
            return True
        elif tag == "pre" and is_listing(text := element.text_content()):
            self._end_line()
            self._add_whole(element, visible(text).strip("\n").rstrip(), "preformatted")
            return True
        elif _is_block(element, tag):
            self._end_line()
            self._enter_block(element, tag)
        else:
            if element.getparent() in self.stacks:
                self._end_line()
            self.links += _is_link(element)
            self.bolds += tag in ("b", "strong")
            self.pieces.append("")
        if tag not in ("br", "table", "tr", "ul", "ol") and len(element) > 1 and _is_stack(element):
            self.stacks.add(element)
        self._text(element.text)
        return False

    def _close(self, element: HtmlElement, *, is_root: bool) -> None:
        tag = element.tag
        if isinstance(tag, str) and tag not in SKIPPED and tag != "br" and element not in self.hidden:
            if self.blocks[-1] is element and not is_root:
                self._end_line()
                self._leave_block(tag)
            elif _is_link(element) and self.links:
                self.links -= 1
            elif tag in ("b", "strong") and self.bolds:
                self.bolds -= 1
            if self.pieces:
                self.pieces.append("")
        if not is_root:
            self._text(element.tail)

    def _enter_block(self, element: HtmlElement, tag: str) -> None:
        self.blocks.append(element)
        self.kinds.append(_kind(tag, self.kinds[-1]))
        if tag in ZONES:
            self.zones.append(tag)

    def _leave_block(self, tag: str) -> None:
        self.blocks.pop()
        self.kinds.pop()
        if tag in ZONES:
            self.zones.pop()

    def _text(self, text: str | None) -> None:
        if not text:
            return
        if self.kinds[-1] == "preformatted":
            first, *others = text.split("\n")
            self._piece(first)
            for line in others:
                self._end_line(broken=True)
                self._piece(line)
        else:
            self._piece(text)

    def _piece(self, text: str) -> None:
        if self.pieces and not self.pieces[-1]:
            self.pieces[-1] = text
        else:
            self.pieces.append(text)
        if self.links:
            self.linked += len(text.strip())
        if self.bolds:
            self.bold += len("".join(text.split()))

    def _end_line(self, *, broken: bool = False) -> None:
        text = normalised("".join(self.pieces))
        if text:
            pieces = tuple(piece for piece in self.pieces if piece)
            kind = "paragraph" if self.kinds[-1] == "preformatted" else self.kinds[-1]
            if kind == "paragraph" and self.bold >= len("".join(text.split())) and is_label(text):
                kind = "heading"
            elif kind == "heading" and is_statement(text):
                kind = "paragraph"
            share = min(1.0, self.linked / len(text))
            zone = self.zones[-1] if self.zones else None
            self.lines.append(Line(text, kind, self.blocks[-1], share, zone, pieces, self.broken))
        self.broken = broken and bool(text)
        self.pieces = []
        self.linked = self.bold = 0

    def _add_whole(self, element: HtmlElement, text: str, kind: BlockKind) -> None:
        if text.strip():
            zone = self.zones[-1] if self.zones else None
            self.lines.append(Line(text, kind, element, 0.0, zone, (text,)))


def _is_link(element: HtmlElement) -> bool:
    """Whether it leads elsewhere; the place that a link leads to does not, and unclosed it may hold a whole article."""
    return element.tag == "a" and ("href" in element.attrib or not {"name", "id"} & set(element.attrib))


def _is_block(element: HtmlElement, tag: str) -> bool:
    if tag in BLOCKS or "display:block" in element.get("style", "").replace(" ", "").lower():
        return True
    return "-" in tag and _stands_alone(element)


def _stands_alone(element: HtmlElement) -> bool:
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


def _kind(tag: str, outer: BlockKind) -> BlockKind:
    if tag in HEADINGS:
        return "heading"
    if tag == "pre":
        return "preformatted"
    if tag == "blockquote":
        return "quote"
    if tag == "li":
        return "list_item"
    return "paragraph" if tag in ("table", "td") else outer


def _is_stack(element: HtmlElement) -> bool:
    """Whether inline children are lines of their own: nothing but white space between them, each begun as a line is."""
    if element.tag in PROSE_PARENTS or (element.text or "").strip():
        return False
    texts = []
    for child in islice(element, 400):
        if not isinstance(child.tag, str) or child.tag in BLOCKS or child.tag == "br" or (child.tail or "").strip():
            return False
        texts.append(normalised("".join(islice(child.itertext(), 40))))
    return _are_lines([text for text in texts if text])


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
