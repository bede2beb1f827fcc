"""What is in hand is out of hand again, whatever happens to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scrapy.exceptions import CloseSpider

from crawler.errors import ArchiveError


@dataclass(slots=True)
class Hold:
    """A link or a requisite in hand while one of its responses is looked at."""

    #: Whether another response is on its way.
    goes_on: bool = False


@contextmanager
def in_hand(done: Callable[[bool], None]) -> Iterator[Hold]:
    """Call `done` at the end, with whether all went well; stop the run where the outcome cannot be stored."""
    hold, settled = Hold(), False
    try:
        yield hold
        settled = True
    except ArchiveError as error:
        raise CloseSpider("archive_error") from error
    finally:
        if not (settled and hold.goes_on):
            done(settled)
