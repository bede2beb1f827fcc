"""Patterns that hardly any text has are sought by their words first, and found as the patterns alone would."""

import pytest

from crawler.extract.span import find, first_with, inside, may_have
from crawler.page import parse_html
from crawler.wording import NEEDED, ORIGIN, RIGHTS

TEXTS = {
    RIGHTS: [
        "© 2026 The Herald",
        "(C) The Herald 2026",
        "COPYRIGHT 2026 The Herald",
        "The Herald. All rights reserved.",
        "ALLE RECHTE VORBEHALTEN",
        "TOUS DROITS RÉSERVÉS",
        "Todos los derechos reservados",
        "Todos os direitos reservados",
        "Tutti i diritti riservati",
        "Alle rechten voorbehouden",
    ],
    ORIGIN: [
        "Read the full article",
        "SEE ORIGINAL POST",
        "This story was first published",
        "Article originally appeared",
        "Read the full story",
        "See full post",
        "Read the original article",
        "See the original story",
        "Article first appeared",
        "This article was originally published",
    ],
}
CASES = [(source, text) for source, texts in TEXTS.items() for text in texts]


@pytest.mark.parametrize(("source", "text"), CASES)
def test_a_text_with_the_pattern_has_its_words(source: str, text: str) -> None:
    assert find(source, text)
    assert may_have(source, ["A longer line", *text.split(" ", 1)])
    assert not may_have(source, ["A longer line", "The whole story"])
    assert first_with(source, ["A réserve of the river", text, text.lower()]) == text


def test_it_finds_the_first_text() -> None:
    assert first_with(RIGHTS, ["a copyright case", "© one", "© two"]) == "© one"
    assert first_with(RIGHTS, ["A reserve", "one", ""]) is None
    assert first_with(RIGHTS, ["reserved, reserved", "", "© copyright two"]) == "© copyright two"
    assert first_with("^b", ["a", "b", "bc"]) == "b"


def test_a_pattern_of_words_alone_needs_them() -> None:
    assert may_have("^Read on here$", ["a", "Read on", "here"])
    assert not may_have("^Read on here$", ["Read on", "there"])
    assert first_with("^Read on here$", ["please read on here", "Read on here"]) == "Read on here"
    assert may_have("^Read (?:on|it) here$", ["of other patterns nothing is known"])


def test_each_word_is_needed() -> None:
    for source, words in NEEDED.items():
        assert [word for word in words if not any(word in text.lower() for text in TEXTS[source])] == []


def test_what_is_inside_an_element_is_told() -> None:
    tree = parse_html("<div><p>a<b>b</b></p></div><p>c</p>")
    assert sorted(e.tag for e in inside([tree.find(".//div"), tree.find(".//b")])) == ["b", "div", "p"]
