"""Gradient-boosted trees, asked about all rows at once, in whole numbers: every machine gives the same sums.

After QuickScorer (Lucchese et al., SIGIR 2015), but eight rows are a byte. A tree's leaves stand in order, each of its
tests between two of them. A row's leaf is beyond a test if it is beyond the next outer test on the right, or if it is
beyond that on the left and this test fails. The number of tests that it is beyond is the number of the leaf.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, inf
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BITS = 5  # that tell a tree's leaf
LEAVES = 1 << BITS  # of a tree at most
WHOLE = 1_000_000  # a leaf is so many millionths: whole numbers have the same sum in any order
ROWS = 512  # at once: what is worked out of them stays in the processor's cache
ALIKE = 8  # tests of one feature are answered together
#: The nodes that stand for the ends of all trees: each row's leaf is beyond the one, and none is beyond the other.
_BEGIN, _END = 0, 1


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose leaves add up to a score."""

    #: Of each `ALIKE` tests the number of the feature, and their thresholds.
    features: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    #: Of each node, which of the tests it is; outer nodes come first, before them the two ends.
    tests: NDArray[np.intp]
    #: The nodes of each depth, and the numbers of the next outer ones: on their left, and on their right.
    levels: Sequence[tuple[slice, NDArray[np.intp]]]
    #: By the number of the leaf, from the second one on, then of the tree: the node on the leaf's left.
    nodes: NDArray[np.intp]
    #: By number of the tree, then of the leaf: what it adds.
    leaves: NDArray[np.int64]

    def probabilities(self, rows: NDArray[np.float64]) -> list[float]:
        """For each row the probability that it is what the forest was trained to tell."""
        return [1.0 / (1.0 + exp(-score)) for score in self.scores(rows)]

    def scores(self, rows: NDArray[np.float64]) -> list[float]:
        """For each row the sum of the leaves that it falls in, one of each tree."""
        parts = [self._sums(rows[at : at + ROWS]).tolist() for at in range(0, len(rows), ROWS)]
        return [total / WHOLE for part in parts for total in part]

    def _sums(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        fails = np.packbits(rows.T.take(self.features, axis=0)[:, None] > self.thresholds, axis=-1)
        beyond = fails.reshape(-1, fails.shape[-1]).take(self.tests, axis=0)
        beyond[_BEGIN], beyond[_END] = 0xFF, 0
        for level, outer in self.levels:
            left, right = beyond.take(outer, axis=0)
            left &= beyond[level]
            np.bitwise_or(left, right, out=beyond[level])
        numbers = _counted(beyond.take(self.nodes, axis=0))[:, : len(rows)]
        starts = np.arange(0, self.leaves.size, LEAVES)[:, None]
        return np.asarray(self.leaves.reshape(-1).take(numbers + starts).sum(axis=0))


class _Node(NamedTuple):
    """A test where it stands in a tree; nodes are in order of depth."""

    depth: int
    tree: int
    #: The leaf on its right, and those on the right of the next outer nodes: on its left, and on its right.
    leaf: int
    left: int
    right: int
    test: tuple[int, float]


def load_forest(data: Sequence[Mapping[str, Any]]) -> Forest:
    """A forest from its trees as stored: `tests` of (feature, threshold, bits kept if it fails), and `leaves`."""
    found = sorted(node for number, tree in enumerate(data) for node in _nodes(number, tree))
    features, thresholds, numbers = _together({node.test for node in found})
    places = np.full((LEAVES + 1, len(data)), _END)
    places[0] = _BEGIN
    for number, node in enumerate(found, _END + 1):
        places[node.leaf, node.tree] = number
    levels, tests = [], [0, 0]  # the two ends' are never looked at
    for _, level in groupby(found, itemgetter(0)):
        _, trees, _, left, right, asked = zip(*level, strict=True)
        levels.append((slice(len(tests), len(tests) + len(trees)), places[[left, right], trees]))
        tests += map(numbers.__getitem__, asked)
    leaves = np.zeros((len(data), LEAVES), np.int64)
    for tree, row in zip(data, leaves, strict=True):
        row[: len(tree["leaves"])] = [round(value * WHOLE) for value in tree["leaves"]]
    return Forest(features, thresholds, np.array(tests), levels, places[1:LEAVES], leaves)


def _nodes(number: int, tree: Mapping[str, Any]) -> Iterator[_Node]:
    """The nodes of a tree: a word lacks the bits of the leaves from the next outer node to this one."""
    whole, spans = (1 << len(tree["leaves"])) - 1, []
    for feature, threshold, word in tree["tests"]:
        below = ~word & whole
        spans.append(((below & -below).bit_length() - 1, -below.bit_length(), (feature, threshold)))
    outer, depths = [len(tree["leaves"])], {0: 0, len(tree["leaves"]): 0}
    for left, minus_leaf, test in sorted(spans):  # each node before those inside it
        while outer[-1] <= left:
            outer.pop()
        leaf, right = -minus_leaf, outer[-1]
        depths[leaf] = 1 + max(depths[left], depths[right])
        outer.append(leaf)
        yield _Node(depths[leaf], number, leaf, left, right, test)


def _together(
    tests: Collection[tuple[int, float]],
) -> tuple[NDArray[np.intp], NDArray[np.float64], dict[tuple[int, float], int]]:
    """The features and thresholds of a forest, and the number of each test; places left over never fail."""
    features, thresholds, numbers = list[int](), list[float](), dict[tuple[int, float], int]()
    for test in sorted({*tests, (0, inf)}):
        if not features or features[-1] != test[0] or len(thresholds) % ALIKE == 0:
            thresholds += [inf] * (-len(thresholds) % ALIKE)
            features.append(test[0])
        numbers[test] = len(thresholds)
        thresholds.append(test[1])
    thresholds += [inf] * (-len(thresholds) % ALIKE)
    return np.array(features), np.array(thresholds).reshape(-1, ALIKE, 1), numbers


def _counted(marks: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How many of the tests of each tree, by which marks come first, each row is beyond.

    Who is beyond a test is beyond all before it: a bit is set where an odd number of its multiples has been passed.
    """
    bits = np.array([np.bitwise_xor.reduce(marks[(1 << bit) - 1 :: 1 << bit], axis=0) for bit in range(BITS)])
    ones = np.unpackbits(bits, axis=-1)
    number: NDArray[np.uint8] = ones[-1]
    for one in ones[-2::-1]:
        number = number << 1 | one
    return number
