"""What an index and the ledger keep of a stored response: everything but its body."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from crawler.archive.records import target_uri
from crawler.model import Truncation, WarcRef

_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
REDIRECTS = frozenset({301, 302, 303, 307, 308})

#: The status of bytes that are no HTTP message; they are stored as a `resource` record.
NO_STATUS = 0


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One stored response."""

    url: str
    captured_at: datetime
    #: `NO_STATUS` where the bytes are no HTTP message.
    status: int
    #: Lower case, without parameters.
    mime: str | None
    #: Absolute, if the response is a redirect.
    redirect_to: str | None
    ref: WarcRef
    truncated: Truncation | None = None
    etag: str | None = None
    last_modified: str | None = None
    run_id: str | None = None
    #: Whether the body is stored in a transfer encoding.
    chunked: bool = False
    #: Of the text, as the Content-Type declares it, in capitals.
    charset: str | None = None


def make_entry(
    url: str,
    captured_at: datetime,
    status: int,
    headers: Iterable[tuple[str, str]],
    *,
    ref: WarcRef,
    truncated: Truncation | None,
    run_id: str | None,
) -> IndexEntry:
    """The entry of a response whose status and headers (latin-1) are given."""
    first = {name.lower(): value.strip() for name, value in reversed(tuple(headers))}
    return IndexEntry(
        url=url,
        captured_at=captured_at,
        status=status,
        mime=_mime(first.get("content-type")),
        redirect_to=_redirect(url, first.get("location")) if status in REDIRECTS else None,
        ref=ref,
        truncated=truncated,
        etag=first.get("etag"),
        last_modified=first.get("last-modified"),
        run_id=run_id,
        chunked="transfer-encoding" in first,
        charset=_charset(first.get("content-type")),
    )


def _mime(content_type: str | None) -> str | None:
    mime = (content_type or "").partition(";")[0].strip().lower()
    # A space would end the field in an index line.
    return mime if mime and not any(character.isspace() for character in mime) else None


def _charset(content_type: str | None) -> str | None:
    match = _CHARSET.search(content_type or "")
    return match[1].upper() if match else None


def _redirect(url: str, location: str | None) -> str | None:
    if location is None:
        return None
    try:
        return target_uri(urljoin(url, location_text(location)))
    except ValueError:  # an IPv6 address that is none
        return None


def location_text(location: str) -> str:
    """A Location header's value (latin-1) as browsers read it: as UTF-8, and bytes that are none as escapes."""
    text = location.encode("latin-1", "replace").decode("utf-8", "surrogateescape")
    return re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", text)
