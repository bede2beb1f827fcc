"""Gradient-boosted trees, evaluated in plain Python: every test of a feature is answered at once.

After QuickScorer (Lucchese et al., SIGIR 2015): a tree's leaves are the bits of a word. A test that fails takes out the
bits of the leaves below its other side; the lowest bit left is the leaf. For one feature the tests are sorted by
threshold, so that a single search gives the bits that all failing tests leave.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp
from operator import and_, getitem, neg
from struct import Struct
from typing import Any

BITS = 16  # of a tree's word: as many leaves at most


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose leaves add up to a score."""

    #: Of each feature that is tested: its number, the thresholds, and the bits that are left below each of them.
    tests: tuple[tuple[int, tuple[float, ...], tuple[int, ...]], ...]
    #: Of each tree, for every word that can be left, what the leaf adds.
    leaves: tuple[Mapping[int, float], ...]
    everything: int
    words: Struct

    def probability(self, row: Sequence[float]) -> float:
        """The probability that the row is what the forest was trained to tell."""
        return 1.0 / (1.0 + exp(-self.score(row)))

    def score(self, row: Sequence[float]) -> float:
        """The sum of the leaves that the row falls in, one of each tree."""
        left = self.everything
        for feature, thresholds, kept in self.tests:
            left &= kept[bisect_left(thresholds, row[feature])]
        words = self.words.unpack(left.to_bytes(self.words.size, "little"))
        return sum(map(getitem, self.leaves, map(and_, words, map(neg, words))))


def load_forest(data: Sequence[Mapping[str, Any]]) -> Forest:
    """A forest from its trees as stored: `tests` of (feature, threshold, bits kept if it fails), and `leaves`."""
    everything = (1 << BITS * len(data)) - 1
    found: dict[int, list[tuple[float, int]]] = {}
    for number, tree in enumerate(data):
        for feature, threshold, kept in tree["tests"]:
            word = everything ^ ((kept ^ 0xFFFF) << BITS * number)
            found.setdefault(feature, []).append((threshold, word))
    tests = []
    for feature, pairs in sorted(found.items()):
        pairs.sort(key=lambda pair: pair[0])
        kept = tuple(accumulate((word for _, word in pairs), and_, initial=everything))
        tests.append((feature, tuple(threshold for threshold, _ in pairs), kept))
    leaves = tuple({1 << leaf: value for leaf, value in enumerate(tree["leaves"])} for tree in data)
    return Forest(tuple(tests), leaves, everything, Struct(f"<{len(data)}H"))
