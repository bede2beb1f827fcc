"""What the page declares of itself, held against its lines: headline, description, the body in linked data, repeats."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.extract.reading import fold
from crawler.lines import Line
from crawler.page import Page

_LETTERS = re.compile(r"[^\W\d_]+")
NEAR = 60  # lines between a headline and what belongs to it
NOWHERE = -70.0  # the place of a headline that is not printed
SURE = 8  # letters; a shorter title recurs in menus
MOST_TITLES = 6
_NO = (False, False)
MOST = 200  # characters; no longer line is a headline


class Declared:
    """Measures lines by what the page declares."""

    def __init__(self, page: Page, lines: Sequence[Line], folded: Sequence[str]) -> None:
        self.lines, self.folded = lines, folded
        titles = _titles(page)
        self.titles = frozenset(map(fold, titles))
        self.words = [set(_LETTERS.findall(title.casefold())) for title in titles[:2]]
        self.any_word = frozenset().union(*self.words)
        stated = (page.meta(name) for name in ("og:description", "description", "twitter:description"))
        descriptions = [fold(text) for text in stated if text]
        self.starts = frozenset(text[:60] for text in descriptions)
        self.descriptions = " ".join(descriptions)  # no folded text goes on over the blank
        bodies = (entry.get("articleBody") for entry in page.linked_data)
        self.body = fold(" ".join(text for text in bodies if isinstance(text, str)))
        self.counts = Counter(folded)
        self.first: dict[str, int] = {}
        for at, text in enumerate(folded):
            self.first.setdefault(text, at)
        self.head = self._headline_at()

    def columns(self, live: Sequence[int], words: Sequence[Sequence[str]]) -> list[NDArray[Any]]:
        """What is measured of the lines with these numbers, and these words."""
        numbers, folded = np.array(live), [self.folded[at] for at in live]
        found = [
            (text[:60] in self.starts, text[:50] in self.descriptions) if len(text) > 20 else _NO for text in folded
        ]
        starts, within = np.array(found, dtype=np.float64).reshape(-1, 2).T
        return [
            np.full(len(live), NOWHERE) if self.head is None else np.clip(numbers - self.head, -NEAR, NEAR),
            np.array([self._likeness(self.lines[at].text, own) for at, own in zip(live, words, strict=True)]),
            starts,
            within,
            np.array([1.0 if text[:200] in self.body else -1.0 for text in folded])
            if self.body
            else np.zeros(len(live)),
            np.array([self.counts[text] for text in folded], dtype=np.float64),
            np.array([self.first[text] for text in folded], dtype=np.intp) < numbers,
        ]

    def _headline_at(self) -> int | None:
        """The line that is the headline: as declared, or in an `<h1>`."""
        for at, (text, line) in enumerate(zip(self.folded, self.lines, strict=True)):
            if len(text) > SURE and text in self.titles and line.linked < 0.9:
                return at
        return next((at for at, line in enumerate(self.lines) if line.element.tag == "h1"), None)

    def _likeness(self, text: str, words: Sequence[str]) -> float:
        """The share of words that the line has in common with a title."""
        if len(text) > MOST or not self.words:
            return 0.0
        letters = words if text.isascii() and "-" not in text else _letters(text, words)
        if self.any_word.isdisjoint(letters):
            return 0.0
        own = set(letters)
        shared = [(len(own & title), len(title)) for title in self.words]
        return max(common / (len(own) + size - common or 1) for common, size in shared)


def _letters(text: str, words: Sequence[str]) -> Sequence[str]:
    """The words, parted at hyphens, in the form in which upper and lower case are the same."""
    if not text.isascii() and (folded := text.casefold()) != text.lower():
        return _LETTERS.findall(folded)
    return " ".join(words).replace("-", " ").split() if "-" in text else words


def _titles(page: Page) -> list[str]:
    heads = (entry.get("headline") for entry in page.linked_data)
    found = (page.title, page.meta("og:title"), page.meta("twitter:title"), *heads)
    return list(dict.fromkeys(" ".join(t.split()) for t in found if isinstance(t, str) and t.strip()))[:MOST_TITLES]
