"""Where a line stands among all of its page: in which elements the text is, how far from prose, styled like what."""

from collections.abc import Sequence
from math import log1p

from crawler.extract.surroundings import Surroundings
from crawler.lines import Line

PROSE = 80  # characters, as in `text.LONG`, but of any script
FAR = 30  # lines; what is farther off is far
LEVELS = 40  # how far up a line's text is counted to what it is in
MOST_LEVELS = 13
_SHARES = (0.2, 0.5, 0.8)


class Mass:
    """How much of something that lines have is in each element around them."""

    def __init__(self, around: Sequence[Surroundings], weights: Sequence[float]) -> None:
        self.total = sum(weights) or 1.0
        held: dict[Surroundings, float] = {}
        for own, weight in zip(around, weights, strict=True):
            if weight:
                held[own] = held.get(own, 0.0) + weight
        self.below: dict[Surroundings, float] = {}
        for own, weight in held.items():
            self._add(own, weight)

    def _add(self, own: Surroundings, weight: float) -> None:
        at: Surroundings | None = own
        for _ in range(LEVELS):
            if at is None:
                return
            self.below[at] = self.below.get(at, 0.0) + weight
            at = at.outer

    def of(self, place: Surroundings) -> float:
        """What the element has below it."""
        return self.below.get(place, 0.0)

    def levels(self, place: Surroundings, share: float) -> float:
        """Levels up to the nearest element that has this share of all."""
        at: Surroundings | None = place
        for level in range(MOST_LEVELS):
            if at is None or self.of(at) >= share * self.total:
                return float(level)
            at = at.outer
        return float(MOST_LEVELS)


class Placing:
    """Measures lines beside the others of their page."""

    def __init__(
        self, lines: Sequence[Line], around: Sequence[Surroundings], widths: Sequence[float], ends: Sequence[bool]
    ) -> None:
        self.around, self.count = around, len(lines)
        linked = [width * line.linked for width, line in zip(widths, lines, strict=True)]
        self.prose = [
            width - link if width >= PROSE and end and link < width / 2 else 0.0
            for width, link, end in zip(widths, linked, ends, strict=True)
        ]
        self.texts, self.links, self.proses = Mass(around, widths), Mass(around, linked), Mass(around, self.prose)
        self.alike = _styled_alike(around, widths, linked)
        self.since, self.until = gaps([bool(amount) for amount in self.prose])
        self.before = running(self.prose)
        self._boxes: dict[Surroundings, tuple[float, float, float]] = {}
        self._reaches: dict[Surroundings, list[float]] = {}

    def row(self, at: int) -> list[float]:
        """What is measured of line number `at`."""
        own = self.around[at]
        second = own.outer or own
        third = second.outer or second
        fourth = third.outer or third
        count, width, link = self.alike[own.signature]
        (in_second, links_second, size_second) = self._box(second)
        (in_third, links_third, size_third) = self._box(third)
        (in_fourth, links_fourth, _) = self._box(fourth)
        return [
            count,
            log1p(width),
            link / (width or 1.0),
            width / self.texts.total,
            *(self.proses.of(own) / self.proses.total, in_second, in_third, in_fourth),
            *self._reach(own),
            *(links_second, links_third, links_fourth, size_second, size_third),
            at / self.count,
            self.before[at] / self.proses.total,
            log1p(self.proses.total),
            log1p(self.count),
            self.since[at],
            self.until[at],
        ]

    def _box(self, place: Surroundings) -> tuple[float, float, float]:
        """Of an element: its share of the page's prose, the share of its text that is linked, how much text it has."""
        found = self._boxes.get(place)
        if found is None:
            size = self.texts.of(place)
            share, links = self.proses.of(place) / self.proses.total, self.links.of(place) / (size or 1.0)
            found = self._boxes[place] = (share, links, log1p(size))
        return found

    def _reach(self, own: Surroundings) -> list[float]:
        found = self._reaches.get(own)
        if found is None:
            found = self._reaches[own] = [self.proses.levels(own, share) for share in _SHARES]
        return found


def _styled_alike(
    around: Sequence[Surroundings], widths: Sequence[float], linked: Sequence[float]
) -> dict[str, list[float]]:
    """Of each signature: how many lines have it, how much text they are, and how much of that is linked."""
    found: dict[str, list[float]] = {}
    for own, width, link in zip(around, widths, linked, strict=True):
        sums = found.setdefault(own.signature, [0.0, 0.0, 0.0])
        sums[0] += 1
        sums[1] += width
        sums[2] += link
    return found


def gaps(marks: Sequence[bool]) -> tuple[list[float], list[float]]:
    """For each line how many lines ago the last marked one was, and in how many the next one comes; `FAR` at most."""
    return _gaps(marks), _gaps(marks[::-1])[::-1]


def _gaps(marks: Sequence[bool]) -> list[float]:
    found, gap = [], FAR
    for mark in marks:
        gap = min(FAR, gap + 1)
        found.append(float(gap))
        gap = 0 if mark else gap
    return found


def running(amounts: Sequence[float]) -> list[float]:
    """The sum of all amounts before each."""
    found, total = [], 0.0
    for amount in amounts:
        found.append(total)
        total += amount
    return found
