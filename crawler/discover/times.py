"""Times as feeds and sitemaps write them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

#: Zones that RFC 822 does not know and feeds use all the same, in hours east of UTC.
ZONES = {"AEST": 10, "AEDT": 11, "HKT": 8, "EAT": 3, "SAST": 2, "CAT": 2, "CET": 1, "CEST": 2, "BST": 1}
RFC822_ZONE = re.compile(r"(?<![A-Za-z])(?:[+-]\d{4}|Z|GMT|UTC?|[ECMP][SD]T)\s*$", re.IGNORECASE)
ISO = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?)?\s*$")


def parse_time(text: str | None) -> datetime | None:
    """A time in ISO 8601 or RFC 822 form, loosely; `None` if it is neither, or its zone is unknown.

    A date alone, or an ISO time without a zone, is taken as UTC: what depends on it is a matter of days.
    """
    if not text:
        return None
    try:
        return iso_time(text.strip()) or rfc822_time(text.strip())
    except (ValueError, OverflowError):  # 31 February; the year 0
        return None


def iso_time(text: str) -> datetime | None:
    """W3C's profile of ISO 8601, from `2024-02` to `2024-02-08T10:43:00.123+02:00`."""
    found = ISO.match(text)
    if not found:
        return None
    year, month, day, clock, zone = found.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    return datetime.fromisoformat(f"{year}-{month}-{day or '01'}T{clock or '00:00'}{offset}").astimezone(UTC)


def rfc822_time(text: str) -> datetime | None:
    """`Fri, 11 Jun 2021 10:55:18 +0200`, and with a zone of `ZONES` for its offset."""
    fields = parsedate_tz(text)
    if not fields:
        return None
    zone = text.rsplit(maxsplit=1)[-1].upper()
    if RFC822_ZONE.search(text):
        offset = timedelta(seconds=fields[9] or 0)
    elif zone in ZONES:
        offset = timedelta(hours=ZONES[zone])
    else:
        return None
    return datetime(*fields[:6], tzinfo=timezone(offset)).astimezone(UTC)
