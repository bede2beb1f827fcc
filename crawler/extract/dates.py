"""Times as pages state them, with the precision and the zone they really have."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from crawler.model import Precision
from crawler.site import Stamp

ISO = re.compile(
    r"^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ]+(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?\s*$",
    re.IGNORECASE,
)
COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?(Z)?$")
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?", re.IGNORECASE)


def parse_iso(raw: str | None) -> Stamp | None:
    """A stamp from ISO 8601 as loosely as it is written: blanks, missing colons, day alone; `None` if it is none."""
    found = raw and (ISO.match(raw) or COMPACT.match(raw.strip()))
    if not raw or not found:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        if hour is None:
            return Stamp(date(int(year), int(month), int(day)).isoformat(), "day", raw)
        moment = datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{_offset(zone)}")
    except ValueError:
        return None
    return Stamp(moment.isoformat(), "second" if second else "minute", raw)


def _offset(zone: str | None) -> str:
    if not zone:
        return ""
    if zone.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def parse_printed(raw: str | None, formats: Iterable[str], zone: str | None = None) -> Stamp | None:
    """A stamp from a printed time by `strptime` formats; months may be short, long or dotted, days ordinal."""
    if not raw:
        return None
    text = MONTH.sub(lambda m: m[1][:3].title(), ORDINAL.sub("", " ".join(raw.split())))
    for form in formats:
        try:
            moment = datetime.strptime(text, form.replace("%B", "%b"))  # noqa: DTZ007 - the page's zone is told apart
        except ValueError:
            continue
        return _stamped(moment, form, raw, zone)
    return None


def _stamped(moment: datetime, form: str, raw: str, zone: str | None) -> Stamp:
    if "%H" not in form and "%I" not in form:
        return Stamp(moment.date().isoformat(), "day", raw)
    precision: Precision = "second" if "%S" in form else "minute"
    if zone is not None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return Stamp(moment.isoformat(), precision, raw)


def from_epoch(raw: str) -> Stamp | None:
    """A stamp from seconds or milliseconds since 1970 in decimal digits, of the years 2001 to 2286."""
    digits = raw.strip()
    if not digits.isdecimal() or len(digits) not in (10, 13):
        return None
    return from_epoch_ms(int(digits) * (1000 if len(digits) == 10 else 1))


def from_epoch_ms(value: object) -> Stamp | None:
    """A stamp from milliseconds since 1970, as content systems keep them."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1 << 43:
        return None
    return Stamp(datetime.fromtimestamp(value // 1000, UTC).isoformat(), "second", str(value))
