"""What the elements round a line say of it: their names, and the words in their classes, ids and roles.

Designers name what they build: on 437 sites nine boxes of ten that are no article have one of these words in a class or
id. None decides alone; each is a distance, in levels up from the line, that the scorer weighs with the others.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property, lru_cache, partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray

from crawler.text import small_words

FAR = 9  # levels; what is farther away says nothing of a line
_WORDS = {
    "caption": "caption figcaption bildunterschrift legend credit credits bildquelle photocredit figure image bild foto"
    " photo gallery galleria galerie slideshow picture media",
    "share": "share sharing social socials shares teilen partager compartir compartilhar sns follow addthis sharebar",
    "related": "related recirc recirculation recommended recommendations recommend teaser teasers similar readmore more"
    " mehr outbrain taboola trending popular latest promo promoted upnext suggested suggestions linklist topstories"
    " mostread readalso",
    "comment": "comment comments kommentar kommentare disqus respond commentlist reply replies forum discussion",
    "author": "author authors autor autoren auteur byline bio biography writer contributor contributors profile",
    "newsletter": "newsletter subscribe subscription signup abo paywall piano register optin mailchimp mailing offer"
    " abonnement subscriber login",
    "meta": "meta date time timestamp published dateline info infos dachzeile kicker breadcrumb breadcrumbs tags tag"
    " tagcloud topics category categories labels label metadata topbar keywords",
    "navigation": "nav navi navigation menu navbar sidebar sidenav toc pagination pager header masthead topnav subnav",
    "footer": "footer foot legal imprint impressum colophon disclaimer copyright terms policy bottom",
    "consent": "cookie cookies consent gdpr modal popup overlay banner dialog toast notice cmp",
    "advertising": "ad ads advert advertisement werbung anzeige sponsored sponsor adslot commercial affiliate dfp shop"
    " product products deal deals",
    "body": "articlebody body content text entry paragraph story article post richtext prose artikel copy contenido"
    " cuerpo texto",
    "head": "headline title titel subtitle subheadline standfirst lead lede intro summary excerpt dek vorspann deck"
    " abstract description perex chapo sumario bajada anrisstext",
}
PARTS = tuple(_WORDS)
_MEANING: dict[str, tuple[int, ...]] = {
    word: tuple(i for i, part in enumerate(PARTS) if word in _WORDS[part].split())
    for words in _WORDS.values()
    for word in words.split()
}
INSIDE = ("article", "main", "aside", "li", "table", "figure")
_INSIDE = {tag: (len(PARTS) + i,) for i, tag in enumerate(INSIDE)}
_ROLES = {"complementary": "aside"}
_MEANING.update({role: (*_MEANING.get(role, ()), *_INSIDE[tag]) for role, tag in _ROLES.items()})
_TELLING = frozenset(_MEANING)
_NAMED_BY = ("class", "id", "itemprop", "role", "data-testid")
_OTHERS = frozenset(_NAMED_BY[1:])
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
MOST_NAMES = 300  # characters of an attribute; style sheets made by machines go on for thousands
SIGNATURE = 60  # characters

LEVELS = 13  # up to what a line is in; what is farther up holds all of the page

_NOTHING = bytes([FAR]) * (len(PARTS) + len(INSIDE))
_ONE_UP = bytes(min(FAR, level + 1) for level in range(256))


class Look(NamedTuple):
    """What elements of one name, called alike, in elements that look alike, have in common."""

    tag: str
    #: Levels up to the nearest element that is called by a word of each of `PARTS`, then to the nearest of each of
    #: `INSIDE`; `FAR` at most.
    levels: bytes
    depth: int
    style: str
    #: How what is around it is styled; nothing for a whole page.
    around: str | None


_seen = partial(tuple.__new__, Look)  # a page has hundreds: half the time of the class's own


class _Looks(dict[tuple[int, Any, str, str], int]):
    """The number of each look, by that of the look around it, and the names of its elements; made when asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Look] = []

    def __missing__(self, key: tuple[int, Any, str, str]) -> int:
        around, tag, classes, names = key
        number = self[key] = len(self.found)
        self.found.append(_look(self.found[around] if around >= 0 else None, str(tag), classes, names))
        return number


