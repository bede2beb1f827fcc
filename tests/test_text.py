"""Patterns are tried where they can match, and texts lose what nobody sees."""

import re

import pytest

from crawler.text import is_headed, normalised, searcher, small_words

HEADED = ["^a", "(?i)^a|^b", "^(?:a|b)c|^d", r"^[|(]x", r"^a\|b", "(?i)^[]|]a|^[^]|]b"]
FREE = ["a", "^a|b", "(?i)a|^b", "(?m)^a", "(?:^a)|b", r"^a\\|b", "^[a]|b"]


@pytest.mark.parametrize(("source", "headed"), [*((s, True) for s in HEADED), *((s, False) for s in FREE)])
def test_a_pattern_is_bound_to_the_head_where_each_alternative_is(source: str, headed: bool) -> None:
    assert is_headed(source) is headed


@pytest.mark.parametrize("source", [*HEADED, *FREE])
@pytest.mark.parametrize("text", ["a", "b", "xa", "xb", "c\na", "a|b", "|x", "bc", "d", ""])
def test_a_search_finds_what_the_pattern_does(source: str, text: str) -> None:
    found, expected = searcher(source)(text), re.search(source, text)
    assert (found and found.span()) == (expected and expected.span())


def test_invisible_characters_are_dropped() -> None:
    assert normalised("\ufeffa\u200bb \u2060 \u00e9\n c") == "ab \u00e9 c"


def test_white_space_of_every_kind_is_made_one_space() -> None:
    for blank in filter(str.isspace, map(chr, range(0x10000))):
        assert normalised(f"a{blank}b {blank}c") == "a b c", ascii(blank)
        assert normalised(f"{blank}a ") == "a", ascii(blank)
        assert normalised(blank) == "", ascii(blank)


def test_small_words_are_runs_of_small_letters() -> None:
    assert small_words("nav-bar main_menu2 x Top") == ["nav", "bar", "main", "menu", "x", "op"]
