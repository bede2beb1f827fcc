"""Dates as people write them, in the languages that news is written in: month names, orders, clock times, zones."""

# ruff: noqa: RUF001 - the months' own letters

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import chain

from crawler.model import Precision
from crawler.site import Stamp

LONGEST = 160  # characters; what is longer is no date but a sentence that has one in it
YEARS = range(1990, 2100)  # the web's
FARTHEST = timedelta(hours=14)  # ahead of UTC: the first clocks to show a day
#: Beginnings of the months' names, January first.
_MONTHS = """jan jän ene gen sty led янв січ oca ιαν يناير ינואר
feb fév lut úno фев лют şub φεβ فبراير פברואר
mar mär maa mrt bře brez мар бер μαρ μάρ مارس מרץ
apr avr abr kwi dub апр кві nis απρ أبريل ابريل אפריל
may mai mag maj mei mei maí kvě май мая тра μαϊ μάι máj مايو מאי
jun juin giu cze červn jún июн чер haz ιουν kesä يونيو יוני
jul juil lug lip červen júl июл лип tem ιουλ heinä يوليو יולי
aug aoû ago sie srp авг сер ağu αυγ αύγ elo أغسطس אוגוסט
sep set wrz zář сен вер eyl σεπ syys szept سبتمبر ספטמבר
oct okt ott out paź říj окт жов eki οκτ loka أكتوبر אוקטובר
nov lis ноя лист kas νοε marras نوفمبر נובמבר
dec dez dic déc gru pros дек гру ara δεκ joulu des ديسمبر דצמבר"""
_NUMBER = {start: number for number, row in enumerate(_MONTHS.split("\n"), 1) for start in row.split()}
_STARTS = sorted(_NUMBER, key=len, reverse=True)
_NAME = rf"(?P<month>(?:{'|'.join(_STARTS)})[^\W\d_]{{0,10}})"
_TAIL = r"(?:st|nd|rd|th|er|\.|º|ª)?"
_OF = r"(?:\s|[.,/-]|\bde\b|\bdel\b|\bof\b|\bd’){1,6}"
_WRITTEN = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}}){_TAIL}{_OF}{_NAME}{_OF}(?P<year>\d{{4}})(?!\d)"
    rf"|(?<!\w){_NAME.replace('month', 'month2')}{_OF}(?P<day2>\d{{1,2}}){_TAIL},?\s+(?P<year2>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>\d{4})\s?(?:[-/.]|年|년)\s?(?P<month>\d{1,2})\s?(?:[-/.]|月|월)\s?(?P<day>\d{1,2})(?!\d)"
)
_YEAR_LAST = re.compile(
    r"(?<!\d)(?P<one>\d{1,2})\s?(?P<mark>[./-])\s?(?P<two>\d{1,2})\s?(?P=mark)\s?(?P<year>\d{4})(?!\d)"
)
_CLOCK = re.compile(
    r"(?<![\d.])(?P<hour>\d{1,2})(?:[:.]|\s?[hH時시]\s?)(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,9})?)?(?![\d.])"
    r"(?:\s?(?P<half>[aApP])\.?[mM]\b\.?)?"
)
_ZONE = re.compile(
    r"(?:\b(?:UTC|GMT)\s?)?(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?\b|\b(?P<name>[A-Z]{2,5})\b"
)
#: Hours from UTC of the zones that pages name; those that mean two things are left open.
_ZONES: dict[str, int] = {
    "UTC": 0,
    "GMT": 0,
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
    "CET": 1,
    "CEST": 2,
}
_ZONES |= {"MEZ": 1, "MESZ": 2, "JST": 9, "KST": 9, "HKT": 8, "SAST": 2, "WIB": 7, "MSK": 3, "AEST": 10, "AEDT": 11}
_ZONES |= {"EAT": 3, "WAT": 1, "CAT": 2, "EET": 2, "EEST": 3, "NZST": 12, "NZDT": 13}


def parse_written(text: str | None, *, month_first: bool = False) -> Stamp | None:
    """A stamp from the first full date in a short text; `month_first` is how 3/4/2024 is read."""
    if not text or len(text) > LONGEST:
        return None
    found = _day_in(text, month_first=month_first)
    if found is None:
        return None
    day, start, end = found
    clock = _CLOCK.search(text, end) or _CLOCK.search(text[:start])
    return _with_clock(day, clock, text) if clock else Stamp(day.isoformat(), "day", text)


def _day_in(text: str, *, month_first: bool) -> tuple[date, int, int] | None:
    for found in chain(_YEAR_FIRST.finditer(text), _WRITTEN.finditer(text), _YEAR_LAST.finditer(text)):
        if (day := _day_of(found, month_first=month_first)) is not None:
            return day, found.start(), found.end()
    return None


def _day_of(found: re.Match[str], *, month_first: bool) -> date | None:
    part = {name.rstrip("2"): value for name, value in found.groupdict().items() if value is not None}
    if "one" in part:
        one, two = int(part["one"]), int(part["two"])
        swapped = part["mark"] == "/" and (two > 12 or (month_first and one <= 12))  # dots always mean day first
        day, month = (two, one) if swapped else (one, two)
    else:
        day, month = int(part["day"]), _month(part["month"])
    if int(part["year"]) not in YEARS:
        return None
    try:
        return date(int(part["year"]), month, day)
    except ValueError:
        return None


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else next(_NUMBER[s] for s in _STARTS if text.lower().startswith(s))


def _with_clock(day: date, clock: re.Match[str], text: str) -> Stamp:
    hour, half = int(clock["hour"]), (clock["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half == "p")
    try:
        moment = datetime.combine(day, time(hour, int(clock["minute"]), int(clock["second"] or 0)))
    except ValueError:
        return Stamp(day.isoformat(), "day", text)
    zone = _zone_in(text[clock.end() : clock.end() + 12])
    precision: Precision = "second" if clock["second"] else "minute"
    return Stamp((moment.replace(tzinfo=zone) if zone else moment).isoformat(), precision, text)


def _zone_in(text: str) -> timezone | None:
    found = _ZONE.search(text)
    if found is None:
        return None
    if found["name"]:
        hours = _ZONES.get(found["name"])
        return timezone(timedelta(hours=hours)) if hours is not None else None
    hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
    if hours > 14 or minutes > 59:
        return None
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(ahead if found["sign"] == "+" else -ahead)


def is_possible(stamp: Stamp, captured_at: datetime) -> bool:
    """Whether a time is of the web's years and not after the capture; one without a zone may be of the farthest."""
    if int(stamp.at[:4]) not in YEARS:
        return False
    latest = captured_at.astimezone(UTC)
    if stamp.precision == "day":
        return date.fromisoformat(stamp.at) <= (latest + FARTHEST).date()
    moment = datetime.fromisoformat(stamp.at)
    return moment <= latest if moment.tzinfo else moment.replace(tzinfo=UTC) <= latest + FARTHEST
