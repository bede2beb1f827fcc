"""Every error the project raises on purpose.

    NewswarcError
    ├── UsageError            the command line or an input file is wrong: exit code 2
    ├── ArchiveError          the archive cannot be written or read: exit code 3
    │   ├── NotAWarcError     the file is no WARC at all
    │   ├── DamagedRecordError  one record is broken; the next may be whole
    │   ├── LowSpaceError     too little disk space, and the run ended before there was more
    │   └── LockedError       another run holds the site: exit code 5
    ├── StoreError            the store cannot be used, or does not keep what it is sent: exit code 4
    │   ├── RefusedByStoreError  it answered with an error, whose `code` and `status` these are
    │   ├── ConflictError     other bytes than ours have this name there
    │   └── ChangedError      a file was replaced while it was read
    ├── NoCaptureError        the archive holds no capture of the URL: exit code 1
    ├── MalformedMessageError    bytes on the wire are no HTTP/1.1 message
    ├── RefusedAddressError   the address is not public and the run does not allow private ones
    └── PageSkippedError      the page gives no article; `reason` is the report's column
        ├── UnreadablePageError   content encoding unknown or broken
        │   └── OversizedPageError   more of it than any article has
        ├── TruncatedPageError    the capture is cut
        ├── NotAnArticleError     a page of another kind
        ├── NoLayoutMatchesError  an article page that no layout reads
        └── StubError             an article page without a text of its own

A new error is a new line here.
"""

from typing import ClassVar


class NewswarcError(Exception):
    """Base of all; its text is one clear line that names the file or URL and what to do."""

    exit_code: ClassVar[int] = 1


class UsageError(NewswarcError):
    """The command line or an input file is wrong."""

    exit_code = 2


class ArchiveError(NewswarcError):
    """The archive or the ledger cannot be written or read."""

    exit_code = 3


class NotAWarcError(ArchiveError):
    """The file is no WARC."""


class DamagedRecordError(ArchiveError):
    """One record is broken; the records around it may be whole."""


class LowSpaceError(ArchiveError):
    """There was too little disk space when the run ended; what was not fetched is pending."""


class LockedError(ArchiveError):
    """Another run holds the site."""

    exit_code = 5


class StoreError(NewswarcError):
    """The store cannot be reached, refuses, or does not keep what it is sent."""

    exit_code = 4


class RefusedByStoreError(StoreError):
    """The store answered with an error."""

    def __init__(self, told: str, code: str, status: int) -> None:
        super().__init__(told)
        #: The store's own word, such as `SlowDown`.
        self.code = code
        #: The HTTP status.
        self.status = status


class ConflictError(StoreError):
    """The store has other bytes than ours under that name; nothing was overwritten."""


class ChangedError(StoreError):
    """A file was replaced while it was read; what was read before is of another."""


class NoCaptureError(NewswarcError):
    """The archive holds no capture of the URL."""


class MalformedMessageError(NewswarcError):
    """The bytes received are no HTTP/1.1 message whose end can be told."""


class RefusedAddressError(NewswarcError):
    """The name leads to an address that is not public."""


class PageSkippedError(NewswarcError):
    """The page gives no article."""

    reason: ClassVar[str] = "skipped"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url}: {why}")
        self.url = url
        self.why = why


class UnreadablePageError(PageSkippedError):
    """The body's content encoding is unknown or broken."""

    reason = "unreadable"


class OversizedPageError(UnreadablePageError):
    """The page has more bytes, tags, attributes, depth or text than any article: reading it would take too long."""

    reason = "oversized"


class TruncatedPageError(PageSkippedError):
    """The capture was cut by a limit or a lost connection."""

    reason = "truncated"


class NotAnArticleError(PageSkippedError):
    """The page is of another kind: a listing, a contact page, an image."""

    reason = "not_article"


class NoLayoutMatchesError(PageSkippedError):
    """No layout of the site reads this page: the redesign alarm."""

    reason = "no_layout"


class StubError(PageSkippedError):
    """The page is an article's, but has no text of its own (a video, a gallery)."""

    reason = "stub"
