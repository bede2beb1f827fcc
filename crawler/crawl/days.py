"""Days that the crawl goes by: a run's first one, and those written in URLs."""

import re
from collections.abc import Iterator
from datetime import date

from crawler.errors import UsageError

DATE_IN_URL = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/]([01]\d)[-/]([0-3]\d)(?!\d)")


def dates_in(url: str) -> Iterator[date]:
    """Days written in a URL."""
    for year, month, day in DATE_IN_URL.findall(url):
        try:
            yield date(int(year), int(month), int(day))
        except ValueError:
            continue


def day_of(text: str | None) -> date | None:
    """A run's first day; raises `UsageError` for what is no ISO date."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"since {text}: give a date such as 2024-02-08") from error
