"""Captures made by hand, for tests of what is read from them."""

from datetime import UTC, datetime

from crawler.model import Capture, Truncation, WarcRef
from crawler.page import Page

CAPTURED_AT = datetime(2025, 11, 20, 12, tzinfo=UTC)
REF = WarcRef("warc/x/2025/11/X.warc.gz", 512, 1024, "<urn:uuid:1>", "sha1:AAAA")


def capture_of(
    body: bytes | str = b"",
    url: str = "https://example.com/a",
    *,
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html"),),
    status: int = 200,
    truncated: Truncation | None = None,
    captured_at: datetime = CAPTURED_AT,
    ref: WarcRef | None = None,
) -> Capture:
    """A capture of `body`, which is encoded as UTF-8 if it is text."""
    payload = body.encode() if isinstance(body, str) else body
    return Capture(url, captured_at, status, headers, payload, ref, truncated)


def page_of(body: bytes | str, url: str = "https://example.com/a", content_type: str = "text/html") -> Page:
    """The page of such a capture."""
    return Page(capture_of(body, url, headers=(("Content-Type", content_type),)))
