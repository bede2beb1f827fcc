"""What is measured of each line of a page before it is judged: numbers in a fixed order, for the scorer.

Nothing in them knows a site: length, links, punctuation, words, place, repeats, what the page declares of itself, the
elements around, and the same of the lines before and after.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from string import ascii_uppercase, digits
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.extract.declared import Declared
from crawler.extract.placing import Column, Placing, logs
from crawler.extract.reading import fold
from crawler.extract.surroundings import INSIDE, PARTS, Scene
from crawler.extract.wording import Wording, words_of
from crawler.lines import Line
from crawler.page import Page

_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
WIDTH = 1.5  # a character of a script without blanks says as much as this many more
_END = re.compile(r"[.!?…。！？؟।][\"'”’»›」』)\]]*$|[”»」』]$")  # noqa: RUF001 - the full-width ends of sentences
_CAPITALS = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")
_STOP = re.compile(r"[.!?。！？؟।]")  # noqa: RUF001 - the full-width stops
_DIGITS = re.compile(r"\d")
_ASCII = bytes(range(128))
_ASCII_CAPITALS, _ASCII_DIGITS = ascii_uppercase.encode(), digits.encode()
SAMPLE = 300  # characters: what a line begins with tells its kind
MOST_LINKED = 0.9
LONGEST = 20_000  # characters that no paragraph has without a stop in it; Thai, which has no stops, has shorter ones
_TAILS = '.!?…:;,。"”'
_KIND_LIST = ("paragraph", "heading", "list_item", "quote", "preformatted", "table")
_KINDS = {kind: number for number, kind in enumerate(_KIND_LIST)}
#: Cues that told more than what a line is in does; the others name reasons.
_TELLING = ("newsletter", "more", "credit")
_wording = Wording(_TELLING)
_ZONE_LIST = (None, "nav", "footer", "aside", "figure", "figcaption")
_ZONES = {zone: number for number, zone in enumerate(_ZONE_LIST)}
_TAG_LIST = """p div li h1 h2 h3 h4 h5 h6 td figcaption blockquote span section article dd dt pre table th header footer
aside figure ul ol main form center body summary details"""
_TAGS = {tag: number for number, tag in enumerate(_TAG_LIST.split(), 1)}
_AWAY = np.array([[-1], [1]])
_LOGS = [log1p(count) for count in range(SAMPLE + 1)]


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
    #: What was measured of each of these: a row for each.
    rows: Column


def measure(page: Page) -> Measured:
    """Measure the lines of a page; those that can only be a menu's, a footer's or a picture's are left out."""
    lines = page.lines
    texts = [line.text for line in lines]
    scene = Scene(line.element for line in lines)
    odd = [_odd_characters(text) for text in texts]
    widths = [_width(text, rest) for text, rest in zip(texts, odd, strict=True)]
    folded = list(map(fold, texts))
    links = np.array([line.linked for line in lines])
    zones = np.array([_ZONES[line.zone] for line in lines], dtype=np.intp)
    live = np.flatnonzero(_are_live(texts, links, zones))
    chosen = live.tolist()
    ends = list(map(_ends, texts))
    declared, placing = Declared(page, lines, folded), Placing(scene, np.array(widths), links, ends)
    sizes = logs(np.array(widths))
    tags = np.array([_TAGS.get(look.tag, 0) for look in scene.looks], dtype=np.intp)[scene.look]
    kinds = np.array([_KINDS[line.kind] for line in lines], dtype=np.intp)
    words = [words_of(texts[at]) for at in chosen]
    worded = _worded([texts[at] for at in chosen], [odd[at] for at in chosen], [folded[at] for at in chosen], words)
    surrounded = _surrounded(scene, live, tags)
    columns = [
        sizes[live],
        worded[0],
        np.array(ends, dtype=np.float64)[live],
        *worded[1:],
        links[live],
        kinds[live],
        *surrounded[:3],
        zones[live],
        *surrounded[3:],
        *placing.columns(live),
        *declared.columns(chosen, words),
        *_beside(live, scene, (sizes, links, tags[scene.around])),
    ]
    return Measured(lines, scene, widths, folded, chosen, np.array(columns).T)


