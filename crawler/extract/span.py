"""Where in a page's lines the article stands: from its anchor to the first end marker, told by the layout's words."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache

from lxml.html import HtmlElement

from crawler.extract.noise import ENDS, NOISE
from crawler.lines import Line
from crawler.site import Layout
from crawler.text import CLIP, LONG, clipped, is_headed, is_sentence, searcher
from crawler.wording import NEEDED

_DASH = re.compile(rf"^[-–—] +(?=.{{{LONG}}})")  # noqa: RUF001 - between a dateline and its text; no cross-head's
_WORDS = re.compile(r"\^?([A-Za-z0-9 ,:]+)\$?")
HEADER = 300  # characters: no by-line, dateline or headline is longer


@cache
def pattern(source: str) -> re.Pattern[str]:
    """A layout's pattern, compiled once."""
    return re.compile(source)


def find(source: str, text: str) -> re.Match[str] | None:
    """Where a layout's pattern is found in a line; a line longer than any line is looked at from both ends."""
    return searcher(source)(text if len(text) <= CLIP else clipped(text))


def matches_any(patterns: Sequence[str], text: str) -> bool:
    """Whether one of the patterns is found in the text."""
    return bool(patterns) and finder(tuple(patterns))(text)


@cache
def finder(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    """Tells of texts whether one of the patterns is found; those bound to the head are not tried at each character."""
    heads = [_alternative(p) for p in patterns if is_headed(p)]
    others = [_alternative(p) for p in patterns if not is_headed(p)]
    tried = [re.compile("|".join(heads)).match] if heads else []
    tried += [re.compile("|".join(others)).search] if others else []
    if not tried:
        return lambda _: False
    first, second = tried[0], tried[-1]
    if first is second:
        return lambda text: first(text if len(text) <= CLIP else clipped(text)) is not None

    def found(text: str) -> bool:
        seen = text if len(text) <= CLIP else clipped(text)
        return first(seen) is not None or second(seen) is not None

    return found


@cache
def _needed(source: str) -> Sequence[bytes]:
    """The words, one of which each text has that a pattern is found in; a pattern of words alone needs them all."""
    plain = _WORDS.fullmatch(source)
    return [word.encode() for word in ([plain[1].lower()] if plain else NEEDED.get(source, ()))]


def may_have(source: str, texts: Iterable[str]) -> bool:
    """Whether some texts, or one that begins in one and ends in the next, have the words that a pattern needs."""
    words = _needed(source)
    joined = _small(" ", texts) if words else b""
    return not words or any(map(joined.__contains__, words))


def first_with(source: str, texts: Sequence[str]) -> str | None:
    """The first text in which a pattern is found; the words it needs are sought in all texts at once."""
    if words := _needed(source):
        joined = _small("\0", texts)
        texts = [texts[at] for at in sorted({at for word in words for at in _places(word, joined)})]
    return next((text for text in texts if find(source, text)), None)


def _small(mark: str, texts: Iterable[str]) -> bytes:
    """The texts in small ASCII letters, with a mark between them; bytes are searched ten times as fast."""
    return mark.join(texts).encode("utf-8", "surrogatepass").lower()


def _places(word: bytes, joined: bytes) -> Iterator[int]:
    """The numbers of the texts, of those joined by NULs, that have a word."""
    number = end = 0
    while end >= 0 and (found := joined.find(word, end)) >= 0:
        number += joined.count(b"\0", end, found)
        yield number
        end = joined.find(b"\0", found)


@cache
def noise_finder(dropped: tuple[str, ...]) -> Callable[[str], bool]:
    """Tells of texts whether their words, some of which the layout names, say that they are not the article."""
    return finder((*dropped, *NOISE))


def _alternative(source: str) -> str:
    """The pattern as one of several; the names of groups, which may recur among them, are left out."""
    plain = f"(?i:{source[4:]})" if source.startswith("(?i)") else f"(?:{source})"
    return plain if "(?P=" in plain else re.sub(r"\(\?P<\w+>", "(?:", plain)


def inside(roots: Iterable[HtmlElement]) -> frozenset[HtmlElement]:
    """All elements that are some roots, which are in document order, or in them."""
    found: set[HtmlElement] = set()
    for root in roots:
        if root not in found:
            found.update(root.iter())
    return frozenset(found)


def unglued(lines: Sequence[Line], layout: Layout) -> list[Line]:
    """The lines, parted where an inline piece is a stand-alone anchor or, above the text, a by-line."""
    anchors = [whole(a) for a in layout.anchors if "dateline" not in pattern(a).groupindex]
    marks = [*anchors, *([whole(layout.byline)] if layout.byline else [])]
    is_anchor, after = finder(tuple(layout.anchors)), _after_anchor(layout)
    out: list[Line] = []
    for line in lines:
        rest: Line | None = line
        while rest is not None and len(rest.pieces) > 1 and (at := _cut(rest, marks)):
            first, rest = rest.split(at)
            if _DASH.match(rest.text):
                rest = rest.holding((_DASH.sub("", rest.text),))
            if first.text:
                out.append(first)
        if rest is not None and rest.text:
            out += after(rest)
        if marks != anchors and is_anchor(line.text):
            marks = anchors  # below it a name in bold is part of the text
    return out


@cache
def whole(source: str) -> Callable[[str], re.Match[str] | None]:
    """The test whether all of a text is what a pattern says."""
    return pattern(source).fullmatch


def _cut(line: Line, marks: Sequence[Callable[[str], re.Match[str] | None]]) -> int:
    """Number of the piece at which the line falls apart: before a mark, or after it; 0 if it does not."""
    if len(line.text) <= HEADER:
        marks = [mark for mark in marks if not mark(line.text)]  # "By Ann" begins "By Ann Lee"
    for number, piece in enumerate(line.pieces if marks else ()):
        text = " ".join(piece.split())
        if len(text) <= HEADER and any(mark(text) for mark in marks):
            return number if number and "".join(line.pieces[:number]).strip() else number + 1
    return 0


def _after_anchor(layout: Layout) -> Callable[[Line], Sequence[Line]]:
    """What parts a stand-alone dateline from the first paragraph right behind it."""
    source = layout.dateline if layout.dateline in layout.anchors else None
    if source is None or "dateline" in pattern(source).groupindex:
        return lambda line: (line,)

    def parted(line: Line) -> Sequence[Line]:
        found = find(source, line.text)
        if found is None or found.start() or found.end() >= len(line.text):
            return (line,)
        head, tail = line.text[: found.end()], _DASH.sub("", line.text[found.end() :].strip())
        return (line.holding((head,)), line.holding((tail,)))

    return parted


def has_anchor(lines: Sequence[Line], layout: Layout, inner: Collection[HtmlElement]) -> bool:
    """Whether one of the lines in some elements is an anchor."""
    is_anchor = finder(tuple(layout.anchors))
    return any(line.element in inner and is_anchor(line.text) for line in lines)


def span_of(lines: Sequence[Line], layout: Layout) -> tuple[int, int]:
    """First line and end of the article in a page without a known body element."""
    for anchor in layout.anchors:
        places = list(_with_anchor(lines, anchor, 0))
        spans = [_span_at(lines, layout, anchor, places[number:]) for number in range(len(places))]
        if spans:
            return max(spans, key=lambda span: _prose_length(lines, layout, span))
    start = _first_prose(lines, layout, 0)
    return _closed(lines, layout, start, end_of(lines, layout, start, len(lines)))


def _span_at(lines: Sequence[Line], layout: Layout, anchor: str, places: Sequence[int]) -> tuple[int, int]:
    """The span that begins with the first of the anchor's places; another text at a later one is another article's."""
    start = _after(lines, layout, places[0], anchor)
    rivals = (place for place in places if place > start and lines[place].text != lines[places[0]].text)
    return _closed(lines, layout, start, end_of(lines, layout, start, next(rivals, len(lines))))


def anchored(lines: Sequence[Line], layout: Layout, first: int) -> int:
    """The anchor line at or after `first`, or `first`."""
    for anchor in layout.anchors:
        if (place := next(_with_anchor(lines, anchor, first), None)) is not None:
            return _after(lines, layout, place, anchor)
    return first


def _with_anchor(lines: Sequence[Line], anchor: str, first: int) -> Iterator[int]:
    """The numbers of the lines, from the first on, in which an anchor is found."""
    search = searcher(anchor)
    for number in range(first, len(lines)):
        text = lines[number].text
        if search(text if len(text) <= CLIP else clipped(text)):
            yield number


def _after(lines: Sequence[Line], layout: Layout, place: int, anchor: str) -> int:
    """The article's first line, given its anchor's: itself if it goes on, the one under a dateline, the next prose."""
    found = find(anchor, lines[place].text)
    if found is not None and found.end() < len(lines[place].text) and anchor == layout.dateline:
        return place
    return place + 1 if anchor == layout.dateline else _first_prose(lines, layout, place + 1)


def _first_prose(lines: Sequence[Line], layout: Layout, start: int) -> int:
    for i in range(start, len(lines)):
        line = lines[i]
        if line.zone is None and is_prose(line) and not is_noise(line, layout) and not is_caption(line, layout):
            return i
    return len(lines)


def lines_above(lines: Sequence[Line], layout: Layout, at: int, count: int) -> list[Line]:
    """The lines over number `at`, nearest first: `count` of them, and the noise and links among them."""
    found: list[Line] = []
    for line in reversed(lines[max(0, at - 4 * count) : at]):
        if count <= 0:
            break
        found.append(line)
        count -= line.linked < 0.5 and not is_noise(line, layout)
    return found


def is_prose(line: Line) -> bool:
    """Whether the line reads as text, not as a label: long, a sentence, and not mostly links."""
    return len(line.text) >= LONG and is_sentence(line.text) and line.linked < 0.5


def is_noise(line: Line, layout: Layout) -> bool:
    """Whether the line's words say that it is not the article."""
    return noise_finder(tuple(layout.drop_text))(line.text)


def is_caption(line: Line, layout: Layout) -> bool:
    """Whether the line is a picture's caption by its words."""
    return layout.caption is not None and find(layout.caption, line.text) is not None


def end_of(lines: Sequence[Line], layout: Layout, start: int, end: int, *, known_body: bool = False) -> int:
    """Where the first end marker is. Inside a body element known by its selector only the layout's own count."""
    is_end = finder(tuple(layout.ends if known_body and not layout.by_text else (*layout.ends, *ENDS)))
    return next((i for i in range(start, end) if is_end(lines[i].text)), end)


def _prose_length(lines: Sequence[Line], layout: Layout, span: tuple[int, int]) -> int:
    return sum(len(line.text) for line in lines[slice(*span)] if is_prose(line) and not is_noise(line, layout))


def _closed(lines: Sequence[Line], layout: Layout, start: int, end: int) -> tuple[int, int]:
    """The span up to the sign-off below which no paragraph stands, without what trails."""
    last = next((i for i in range(end - 1, start, -1) if _is_paragraph(lines[i], layout)), start)
    signed = (i for i in range(last + 1, end) if matches_any(layout.sign_off, lines[i].text))
    return start, _trimmed(lines, layout, start, next(signed, end))


def _is_paragraph(line: Line, layout: Layout) -> bool:
    return line.zone is None and is_prose(line) and not is_noise(line, layout)


def _trimmed(lines: Sequence[Line], layout: Layout, start: int, end: int) -> int:
    """The end without the labels and links that trail behind the last sentence."""
    lists = end < len(lines) and lines[start].kind != "list_item"  # else all lines are list items, menus included
    end = _before_links(lines, start, end)
    while end > start:
        line = lines[end - 1]
        stays = (
            is_sentence(line.text)
            or line.kind in ("quote", "preformatted", "table")
            or (line.kind == "list_item" and lists)
        )
        if stays and line.linked < 0.5 and line.zone is None and not is_noise(line, layout):
            return end
        end -= 1
    return end


def _before_links(lines: Sequence[Line], start: int, end: int) -> int:
    """The end without a list of links below the last sentence, whose items print a day or a name besides."""
    told = (i for i in range(end - 1, start - 1, -1) if is_sentence(lines[i].text) and lines[i].linked < 0.5)
    last = next(told, start)
    return next((i for i in range(last + 1, end) if lines[i].linked >= 0.5), end)
