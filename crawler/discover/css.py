"""The URLs in a style sheet, by its tokens alone.

A full parser for CSS in Python takes seconds a megabyte, and style sheets are the largest text of many a page; comments
and strings are all that stands between a URL and a pattern.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

MAX_SHEET = 4 * 2**20  # characters; what is past them is not looked at

_STRING = r"\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?"
#: Comments and strings are tokens so that what they hold is none; quantifiers never give back, so a sheet is read once.
_TOKEN = re.compile(
    rf"/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
    rf"|(?P<import>@import)\b"
    rf"|(?P<font>@font-face)\b"
    rf"|(?<![\w-])url\(\s*+(?:(?P<quoted>{_STRING})|(?P<bare>(?:[^\"'()\\\s]|\\(?:[0-9a-f]{{1,6}}\s?|.))*+))\s*+(?:\)|\Z)"
    rf"|(?P<string>{_STRING})"
    rf"|(?P<stop>[{{}};])",
    re.IGNORECASE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|(.))", re.DOTALL)


class CssUrl(NamedTuple):
    """A reference as the sheet has it, its escapes undone."""

    href: str
    #: What it is for: `@import`, `@font-face`, or none of both.
    rule: str | None


def css_urls(text: str) -> Iterator[CssUrl]:
    """Every `url()` and `@import` of a style sheet or a style attribute, in its order; those in comments are none."""
    rule: str | None = None
    for token in _TOKEN.finditer(text[:MAX_SHEET]):
        if token["import"] or token["font"]:
            rule = token[0].lower()
        elif token["stop"]:
            # A font's URLs stand between its braces; an import ends with its semicolon.
            rule = rule if rule == "@font-face" and token["stop"] != "}" else None
        elif (written := _written(token, rule)) and (href := _ESCAPE.sub(_character, written).strip()):
            yield CssUrl(href, rule)
            rule = None if rule == "@import" else rule  # what follows are conditions


def _written(token: re.Match[str], rule: str | None) -> str | None:
    quoted = token["quoted"] or (token["string"] if rule == "@import" else None)
    if quoted:
        return quoted[1:-1] if quoted[-1:] == quoted[0] and len(quoted) > 1 else quoted[1:]
    return token["bare"]


def _character(escape: re.Match[str]) -> str:
    code, line_break, other = escape.groups()
    if code is None:
        return "" if line_break else str(other)
    number = int(code, 16)
    return chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else "\ufffd"
