"""Units run side by side, their outcomes in order, and one broken unit costs one unit."""

import os
import signal
from collections.abc import Iterator

import pytest

from crawler.engine import Crew, Inline, engine_of
from crawler.errors import UsageError


def double(unit: int) -> int:
    return unit * 2


def fragile(unit: int) -> int:
    if unit == 2:
        raise ZeroDivisionError("two")
    if unit == 3:
        raise UsageError("three: give another")
    return unit


def deadly(unit: int) -> int:
    if unit % 4 == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return unit


@pytest.mark.parametrize("workers", [1, 3])
def test_it_gives_outcomes_in_the_order_of_the_units(workers: int) -> None:
    outcomes = list(engine_of(workers).map(double, range(20)))
    assert [(outcome.unit, outcome.result, outcome.error) for outcome in outcomes] == [
        (n, n * 2, None) for n in range(20)
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_unit_raises_is_its_outcome(workers: int) -> None:
    errors = [outcome.error for outcome in engine_of(workers).map(fragile, range(5))]
    assert errors == [None, None, "ZeroDivisionError: two", "three: give another", None]


def test_a_worker_that_dies_costs_its_unit() -> None:
    outcomes = list(Crew(2).map(deadly, range(8)))
    assert [outcome.result for outcome in outcomes] == [0, None, 2, 3, 4, None, 6, 7]
    assert {outcome.error for outcome in outcomes if outcome.result is None} == {"its worker died (exit code -9)"}


def test_it_does_nothing_for_no_units() -> None:
    assert list(Crew(2).map(double, [])) == []
    assert list(Inline().map(double, [])) == []


def test_workers_end_when_nobody_wants_their_results() -> None:
    results = Crew(2).map(double, range(100))
    assert isinstance(results, Iterator)
    assert next(results).result == 0
    results.close()  # type: ignore[attr-defined] # it is a generator
    outcome = next(iter(Crew(1).map(double, [4])))
    assert outcome.result == 8


def test_it_takes_units_as_they_are_needed() -> None:
    taken: list[int] = []

    def units() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    assert next(Inline().map(double, units())).result == 0
    assert taken == [0]
