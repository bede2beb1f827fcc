"""Where a line stands is counted in lines and in levels."""

import math
import random

import numpy as np

from crawler.extract.placing import FAR, Mass, gaps, logs, running
from crawler.extract.surroundings import Scene
from crawler.page import parse_html


def test_gaps_are_lines_to_the_last_mark_and_to_the_next() -> None:
    since, until = gaps(np.array([False, True, False, False, True, False]))
    assert since.tolist() == [float(FAR), float(FAR), 1.0, 2.0, 3.0, 1.0]
    assert until.tolist() == [1.0, 3.0, 2.0, 1.0, float(FAR), float(FAR)]


def test_running_sums_leave_the_own_amount_out() -> None:
    assert running(np.array([1.0, 2.0, 3.0])).tolist() == [0.0, 1.0, 3.0]


def test_mass_is_found_in_every_element_around() -> None:
    scene = Scene(parse_html("<div><section><p>a</p><p>b</p></section><p>c</p></div>").iter("p"))
    mass, first = Mass(scene, [np.array([1.0, 2.0, 1.0]), np.array([0.0, 0.0, 5.0])]), scene.around[0]
    assert [row[first] for row in mass.below] == [1.0, 0.0]
    assert [row[scene.outer[first]] for row in mass.below] == [3.0, 0.0]
    assert mass.totals == [4.0, 5.0]
    assert [found.tolist() for found in mass.levels(0, (0.2, 0.7, 1.0), np.array([first]))] == [[0.0], [1.0], [2.0]]


def test_nothing_is_everywhere_in_the_same_share() -> None:
    scene = Scene(parse_html("<div><p>a</p></div>").iter("p"))
    mass = Mass(scene, [np.zeros(1)])
    assert mass.below.tolist() == [[0.0] * len(scene.outer)]
    assert mass.totals == [1.0]


def test_it_adds_up_one_by_one_from_the_last_element_to_the_first() -> None:
    chance = random.Random(1)
    html = "".join(f"{'<div>' * chance.randrange(4)}<p>a</p>{'</div>' * chance.randrange(4)}" for _ in range(300))
    scene = Scene(parse_html(html).iter("p"))
    weights = [chance.random() for _ in range(300)]
    below = [0.0] * len(scene.outer)
    for own, weight in zip(scene.around, weights, strict=True):
        below[own] += weight
    for number in range(len(below) - 1, 0, -1):
        below[scene.outer[number]] += below[number]
    assert Mass(scene, [np.array(weights)]).below[0].tolist() == below


def test_the_logarithms_are_the_standard_librarys() -> None:
    amounts = [at / 7 for at in range(3000)]
    assert logs(np.array(amounts)).tolist() == [math.log1p(amount) for amount in amounts]
