"""Times are read as people write them, and none is later than the capture."""

from datetime import UTC, datetime

import pytest

from crawler.extract import metadata
from crawler.extract.calendars import is_possible, parse_written
from crawler.extract.dates import from_epoch
from crawler.extract.printed_times import likely_time
from crawler.site import Stamp
from tests.captures import page_of

WRITTEN = [
    ("Datum 28.04.2023", "2023-04-28", "day"),
    ("8 février 2024 à 10:43", "2024-02-08T10:43:00", "minute"),
    ("Feb 8, 2024, 10:43 AM EST", "2024-02-08T10:43:00-05:00", "minute"),
    ("Thursday, February 8th, 2024 at 7:05 p.m.", "2024-02-08T19:05:00", "minute"),
    ("2024年2月8日 10時43分", "2024-02-08T10:43:00", "minute"),
    ("2024년 2월 8일 10:43", "2024-02-08T10:43:00", "minute"),
    ("8 de febrero de 2024 - 10:43h", "2024-02-08T10:43:00", "minute"),
    ("Tue, 08 Feb 2024 10:43:03 GMT", "2024-02-08T10:43:03+00:00", "second"),
    ("08.02.2024, 10:43 Uhr", "2024-02-08T10:43:00", "minute"),
    ("12 мая 2024, 10:15", "2024-05-12T10:15:00", "minute"),
    ("2024/02/08 10:43:03 +0900", "2024-02-08T10:43:03+09:00", "second"),
    ("1 Ağustos 2024 09:15", "2024-08-01T09:15:00", "minute"),
    ("2024-05-03T18:19:08.000+02:00[Europe/Berlin]", "2024-05-03T18:19:08+02:00", "second"),
    ("13/4/2024", "2024-04-13", "day"),
    ("4/13/2024", "2024-04-13", "day"),
    ("3/4/2024", "2024-04-03", "day"),
]


@pytest.mark.parametrize(("text", "at", "precision"), WRITTEN, ids=range(len(WRITTEN)))
def test_written_times_are_read_in_many_languages(text: str, at: str, precision: str) -> None:
    stamp = parse_written(text)
    assert stamp is not None
    assert (stamp.at, stamp.precision, stamp.raw) == (at, precision, text)


def test_the_order_of_numbers_can_be_told() -> None:
    stamp = parse_written("3/4/2024", month_first=True)
    assert stamp is not None
    assert stamp.at == "2024-03-04"


@pytest.mark.parametrize(
    "text", [None, "", "yesterday", "June 31, 2024", "1.2", "8 Feb 1066", "x 8 Feb 2024" + "x" * 200]
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse_written(text) is None


def test_a_time_element_may_say_that_it_is_of_the_publication() -> None:
    stamp = metadata.published(page_of("<time datetime=2023-01-01>teaser</time><time pubdate datetime=2024-02-08>x"))
    assert stamp == Stamp("2024-02-08", "day", "2024-02-08")


def test_seconds_and_milliseconds_are_told_apart() -> None:
    stamps = [from_epoch("1747829947"), from_epoch("1747829947000")]
    assert [stamp.at for stamp in stamps if stamp] == ["2025-05-21T12:19:07+00:00"] * 2
    assert from_epoch("17478") is None


CAPTURED = datetime(2025, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "precision", "possible"),
    [
        ("2025-11-20T12:00:00+00:00", "second", True),
        ("2025-11-20T12:00:01+00:00", "second", False),
        ("2025-11-20T13:30:00+02:00", "second", True),
        ("2025-11-21T01:59:00", "minute", True),  # it may be that late where the page is written
        ("2025-11-21T03:00:00", "minute", False),
        ("2025-11-21", "day", True),
        ("2025-11-22", "day", False),
        ("1970-01-01", "day", False),
    ],
)
def test_no_time_is_later_than_the_capture(at: str, precision: str, possible: bool) -> None:
    assert is_possible(Stamp(at, precision, at), CAPTURED) is possible  # type: ignore[arg-type]


def test_a_time_still_to_come_is_passed_over() -> None:
    metas = "<meta property=article:published_time content=2031-01-01><meta name=date content='Feb 8, 2024'>"
    stamp = metadata.published(page_of(metas))
    assert stamp is not None
    assert stamp.at == "2024-02-08"


LIKELY = [
    ("<h1>A port</h1><time datetime=2024-02-08T10:00Z>x</time>", "2024-02-08T10:00:00+00:00"),
    ("<time datetime=2023-01-01>teaser</time><h1>A port</h1><p><time>8 Feb 2024</time>", "2024-02-08"),
    ("<h1>A port</h1><p>Ann Lee | 08.02.2024 - Updated: 09.02.2024", "2024-02-08"),
    ("<h1>A port</h1>" + "<p>x y" * 30 + "<p>Published: 8 February 2024", "2024-02-08"),
    ("<h1>A port</h1><p>Updated on 9 February 2024", "2023-04-05"),
]


@pytest.mark.parametrize(("html", "at"), LIKELY, ids=range(len(LIKELY)))
def test_a_page_that_declares_no_time_prints_it(html: str, at: str) -> None:
    stamp = likely_time(page_of(html, "https://example.com/2023/04/05/port/"))
    assert stamp is not None
    assert stamp.at == at


def test_a_number_in_the_address_is_the_last_resort() -> None:
    stamp = likely_time(page_of("<p>x", "https://example.com/article/A2024020810430000123"))
    assert stamp is not None
    assert (stamp.at, stamp.precision) == ("2024-02-08", "day")
    assert likely_time(page_of("<p>x", "https://example.com/article/20999999")) is None
