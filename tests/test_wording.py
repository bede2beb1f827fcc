"""The vocabulary of layouts: what each piece finds in lines as pages print them, and what it leaves alone."""

# ruff: noqa: RUF001 - the pages' own dashes and quotes

import re

import pytest

from crawler.wording import (
    CLOCK,
    DAY_FIRST,
    MONTH_FIRST,
    MONTH_FIRST_ORDINAL,
    WEEKDAY,
    WHOLE_MONTH,
    by,
    opening,
    opening_with_dash,
    opening_with_day,
    own_line,
    signed,
    stamp,
)

TIME = stamp(rf"{WEEKDAY} {WHOLE_MONTH} \d{{1,2}}, \d{{4}} - {CLOCK}")
FOUND = [
    (own_line(MONTH_FIRST), "Moscow (AFP) Feb 8, 2024", {"place": "Moscow", "agency": "AFP", "date": "Feb 8, 2024"}),
    (own_line(MONTH_FIRST), "Tokyo (AFP) June 1, 2023", {"place": "Tokyo", "date": "June 1, 2023"}),
    (own_line(MONTH_FIRST), "Munich, Germany (SPX) Apr 04, 2013", {"place": "Munich, Germany", "agency": "SPX"}),
    (own_line(MONTH_FIRST), "Moscow (RIA Novosti) Sept. 9, 2010", {"agency": "RIA Novosti", "date": "Sept. 9, 2010"}),
    (own_line(MONTH_FIRST), "Paris (AFP/ESA), Oct 14, 1999 The probe", {"agency": "AFP/ESA", "date": "Oct 14, 1999"}),
    (opening("post.so"), "Moscow (post.so) - He said", {"place": "Moscow", "dateline": "Moscow (post.so)"}),
    (opening("post.so"), "Baidoa ( POST.SO) – He said", {"place": "Baidoa", "dateline": "Baidoa ( POST.SO)"}),
    (opening_with_dash(), "Moscow — He said", {"place": "Moscow", "dateline": "Moscow"}),
    (opening_with_dash(), "Addis Ababa/Port St. John’s — He", {"place": "Addis Ababa/Port St. John’s"}),
    (
        opening_with_day(DAY_FIRST),
        "11th February 2024 – (Beijing) He",
        {"date": "11th February 2024", "place": "Beijing"},
    ),
    (opening_with_day(DAY_FIRST), "1st May 2023 - (Hong Kong) He", {"dateline": "(Hong Kong)"}),
    (TIME, "Thursday February 08, 2024 - 19:24:07", {"raw": "Thursday February 08, 2024 - 19:24:07"}),
    (TIME, "Monday May 1, 2023 - 07:05", {"raw": "Monday May 1, 2023 - 07:05"}),
    (stamp(MONTH_FIRST_ORDINAL), "Jan 31st, 2015", {"raw": "Jan 31st, 2015"}),
    (by("[Bb]y"), "by AFP Staff Writers", {"names": "AFP Staff Writers"}),
    (by("By"), "By Ann LEE and Bo van ROE", {"names": "Ann LEE and Bo van ROE"}),
    (by("By"), "By Siân O’Hara-Jones, Bo Roe", {"names": "Siân O’Hara-Jones, Bo Roe"}),
    (signed(), "Reuters", {"agency": "Reuters"}),
    (signed(), "Bloomberg News", {"agency": "Bloomberg"}),
]
LEFT = [
    (own_line(MONTH_FIRST), "He met Ann (her sister) and left on Feb 8, 2024"),
    (own_line(MONTH_FIRST), "Moscow (AFP) in February"),
    (own_line(MONTH_FIRST), "(AFP) Feb 8, 2024"),
    (opening("post.so"), "Moscow (post-so) - He said"),
    (opening("post.so"), "Moscow (another.so) - He said"),
    (opening_with_dash(), "the boat — a ferry — left"),
    (opening_with_dash(), "The boat left on time — nobody knew why"),
    (opening_with_day(DAY_FIRST), "11th February 2024 was a Sunday (in Beijing)"),
    (TIME, "Thursday February 08, 2024"),
    (by("By"), "by the sea they waited"),
    (signed(), "Reuters reported on Monday"),
    (signed(), "REUTERS"),
]


@pytest.mark.parametrize(("pattern", "line", "groups"), FOUND, ids=[line for _, line, _ in FOUND])
def test_a_piece_finds_what_pages_print(pattern: str, line: str, groups: dict[str, str]) -> None:
    found = re.search(pattern, line)
    assert found is not None
    assert {name: found[name] for name in groups} == groups


@pytest.mark.parametrize(("pattern", "line"), LEFT, ids=[line for _, line in LEFT])
def test_it_leaves_prose_alone(pattern: str, line: str) -> None:
    assert re.search(pattern, line) is None


@pytest.mark.parametrize("pattern", sorted({pattern for pattern, _, _ in FOUND}))
@pytest.mark.parametrize("text", ["A " * 2000, "Aa, " * 1000, "(" * 4000, "A. and " * 600, "1st May 2023 -" * 300])
def test_no_line_holds_it_up(pattern: str, text: str) -> None:
    """Patterns meet lines of any kind; one that tried every way to part a line would hang."""
    assert re.search(pattern, text) is None
