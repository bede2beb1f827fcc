"""What becomes of a link: a status or an error -> its final state and the one reason that the report names."""

from typing import NamedTuple

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from crawler.crawl.ledger import State
from crawler.crawl.politeness import UNREACHABLE, RefusalError
from crawler.errors import MalformedMessageError, RefusedAddressError
from crawler.model import Capture

GONE = (404, 410)
REFUSED = (401, 402, 403, 451)


class Outcome(NamedTuple):
    """A link's final state; `reason` is `None` only for an article."""

    state: State
    reason: str | None


def outcome_of_status(status: int) -> Outcome:
    """For any response but 200 and redirects that lead on."""
    state: State = "gone" if status in GONE else "refused" if status in REFUSED else "failed"
    return Outcome(state, f"http_{status}")


def outcome_of_error(error: BaseException | None, capture: Capture | None) -> Outcome:
    """For a request that ended in no response; `capture` is what had arrived."""
    if isinstance(error, RefusalError):
        return Outcome(error.state, error.reason)
    if isinstance(error, RefusedAddressError):
        return Outcome("refused", "private_address")
    if capture is not None and capture.truncated == "length" and capture.status == 200:
        return Outcome("captured", "truncated")  # it would be too long the next time, too
    if capture is not None and not isinstance(error, UNREACHABLE):
        return Outcome("captured", "unreadable")  # it came whole, and Scrapy could not decode it: garbage, a bomb
    return Outcome("failed", reason_of(error) if error is not None else "error")


def reason_of(error: BaseException) -> str:
    """The name under which a failed download is counted."""
    if isinstance(error, CannotResolveHostError):
        return "dns"
    if isinstance(error, DownloadTimeoutError):
        return "timeout"
    if isinstance(error, ResponseDataLossError):
        return "interrupted"
    if isinstance(error, DownloadCancelledError):
        return "truncated"
    if isinstance(error, UnsupportedURLSchemeError) or isinstance(error.__cause__, MalformedMessageError):
        return "malformed"
    return "connection" if isinstance(error, UNREACHABLE) else "error"
