"""The second look at each line: what the first look said of the lines near it, styled like it, and in the same box."""

from collections.abc import Sequence

import numpy as np

from crawler.extract.measures import Measured
from crawler.extract.placing import Column, Mass, gaps, running

LIKELY = 0.5
PROSE = 80  # characters
MOST = 400.0  # characters that one line counts; a page in one line must not outweigh all others
NEAR = 4  # lines on each side
_AWAY = np.array([[-4], [-3], [-2], [-1], [1], [2], [3], [4]])
_SHARES = (0.3, 0.6, 0.9)


def look_again(measured: Measured, likely: Sequence[float], chosen: Sequence[int]) -> Column:
    """For each chosen line what its neighbours' first scores say; `likely` has one for every line of the page."""
    scene, at = measured.scene, np.array(chosen, dtype=np.intp)
    scores, widths = np.array(likely), np.minimum(MOST, measured.widths)
    weights = scores * widths
    mass = Mass(scene, (weights, widths))
    (below, texts), total = mass.below, mass.totals[0]
    strong = (scores > LIKELY) & (widths > PROSE)
    since, until = gaps(strong)
    before, strong_before = running(weights)[at], running(strong * 1.0)[at]
    padded = np.concatenate((np.zeros(NEAR), scores, np.zeros(NEAR)))
    sums, numbers = np.bincount(scene.styled, scores)[scene.styled[at]], np.bincount(scene.styled)[scene.styled[at]]
    around, weight, width = scene.around[at], weights[at], widths[at]
    places = scene.above[:3, around]
    others = below[places] - weight
    columns = [
        scores[at],
        *padded[at + NEAR + _AWAY],
        before / total,
        (total - before - weight) / total,
        strong_before,
        strong.sum() - strong_before - strong[at],
        since[at],
        until[at],
        np.where(numbers > 1, (sums - scores[at]) / np.maximum(1, numbers - 1), -1.0),
        *(others / total),
        *(others / np.maximum(1.0, texts[places] - width)),
        *mass.levels(0, _SHARES, around),
    ]
    return np.array(columns).T
