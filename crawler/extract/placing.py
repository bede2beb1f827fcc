"""Where a line stands among all of its page: in which elements the text is, how far from prose, styled like what."""

from collections.abc import Sequence
from math import log1p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.extract.surroundings import LEVELS, Scene

Column = NDArray[np.float64]
PROSE = 80  # characters, as in `text.LONG`, but of any script
FAR = 30  # lines; what is farther off is far
_SHARES = (0.2, 0.5, 0.8)


class Mass:
    """How much of several things that lines have is in each element around them: a row for each thing."""

    def __init__(self, scene: Scene, weights: Sequence[Column]) -> None:
        self.scene = scene
        self.totals = [total(row) for row in weights]
        #: By the thing, and the number of the element: what all lines in it have.
        self.below = np.array([_below(scene, row) for row in weights])

    def levels(self, thing: int, shares: Sequence[float], elements: NDArray[np.intp]) -> NDArray[Any]:
        """For each share, and each of some elements: levels up to the nearest that has this share of all."""
        around = self.scene.above[:LEVELS, elements]
        needs = np.array(shares)[:, None, None] * self.totals[thing]
        found: NDArray[Any] = ((self.below[thing][around] < needs) & (around != 0)).sum(axis=1, dtype=np.uint8)
        return found


class Placing:
    """Measures lines beside the others of their page."""

    def __init__(self, scene: Scene, widths: Column, links: Column, ends: Sequence[bool]) -> None:
        self.scene, self.count = scene, len(widths)
        linked = widths * links
        prose = np.where((widths >= PROSE) & np.array(ends, dtype=bool) & (linked < widths / 2), widths - linked, 0.0)
        mass = Mass(scene, (widths, prose, linked))
        texts, proses, linking = mass.below
        self.all_text, self.all_prose, _ = mass.totals
        self.texts, self.shares, self.links = texts, proses / self.all_prose, linking / np.where(texts, texts, 1.0)
        self.mass = mass
        self.alike = _styled_alike(scene, widths, linked)
        self.since, self.until = gaps(prose != 0.0)
        self.before = running(prose)

    def columns(self, live: NDArray[np.intp]) -> list[NDArray[Any]]:
        """What is measured of the lines with these numbers."""
        around = self.scene.above[:4, self.scene.around[live]]
        count, width, link = (sums[self.scene.styled[live]] for sums in self.alike)
        return [
            count,
            logs(width),
            link / np.where(width, width, 1.0),
            width / self.all_text,
            *self.shares[around],
            *self.mass.levels(1, _SHARES, around[0]),
            *self.links[around[1:]],
            *map(logs, self.texts[around[1:3]]),
            live / self.count,
            self.before[live] / self.all_prose,
            np.full(len(live), log1p(self.all_prose)),
            np.full(len(live), log1p(self.count)),
            self.since[live],
            self.until[live],
        ]


def _below(scene: Scene, weights: Column) -> list[float]:
    below: list[float] = np.bincount(scene.around, weights, len(scene.outer)).tolist()
    for inner, outer in scene.upwards:  # one by one in this order: the sums are the same on every machine
        if held := below[inner]:
            below[outer] += held
    return below


def _styled_alike(scene: Scene, widths: Column, linked: Column) -> list[NDArray[Any]]:
    """By the signature's number: how many lines have it, how much text they are, and how much of that is linked."""
    return [np.bincount(scene.styled), np.bincount(scene.styled, widths), np.bincount(scene.styled, linked)]


def gaps(marks: NDArray[np.bool_]) -> tuple[Column, Column]:
    """For each line how many lines ago the last marked one was, and in how many the next one comes; `FAR` at most."""
    return _gaps(marks), _gaps(marks[::-1])[::-1]


def _gaps(marks: NDArray[np.bool_]) -> Column:
    numbers = np.arange(len(marks))
    last = np.maximum.accumulate(np.where(marks, numbers, -FAR))
    return np.minimum(FAR, numbers - np.concatenate(([-FAR], last[:-1]))) * 1.0


def running(amounts: Column) -> Column:
    """The sum of all amounts before each, added one by one."""
    return np.concatenate(([0.0], np.cumsum(amounts)[:-1]))


def total(amounts: Column) -> float:
    """The sum of all amounts, added one by one; 1 for nothing at all, as it is to be divided by."""
    return float(np.cumsum(amounts)[-1]) or 1.0 if len(amounts) else 1.0


def logs(amounts: Column) -> Column:
    """The logarithm of each amount and one, as the standard library has it: numpy's differs from machine to machine."""
    return np.array(list(map(log1p, amounts.tolist())))
