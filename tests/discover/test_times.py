"""Feeds and sitemaps write times in many ways, and no wrong one is taken."""

import pytest

from crawler.discover.times import parse_time


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-02-08", "2024-02-08T00:00:00+00:00"),
        ("2024-02", "2024-02-01T00:00:00+00:00"),
        ("2024-02-08T10:43:00+02:00", "2024-02-08T08:43:00+00:00"),
        ("2024-02-08T10:43:00.123Z", "2024-02-08T10:43:00+00:00"),
        ("2024-02-08 10:43", "2024-02-08T10:43:00+00:00"),
        ("2024-02-08T10:43:00+0200", "2024-02-08T08:43:00+00:00"),
        ("Fri, 11 Jun 2021 10:55:18 +0200", "2021-06-11T08:55:18+00:00"),
        ("Fri, 11 Jun 2021 10:55:18 GMT", "2021-06-11T10:55:18+00:00"),
        ("Thu, 04 APR 2013 20:37:27 AEST", "2013-04-04T10:37:27+00:00"),
        ("Thu, 04 APR 2013 20:37:27 SAST", "2013-04-04T18:37:27+00:00"),
        ("  Fri, 11 Jun 2021 10:55:18 EST ", "2021-06-11T15:55:18+00:00"),
    ],
)
def test_it_reads_a_time(text: str, iso: str) -> None:
    found = parse_time(text)
    assert found is not None
    assert found.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [None, "", "yesterday", "2024-02-31", "0000-01-01", "Thu, 04 Apr 2013 20:37:27 XYZT", "2024-02-08T10:43:00+99:00"],
)
def test_it_takes_no_wrong_time(text: str | None) -> None:
    assert parse_time(text) is None
