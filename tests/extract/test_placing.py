"""Where a line stands is counted in lines and in levels."""

from crawler.extract.placing import FAR, Mass, gaps, running
from crawler.extract.surroundings import Scene
from crawler.page import parse_html


def test_gaps_are_lines_to_the_last_mark_and_to_the_next() -> None:
    since, until = gaps([False, True, False, False, True, False])
    assert since == [float(FAR), float(FAR), 1.0, 2.0, 3.0, 1.0]
    assert until == [1.0, 3.0, 2.0, 1.0, float(FAR), float(FAR)]


def test_running_sums_leave_the_own_amount_out() -> None:
    assert running([1.0, 2.0, 3.0]) == [0.0, 1.0, 3.0]


def test_mass_is_found_in_every_element_around() -> None:
    around = Scene(parse_html("<div><section><p>a</p><p>b</p></section><p>c</p></div>").iter("p")).around
    mass = Mass(around, [1.0, 2.0, 1.0])
    section = around[0].outer
    assert section is not None
    assert (mass.of(around[0]), mass.of(section), mass.total) == (1.0, 3.0, 4.0)
    assert [mass.levels(around[0], share) for share in (0.2, 0.7, 1.0)] == [0.0, 1.0, 2.0]
    assert Mass(around, [0.0, 0.0, 0.0]).levels(around[2], 0.5) > 3
