"""Which lines of a page are the article: each line judged once, kept or dropped for one named reason.

The reader goes by the layout's words. Where a body element is known its lines are the candidates; else all lines are,
from the anchor that has most prose after it to the first end marker, less what trails behind the last sentence.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from lxml.html import HtmlElement

from crawler.extract.span import (
    anchored,
    end_of,
    find,
    finder,
    has_anchor,
    inside,
    noise_finder,
    span_of,
    unglued,
    whole,
)
from crawler.lines import Line
from crawler.model import Block
from crawler.page import Page
from crawler.site import Layout
from crawler.text import LONG, is_sentence

KEPT = "kept"
ONLY_LINK = "only a link"
OUTSIDE = "outside the article"
_LOWER = bytes(range(256)).lower()
_NO_LETTER = re.compile(r"[\W_]+")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
MOST_LINKED = 0.9  # of a line's characters: it is a link to something else
SHORT = 40  # characters: such lines recur in honest text


class Verdict(NamedTuple):
    """A line of the page and what became of it: `kept`, or why it was dropped."""

    line: Line
    reason: str

    @property
    def kept(self) -> bool:
        """Whether the line is part of the article."""
        return self.reason == KEPT


verdict_of = partial(tuple.__new__, Verdict)  # a page has hundreds: half the time of the class's own


@dataclass(frozen=True, slots=True)
class Reading:
    """All lines of a page, judged."""

    verdicts: tuple[Verdict, ...]
    #: Where the article's first candidate line is.
    start: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The article's blocks in order."""
        return tuple(Block(line.kind, line.text) for line, reason in self.verdicts if reason == KEPT)

    @property
    def lines(self) -> list[Line]:
        """Every line of the page, kept or not."""
        return [line for line, _ in self.verdicts]

    def dropped(self, reason: str) -> list[Line]:
        """The lines dropped for this reason, in order."""
        return [line for line, found in self.verdicts if found == reason]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a page the article is looked for."""

    lines: Sequence[Line]
    #: Numbers of the lines that may be the article's.
    candidates: AbstractSet[int]
    start: int


def locate(page: Page, layout: Layout) -> Place:
    """The lines of the page, and which of them can be the article."""
    lines, body = unglued(page.lines, layout), layout.body_element
    inner = frozenset() if body is None else inside([body])
    if body is None or not _trusted(inner, lines, layout):
        start, end = span_of(lines, layout)
        return Place(lines, set(range(start, end)), start)
    if layout.standfirst_css:
        lines = _with_standfirst(lines, page, layout, inner)
    within = [i for i, line in enumerate(lines) if line.element in inner or line.standfirst]
    first, last = (within[0], within[-1] + 1) if within else (0, 0)
    start = anchored(lines, layout, first) if layout.by_text else first
    end = end_of(lines, layout, start, last, known_body=True)
    return Place(lines, {i for i in within if start <= i < end}, start)


def _trusted(inner: AbstractSet[HtmlElement], lines: Sequence[Line], layout: Layout) -> bool:
    """Whether the body's elements hold the article: where there should be an anchor, it has to be in them."""
    return not layout.by_text or not layout.anchors or has_anchor(lines, layout, inner)


def judge(page: Page, layout: Layout, place: Place, headline: str | None) -> Reading:
    """Judge every line of the page by the layout; `headline` is dropped where the text repeats it."""
    return Reading(tuple(_Judge(page, layout, headline).all(place)), place.start)


def _with_standfirst(lines: list[Line], page: Page, layout: Layout, inner: AbstractSet[HtmlElement]) -> list[Line]:
    """The lines with the standfirst's, wherever they are printed, right before the body's."""
    heads = inside(page.elements(layout.standfirst_css))
    if not heads:
        return lines
    first = next((i for i, line in enumerate(lines) if line.element in inner), 0)
    found = [line._replace(standfirst=True, kind="paragraph") for line in lines if line.element in heads]
    before, after = lines[:first], lines[first:]
    return [x for x in before if x.element not in heads] + found + [x for x in after if x.element not in heads]


