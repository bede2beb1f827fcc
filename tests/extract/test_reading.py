"""Texts are compared by their letters and digits."""

import sys

import pytest

from crawler.extract.reading import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Port to be deepened: 2 votes!", "porttobedeepened2votes"),
        ("„Straße\u00a0\u2013 snake_case“", "strassesnakecase"),
        ("Ünder_scored", "ünderscored"),
        ("港が、深くなる。", "港が深くなる"),
        ("... — ...", ""),
        ("", ""),
    ],
)
def test_blanks_and_marks_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_character_is_a_letter_or_is_left_out() -> None:
    characters = [chr(code) for code in range(sys.maxunicode + 1)]
    assert [fold(one) for one in characters] == ["".join(filter(str.isalnum, one.casefold())) for one in characters]
