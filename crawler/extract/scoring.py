"""How likely each line of a page is the article's: two looks by forests that were trained on pages with known text.

The weights are data, made by `benchmarks/train_blocks.py`. Measured on newspapers left out of the training, they lose
less than half as much of the text as trafilatura does, and leak little more than half as much of the rest.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from crawler.extract.forest import Forest, load_forest
from crawler.extract.measures import Measured
from crawler.extract.neighbours import look_again

#: First likelihoods between which there is a second look: of 37,000 lines outside, on unseen sites, it turned none.
OPEN = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Forests:
    """The forest of the first look, and that of the second."""

    first: Forest
    second: Forest


def likelihoods(measured: Measured) -> list[float]:
    """For each line of the page the probability that it is the article's; 0 for those that were not measured."""
    forests, likely = trained_forests(), [0.0] * len(measured.lines)
    rows = measured.rows
    for at, score in zip(measured.live, forests.first.probabilities(rows), strict=True):
        likely[at] = score
    open_rows = [number for number, at in enumerate(measured.live) if OPEN[0] <= likely[at] <= OPEN[1]]
    if open_rows:
        again = [measured.live[number] for number in open_rows]
        more = np.hstack([rows[open_rows], look_again(measured, likely, again)])
        for at, score in zip(again, forests.second.probabilities(more), strict=True):
            likely[at] = score
    return likely


@cache
def trained_forests() -> Forests:
    """The forests that are shipped."""
    data = json.loads(files("crawler.extract").joinpath("blocks.json").read_text(encoding="utf-8"))
    return Forests(load_forest(data["first"]), load_forest(data["second"]))
