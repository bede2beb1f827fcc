"""What is measured of each line of a page before it is judged: numbers in a fixed order, for the scorer.

Nothing in them knows a site: length, links, punctuation, words, place, repeats, what the page declares of itself, the
elements around, and the same of the lines before and after.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

from crawler.extract.declared import Declared
from crawler.extract.placing import Placing
from crawler.extract.reading import fold
from crawler.extract.surroundings import Scene, Surroundings
from crawler.extract.wording import cues_of
from crawler.lines import Line
from crawler.page import Page

_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
WIDTH = 1.5  # a character of a script without blanks says as much as this many more
_END = re.compile(r"[.!?…。！？؟।][\"'”’»›」』)\]]*$|[”»」』]$")  # noqa: RUF001 - the full-width ends of sentences
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")
_DIGITS = re.compile(r"\d")
_COMMAS = re.compile(r"[,،、，;]")  # noqa: RUF001 - the commas of all scripts
_QUOTES = re.compile(r"[\"“”„«»「]")
_STOPS = re.compile(r"[.!?。！？](?:\s|$)")  # noqa: RUF001 - the full-width ends of sentences
_DAY = re.compile(r"\b\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2})\b|\b(?:19|20)\d\d\b|\d年")
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d\d\b|\d時")
SAMPLE = 300  # characters: what a line begins with tells its kind
MOST_LINKED = 0.9
_TAILS = '.!?…:;,。"”'
_KINDS = ("paragraph", "heading", "list_item", "quote", "preformatted", "table")
_ZONES = (None, "nav", "footer", "aside", "figure", "figcaption")
_TAG_LIST = """p div li h1 h2 h3 h4 h5 h6 td figcaption blockquote span section article dd dt pre table th header footer
aside figure ul ol main form center body summary details"""
_TAGS = {tag: number for number, tag in enumerate(_TAG_LIST.split(), 1)}
_PAD = (-1.0,) * 8


@dataclass(frozen=True, slots=True)
class Measured:
    """A page's lines with what was measured of them."""

    lines: Sequence[Line]
    scene: Scene
    #: Characters, of scripts without blanks more.
    widths: Sequence[float]
    #: Letters and digits alone, in lower case: equal for readers.
    folded: Sequence[str]
    #: The numbers of the lines that can be the article's.
    live: Sequence[int]
    #: What was measured of each of these.
    rows: Sequence[list[float]]


def measure(page: Page) -> Measured:
    """Measure the lines of a page; those that can only be a menu's or a footer's are left out."""
    lines = page.lines
    scene = Scene(line.element for line in lines)
    widths = [_width(line.text) for line in lines]
    folded = [fold(line.text) for line in lines]
    live = [at for at in range(len(lines)) if _is_live(lines, at)]
    ends = [_END.search(line.text[-9:]) is not None for line in lines]
    declared, placing = Declared(page, lines, folded), Placing(lines, scene, widths, ends)
    brief = [
        (
            log1p(width),
            float(end),
            line.linked,
            float(_KINDS.index(line.kind)),
            float(_TAGS.get(str(line.element.tag), 0)),
        )
        for line, width, end in zip(lines, widths, ends, strict=True)
    ]
    rows = [
        [
            *_text(lines[i].text, widths[i], ends[i], folded[i]),
            *_place(lines[i], scene, scene.around[i]),
            *placing.row(i),
            *declared.row(i),
            *_beside(i, brief, scene.around),
        ]
        for i in live
    ]
    return Measured(lines, scene, widths, folded, live, rows)


def _width(text: str) -> float:
    if text.isascii():
        return float(len(text))
    sample = text[:SAMPLE]
    return len(text) * (1 + WIDTH * len(_WIDE.findall(sample)) / len(sample))


def _is_live(lines: Sequence[Line], at: int) -> bool:
    """Whether a line can be the article's: no footer's, no link in a menu or a box, none between two links."""
    line = lines[at]
    if line.linked < MOST_LINKED:
        return line.zone != "footer"
    near = lines[max(0, at - 1) : at + 2]
    return line.zone is None and any(other.linked < MOST_LINKED for other in near)


def _text(text: str, width: float, end: bool, folded: str) -> list[float]:
    sample, tail = text[:SAMPLE], text[-1]
    size, digits = len(sample), len(_DIGITS.findall(sample))
    letters = min(size, len(folded)) - digits
    return [
        log1p(width),
        log1p(sample.count(" ")),
        float(end),
        float(_TAILS.find(tail)),
        float(len(_COMMAS.findall(sample))),
        float(len(_STOPS.findall(sample))),
        digits / size,
        len(_CAPITALS.findall(sample)) / max(1, min(SAMPLE, letters)),
        letters / size,
        float(len(_QUOTES.findall(sample))),
        float(text[0].islower()) + 2.0 * (not text[0].isalnum()),
        float("|" in sample or "·" in sample or "•" in sample),
        float("©" in sample or "(c)" in sample),
        float("@" in sample or "http" in sample or "www." in sample),
        float(digits > 0 and _DAY.search(sample) is not None),
        float(digits > 1 and _CLOCK.search(sample) is not None),
        float(text.endswith(("...", "…"))),
        float("?" in sample),
        *cues_of(text),
    ]


def _place(line: Line, scene: Scene, around: Surroundings) -> list[float]:
    outer = scene.outer(around)
    third = scene.outer(outer)
    return [
        line.linked,
        float(_KINDS.index(line.kind)),
        float(_TAGS.get(str(line.element.tag), 0)),
        float(_TAGS.get(str(outer.element.tag), 0)),
        float(_TAGS.get(str(third.element.tag), 0)),
        float(_ZONES.index(line.zone)),
        float(around.depth),
        float(line.broken),
        float(len(line.pieces)),
        *around.levels,
    ]


def _beside(at: int, brief: Sequence[tuple[float, ...]], around: Sequence[Surroundings]) -> list[float]:
    """The two lines before and the two after: what they are, and whether they stand in the same place."""
    own, row = around[at], list[float]()
    for i in (at - 2, at - 1, at + 1, at + 2):
        if 0 <= i < len(brief):
            other = around[i]
            row += (
                *brief[i],
                float(other is own),
                float(other.outer == own.outer),
                float(other.signature == own.signature),
            )
        else:
            row += _PAD
    return row
