"""What the elements round a line say of it: their names, and the words in their classes, ids and roles.

Designers name what they build: on 437 sites nine boxes of ten that are no article have one of these words in a class or
id. None decides alone; each is a distance, in levels up from the line, that the scorer weighs with the others.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml.html import HtmlElement

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
INSIDE = ("article", "main", "header", "footer", "aside", "nav", "form", "li", "table", "figure", "blockquote")
_INSIDE = {tag: (len(PARTS) + i,) for i, tag in enumerate(INSIDE)}
_ROLES = {"navigation": "nav", "contentinfo": "footer", "complementary": "aside"}
_MEANING.update({role: (*_MEANING.get(role, ()), *_INSIDE[tag]) for role, tag in _ROLES.items()})
_NAMED_BY = frozenset(["class", "id", "itemprop", "role", "data-testid", "data-component"])
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
MOST_NAMES = 300  # characters of an attribute; style sheets made by machines go on for thousands
SIGNATURE = 60  # characters


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """An element as the lines in it see it."""

    element: HtmlElement
    #: Its number on the page, and its parent's; the root's parent is the root. A parent's number is the lower one.
    number: int
    outer: int
    depth: int
    #: Levels up to the nearest element that is called by a word of each of `PARTS`, then to the nearest of each of
    #: `INSIDE`; `FAR` at most.
    levels: bytes
    #: The same for elements that are styled alike.
    signature: str
    #: What this element gives to that of those in it.
    own: str


_NOTHING = bytes([FAR]) * (len(PARTS) + len(INSIDE))
_ONE_UP = bytes(min(FAR, level + 1) for level in range(256))


class Scene:
    """The surroundings of a page's lines, every element looked at once."""

    def __init__(self, elements: Iterable[HtmlElement]) -> None:
        #: Every element that has lines, those between it and the root, by number.
        self.places: list[Surroundings] = []
        self._known: dict[HtmlElement, Surroundings] = {}
        self._named: dict[str, tuple[int, ...]] = {}
        #: The surroundings of each line.
        self.around = [self._of(element) for element in elements]

    def outer(self, place: Surroundings) -> Surroundings:
        """The surroundings of the parent; the root's are its own."""
        return self.places[place.outer]

    def _of(self, element: HtmlElement) -> Surroundings:
        path: list[HtmlElement] = []
        at: HtmlElement | None = element
        while at is not None and at not in self._known:
            path.append(at)
            at = at.getparent()
        found = self._known[at] if at is not None else None
        for inner in reversed(path):
            found = self._known[inner] = self._inside(inner, found)
            self.places.append(found)
        return self._known[element]

    def _inside(self, element: HtmlElement, outer: Surroundings | None) -> Surroundings:
        tag, number = str(element.tag), len(self.places)
        if outer is None or tag == "body":
            return Surroundings(element, number, outer.number if outer else number, 0, _NOTHING, tag, tag)
        named = " ".join([value[:MOST_NAMES] for key, value in element.items() if key in _NAMED_BY])
        levels = outer.levels.translate(_ONE_UP)
        if near := [*self._meaning(named), *_INSIDE.get(tag, ())]:
            marked = bytearray(levels)
            for part in near:
                marked[part] = 0
            levels = bytes(marked)
        own = f"{tag}.{named[:SIGNATURE]}"
        return Surroundings(element, number, outer.number, outer.depth + 1, levels, f"{outer.own}>{own}", own)

    def _meaning(self, named: str) -> tuple[int, ...]:
        """Which of `PARTS` and `INSIDE` the words of an element's names stand for."""
        found = self._named.get(named)
        if found is None:
            words = {word.lower() for word in _WORD.findall(named)}
            found = tuple(sorted({number for word in words for number in _MEANING.get(word, ())}))
            self._named[named] = found
        return found
