"""A forest answers as its trees do, one test after the other."""

import random
from typing import Any

import numpy as np
import pytest

from crawler.extract.forest import LEAVES, ROWS, load_forest

Node = tuple[int, float, Any, Any] | float


def grown(chance: random.Random, leaves: int) -> Node:
    """A tree of that many leaves; its tests are of five features."""
    if leaves == 1:
        return round(chance.uniform(-1, 1), 3)
    left = chance.randrange(1, leaves)
    threshold = chance.choice([-1.0, 0.0, 0.25, 0.5, 2.0])
    return (chance.randrange(5), threshold, grown(chance, left), grown(chance, leaves - left))


def stored(tree: Node, bits: int = 32) -> dict[str, Any]:
    leaves: list[float] = []
    tests: list[tuple[int, float, int]] = []

    def walk(node: Node) -> int:
        if isinstance(node, float):
            leaves.append(node)
            return 1 << (len(leaves) - 1)
        feature, threshold, left, right = node
        below = walk(left)
        beside = walk(right)
        tests.append((feature, threshold, ((1 << bits) - 1) ^ below))
        return below | beside

    walk(tree)
    return {"tests": tests, "leaves": leaves}


def walked(node: Node, row: list[float]) -> float:
    while not isinstance(node, float):
        feature, threshold, left, right = node
        node = left if row[feature] <= threshold else right
    return node


@pytest.mark.parametrize("seed", range(20))
def test_it_adds_up_the_leaves_that_the_tests_lead_to(seed: int) -> None:
    chance = random.Random(seed)
    trees = [grown(chance, chance.randrange(1, LEAVES + 1)) for _ in range(12)]
    rows = [[chance.choice([-2.0, -1.0, 0.0, 0.1, 0.25, 0.3, 0.5, 1.0, 2.0, 3.0]) for _ in range(5)] for _ in range(50)]
    scores = load_forest([stored(tree) for tree in trees]).scores(np.array(rows))
    assert scores == [pytest.approx(sum(walked(tree, row) for tree in trees)) for row in rows]


def test_a_word_may_have_just_the_bits_that_its_leaves_need() -> None:
    chance = random.Random(1)
    trees = [grown(chance, 16) for _ in range(12)]
    rows = np.array([[chance.uniform(-2, 3) for _ in range(5)] for _ in range(50)])
    assert load_forest([stored(t, 16) for t in trees]).scores(rows) == load_forest([stored(t) for t in trees]).scores(
        rows
    )


def test_the_order_of_the_trees_changes_no_digit_of_the_score() -> None:
    chance = random.Random(1)
    trees = [stored(grown(chance, 16)) for _ in range(200)]
    rows = np.array([[chance.uniform(-2, 3) for _ in range(5)] for _ in range(50)])
    assert load_forest(trees).scores(rows) == load_forest(trees[::-1]).scores(rows)


def test_more_rows_than_are_asked_about_at_once_have_a_score_each() -> None:
    forest = load_forest([{"tests": [(0, 0.5, 0xFFFE)], "leaves": [-1.0, 1.0]}])
    values = [float(at % 3) for at in range(2 * ROWS + 1)]
    assert forest.scores(np.array(values)[:, None]) == [-1.0 if value <= 0.5 else 1.0 for value in values]


def test_of_no_rows_there_are_no_scores() -> None:
    assert load_forest([{"tests": [(0, 0.5, 0xFFFE)], "leaves": [-1.0, 1.0]}]).scores(np.array([])) == []


def test_a_score_is_told_as_a_probability() -> None:
    assert load_forest([{"tests": [], "leaves": [0.0]}]).probabilities(np.zeros((1, 1))) == [0.5]
    assert load_forest([{"tests": [], "leaves": [9.0]}]).probabilities(np.zeros((1, 1)))[0] > 0.99
