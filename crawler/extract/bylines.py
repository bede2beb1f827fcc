"""By-lines: the names as printed, without the words round them."""

import re

_LEAD = re.compile(r"^\s*(?:(?:(?:written|posted|reported|story) )?by|author:|von|par|por)\b[:\s]*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:,|;|\||&|\band\b)\s*", re.IGNORECASE)
_TITLES = re.compile(r"^(?:jr|sr|i{2,3}|iv|ph\.?d|md|esq)\.?$", re.IGNORECASE)
MAX_NAME = 80  # characters; longer is a sentence


def split_byline(text: str | None) -> tuple[str, ...]:
    """The names of a by-line, in order, none twice.

    >>> split_byline("By Ann Lee and Bo Roe")
    ('Ann Lee', 'Bo Roe')
    """
    names: list[str] = []
    for name in _BETWEEN.split(_LEAD.sub("", " ".join((text or "").split()))):
        if _TITLES.match(name) and names:
            names[-1] = f"{names[-1]}, {name}"
        elif name and len(name) <= MAX_NAME and name not in names:
            names.append(name)
    return tuple(names)


def agency_of(authors: tuple[str, ...]) -> str | None:
    """The news agency that a by-line names.

    >>> agency_of(("AFP Staff Writers",))
    'AFP'
    """
    found = re.search(r"\b(AFP|Reuters|UPI|Bloomberg|Xinhua|IANS|DPA|AP)\b", " ".join(authors))
    return found[1] if found else None
