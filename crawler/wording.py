"""The vocabulary of layouts that go by words: datelines, by-lines, dates and agencies as news pages print them.

Each name is a piece of a regular expression, and each function makes a whole one for an attribute of `Layout`, with the
groups that it reads: `place`, `agency`, `date`, `dateline`, `raw`, `names`. A site file says in a line what its pages
print:

    dateline = own_line(MONTH_FIRST)             Moscow (AFP) Feb 8, 2024
    dateline = opening("diplomat.so")            Moscow (diplomat.so) - Russian President ...
    dateline = opening_with_dash()               Moscow — Russian President ...
    dateline = opening_with_day(DAY_FIRST)       11th February 2024 – (Beijing) Russian President ...
    timestamp = stamp(rf"{WEEKDAY} {MONTH_FIRST} - {CLOCK}")
    byline = by("By")                            By Ann Lee
"""  # noqa: RUF002 - the pages' own dashes

from collections.abc import Sequence

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

#: A month, whole or as newspapers shorten it, with a full stop or none.
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
WHOLE_MONTH = f"(?:{_MONTHS})"
WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
#: `Feb 8, 2024`
MONTH_FIRST = rf"{MONTH} \d{{1,2}}, \d{{4}}"
#: `Jan 31st, 2015`
MONTH_FIRST_ORDINAL = rf"{MONTH} \d{{1,2}}(?:st|nd|rd|th), \d{{4}}"
#: `11th February 2024`
DAY_FIRST = rf"\d{{1,2}}(?:st|nd|rd|th) {WHOLE_MONTH} \d{{4}}"
#: `19:24` or `19:24:07`
CLOCK = r"\d{2}:\d{2}(?::\d{2})?"
#: Between a dateline and its text: a hyphen, or a dash of either length.
DASH = "[-–—]"  # noqa: RUF001 - all three are used
#: `AFP`, `UPI`, `RIA Novosti`
AGENCY = r"(?:[A-Z]{2,6}(?:/[A-Z]+)?|[A-Z][A-Za-z .]{1,30})"
#: A word of a person's name, of a desk's, or between two of them.
NAME = r"(?:[A-Z][\w.'’-]*|and|of|de|van|von|al|bin)"  # noqa: RUF001 - a curly apostrophe is one of them
#: What is printed as an agency's name where it signs off in a line of its own.
AGENCIES = "Reuters|AFP|Bloomberg|DPA|AP|Xinhua|Sapa"
#: Agencies that a dateline names in brackets, on the pages of any site.
WIRES = (
    "AFP|AP|Reuters|UPI|Xinhua|IANS|PTI|ANI|dpa(?:/[a-z]{2,4})?|DPA|APA|SID|epd|KNA|ANSA|EFE|TASS|Interfax|Kyodo|Yonhap|"
    "NTB|PAP|Belga|ANP|AAP|Bloomberg|KNS|CNN|RIA Novosti|SPX"
)
#: The legal footer.
RIGHTS = (
    r"(?i)^(?:©|\(c\)|copyright\b).{3,}|^.{0,200}\b(?:all rights reserved|alle rechte vorbehalten|tous droits réservés|"
    r"(?:todos los derechos|todos os direitos) reservados|tutti i diritti riservati|alle rechten voorbehouden)\b"
)
#: Text of the link to the original of a republished article.
ORIGIN = (
    r"(?i)^(?:(?:read|see) (?:the )?(?:full |original )(?:article|story|post)|(?:this )?(?:article|story) (?:was )?"
    r"(?:first|originally) (?:published|appeared))"
)
#: Of patterns that are sought on every page: words in small letters; a text in which they are found has one of them.
NEEDED: dict[str, Sequence[str]] = {
    RIGHTS: ("©", "(c)", "copyright", "reserv", "orbeh", "droits", "diritti"),
    ORIGIN: (
        *(f"{which} {what}" for which in ("full", "original") for what in ("article", "story", "post")),
        *(f"{when} {done}" for when in ("first", "originally") for done in ("published", "appeared")),
    ),
}


def own_line(date: str) -> str:
    """A dateline on a line of its own: place, agency, day."""
    # the look-ahead leaves lines without a bracket, which are nearly all, after one run over their heads
    return rf"^(?=[^()\n]{{3,81}}+\()(?P<place>[^()\n]{{2,80}}?) \((?P<agency>{AGENCY})\),?\s+(?P<date>{date})"


def opening(source: str) -> str:
    """A dateline that opens the first paragraph and stays in it: place, and the source in brackets, in any case."""
    name = source.replace(".", r"\.")
    return rf"^(?=[^()]{{2,61}}+\()(?P<dateline>(?P<place>[^()]{{2,60}}?) ?\( ?(?i:{name}) ?\)) ?{DASH} ?"


def opening_with_agency() -> str:
    """A dateline that opens the first paragraph of an agency's report: place, perhaps a day, the agency in brackets."""
    place = r"[^\W\d_][\w .,'’/-]{1,60}?"  # noqa: RUF001 - likewise
    # as above, lines without a bracket near their heads are left before a place is tried at each of its lengths
    head = rf"^(?=[^()]{{2,100}}+\()(?P<dateline>(?P<place>{place})(?:, {MONTH} \d{{1,2}})? ?\((?P<agency>{WIRES})\))"
    return rf"{head},? ?[-–—.:]"  # noqa: RUF001


def opening_with_dash() -> str:
    """A dateline that opens the first paragraph: up to five capitalised words, and an em dash."""
    return r"^(?P<dateline>(?P<place>[A-Z][\w.’'-]+(?:[ /,]+[A-Z][\w.’'-]+){0,4})) — "  # noqa: RUF001 - likewise


def opening_with_day(date: str) -> str:
    """A dateline that opens the first paragraph: the day of publication, then the place in brackets."""
    return rf"^(?P<date>{date}) ?{DASH} ?(?P<dateline>\((?P<place>[^)]{{2,60}})\))\s*"


def stamp(time: str) -> str:
    """A time of publication as printed."""
    return f"(?P<raw>{time})"


def by(lead: str) -> str:
    """A by-line with that word before the names."""
    return rf"{lead} (?P<names>{NAME}(?: {NAME},?){{0,9}})"


def signed() -> str:
    """An agency's name alone in the last line."""
    return rf"^(?P<agency>{AGENCIES})(?: (?:News|Staff))?$"
