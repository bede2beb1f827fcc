"""The text of a page that prints none, because scripts draw it: what the page hands to its own scripts.

Sites built with React or Vue send the article's markup as a string in a script, and no element with text in it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from crawler.errors import OversizedPageError
from crawler.page import Page

LITTLE = 300  # characters; less is a teaser
# What is not ended goes to the end of the script, or each quote in it would be a beginning to try.
_LITERAL = re.compile(r'"((?:[^"\\]++|\\.)*+)\\?(?:"|\Z)', re.DOTALL)
_PUSHED = re.compile(r"\s*self\.__next_f\.push\(\[1,")
_ROW = re.compile(rb"[0-9a-f]+:T([0-9a-f]{1,7}),")  # of React's stream: a text of so many bytes
_TAG = re.compile(r"<[^<>]*+>?")
_MARKUP = re.compile(r"<(?:p|div|br|section|article)\b", re.IGNORECASE)


def scripted_page(page: Page) -> Page | None:
    """The markup in the page's scripts that has most text, as a page of its own; None where none has enough."""
    best = max(_strings(page), key=_length, default="")
    if _length(best) < LITTLE:
        return None
    inner = Page(replace(page.capture, headers=(), payload=best.encode()))
    try:
        return inner if inner.lines else None
    except OversizedPageError:
        return None


def _length(markup: str) -> int:
    return len(_TAG.sub("", markup))


def _strings(page: Page) -> Iterator[str]:
    """Every string with markup that is long enough, in literals and in the texts of React's stream."""
    pushed: list[str] = []
    for script in page.named["script"]:
        source = script.text or ""
        if _PUSHED.match(source):
            pushed += _literals(source, 0)
        else:
            yield from filter(_is_markup, _literals(source, LITTLE))
    stream = "".join(pushed)
    yield from filter(_is_markup, (*_literals(stream, LITTLE), *_rows(stream.encode())))


def _literals(source: str, least: int) -> Iterator[str]:
    """The strings between double quotes, as JSON has them; no escape is shorter than what it stands for."""
    for literal in _LITERAL.finditer(source):
        if literal.end() - literal.start() < least:
            continue
        try:
            yield json.loads(f'"{literal[1]}"', strict=False).encode("utf-8", "replace").decode("utf-8")
        except ValueError:  # an escape of JavaScript's that JSON has not
            continue


def _rows(stream: bytes) -> Iterator[str]:
    """The texts that React's stream has as they are, without quotes."""
    at = 0
    while (row := _ROW.search(stream, at)) is not None:
        at = row.end() + int(row[1], 16)
        yield stream[row.end() : at].decode("utf-8", "replace")


def _is_markup(text: str) -> bool:
    return len(text) >= LITTLE and _MARKUP.search(text, 0, LITTLE) is not None
