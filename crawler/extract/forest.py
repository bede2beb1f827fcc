"""Gradient-boosted trees, evaluated in plain Python: every test of a feature is answered at once.

After QuickScorer (Lucchese et al., SIGIR 2015): a tree's leaves are the bits of a word. A test that fails takes out the
bits of the leaves below its other side; the lowest bit left is the leaf. For one feature the tests are sorted by
threshold, so that a single search gives the bits that all failing tests leave; for a feature that counts, the answers
are kept by value.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from math import exp
from operator import and_, getitem, neg
from struct import Struct
from typing import Any

BITS = 16  # of a tree's word: as many leaves at most
MOST_KEPT = 4096  # values of one feature; a page has as many lines at most


class Steps(dict[float, int]):
    """Of one feature, for each value the bits that its tests leave, found when it is first asked for."""

    def __init__(self, thresholds: Sequence[float], kept: Sequence[int]) -> None:
        super().__init__()
        self.thresholds, self.kept = thresholds, kept

    def __missing__(self, value: float) -> int:
        """Search for the value, and keep the answer."""
        bits = self.kept[bisect_left(self.thresholds, value)]
        if len(self) < MOST_KEPT:
            self[value] = bits
        return bits

    @property
    def counts(self) -> bool:
        """Whether the feature has only whole numbers, as the thresholds half-way between such ones tell."""
        return all(abs(2 * threshold - round(2 * threshold)) < 1e-6 for threshold in self.thresholds)


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose leaves add up to a score."""

    #: The features that count, and those that measure, each with its number.
    counted: Mapping[int, Steps]
    measured: Mapping[int, Steps]
    #: Of each feature that measures the thresholds, and the bits that are left below each of them.
    thresholds: Sequence[Sequence[float]]
    kept: Sequence[Sequence[int]]
    #: Of each tree, for every lowest bit that can be left, what the leaf adds.
    leaves: tuple[Mapping[int, float], ...]
    everything: int
    words: Struct

    def probability(self, row: Sequence[float]) -> float:
        """The probability that the row is what the forest was trained to tell."""
        return 1.0 / (1.0 + exp(-self.score(row)))

    def score(self, row: Sequence[float]) -> float:
        """The sum of the leaves that the row falls in, one of each tree."""
        counted = map(getitem, self.counted.values(), [row[feature] for feature in self.counted])
        places = map(bisect_left, self.thresholds, [row[feature] for feature in self.measured])
        left = reduce(and_, chain(counted, map(getitem, self.kept, places)), self.everything)
        words = self.words.unpack(left.to_bytes(self.words.size, "little"))
        return sum(map(getitem, self.leaves, map(and_, words, map(neg, words))))


def load_forest(data: Sequence[Mapping[str, Any]]) -> Forest:
    """A forest from its trees as stored: `tests` of (feature, threshold, bits kept if it fails), and `leaves`."""
    everything = (1 << BITS * len(data)) - 1
    found: dict[int, dict[float, int]] = {}
    for number, tree in enumerate(data):
        for feature, threshold, kept in tree["tests"]:
            words = found.setdefault(feature, {})
            words[threshold] = words.get(threshold, everything) & ~((kept ^ 0xFFFF) << BITS * number)
    steps = {feature: _steps(found[feature], everything) for feature in sorted(found)}
    counted = {feature: one for feature, one in steps.items() if one.counts}
    measured = {feature: one for feature, one in steps.items() if not one.counts}
    leaves = tuple({1 << leaf: value for leaf, value in enumerate(tree["leaves"])} for tree in data)
    thresholds, kept = [one.thresholds for one in measured.values()], [one.kept for one in measured.values()]
    return Forest(counted, measured, thresholds, kept, leaves, everything, Struct(f"<{len(data)}H"))


def _steps(words: Mapping[float, int], everything: int) -> Steps:
    """The thresholds in order, each once, and what is left of everything below and between them."""
    thresholds = sorted(words)
    kept = [everything]
    for threshold in thresholds:
        kept.append(kept[-1] & words[threshold])
    return Steps(thresholds, kept)
