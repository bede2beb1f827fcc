"""What the elements round a line say of it: their names, and the words in their classes, ids and roles.

Designers name what they build: on 437 sites nine boxes of ten that are no article have one of these words in a class or
id. None decides alone; each is a distance, in levels up from the line, that the scorer weighs with the others.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray

from crawler.shown import Attributes

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
_NAMED_BY = ("class", "id", "itemprop", "role", "data-testid")
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
    #: The same for elements that are styled alike, in parents styled alike.
    signature: str


class Scene:
    """The elements that a page's lines stand in, each looked at once and known by a number; a parent's is the lower.

    A page has hundreds, most of which look like others: what is told of an element by its names is told once a look.
    """

    def __init__(self, elements: Iterable[HtmlElement], attributes: Attributes) -> None:
        self.looks: list[Look] = []
        self._outer: list[int] = []
        self._look: list[int] = []
        self._looks: dict[tuple[int, Any, str, str], int] = {}
        self._known: dict[HtmlElement, int] = {}
        self._classes = dict(attributes.get("class", ()))
        self._names = _other_names(attributes)
        #: Of each line the number of its element.
        self.around = np.array([self._of(element) for element in elements], dtype=np.intp)
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
        """Of each line a number that those with the same signature share."""
        numbers: dict[str, int] = {}
        of_look = [numbers.setdefault(look.signature, len(numbers)) for look in self.looks]
        return np.array(of_look, dtype=np.intp)[self.look[self.around]]

    @cached_property
    def storeys(self) -> Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """The elements, deepest first, level by level, and their parents; on each level the last one first."""
        depth: list[int] = []
        for outer in self._outer:
            depth.append(depth[outer] + 1 if depth else 0)
        numbers = np.argsort(depth, kind="stable")[::-1]
        edges = np.flatnonzero(np.diff(np.array(depth)[numbers])) + 1
        return [(level, self.outer[level]) for level in np.split(numbers, edges)[:-1]]

    def look_of(self, line: int) -> Look:
        """The look of the element that a line stands in."""
        return self.looks[self._look[int(self.around[line])]]

    def _of(self, element: HtmlElement) -> int:
        known = self._known
        found = known.get(element)
        if found is not None:
            return found
        path: list[HtmlElement] = []
        at: HtmlElement | None = element
        while at is not None and at not in known:
            path.append(at)
            at = at.getparent()
        number = known[at] if at is not None else -1
        for inner in reversed(path):
            number = known[inner] = self._add(inner, number)
        return number

    def _add(self, element: HtmlElement, outer: int) -> int:
        around = self._look[outer] if outer >= 0 else -1
        key = (around, element.tag, self._classes.get(element, ""), self._names.get(element, ""))
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = len(self.looks)
            self.looks.append(_look(self.looks[around] if outer >= 0 else None, *key[1:]))
        self._look.append(look)
        self._outer.append(max(0, outer))
        return len(self._outer) - 1


def _other_names(attributes: Attributes) -> dict[HtmlElement, str]:
    """What the elements are called in attributes other than `class`."""
    found: dict[HtmlElement, str] = {}
    for name in _NAMED_BY[1:]:
        for element, value in attributes.get(name, ()):
            if value:
                before = found.get(element)
                found[element] = f"{before} {value[:MOST_NAMES]}" if before else value[:MOST_NAMES]
    return found


def _look(outer: Look | None, name: Any, classes: str, names: str) -> Look:
    tag = str(name)
    if outer is None or tag == "body":  # what a whole page is called says nothing of its parts
        return Look(tag, _marked(_NOTHING, _meaning(tag, "")), 0, f"{tag}.", f"{tag}.")
    named = f"{classes[:MOST_NAMES]} {names}" if classes and names else classes[:MOST_NAMES] or names
    style = f"{tag}.{named[:SIGNATURE]}"
    levels = _marked(outer.levels.translate(_ONE_UP), _meaning(tag, named))
    return Look(tag, levels, outer.depth + 1, style, f"{outer.style}>{style}")


def _marked(levels: bytes, near: Iterable[int]) -> bytes:
    """The levels, with what is right here."""
    marked = bytearray(levels)
    for part in near:
        marked[part] = 0
    return bytes(marked)


@lru_cache(maxsize=4096)  # the pages of a site have the same names
def _meaning(tag: str, named: str) -> tuple[int, ...]:
    """Which of `PARTS` and `INSIDE` an element's name, and the words it is called by, stand for."""
    words = {word.lower() for word in _WORD.findall(named)}
    return tuple({number for word in words for number in _MEANING.get(word, ())}.union(_INSIDE.get(tag, ())))
