"""A forest answers as its trees do, one test after the other."""

import random
from typing import Any

import pytest

from crawler.extract.forest import MOST_KEPT, load_forest

Node = tuple[int, float, Any, Any] | float


def grown(chance: random.Random, leaves: int) -> Node:
    """A tree of that many leaves; its tests are of five features."""
    if leaves == 1:
        return round(chance.uniform(-1, 1), 3)
    left = chance.randrange(1, leaves)
    threshold = chance.choice([-1.0, 0.0, 0.25, 0.5, 2.0])
    return (chance.randrange(5), threshold, grown(chance, left), grown(chance, leaves - left))


def stored(tree: Node) -> dict[str, Any]:
    leaves: list[float] = []
    tests: list[tuple[int, float, int]] = []

    def walk(node: Node) -> int:
        if isinstance(node, float):
            leaves.append(node)
            return 1 << (len(leaves) - 1)
        feature, threshold, left, right = node
        below = walk(left)
        beside = walk(right)
        tests.append((feature, threshold, 0xFFFF ^ below))
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
    trees = [grown(chance, chance.randrange(1, 17)) for _ in range(12)]
    forest = load_forest([stored(tree) for tree in trees])
    for _ in range(50):
        row = [chance.choice([-2.0, -1.0, 0.0, 0.1, 0.25, 0.3, 0.5, 1.0, 2.0, 3.0]) for _ in range(5)]
        assert forest.score(row) == pytest.approx(sum(walked(tree, row) for tree in trees))


def test_a_feature_is_looked_up_by_value_where_its_thresholds_are_between_whole_numbers() -> None:
    tests = [(0, 0.5, 0xFFFD), (0, 3.0, 0xFFFE), (1, 0.3, 0xFFFD), (2, 1e-35, 0xFFFE)]
    forest = load_forest([{"tests": tests, "leaves": [1.0, 2.0, 3.0]}])
    assert (list(forest.counted), list(forest.measured)) == ([0, 2], [1])


def test_what_is_kept_of_a_feature_is_bounded() -> None:
    forest = load_forest([{"tests": [(0, 0.5, 0xFFFE)], "leaves": [-1.0, 1.0]}])
    scores = [forest.score([value / 10]) for value in range(-MOST_KEPT, MOST_KEPT)]
    assert scores == [-1.0] * (MOST_KEPT + 6) + [1.0] * (MOST_KEPT - 6)
    assert len(forest.counted[0]) == MOST_KEPT


def test_a_score_is_told_as_a_probability() -> None:
    assert load_forest([{"tests": [], "leaves": [0.0]}]).probability([]) == 0.5
    assert load_forest([{"tests": [], "leaves": [9.0]}]).probability([]) > 0.99
