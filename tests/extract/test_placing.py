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
    scene = Scene(parse_html("<div><section><p>a</p><p>b</p></section><p>c</p></div>").iter("p"), {})
    mass, first = Mass(scene, [1.0, 2.0, 1.0]), scene.around[0]
    assert (mass.below[first], mass.below[scene.outer[first]], mass.total) == (1.0, 3.0, 4.0)
    assert [mass.levels(share)[first] for share in (0.2, 0.7, 1.0)] == [0.0, 1.0, 2.0]


def test_nothing_is_everywhere_in_the_same_share() -> None:
    scene = Scene(parse_html("<div><p>a</p></div>").iter("p"), {})
    assert Mass(scene, [0.0]).below == [0.0] * len(scene.outer)
