"""By-lines: the names as printed, without the words round them, in the languages that news is written in."""

# ruff: noqa: RUF001 - the full-width and long marks are used by pages

import re
from collections.abc import Iterator

MAX_NAME = 80  # characters; longer is a sentence
MAX_BYLINE = 2000  # characters; forty names
_LEADS = (
    r"(?:written|posted|reported|reporting|story|words|text|interview|published|compiled|edited)(?: story)? by|by|"
    r"author|text|texte|texto|testo|tekst|autor|autora|autorin|autore|auteur|von|par|por|a cura di|door|skrevet av|"
    r"skriven av|kirjoittaja|szerz[oő]|oleh|penulis|yazan|автор|текст|συντάκτης|بقلم|كتب|מאת|"
    "文|撰文|作者|記者|记者|责编|责任编辑|글"
)
#: What opens a by-line: words that no name begins with, or one of these before a colon.
_LEAD = re.compile(rf"^\W*(?:(?:{_LEADS})\s*[:：/／]\s*|(?:{_LEADS}|av|af)\s+)", re.IGNORECASE)
_TRAIL = re.compile(r"\s*(?:특파원|기자|記者|记者)$")
_WORDS = "and|with|avec|mit|And|AND|und|UND|et|och|og|ve|ja|și|és|dan|en|και|и|та"
_BETWEEN = re.compile(
    rf"\s*(?:[,;|、，؛،•·]|&|\s/\s|\s[-–—]\s|\b(?:{_WORDS})\b|(?<=\w\s)[yeia](?=\s\w[\w.’'-]*\s\w))\s*"
)
_TITLES = re.compile(r"^(?:jr|sr|i{2,3}|iv|ph\.?d|md|esq)\.?$", re.IGNORECASE)
_NO_NAMES = re.compile(
    r"\S+@\S+|https?:\S*|www\.\S*|(?<!\w)@\w+|\([^)]{0,60}(?:\)|$)|\[[^\]]{0,60}(?:\]|$)", re.IGNORECASE
)
_PICTURE = re.compile(r"^\W*(?:photo|foto|image|video|bild|picture|illustration)\w*\W|getty images", re.IGNORECASE)
_NOBODY = re.compile(r"(?:agencies|agences|agenturen|agencias|agenzie|null|none|undefined|admin\w*)", re.IGNORECASE)
_SMALL = "de da do dos das del della di du van von der den ter ten zu zum la le el al bin af av y e"
_PARTICLES = frozenset(_SMALL.split())
_ROLE = re.compile(
    r"(?:report|edit|correspond|journalis|columnis|profess|direct|redakt|redact|rédact|korrespond|autor|giornalis|"
    r"fotogra|photogra|senior|chief|head of|writer|analyst|producer)",
    re.IGNORECASE,
)
_AGENCIES = (
    "AFP|Reuters|REUTERS|UPI|Bloomberg|Xinhua|IANS|PTI|ANI|DPA|dpa|APA|AP|SID|EPD|epd|KNA|ANSA|Ansa|EFE|TASS|Interfax|"
    "Kyodo|Jiji|Yonhap|NTB|Ritzau|PAP|ČTK|MTI|Belga|ANP|SDA|AAP|Anadolu Ajansı|Anadolu Agency|Lusa|Europa Press|"
    "Associated Press"
)
_AGENCY = re.compile(rf"(?<!\w)(?:{_AGENCIES})(?!\w)")
_SHORT = {"Associated Press": "AP", "REUTERS": "Reuters", "dpa": "DPA", "epd": "EPD", "Ansa": "ANSA"}


def split_byline(text: str | None) -> tuple[str, ...]:
    """The names of a by-line, in order, none twice, without what the people are.

    >>> split_byline("By Ann Lee, senior reporter, and Bo Roe")
    ('Ann Lee', 'Bo Roe')
    """
    names: list[str] = []
    for name in _parts(text or ""):
        if _TITLES.match(name) and names:
            names[-1] = f"{names[-1]}, {name}"
        elif len(name) <= MAX_NAME and name not in names and not (names and _is_beside(name, names[-1])):
            names.append(name)
    return tuple(names)


def _parts(text: str) -> Iterator[str]:
    plain = _NO_NAMES.sub(" ", " ".join(text[:MAX_BYLINE].split()))
    for part in _BETWEEN.split(_LEAD.sub("", plain.strip())):
        name = _TRAIL.sub("", part).strip(" :;,-–—|/*()（）")
        if any(c.isalpha() for c in name) and not _NOBODY.fullmatch(name) and not _PICTURE.search(name):
            yield name


def _is_beside(text: str, name: str) -> bool:
    """Whether a part of a by-line behind a name says what that person is, or where: one word behind a whole name."""
    words = text.split()
    if len(words) == 1 and len(name.split()) > 1 and not text.isupper() and text.isascii() and "." not in text:
        return agency_in(text) is None
    small = any(word[0].islower() and word not in _PARTICLES for word in words)
    return agency_in(text) is None and "staff" not in text.lower() and (small or _ROLE.search(text) is not None)


def is_name(text: str) -> bool:
    """Whether a text can be a person's or a desk's name: a few words with letters, begun with capitals, no sentence."""
    words = text.split()
    if not 1 <= len(words) <= 6 or any(c.isdigit() for c in text) or not any(c.isalpha() for c in text):
        return False
    if text.endswith(("?", "!", ":", "…")) or (text.isascii() and len(text) < 3):
        return False
    return all(not word[0].islower() or word in _PARTICLES for word in words) or (len(words) == 1 and len(text) <= 4)


def agency_of(authors: tuple[str, ...]) -> str | None:
    """The news agency that a by-line names.

    >>> agency_of(("AFP Staff Writers",))
    'AFP'
    """
    return agency_in(" ".join(authors))


def agency_in(text: str) -> str | None:
    """The news agency that is named in the text, by its usual name."""
    found = _AGENCY.search(text[:MAX_BYLINE])
    return _SHORT.get(found[0], found[0]) if found else None