class Scene:
    """The elements that a page's lines stand in, each looked at once and known by a number; a parent's is the lower.

    A page has hundreds, most of which look like others: what is told of an element by its names is told once a look.
    """

    def __init__(self, elements: Iterable[HtmlElement]) -> None:
        self._elements: list[HtmlElement] = []
        self._outer: list[int] = []
        self._look: list[int] = []
        looks, around = _Looks(), self._walked(elements)
        self._number(looks)
        self.looks: Sequence[Look] = looks.found
        #: Of each line the number of its element.
        self.around = np.array(around, dtype=np.intp)
        #: Of each element the number of the parent; the root is its own.
        self.outer = np.array(self._outer, dtype=np.intp)
        #: Of each element the number of its look.
        self.look = np.array(self._look, dtype=np.intp)

    @cached_property
    def above(self) -> NDArray[np.intp]:
        """The numbers of the elements, of their parents, and so on for `LEVELS`."""
        found = [np.arange(len(self.outer))]
        for _ in range(LEVELS):
            found.append(self.outer[found[-1]])
        return np.array(found)

    @cached_property
    def styled(self) -> NDArray[np.intp]:
        """Of each line a number that those share which are styled alike, in parents styled alike."""
        numbers: dict[tuple[str, str | None], int] = {}
        of_look = [numbers.setdefault((look.style, look.around), len(numbers)) for look in self.looks]
        return np.array(of_look, dtype=np.intp)[self.look[self.around]]

    @cached_property
    def upwards(self) -> Sequence[tuple[int, int]]:
        """Every element but the root with its parent, the last one first: what is inside is before what is around."""
        return list(zip(range(len(self._outer) - 1, 0, -1), self._outer[:0:-1], strict=True))

    def look_of(self, line: int) -> Look:
        """The look of the element that a line stands in."""
        return self.looks[self._look[int(self.around[line])]]

    def _walked(self, elements: Iterable[HtmlElement]) -> list[int]:
        """The numbers of the lines' elements; those and all around them are put in order."""
        outer, around = self._outer, list[int]()
        known: dict[HtmlElement | None, int] = {}
        for element in elements:
            path: list[HtmlElement] = []
            at: HtmlElement | None = element
            number = known.get(element)
            while number is None and at is not None:
                path.append(at)
                at = at.getparent()
                number = known.get(at)
            while path:
                outer.append(number or 0)
                number = known[path[-1]] = len(self._elements)
                self._elements.append(path.pop())
            around.append(number or 0)
        return around

    def _number(self, looks: _Looks) -> None:
        look = self._look
        for element, outer in zip(self._elements, self._outer, strict=True):
            named = element.keys()
            classes = element.get("class", "") if "class" in named else ""
            names = "" if _OTHERS.isdisjoint(named) else _other_names(element, named)
            look.append(looks[look[outer] if look else -1, element.tag, classes, names])


def _other_names(element: HtmlElement, named: Collection[str]) -> str:
    """What an element is called in attributes other than `class`, given which it has."""
    found = [value[:MOST_NAMES] for name in _NAMED_BY[1:] if name in named and (value := element.get(name))]
    return " ".join(found)


def _look(outer: Look | None, tag: str, classes: str, names: str) -> Look:
    if outer is None or tag == "body":  # what a whole page is called says nothing of its parts
        return _seen((tag, _marked(_NOTHING, _meaning(tag, "")), 0, f"{tag}.", None))
    _, levels, depth, style, _ = outer
    if classes or names:
        named = f"{classes[:MOST_NAMES]} {names}" if classes and names else classes[:MOST_NAMES] or names
        near = _meaning(tag, named)
    else:
        named, near = "", _INSIDE.get(tag, ())
    levels = levels.translate(_ONE_UP)
    return _seen((tag, _marked(levels, near) if near else levels, depth + 1, f"{tag}.{named[:SIGNATURE]}", style))


def _marked(levels: bytes, near: Collection[int]) -> bytes:
    """The levels, with what is right here."""
    marked = bytearray(levels)
    for part in near:
        marked[part] = 0
    return bytes(marked)


@lru_cache(maxsize=4096)  # the pages of a site have the same names
def _meaning(tag: str, named: str) -> tuple[int, ...]:
    """Which of `PARTS` and `INSIDE` an element's name, and the words it is called by, stand for."""
    if named.islower() and named.isascii():
        words = small_words(named)
    else:
        words = " ".join(_WORD.findall(named)).lower().split()
    near, telling = _INSIDE.get(tag, ()), _TELLING.intersection(words)
    return (*near, *chain.from_iterable(map(_MEANING.__getitem__, telling))) if telling else near
