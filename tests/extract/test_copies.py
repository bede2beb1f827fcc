"""What a page prints more than once stands in its text once; honest repeats stay."""

from crawler.extract.copies import MOST, Copies
from crawler.extract.reading import fold
from crawler.model import BlockKind

WORDS = [
    "The council of the harbour town agreed on Monday to deepen the port, after a long and bitter debate.",
    "“We have waited for this for twenty years,” the mayor told reporters outside the town hall on Monday night.",
    "Fishermen said their nets would suffer; merchants said their ships would otherwise not come at all.",
]
TABLE = "Ship | Port\nThe good ship Venus | Harwich, in Essex\nThe good ship Jupiter | Hull, on the Humber"


def kept(*texts: str, kind: BlockKind = "paragraph") -> list[str]:
    copies = Copies(map(fold, texts))
    return [text for text in texts if not copies.is_copy(text, fold(text), kind)]


def test_a_line_is_told_once_and_a_short_one_as_often_as_it_is_printed() -> None:
    assert kept(WORDS[0], "Yes.", WORDS[0], "Yes.") == [WORDS[0], "Yes.", "Yes."]


def test_a_sentence_that_was_pulled_out_as_a_quote_is_dropped_wherever_it_stands() -> None:
    quote = "We have waited for this for twenty years, the mayor told reporters"
    assert kept(WORDS[0], quote, WORDS[1]) == WORDS[:2]
    assert kept(WORDS[0], WORDS[1], quote) == WORDS[:2]


def test_a_short_label_that_is_a_part_of_a_sentence_stays() -> None:
    assert kept("The harbour town", WORDS[0]) == ["The harbour town", WORDS[0]]


def test_the_text_in_one_piece_is_dropped_where_its_paragraphs_were_printed() -> None:
    paragraphs = [f"{number}. {text}" for number in range(8) for text in WORDS]
    assert kept(*paragraphs, " ".join(paragraphs)) == paragraphs


def test_paragraphs_stay_where_something_long_that_says_the_same_comes_after_them() -> None:
    other = "The weather was fair. " * 200
    assert kept(*WORDS, other + WORDS[0]) == [*WORDS, other + WORDS[0]]


def test_a_table_for_small_screens_beside_the_same_one_is_dropped() -> None:
    assert kept(TABLE, TABLE.replace("Ship |", "Vessel |"), kind="table") == [TABLE]
    other = TABLE.replace("good", "bad")
    assert kept(TABLE, other, kind="table") == [TABLE, other]


def test_a_page_of_endless_lines_is_searched_within_bounds() -> None:
    lines = [f"{number} {'word' * 200}" for number in range(4000)] + ["x" * MOST, "y" * MOST * 10]
    assert kept(*lines) == lines