class _Judge:
    """Judges the candidate lines in order."""

    def __init__(self, page: Page, layout: Layout, headline: str | None) -> None:
        self.layout = layout
        self.headline = fold(headline or "")
        self.in_body = layout.body_element is not None
        self.dropped = inside(page.elements(layout.drop))
        self.is_noise = noise_finder(tuple(layout.drop_text))
        self.signs_off = finder(tuple(layout.sign_off))
        self.is_caption = finder((layout.caption,) if layout.caption else ())
        self.is_origin = finder((layout.origin,) if layout.origin else ())
        self.marks = [whole(mark) for mark in (layout.byline, layout.timestamp) if mark]
        self.seen: set[str] = set()
        self.again = False
        self.begun = False
        self.after_link = False

    def all(self, place: Place) -> list[Verdict]:
        """The verdicts on all lines, in order."""
        lines, start = place.lines, place.start
        home = lines[start].zone if start < len(lines) and not self.in_body else None
        verdicts, worded = [], self.layout.caption or self.layout.sign_off
        for i, line in enumerate(lines):
            if i in place.candidates:
                reason = self.reason(line, home)
            else:
                reason = self.outside(line, below=i > start) if worded else OUTSIDE
            kept = self._as_cross_head(line) if reason == KEPT else line
            verdicts.append(verdict_of((kept, reason)))
        return _without_hanging_heads(verdicts)

    def outside(self, line: Line, *, below: bool) -> str:
        """Why a line that is no candidate was not one; captions and sign-offs count wherever they are."""
        if self.is_caption(line.text):
            return "caption"
        if below and not line.linked and self.signs_off(line.text):
            return "sign-off"
        return OUTSIDE

    def reason(self, line: Line, home: str | None) -> str:
        reason = self._structural(line, home) or self._worded(line) or self._repeated(line)
        self.after_link = reason == ONLY_LINK
        self.begun = self.begun or reason is None
        return reason or KEPT

    def _structural(self, line: Line, home: str | None) -> str | None:
        if line.element in self.dropped:
            return "in a dropped element"
        if line.zone is not None and line.zone != home:
            return "caption" if line.zone in ("figure", "figcaption") else f"in {line.zone}"
        return None

    def _worded(self, line: Line) -> str | None:
        if self.is_origin(line.text):
            return "link to the original"
        if self.is_noise(line.text):
            return "boilerplate wording"
        if self.signs_off(line.text):
            return "sign-off"
        if self.is_caption(line.text):
            return "caption"
        return "header line" if not self.begun and self._is_header(line) else self._linked(line)

    def _linked(self, line: Line) -> str | None:
        lists = self.in_body and line.kind not in ("paragraph", "heading")  # of sources; elsewhere they are menus
        if not lists and line.linked >= MOST_LINKED and (self.after_link or not is_sentence(line.text)):
            return ONLY_LINK
        return None

    def _is_header(self, line: Line) -> bool:
        return len(line.text) < 2 * LONG and any(mark(line.text) for mark in self.marks)

    def _repeated(self, line: Line) -> str | None:
        text = fold(line.text)
        if text == self.headline:
            return "the headline again"
        if text in self.seen and (self.again or len(line.text) >= SHORT):
            self.again = True
            return "printed before"
        self.seen.add(text)
        return None

    def _as_cross_head(self, line: Line) -> Line:
        if line.kind != "heading" and self.layout.cross_head and find(self.layout.cross_head, line.text):
            return line._replace(kind="heading")
        return line


def _without_hanging_heads(verdicts: list[Verdict]) -> list[Verdict]:
    """The verdicts, headings at the end dropped: what they head is not the article."""
    for i in range(len(verdicts) - 1, -1, -1):
        verdict = verdicts[i]
        if verdict.reason == KEPT:
            if verdict.line.kind != "heading":
                break
            verdicts[i] = Verdict(verdict.line, "heading of nothing")
    return verdicts


def fold(text: str) -> str:
    """A text as it is compared: letters and digits only, in lower case."""
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_LETTERS).decode()
    letters = text.casefold().encode("utf-8", "surrogatepass").translate(None, _NO_LETTERS)
    folded = letters.decode("utf-8", "surrogatepass")
    return folded if folded.isalnum() else _NO_LETTER.sub("", folded)
