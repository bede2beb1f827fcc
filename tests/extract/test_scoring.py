"""The scorer's weights fit what is measured, and its second look goes by the first one's word on the neighbours."""

import json
from importlib.resources import files

from crawler.extract.forest import LEAVES
from crawler.extract.measures import LONGEST, measure
from crawler.extract.neighbours import look_again
from crawler.extract.scoring import likelihoods
from tests.captures import page_of

TEXT = "The council of the harbour town agreed on Monday to deepen the port, after a long and bitter debate."
PAGE = f"<nav><a href=/a>Home</a></nav><article>{f'<p>{TEXT}</p>' * 5}</article><footer><p>{TEXT}</p></footer>"
URL = "https://example.com/a"


def test_no_weight_asks_for_what_is_not_measured() -> None:
    measured = measure(page_of(PAGE, URL))
    first = len(measured.rows[0])
    second = first + len(look_again(measured, [0.5] * len(measured.lines), measured.live)[0])
    data = json.loads(files("crawler.extract").joinpath("blocks.json").read_text(encoding="utf-8"))
    for name, width in (("first", first), ("second", second)):
        asked = [feature for tree in data[name] for feature, _, _ in tree["tests"]]
        assert 0 < max(asked) < width
        assert width - max(asked) < 20  # none is left out at the end: the weights are those of these measures
        assert all(len(tree["leaves"]) <= LEAVES for tree in data[name])


def test_every_line_has_a_likelihood_and_footers_none() -> None:
    page = page_of(PAGE, URL)
    likely = likelihoods(measure(page))
    assert len(likely) == len(page.lines)
    assert likely[-1] == 0.0
    assert all(0.0 <= score <= 1.0 for score in likely)


def test_what_is_said_of_a_picture_is_not_looked_at() -> None:
    measured = measure(page_of(f"<figure><figcaption><p>{TEXT}</p></figcaption></figure><p>{TEXT}</p>", URL))
    assert measured.live == [1]


def test_the_second_look_sees_the_scores_around_a_line() -> None:
    measured = measure(page_of(PAGE, URL))
    likely = [float(at) for at in range(len(measured.lines))]
    row = look_again(measured, likely, [3])[0]
    assert row[0] == 3.0
    assert row[4:6].tolist() == [2.0, 4.0]


def test_a_line_without_an_end_is_not_looked_at() -> None:
    assert measure(page_of(f"<p>{'word ' * LONGEST}</p>", URL)).live == []
    assert measure(page_of(f"<p>{'A word. ' * LONGEST}</p>", URL)).live == [0]


def test_a_page_without_lines_has_no_likelihoods() -> None:
    assert likelihoods(measure(page_of("<div></div>", URL))) == []
