"""Sweeps that go on for hours: the first of their parts run with the slow tests, the others only in a soak."""

import pytest


def first_of(parts: int, first: int) -> list[object]:
    """The numbers of all parts; those from `first` on are marked `soak`."""
    return [pytest.param(part, marks=pytest.mark.soak) if part >= first else part for part in range(parts)]
