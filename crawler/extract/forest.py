"""Gradient-boosted trees, asked about all rows at once, in whole numbers: every machine gives the same sums.

After QuickScorer (Lucchese et al., SIGIR 2015): a tree's leaves are the bits of a word. A test that fails takes out the
bits of the leaves below its other side; the lowest bit left is the leaf. Of each tree eight answers at a time are put
into a byte, and a table holds what is left of the word for every value of the byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAVES = 32  # of a tree at most: the bits of its word
WHOLE = 1_000_000  # a leaf is so many millionths: whole numbers have the same sum in any order
ROWS = 256  # at once: what is worked out of them stays in the processor's cache
_TURN = np.uint32(0x077CB531)  # of de Bruijn: shifted by 0 to 31 bits, its first five bits are never the same twice


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose leaves add up to a score."""

    #: The tests, each once, and at the end one that never fails: the number of the feature, and the threshold.
    features: NDArray[np.intp]
    thresholds: NDArray[np.float64]
    #: By number of the bit, then of the byte, then of the tree: which test it answers.
    bits: NDArray[np.intp]
    #: By number of the byte, then of the tree, then the byte's value: the leaves that are left.
    left: NDArray[np.uint32]
    #: By number of the tree, then what `_turned` makes of the leaf's bit: what the leaf adds.
    leaves: NDArray[np.int64]

    def probabilities(self, rows: NDArray[np.float64]) -> list[float]:
        """For each row the probability that it is what the forest was trained to tell."""
        return [1.0 / (1.0 + exp(-score)) for score in self.scores(rows)]

    def scores(self, rows: NDArray[np.float64]) -> list[float]:
        """For each row the sum of the leaves that it falls in, one of each tree."""
        parts = [self._sums(rows[at : at + ROWS]).tolist() for at in range(0, len(rows), ROWS)]
        return [total / WHOLE for part in parts for total in part]

    def _sums(self, rows: NDArray[np.float64]) -> NDArray[np.int64]:
        columns = np.zeros((rows.shape[1], -(-len(rows) // 8) * 8))
        columns[:, : len(rows)] = rows.T
        # A byte each, 0 or 1: eight in a number are shifted at once, and none gets into the next byte.
        fails = (columns.take(self.features, axis=0) > self.thresholds).view(np.uint64)
        codes = fails.take(self.bits[0], axis=0)
        for bit, tests in enumerate(self.bits[1:], 1):
            codes |= fails.take(tests, axis=0) << np.uint64(bit)
        words = np.bitwise_and.reduce(_each(self.left, codes.view(np.uint8)), axis=0)
        return np.asarray(_each(self.leaves, _turned(words & -words)).sum(axis=0)[: len(rows)])


def load_forest(data: Sequence[Mapping[str, Any]]) -> Forest:
    """A forest from its trees as stored: `tests` of (feature, threshold, bits kept if it fails), and `leaves`."""
    known = sorted({(feature, threshold) for tree in data for feature, threshold, _ in tree["tests"]})
    number = {test: at for at, test in enumerate(known)}
    size = max(8, *(len(tree["tests"]) for tree in data))
    bits = np.full((-(-size // 8) * 8, len(data)), len(known))
    kept = np.full(bits.shape, 0xFFFFFFFF, np.uint32)
    places = _turned(np.uint32(1) << np.arange(LEAVES, dtype=np.uint32))
    leaves = np.zeros((len(data), LEAVES), np.int64)
    for at, tree in enumerate(data):
        for bit, (feature, threshold, word) in enumerate(tree["tests"]):
            bits[bit, at], kept[bit, at] = number[feature, threshold], word
        leaves[at, places[: len(tree["leaves"])]] = [round(value * WHOLE) for value in tree["leaves"]]
    features, thresholds = zip(*known, (0, inf), strict=True)
    eights = bits.reshape(-1, 8, len(data)).swapaxes(0, 1)
    return Forest(np.array(features), np.array(thresholds)[:, None], eights, _left(kept), leaves)


def _left(kept: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """What is left of the words of the trees by each value of each of their bytes."""
    left = np.full((len(kept) // 8, kept.shape[1], 256), 0xFFFFFFFF, np.uint32)
    values = np.arange(256)
    for bit, words in enumerate(kept):
        left[bit // 8, :, values >> bit % 8 & 1 == 1] &= words
    return left


def _each(table: NDArray[Any], numbers: NDArray[Any]) -> NDArray[Any]:
    """Of each row of the table, the last axis, what stands at the numbers."""
    *above, width = table.shape
    starts = np.arange(0, table.size, width).reshape(*above, 1)
    return table.reshape(-1).take(numbers + starts)


def _turned(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """For each word of one bit a number below 32 of its own."""
    return (bits * _TURN) >> np.uint32(27)
