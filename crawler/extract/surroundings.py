"""What the elements round a line say of it: their names, and the words in their classes, ids and roles.

Designers name what they build: on 437 sites nine boxes of ten that are no article have one of these words in a class or
id. None decides alone; each is a distance, in levels up from the line, that the scorer weighs with the others.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from lxml.html import HtmlElement

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


_NOTHING = bytes([FAR]) * (len(PARTS) + len(INSIDE))
_ONE_UP = bytes(min(FAR, level + 1) for level in range(256))


class Scene:
    """The elements that a page's lines stand in, each looked at once and known by a number; a parent's is the lower.

    Lists by number, not objects: a page has hundreds, and each is asked for many times.
    """

    def __init__(self, elements: Iterable[HtmlElement], attributes: Attributes) -> None:
        self.tags: list[str] = []
        #: The number of the parent; the root is its own.
        self.outer: list[int] = []
        #: Levels up to the nearest element that is called by a word of each of `PARTS`, then to the nearest of each of
        #: `INSIDE`; `FAR` at most.
        self.levels: list[bytes] = []
        self.depth: list[int] = []
        #: The same for elements that are styled alike, in parents styled alike.
        self.signature: list[str] = []
        self._styles: list[str] = []
        self._known: dict[HtmlElement, int] = {}
        self._named = [dict(attributes.get(name, ())) for name in _NAMED_BY]
        #: Of each line the number of its element.
        self.around = [self._of(element) for element in elements]

    def _of(self, element: HtmlElement) -> int:
        found = self._known.get(element)
        if found is not None:
            return found
        path: list[HtmlElement] = []
        at: HtmlElement | None = element
        while at is not None and at not in self._known:
            path.append(at)
            at = at.getparent()
        number = self._known[at] if at is not None else 0
        for inner in reversed(path):
            number = self._known[inner] = self._add(inner, number)
        return number

    def _add(self, element: HtmlElement, outer: int) -> int:
        tag, number = str(element.tag), len(self.outer)
        top = number == 0 or tag == "body"
        named = "" if top else " ".join([names[element][:MOST_NAMES] for names in self._named if names.get(element)])
        levels = _NOTHING if top else self.levels[outer].translate(_ONE_UP)
        if near := _meaning(tag, named):
            marked = bytearray(levels)
            for part in near:
                marked[part] = 0
            levels = bytes(marked)
        style = f"{tag}.{named[:SIGNATURE]}"
        self.tags.append(tag)
        self.outer.append(outer)
        self.levels.append(levels)
        self.depth.append(0 if top else self.depth[outer] + 1)
        self.signature.append(style if top else f"{self._styles[outer]}>{style}")
        self._styles.append(style)
        return number


@lru_cache(maxsize=4096)  # the pages of a site have the same names
def _meaning(tag: str, named: str) -> tuple[int, ...]:
    """Which of `PARTS` and `INSIDE` an element's name, and the words it is called by, stand for."""
    words = {word.lower() for word in _WORD.findall(named)}
    return tuple({number for word in words for number in _MEANING.get(word, ())}.union(_INSIDE.get(tag, ())))
