"""Where a stored response sends to."""

from crawler.archive.entries import REDIRECTS, location_text
from crawler.discover.urls import absolute
from crawler.model import Capture

MAX_HOPS = 10  # redirects in a row, within one article or from one to the next


def redirect_target(capture: Capture) -> str | None:
    """Where a redirect leads, in normal form; `None` if the response is none, or leads nowhere."""
    location = capture.header("Location")
    return absolute(location_text(location), capture.url) if capture.status in REDIRECTS and location else None
