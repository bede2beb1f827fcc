"""What is measured of each line of a page before it is judged: numbers in a fixed order, for the scorer.

Nothing in them knows a site: length, links, punctuation, words, place, repeats, what the page declares of itself, the
elements around, and the same of the lines before and after.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from string import ascii_uppercase, digits

from crawler.extract.declared import Declared
from crawler.extract.placing import Placing
from crawler.extract.reading import fold
from crawler.extract.surroundings import Scene
from crawler.extract.wording import CUES, cues_of
from crawler.lines import Line
from crawler.page import Page

_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
WIDTH = 1.5  # a character of a script without blanks says as much as this many more
_END = re.compile(r"[.!?…。！？؟।][\"'”’»›」』)\]]*$|[”»」』]$")  # noqa: RUF001 - the full-width ends of sentences
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")
_STOP = re.compile(r"[.!?。！？؟।]")  # noqa: RUF001 - the full-width stops
_DIGITS = re.compile(r"\d")
_ASCII_CAPITALS, _ASCII_DIGITS = ascii_uppercase.encode(), digits.encode()
SAMPLE = 300  # characters: what a line begins with tells its kind
MOST_LINKED = 0.9
LONGEST = 20_000  # characters that no paragraph has without a stop in it; Thai, which has no stops, has shorter ones
_TAILS = '.!?…:;,。"”'
_KINDS = ("paragraph", "heading", "list_item", "quote", "preformatted", "table")
#: Cues that told more than what a line is in does; the others name reasons.
_TELLING = tuple(CUES.index(cue) for cue in ("newsletter", "more", "credit"))
_ZONES = (None, "nav", "footer", "aside", "figure", "figcaption")
_TAG_LIST = """p div li h1 h2 h3 h4 h5 h6 td figcaption blockquote span section article dd dt pre table th header footer
aside figure ul ol main form center body summary details"""
_TAGS = {tag: number for number, tag in enumerate(_TAG_LIST.split(), 1)}
_PAD = (-1.0,) * 5


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
    """Measure the lines of a page; those that can only be a menu's, a footer's or a picture's are left out."""
    lines = page.lines
    scene = Scene((line.element for line in lines), page.attributes)
    widths = [_width(line.text) for line in lines]
    folded = [fold(line.text) for line in lines]
    live = [at for at in range(len(lines)) if _is_live(lines, at)]
    ends = [_END.search(line.text[-9:]) is not None for line in lines]
    declared, placing = Declared(page, lines, folded), Placing(lines, scene, widths, ends)
    tags = [_TAGS.get(tag, 0) for tag in scene.tags]
    brief = [
        (log1p(width), line.linked, tags[own]) for line, width, own in zip(lines, widths, scene.around, strict=True)
    ]
    rows = [
        [
            *_text(lines[i].text, widths[i], ends[i], folded[i]),
            *_place(lines[i], scene, i, tags),
            *placing.row(i),
            *declared.row(i),
            *_beside(i, brief, scene),
        ]
        for i in live
    ]
    return Measured(lines, scene, widths, folded, live, rows)


def is_endless(text: str) -> bool:
    """Whether it is longer than any paragraph, and no sentence ends in it."""
    return len(text) > LONGEST and not _STOP.search(text, 0, LONGEST)


def _width(text: str) -> float:
    if text.isascii():
        return float(len(text))
    sample = text[:SAMPLE]
    return len(text) * (1 + WIDTH * len(_WIDE.findall(sample)) / len(sample))


def _is_live(lines: Sequence[Line], at: int) -> bool:
    """Whether a line can be the article's: no footer's, no picture's, no link in a menu or between links."""
    line = lines[at]
    if is_endless(line.text):
        return False
    if line.linked < MOST_LINKED:
        return line.zone not in ("footer", "figcaption")
    near = lines[max(0, at - 1) : at + 2]
    return line.zone is None and any(other.linked < MOST_LINKED for other in near)


def _text(text: str, width: float, end: bool, folded: str) -> list[float]:
    sample, tail = text[:SAMPLE], text[-1]
    size = len(sample)
    capitals, figures = _capitals_and_digits(sample)
    letters = min(size, len(folded)) - figures
    cues = cues_of(text)
    return [
        log1p(width),
        log1p(sample.count(" ")),
        end,
        _TAILS.find(tail),
        capitals / max(1, letters),
        letters / size,
        text[0].islower() + 2 * (not text[0].isalnum()),
        *[cues[number] for number in _TELLING],
    ]


def _capitals_and_digits(sample: str) -> tuple[int, int]:
    if not sample.isascii():
        return len(_CAPITALS.findall(sample)), len(_DIGITS.findall(sample))
    data, size = sample.encode(), len(sample)
    return size - len(data.translate(None, _ASCII_CAPITALS)), size - len(data.translate(None, _ASCII_DIGITS))


def _place(line: Line, scene: Scene, at: int, tags: Sequence[int]) -> list[float]:
    own = scene.around[at]
    second = scene.outer[own]
    return [
        line.linked,
        _KINDS.index(line.kind),
        tags[own],
        tags[second],
        tags[scene.outer[second]],
        _ZONES.index(line.zone),
        scene.depth[own],
        *scene.levels[own],
    ]


def _beside(at: int, brief: Sequence[tuple[float, ...]], scene: Scene) -> list[float]:
    """The lines before and after: what they are, and whether they stand in the same place."""
    own, row = scene.around[at], list[float]()
    for i in (at - 1, at + 1):
        if 0 <= i < len(brief):
            other = scene.around[i]
            row += (
                *brief[i],
                scene.outer[other] == scene.outer[own],
                scene.signature[other] == scene.signature[own],
            )
        else:
            row += _PAD
    return row
