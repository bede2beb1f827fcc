"""The second look at each line: what the first look said of the lines near it, styled like it, and in the same box."""

from collections.abc import Iterable, Sequence

from crawler.extract.measures import Measured
from crawler.extract.placing import Mass, gaps, running

LIKELY = 0.5
PROSE = 80  # characters
MOST = 400.0  # characters that one line counts; a page in one line must not outweigh all others
_SHARES = (0.3, 0.6, 0.9)


def look_again(measured: Measured, likely: Sequence[float], chosen: Iterable[int]) -> list[list[float]]:
    """For each chosen line what its neighbours' first scores say; `likely` has one for every line of the page."""
    scene = measured.scene
    widths = [min(MOST, width) for width in measured.widths]
    weights = [score * width for score, width in zip(likely, widths, strict=True)]
    mass, texts = Mass(scene, weights), Mass(scene, widths)
    strong = [score > LIKELY and width > PROSE for score, width in zip(likely, widths, strict=True)]
    since, until = gaps(strong)
    before, strong_before, strong_all = running(weights), running([float(mark) for mark in strong]), sum(strong)
    alike = _alike(measured, likely)
    padded = [0.0] * 4 + list(likely) + [0.0] * 4
    reaches = list(zip(*map(mass.levels, _SHARES), strict=True))
    rows = []
    for at in chosen:
        own, weight, width = scene.around[at], weights[at], widths[at]
        second = scene.outer[own]
        places = (own, second, scene.outer[second])
        total, number = alike[scene.signature[own]]
        rows.append(
            [
                likely[at],
                *padded[at : at + 4],
                *padded[at + 5 : at + 9],
                before[at] / mass.total,
                (mass.total - before[at] - weight) / mass.total,
                strong_before[at],
                strong_all - strong_before[at] - strong[at],
                since[at],
                until[at],
                (total - likely[at]) / (number - 1) if number > 1 else -1.0,
                *[(mass.below[place] - weight) / mass.total for place in places],
                *[(mass.below[place] - weight) / max(1.0, texts.below[place] - width) for place in places],
                *reaches[own],
            ]
        )
    return rows


def _alike(measured: Measured, likely: Sequence[float]) -> dict[str, tuple[float, int]]:
    """Of each signature the sum of the scores, and how many lines have it."""
    found: dict[str, tuple[float, int]] = {}
    for own, score in zip(measured.scene.around, likely, strict=True):
        signature = measured.scene.signature[own]
        total, number = found.get(signature, (0.0, 0))
        found[signature] = (total + score, number + 1)
    return found
