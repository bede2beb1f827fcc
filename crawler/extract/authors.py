"""The authors: who the page declares, less the site itself, and who it prints where it declares nobody.

Sites name themselves as the author in linked data more often than they name their people, so an organisation counts
only where the page prints it as a by-line.
"""

# ruff: noqa: RUF001 - the colons of Chinese by-lines

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.extract.bylines import agency_in, is_name, split_byline
from crawler.extract.naming import own_names
from crawler.extract.reading import fold
from crawler.linked import Entry
from crawler.page import Page
from crawler.text import normalised

METAS = (
    "author",
    "article:author",
    "byl",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
    "cxenseparse:author",
)
#: Attributes that may say of an element that it is an author's name or a by-line, and the words that do.
_MARKS = {
    "class": ("uthor", "yline", "utor"),
    "itemprop": ("author",),
    "href": ("/author/", "/authors/", "/autor"),
    "data-testid": ("yline", "uthor"),
}
LONGEST = 160  # characters of a by-line; an author's box with a biography is longer
NEAREST = 40  # marked elements; those of other articles follow
BEFORE = 5  # marked elements above the headline
MOST_PIECES = 60  # of text in one element
OUTER = 8  # elements around one
_ELSEWHERE = frozenset(["nav", "footer", "aside", "button"])
_WHOLE = frozenset(["html", "body", "main", "article"])
_OTHERS = re.compile(
    r"comment|quote|related|teaser|card|recommend|sidebar|widget|most-?read|avatar|social", re.IGNORECASE
)
_BY = re.compile(
    r"^\W*(?:(?:by|von|par|por|di|door|av|af)\W|(?:作者|记者|記者|责编|责任编辑|編集)\s?[:：])", re.IGNORECASE
)


def declared_authors(page: Page) -> tuple[str, ...]:
    """The names that linked data, or else a meta element, states, organisations included, in order."""
    return next(filter(None, _declared(page)), ())


def find_authors(page: Page) -> tuple[str, ...]:
    """The people or desks who wrote it, in order; the site's own name only where nobody else is named."""
    own = own_names(page)
    declared = list(_declared(page))
    for names in declared:
        if people := _people(names, own):
            return people
    printed = _printed(page)
    return _people(printed, own) or next(filter(None, declared), printed)


def _declared(page: Page) -> Iterator[tuple[str, ...]]:
    yield from (_linked_names(page, entry) for entry in (*page.linked.articles, *page.linked.pages))
    yield from (_names(page.metas(meta)) for meta in METAS)


def _people(names: Iterable[str], own: frozenset[str]) -> tuple[str, ...]:
    """The names that are not the site's."""
    return tuple(name for name in names if not _is_own(name, own))


def _is_own(name: str, own: frozenset[str]) -> bool:
    return fold(name) in own or any(fold(word) in own for word in name.split()[:1] if len(word) > 2)


def _linked_names(page: Page, entry: Entry) -> tuple[str, ...]:
    return _names(text for author in _authors_in(page, entry) for text in _texts(author))


def _authors_in(page: Page, entry: Entry) -> Iterator[object]:
    """The authors of one object of linked data, references followed."""
    declared = entry.get("author") or entry.get("creator")
    for author in declared if isinstance(declared, list) else [declared]:
        yield page.linked.resolved(author)


def _texts(author: object) -> Iterator[str]:
    if isinstance(author, str):
        yield normalised(author)
    elif isinstance(author, list):
        for item in author:
            yield from _texts(item)
    elif isinstance(author, Mapping):
        yield from _texts(author.get("name") or [])


def _names(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts for name in split_byline(text)))


def _printed(page: Page) -> tuple[str, ...]:
    """The by-line that the page prints nearest below its headline: told by its markup, else by its first word."""
    marked = _marked(page)
    heads = [number for number, element in enumerate(marked) if element.tag == "h1"]
    start = heads[0] + 1 if heads else 0
    for element in (*marked[start : start + NEAREST], *marked[max(0, start - BEFORE) : start]):
        if element.tag != "h1" and not _is_elsewhere(element) and (names := _names_in(element)):
            return names
    return _worded(page)


def _marked(page: Page) -> list[HtmlElement]:
    """Headlines, and whatever calls itself an author or a by-line, in document order."""
    links = list(page.tree.iter("a"))
    found = {*page.named["h1"], *(link for link in links if link.get("rel") == "author")}
    leading = [(link, link.get("href", "")) for link in links]
    for name, words in _MARKS.items():
        found.update(_with_words(words, leading if name == "href" else page.attributes.get(name, ())))
    return page.in_order(found) if len(found) > 1 else list(found)


def _with_words(words: Iterable[str], stated: Sequence[tuple[HtmlElement, str]]) -> Iterator[HtmlElement]:
    """The elements of which an attribute has one of some words; on most pages there is none, as all at once tell."""
    together = " ".join([value for _, value in stated])
    for word in words:
        if word in together:
            yield from (element for element, value in stated if word in value)


def _names_in(element: HtmlElement) -> tuple[str, ...]:
    """The names in an element that holds nothing but a by-line, or in the `content` of one that is not shown."""
    stated = element.get("content")
    pieces = [stated] if stated else [t for t in map(normalised, islice(element.itertext(), MOST_PIECES)) if t]
    if len(pieces) > 1 and all(map(_is_whole, pieces)):
        return tuple(dict.fromkeys(pieces))
    names = _by_line(normalised(" ".join(pieces)))
    return names if any(map(_is_whole, names)) else ()


def _is_whole(name: str) -> bool:
    """Whether a name has more than one word, or is of letters that make words without blanks, or an agency's."""
    return is_name(name) and (len(name.split()) > 1 or not name[0].isascii() or agency_in(name) is not None)


def _by_line(text: str) -> tuple[str, ...]:
    names = split_byline(text) if 2 < len(text) <= LONGEST else ()
    return names if all(map(is_name, names)) else ()


def _worded(page: Page) -> tuple[str, ...]:
    """The names of the first line below the headline that begins as by-lines do."""
    lines = page.lines
    head = next((number for number, line in enumerate(lines) if line.kind == "heading"), 0)
    for line in lines[head : head + NEAREST]:
        if len(line.text) <= LONGEST and _BY.match(line.text) and (names := _by_line(line.text)):
            return names
    return ()


def _is_elsewhere(element: HtmlElement) -> bool:
    around = (element, *islice(element.iterancestors(), OUTER))
    return any(e.tag in _ELSEWHERE or (e.tag not in _WHOLE and _OTHERS.search(e.get("class", ""))) for e in around)
