"""Where a line stands among all of its page: in which elements the text is, how far from prose, styled like what."""

from collections.abc import Sequence
from math import log1p

from crawler.extract.surroundings import Scene
from crawler.lines import Line

PROSE = 80  # characters, as in `text.LONG`, but of any script
FAR = 30  # lines; what is farther off is far
MOST_LEVELS = 13.0  # up to what a line is in; what is farther up holds all of the page
_ONE_UP = {float(level): min(MOST_LEVELS, level + 1.0) for level in range(int(MOST_LEVELS) + 1)}
_SHARES = (0.2, 0.5, 0.8)


class Mass:
    """How much of something that lines have is in each element around them."""

    def __init__(self, scene: Scene, weights: Sequence[float]) -> None:
        self.scene, self.total = scene, sum(weights) or 1.0
        #: By the number of the element: what all lines in it have.
        self.below = below = [0.0] * len(scene.outer)
        for own, weight in zip(scene.around, weights, strict=True):
            below[own] += weight
        for number in range(len(below) - 1, 0, -1):
            below[scene.outer[number]] += below[number]

    def levels(self, share: float) -> list[float]:
        """By the number of the element: levels up to the nearest that has this share of all."""
        need, found = share * self.total, list[float]()
        for outer, amount in zip(self.scene.outer, self.below, strict=True):
            found.append(0.0 if amount >= need or not found else _ONE_UP[found[outer]])
        return found


class Placing:
    """Measures lines beside the others of their page."""

    def __init__(self, lines: Sequence[Line], scene: Scene, widths: Sequence[float], ends: Sequence[bool]) -> None:
        self.scene, self.count = scene, len(lines)
        linked = [width * line.linked for width, line in zip(widths, lines, strict=True)]
        prose = [
            width - link if width >= PROSE and end and link < width / 2 else 0.0
            for width, link, end in zip(widths, linked, ends, strict=True)
        ]
        texts, proses = Mass(scene, widths), Mass(scene, prose)
        self.all_text, self.all_prose = texts.total, proses.total
        self.shares = [amount / proses.total for amount in proses.below]
        self.reaches = list(zip(*map(proses.levels, _SHARES), strict=True))
        self.links = [link / (text or 1.0) for link, text in zip(Mass(scene, linked).below, texts.below, strict=True)]
        self.sizes = [log1p(text) for text in texts.below]
        self.alike = _styled_alike(scene, widths, linked)
        self.since, self.until = gaps([bool(amount) for amount in prose])
        self.before = running(prose)

    def row(self, at: int) -> list[float]:
        """What is measured of line number `at`."""
        own, shares, links, sizes = self.scene.around[at], self.shares, self.links, self.sizes
        second = self.scene.outer[own]
        third = self.scene.outer[second]
        fourth = self.scene.outer[third]
        count, width, link = self.alike[self.scene.signature[own]]
        return [
            count,
            log1p(width),
            link / (width or 1.0),
            width / self.all_text,
            *(shares[own], shares[second], shares[third], shares[fourth]),
            *self.reaches[own],
            *(links[second], links[third], links[fourth], sizes[second], sizes[third]),
            at / self.count,
            self.before[at] / self.all_prose,
            log1p(self.all_prose),
            log1p(self.count),
            self.since[at],
            self.until[at],
        ]


def _styled_alike(scene: Scene, widths: Sequence[float], linked: Sequence[float]) -> dict[str, list[float]]:
    """Of each signature: how many lines have it, how much text they are, and how much of that is linked."""
    found: dict[str, list[float]] = {}
    for own, width, link in zip(scene.around, widths, linked, strict=True):
        sums = found.setdefault(scene.signature[own], [0.0, 0.0, 0.0])
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
        gap = gap + 1 if gap < FAR else FAR
        found.append(float(gap))
        if mark:
            gap = 0
    return found


def running(amounts: Sequence[float]) -> list[float]:
    """The sum of all amounts before each."""
    found, total = [], 0.0
    for amount in amounts:
        found.append(total)
        total += amount
    return found
