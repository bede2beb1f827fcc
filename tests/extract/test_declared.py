"""A line is held against what the page declares of itself."""

from typing import Any

import numpy as np

from crawler.extract.declared import NOWHERE, Declared
from crawler.extract.reading import fold
from crawler.extract.wording import words_of
from tests.captures import page_of

BODY = "The council of the harbour town agreed on Monday to deepen the port, after a long and bitter debate."
PAGE = f"""<title>Port to be deepened | Example</title><meta property=og:title content="Port to be deepened">
<meta name=description content="The council ends a debate of years. More inside.">
<script type=application/ld+json>{{"@type":"NewsArticle","articleBody":"{BODY}"}}</script>
<p>Menu</p><h1>Port to be deepened</h1><p>The council ends a debate of years.</p><p>{BODY}</p><p>{BODY}</p>"""


def measured(html: str) -> Any:
    page = page_of(html, "https://example.com/a")
    declared = Declared(page, page.lines, [fold(line.text) for line in page.lines])
    words = [words_of(line.text) for line in page.lines]
    return np.array(declared.columns(range(len(words)), words)).T.tolist()


def test_lines_are_counted_from_the_headline() -> None:
    assert [row[0] for row in measured(PAGE)] == [-1.0, 0.0, 1.0, 2.0, 3.0]
    assert measured("<p>Menu</p>")[0][0] == NOWHERE


def test_the_description_and_the_declared_body_are_found() -> None:
    rows = measured(PAGE)
    assert [row[3] for row in rows] == [0.0, 0.0, 1.0, 0.0, 0.0]
    assert [row[4] for row in rows] == [-1.0, -1.0, -1.0, 1.0, 1.0]


def test_copies_are_counted_and_the_later_one_told() -> None:
    assert [row[5:] for row in measured(PAGE)][-2:] == [[2.0, 0.0], [2.0, 1.0]]


def test_words_in_common_with_a_title_count() -> None:
    likeness = [row[1] for row in measured(PAGE)]
    assert likeness[1] == 1.0
    assert 0.0 <= likeness[0] < likeness[1]
