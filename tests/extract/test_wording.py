"""Short lines say what they are, in many languages; long ones are told by what they are in."""

import pytest

from crawler.extract.wording import CUES, MOST, Wording, words_of
from crawler.extract.wording import cues_of as cues_by_words


def cues_of(text: str) -> tuple[float, ...]:
    return cues_by_words(text, words_of(text))


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("Subscribe to our daily briefing", "newsletter"),
        ("Abonnieren Sie unseren Newsletter", "newsletter"),
        ("メルマガ登録はこちら", "newsletter"),
        ("Lesen Sie auch: Streit um den Hafen", "more"),
        ("Lire aussi : le port en débat", "more"),
        ("続きを読む", "more"),
        ("Foto: dpa", "credit"),
        ("© 2024 Example Media, all rights reserved", "legal"),
        ("Kommentare (12)", "comment"),
        ("Читайте также: порт углубят", "more"),
        ("Anzeige", "advertising"),
    ],
)
def test_words_say_what_a_line_is(text: str, cue: str) -> None:
    assert cues_of(text)[CUES.index(cue)] > 0


def test_a_word_that_leads_the_line_says_most() -> None:
    more = CUES.index("more")
    leading, within = cues_of("Related: the port")[more], cues_of("The port is related to it")[more]
    assert leading > within > 0


@pytest.mark.parametrize("text", ["Read more: sign up for our newsletter", "続きを読む 登録", "Foto: dpa, read by all"])
def test_some_cues_are_counted_as_among_all(text: str) -> None:
    counted = dict(zip(CUES, cues_of(text), strict=True))
    assert Wording(["more", "newsletter"]).cues_of(text, words_of(text)) == (counted["more"], counted["newsletter"])


def test_a_long_line_says_nothing_by_its_words() -> None:
    assert not any(cues_of("Subscribe to the newsletter. " * MOST))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Read this: 2 Ports, deepened!", ["read", "this", "ports", "deepened"]),
        ("E-mail, print-outs - and so on", ["e-mail", "print-outs", "and", "so", "on"]),
        ("Größe: über_alles 5G", ["größe", "über", "alles", "g"]),
    ],
)
def test_words_are_letters_that_hyphens_may_join(text: str, words: list[str]) -> None:
    assert words_of(text) == words
