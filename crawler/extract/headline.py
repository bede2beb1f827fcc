"""The headline: what the page declares, checked against what it prints."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

from crawler.extract import metadata
from crawler.extract.reading import fold
from crawler.extract.span import HEADER, lines_above, matches_any, pattern
from crawler.extract.titles import find_title
from crawler.lines import Line
from crawler.page import Page
from crawler.site import Generic, Layout
from crawler.text import LONG, normalised

WORDS = 4  # a title with fewer is a template's as often as a headline
ABOVE = 12  # lines: a kicker, a byline, a dateline, a caption, a box
MENU = 0.75  # of a line's characters in links; a headline with a name linked has less
_SEPARATED = re.compile(r"\s+(?:[|»·•]|::|--|[-–—])\s+")  # noqa: RUF001 - an en dash is one of them
_ALWAYS_A_NAME = re.compile(r"\s+(?:[|»]|::)\s+")


def find_headline(page: Page, layout: Layout, lines: Sequence[Line], start: int) -> str | None:
    """The headline as printed if a line near the text agrees with what the page declares; else as declared."""
    if isinstance(layout, Generic):
        return find_title(page)
    stated = layout.headline() or first_text(page, layout.headline_css)
    if stated:
        return stated
    names = _site_names(page, layout)
    claims = [claim for claim in _claims(page, names) if claim]
    heads = [line.text for line in lines if line.kind == "heading"]
    above = _above(lines, layout, start)
    printed, folded = (*heads, *(line.text for line in above)), cache(fold)
    for claim in claims:
        for text in printed:
            if _same(text, folded(text), folded(claim)):
                return text
    if claims and metadata.headlines(page):
        return claims[0]
    likely = [line.text for line in above if not _is_link(line) and _is_head(line.text, layout, names)]
    twice = next((text for text, after in pairwise(likely) if text == after), None)
    if twice or (claims and len(claims[0].split()) >= WORDS):
        return twice or claims[0]
    headings = (normalised(e.text_content()) for e in page.select("h1"))
    under = [text for text in _under_kicker(above, layout) if text in likely][:1]
    return next((t for t in (*headings, *under, *likely) if _is_head(t, layout, names)), claims[0] if claims else None)


def _under_kicker(above: Sequence[Line], layout: Layout) -> list[str]:
    """The lines under the channel's name, where the page prints one: a caption or a box may be nearer to the text."""
    texts = [line.text for line in reversed(above)]
    if layout.kicker is None:
        return []
    kicker = pattern(layout.kicker)
    return next((texts[at + 1 :] for at, text in enumerate(texts) if kicker.fullmatch(text)), [])


def _above(lines: Sequence[Line], layout: Layout, start: int) -> list[Line]:
    """The lines over the text, nearest first; over its second copy where the body is printed twice."""
    first = lines[start].text if start < len(lines) else None
    copies = [i for i, line in enumerate(lines) if line.text == first and len(line.text) > LONG] or [start]
    return [line for at in reversed(copies) for line in lines_above(lines, layout, at, ABOVE)]


def first_text(page: Page, queries: Iterable[str]) -> str | None:
    """The text of the first element found that has any."""
    for query in queries:
        for element in page.select(query):
            if text := normalised(element.text_content()):
                return text
    return None


def _claims(page: Page, names: set[str]) -> list[str]:
    declared = dict.fromkeys([*metadata.headlines(page), *([page.title] if page.title else [])])
    bare = [text for text in (_without_site(one, names) for one in declared) if fold(text) not in names]
    words = len(bare[0].split()) if bare else 0
    return [text for text in bare if words < WORDS or len(text.split()) >= WORDS]  # after a headline, a mere label


def _site_names(page: Page, layout: Layout) -> set[str]:
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    names = [*layout.site_names, page.meta("og:site_name") or "", host, host.split(".")[0]]
    return {fold(name) for name in names} | {""}


def _without_site(text: str, names: set[str]) -> str:
    """A title without the site's name behind or before it."""
    parts = list(_SEPARATED.finditer(text))
    if parts and fold(text[: parts[0].start()]) in names:
        return _without_site(text[parts[0].end() :].strip(), names)
    for found in parts:
        if fold(text[found.end() :]) in names or (
            _ALWAYS_A_NAME.fullmatch(found[0]) and len(text[: found.start()].split()) > 2
        ):
            return text[: found.start()].strip()
    return text.strip()


def _same(printed: str, one: str, other: str) -> bool:
    """Whether a printed line, and folded, is what the page declares, which may be cut or have more behind it."""
    if one == other:
        return True
    return len(printed.split()) >= 3 and (
        (other.startswith(one) and len(other) < 2 * len(one))
        or (len(other) > 30 and one.startswith(other) and len(one) < 2 * len(other))
    )


def _is_link(line: Line) -> bool:
    return line.kind != "heading" and line.linked >= MENU


def _is_head(text: str, layout: Layout, names: set[str]) -> bool:
    """Whether a line can be a headline: some words that are no site's name, no label and no sentence of a text."""
    if len(text) > HEADER or (len(text) >= LONG and text.endswith(".")):
        return False
    stated = (layout.byline, layout.timestamp, layout.kicker, layout.caption, *layout.anchors, *layout.drop_text)
    labels = [label for label in stated if label]
    return len(text.split()) > 2 and not matches_any(labels, text) and fold(text) not in names
