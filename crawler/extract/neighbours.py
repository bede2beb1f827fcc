"""The second look at each line: what the first look said of the lines near it, styled like it, and in the same box."""

from collections.abc import Sequence

from crawler.extract.measures import Measured
from crawler.extract.placing import Mass, gaps, running

LIKELY = 0.5
PROSE = 80  # characters
MOST = 400.0  # characters that one line counts; a page in one line must not outweigh all others
_REACH = (-4, -3, -2, -1, 1, 2, 3, 4)
_SHARES = (0.3, 0.6, 0.9)


def look_again(measured: Measured, likely: Sequence[float]) -> list[list[float]]:
    """For each live line what its neighbours' first scores say; `likely` has one for every line of the page."""
    around = measured.around
    widths = [min(MOST, width) for width in measured.widths]
    weights = [score * width for score, width in zip(likely, widths, strict=True)]
    mass, texts = Mass(around, weights), Mass(around, widths)
    strong = [score > LIKELY and width > PROSE for score, width in zip(likely, widths, strict=True)]
    since, until = gaps(strong)
    before, strong_before, strong_all = running(weights), running([float(mark) for mark in strong]), sum(strong)
    alike = _alike(measured, likely)
    padded = [0.0] * 4 + list(likely) + [0.0] * 4
    rows = []
    for at in measured.live:
        own, weight, width = around[at], weights[at], widths[at]
        second = own.outer or own
        third = second.outer or second
        places = (own, second, third)
        total, number = alike[own.signature]
        rows.append(
            [
                likely[at],
                *(padded[4 + at + step] for step in _REACH),
                before[at] / mass.total,
                (mass.total - before[at] - weight) / mass.total,
                strong_before[at],
                strong_all - strong_before[at] - strong[at],
                since[at],
                until[at],
                (total - likely[at]) / (number - 1) if number > 1 else -1.0,
                *((mass.of(place) - weight) / mass.total for place in places),
                *((mass.of(place) - weight) / max(1.0, texts.of(place) - width) for place in places),
                *(mass.levels(own, share) for share in _SHARES),
            ]
        )
    return rows


def _alike(measured: Measured, likely: Sequence[float]) -> dict[str, tuple[float, int]]:
    """Of each signature the sum of the scores, and how many lines have it."""
    found: dict[str, tuple[float, int]] = {}
    for own, score in zip(measured.around, likely, strict=True):
        total, number = found.get(own.signature, (0.0, 0))
        found[own.signature] = (total + score, number + 1)
    return found
