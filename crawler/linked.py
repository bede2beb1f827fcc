"""Linked data (JSON-LD, https://www.w3.org/TR/json-ld11/) as pages really hold it: scripts to a flat list of objects.

On one page of sixteen it is no JSON: comments and CDATA round it, raw line ends, commas too many or too few, quotes
that are not escaped, several values in a row, entities. It is mended where the parser stumbles, a few times at most.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from html import unescape
from itertools import islice

MAX_SCRIPT = 1 << 20  # characters; the longest seen, with the whole article in it, has 200,000
MAX_SCRIPTS = 1 << 22  # characters in all
FARTHEST = 90  # characters from a wrapping's end to the text's
MAX_VALUES = 100  # in one script; more than one is a mistake already
MAX_ENTRIES = 5000  # objects of a page; a long listing has some hundreds
MAX_DEPTH = 200  # deeper is an attack, not a description
MAX_REPAIRS = 24  # a headline has a dozen raw quotes at most
REPAIR_BUDGET = 1 << 22  # characters read again and again; more is an attack
_WRAPPING = re.compile(r"^\s*(?:<!--|(?://\s*)?<!\[CDATA\[|/\*.{0,40}?\*/)|(?:-->|(?://\s*)?\]\]>)[\s;]{0,80}\Z")
_BETWEEN = re.compile(r"[\s;,]*")
_DECODER = json.JSONDecoder(strict=False)

Entry = Mapping[str, object]


def tolerant_json(text: str) -> object:
    """The first value of JSON as pages really hold it; `None` for what is beyond help."""
    return next(json_values(text), None)


def json_values(text: str) -> Iterator[object]:
    """The values of JSON in a row, up to the first that cannot be mended."""
    if len(text) > MAX_SCRIPT:
        return
    if ">" in text[-FARTHEST:] or text.lstrip().startswith(("<", "/")):  # a search of all the text, otherwise in vain
        text = _WRAPPING.sub("", _WRAPPING.sub("", text))
    text = text.strip().lstrip("\ufeff")
    if text[:8].lstrip("[{ \n").startswith("&quot;"):
        text = unescape(text)
    at = 0
    for _ in range(MAX_VALUES):
        found = _BETWEEN.match(text, at)
        at = found.end() if found else at
        mended = _mended(text, at) if at < len(text) else None
        if mended is None:
            return
        value, text, at = mended
        yield value


def _mended(text: str, at: int) -> tuple[object, str, int] | None:
    """The value that begins at `at`, the text as it was mended for it, and where the value ends; `None` if hopeless."""
    for _ in range(min(MAX_REPAIRS, REPAIR_BUDGET // len(text)) + 1):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            text = _repaired(text, error)
            if not text:
                return None
        except (ValueError, RecursionError):  # a number of thousands of digits, or brackets without end
            return None
        else:
            return value, text, end
    return None


def _repaired(text: str, error: json.JSONDecodeError) -> str:
    """The text with what the parser stumbled over put right; empty if nobody knows how."""
    at, before, here = error.pos, text[: error.pos].rstrip(), text[error.pos : error.pos + 1]
    if error.msg.startswith("Invalid \\"):
        if text.startswith("\\'", at):
            return text[:at] + text[at + 1 :]
        return text[:at] + "\\" + text[at:]
    if text.startswith("//", at):
        return text[:at] + text[at:].partition("\n")[2]
    if error.msg.startswith(("Illegal trailing comma", "Expecting property name", "Expecting value")):
        return _with_value(text, before, here)
    if error.msg.startswith("Expecting ',' delimiter") and here in ('"', "{"):
        return f"{before},{text[at:]}" if "\n" in text[len(before) : at] else _with_quote(text, before)
    return _with_quote(text, before) if error.msg.startswith("Expecting") else ""


def _with_value(text: str, before: str, here: str) -> str:
    """A comma too many taken out, or a missing value put in."""
    at = len(before)
    if before.endswith(",") and here in ("}", "]", ","):
        return before[:-1] + text[at:]
    if text.startswith(",", at) and not here:
        return ""
    if before.endswith(":") and here in (",", "}", "]"):
        return f"{before}null{text[at:]}"
    if here == "}" and text[at:].lstrip().startswith("}") and before.rstrip().endswith(","):
        return before.rstrip()[:-1] + text[at:]
    return ""


def _with_quote(text: str, before: str) -> str:
    """The text with the quote that ended a string too early escaped."""
    at = before.rfind('"')
    return f"{text[:at]}\\{text[at:]}" if at > 0 else ""


def entries_of(value: object, depth: int = 0) -> Iterator[Entry]:
    """Every object of a value, graphs and arrays unrolled, a page's main entity after the page."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from entries_of(item, depth + 1)
    elif isinstance(value, dict):
        if "@graph" in value:
            yield from entries_of(value["@graph"], depth + 1)
        if "@type" in value or "@graph" not in value:
            yield value
        if isinstance(value.get("mainEntity"), dict):
            yield from entries_of(value["mainEntity"], depth + 1)


def kinds_of(entry: Entry) -> frozenset[str]:
    """The object's types, without the vocabulary's address."""
    declared = entry.get("@type")
    kinds = declared if isinstance(declared, list) else [declared]
    return frozenset(kind.rsplit("/", 1)[-1].removeprefix("schema:") for kind in kinds if isinstance(kind, str))


class Linked:
    """The linked data of one page."""

    def __init__(self, scripts: Iterable[str]) -> None:
        self.entries: tuple[Entry, ...] = tuple(islice(self._read(scripts), MAX_ENTRIES))

    @staticmethod
    def _read(scripts: Iterable[str]) -> Iterator[Entry]:
        left = MAX_SCRIPTS
        for script in scripts:
            left -= len(script)
            if left < 0:
                return
            for value in json_values(script):
                yield from entries_of(value)

    @cached_property
    def articles(self) -> tuple[Entry, ...]:
        """The objects that describe an article, the fullest first."""
        found = [e for e in self.entries if any(k.endswith(_ARTICLES) for k in kinds_of(e))]
        return tuple(sorted(found, key=lambda e: -sum(bool(e.get(key)) for key in _TELLING)))

    @cached_property
    def pages(self) -> tuple[Entry, ...]:
        """The objects that describe the page."""
        return tuple(entry for entry in self.entries if any(kind.endswith("WebPage") for kind in kinds_of(entry)))

    def resolved(self, value: object) -> object:
        """The object that a mere reference, `{"@id": ...}`, refers to; anything else as it is."""
        if isinstance(value, Mapping) and "name" not in value and isinstance(value.get("@id"), str):
            return self._named.get(str(value["@id"]), value)
        return value

    @cached_property
    def _named(self) -> dict[str, Entry]:
        named = [entry for entry in self.entries if isinstance(entry.get("@id"), str) and entry.get("name")]
        return {str(entry["@id"]): entry for entry in reversed(named)}


_ARTICLES = ("Article", "BlogPosting", "Report", "ClaimReview", "Posting")
_TELLING = ("headline", "author", "datePublished")