def is_endless(text: str) -> bool:
    """Whether it is longer than any paragraph, and no sentence ends in it."""
    return len(text) > LONGEST and not _STOP.search(text, 0, LONGEST)


def _odd_characters(text: str) -> str:
    """Those of a line's sample that are not ASCII, the only ones that have to be looked at one by one."""
    if text.isascii():
        return ""
    return text[:SAMPLE].encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")


def _width(text: str, odd: str) -> float:
    wide = len(_WIDE.findall(odd)) if odd else 0
    return len(text) * (1 + WIDTH * wide / min(SAMPLE, len(text))) if wide else float(len(text))


def _ends(text: str) -> bool:
    """Whether a sentence ends with the line; most lines tell it by their last character."""
    return not text[-1].isalnum() and _END.search(text[-9:]) is not None


def _are_live(texts: Sequence[str], links: Column, zones: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which lines can be the article's: no footer's, no picture's, no link in a menu or between links."""
    read = links < MOST_LINKED
    near = read.copy()
    near[1:] |= read[:-1]
    near[:-1] |= read[1:]
    outside = (zones == _ZONES["footer"]) | (zones == _ZONES["figcaption"])
    live: NDArray[np.bool_] = (read & ~outside) | (near & ~read & (zones == _ZONES[None]))
    if max(map(len, texts), default=0) > LONGEST:
        live &= ~np.array(list(map(is_endless, texts)))
    return live


def _worded(
    texts: Sequence[str], odd: Sequence[str], folded: Sequence[str], words: Sequence[Sequence[str]]
) -> list[NDArray[Any]]:
    """What the texts are made of: blanks, how they end and begin, capitals, letters, and words that tell."""
    samples = [text[:SAMPLE] for text in texts]
    data = [sample.encode("utf-8", "surrogatepass") for sample in samples]
    figures = _counts(data, _ASCII_DIGITS) + np.array([len(_DIGITS.findall(rest)) if rest else 0 for rest in odd])
    capitals = _counts(data, _ASCII_CAPITALS) + np.array([len(_CAPITALS.findall(rest)) if rest else 0 for rest in odd])
    sizes = np.array(list(map(len, samples)))
    letters = np.minimum(sizes, np.array(list(map(len, folded)))) - figures
    cues = np.array(list(map(_wording.cues_of, texts, words))).reshape(-1, len(_TELLING))
    return [
        np.array([_LOGS[sample.count(" ")] for sample in samples]),
        np.array([_TAILS.find(text[-1]) for text in texts]),
        capitals / np.maximum(1, letters),
        letters / sizes,
        np.array([first.islower() + 2 * (not first.isalnum()) for first in (text[0] for text in texts)]),
        *cues.T,
    ]


def _counts(data: Sequence[bytes], characters: bytes) -> NDArray[np.intp]:
    """How many of these characters each text has."""
    return np.array([len(text) - len(text.translate(None, characters)) for text in data], dtype=np.intp)


def _surrounded(scene: Scene, live: NDArray[np.intp], tags: NDArray[np.intp]) -> list[NDArray[Any]]:
    """What the lines stand in: the names of the nearest elements, how deep, how far from what is called what."""
    around = scene.above[:3, scene.around[live]]
    levels = np.frombuffer(b"".join(look.levels for look in scene.looks), np.uint8).reshape(
        -1, len(PARTS) + len(INSIDE)
    )
    depth = np.array([look.depth for look in scene.looks], dtype=np.intp)
    look = scene.look[around[0]]
    return [*tags[around], depth[look], *levels[look].T]


def _beside(live: NDArray[np.intp], scene: Scene, brief: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """The lines before and after: what they are, and whether they stand in the same place."""
    away, places = live + _AWAY, scene.outer[scene.around]
    there = (away >= 0) & (away < len(places))
    other = np.where(there, away, live)
    same = (places[other] == places[live], scene.styled[other] == scene.styled[live])
    found = np.array([np.where(there, column, -1.0) for column in (*(column[other] for column in brief), *same)])
    return [*found[:, 0], *found[:, 1]]
