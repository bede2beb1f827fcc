"""Page: the decoded, lazily parsed view of a Capture.

Bytes become text in a fixed order that never looks at anything but the capture: content encodings, byte order mark,
HTTP header, strict UTF-8, `<meta>`, windows-1252, and a guess last of all. Nothing here is site knowledge.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import parsel
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.bounds import check_bytes, check_markup, check_tree
from crawler.charsets import to_utf8
from crawler.decoding import decode_content
from crawler.lines import Line, flatten
from crawler.linked import Linked
from crawler.mending import decoded_once, unended, without_controls
from crawler.model import Capture
from crawler.selecting import Selection
from crawler.shown import Attributes, Listed

#: Under a country's name, what is no site but the place for sites: `co.za`, `com.au`.
SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "go", "gov", "gob", "gouv", "govt", "mil", "net", "org", "nom"])
EMPTY_PAGE = b"<html><body></body></html>"
#: A URL that is the same whatever it is joined to.
_WHOLE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~%/-]*)?")
#: What the page says of itself is in elements of these names.
_TELLING = ("base", "h1", "link", "meta", "script", "time", "title")
_PARSER = HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False)
# One class for all elements: lxml's own choice by tag is made in Python, each time that an element is looked at.
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))


_Answer = TypeVar("_Answer")


def once_a_page(read: Callable[["Page"], _Answer]) -> Callable[["Page"], _Answer]:
    """A reader of pages whose answer each page keeps, for what several fields ask."""

    @wraps(read)
    def ask(page: "Page") -> _Answer:
        if read not in page.answers:
            page.answers[read] = read(page)
        answer: _Answer = page.answers[read]
        return answer

    return ask


class Page:
    """What a capture says, each view made once and on demand."""

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.url = capture.url
        #: What readers found out of the page, see `once_a_page`.
        self.answers: dict[Callable[[Page], Any], Any] = {}

    @cached_property
    def content(self) -> bytes:
        """The body with its content encodings undone; raises `UnreadablePageError`."""
        return decode_content(self.capture)

    @cached_property
    def markup(self) -> bytes:
        """The body as text in UTF-8."""
        return decoded_once(to_utf8(self.content, self.capture.header("Content-Type")))

    @cached_property
    def html(self) -> str:
        """The body as text."""
        return self.markup.decode("utf-8", "surrogatepass")

    @cached_property
    def tree(self) -> HtmlElement:
        """The document's root, parsed once, as browsers' error recovery has it; raises `OversizedPageError`."""
        return self._elements[0]

    @cached_property
    def _elements(self) -> list[HtmlElement]:
        """All elements; lxml makes an element's object anew at each look, unless somebody holds it."""
        check_bytes(self.url, self.content)
        check_markup(self.url, self.markup)
        elements = list(parse_utf8(self.markup).iter())
        check_tree(self.url, elements, self.markup)
        return elements

    @property
    def size(self) -> int:
        """How many elements the page has."""
        return len(self._elements)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All text of the page in document order, a block a line, navigation included."""
        return flatten(self._elements, self.attributes)

    @cached_property
    def attributes(self) -> Attributes:
        """The attributes of all elements, by name."""
        return Listed(self._elements)

    def in_order(self, elements: Collection[HtmlElement]) -> list[HtmlElement]:
        """Some of the page's elements, in document order."""
        return [element for element in self._elements if element in elements] if elements else []

    @cached_property
    def named(self) -> Mapping[str, Sequence[HtmlElement]]:
        """The elements that tell of the page, by their names: looked for together, as each walk goes over all nodes."""
        found: dict[str, list[HtmlElement]] = {name: [] for name in _TELLING}
        for element in self.tree.iter(*_TELLING):
            found[str(element.tag)].append(element)
        return found

    @cached_property
    def _selection(self) -> Selection:
        return Selection(self.tree, self.attributes)

    @cached_property
    def selector(self) -> parsel.Selector:
        """Parsel's view of `tree`."""
        return parsel.Selector(root=self.tree, type="html", base_url=self.url)

    def css(self, query: str) -> parsel.SelectorList[parsel.Selector]:
        """Elements or strings found by a CSS query."""
        return self.selector.css(query)

    def elements(self, queries: Iterable[str]) -> list[HtmlElement]:
        """Elements found by any of some CSS queries, each once, in document order."""
        together = ", ".join(queries)
        return self._selection.all(together) if together else []

    def select(self, query: str) -> list[HtmlElement]:
        """Elements found by a CSS query, in document order."""
        return self._selection.all(query)

    def xpath(self, query: str) -> parsel.SelectorList[parsel.Selector]:
        """Elements or strings found by an XPath query."""
        return self.selector.xpath(query)

    @cached_property
    def base_url(self) -> str:
        """What relative URLs are relative to: `<base href>`, or the page's own URL."""
        stated = (base.get("href") for base in self.named["base"])
        first = next((url for url in stated if url is not None), None)
        return self.url if first is None else self._join(self.url, first)

    def absolute(self, url: str) -> str:
        """The page's reference `url`, made absolute; as it stands where it cannot be."""
        return self._join(self.base_url, url)

    def meta(self, *names: str) -> str | None:
        """The first non-empty content of a `<meta>` whose property, name or itemprop is one of `names`, best first."""
        return next((value for name in names if (value := self._metas.get(name.lower()))), None)

    def metas(self, name: str) -> list[str]:
        """Every non-empty content of `<meta>` elements called `name`, in order."""
        return self._all_metas.get(name.lower(), [])

    @cached_property
    def title(self) -> str | None:
        """The text of `<title>`, white space normalised."""
        title = next((e for e in self.named["title"] if next(e.iterancestors("svg"), None) is None), None)
        text = " ".join((title.text_content() if title is not None else "").split())
        return text or None

    @cached_property
    def canonical_url(self) -> str | None:
        """The URL the page declares for itself, on its own site; a front page is no other page's."""
        url = self.declared_url
        if url is None or not same_site(url, self.url) or (is_front(url) and not is_front(self.url)):
            return None
        return url

    @cached_property
    def declared_url(self) -> str | None:
        """The canonical URL that the page names, on whatever site."""
        link = next((e for e in self.named["link"] if "canonical" in (e.get("rel") or "").lower().split()), None)
        declared = (link.get("href") if link is not None else None) or self.meta("og:url")
        url = self.absolute(declared.strip()) if declared else None
        return url if url and url.startswith(("http://", "https://")) else None

    @cached_property
    def linked(self) -> Linked:
        """The page's JSON-LD; what cannot be parsed is left out."""
        return Linked(s.text or "" for s in self.named["script"] if "ld+json" in (s.get("type") or "").lower())

    @property
    def linked_data(self) -> tuple[Mapping[str, object], ...]:
        """Every JSON-LD object of the page, graphs and arrays unrolled."""
        return self.linked.entries

    @cached_property
    def _all_metas(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for meta in self.named["meta"]:
            content = (meta.get("content") or "").strip()
            for name in {meta.get(key, "").strip().lower() for key in ("property", "name", "itemprop")} - {""}:
                if content:
                    found.setdefault(name, []).append(content)
        return found

    @cached_property
    def _metas(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._all_metas.items()}

    @staticmethod
    def _join(base: str, url: str) -> str:
        if _WHOLE_URL.fullmatch(url):
            return url
        try:
            return urljoin(base, url)
        except ValueError:  # an IPv6 address that is none
            return url


def parse_html(text: str) -> HtmlElement:
    """The root element of any text, `<html>` for an empty one."""
    return parse_utf8(text.encode("utf-8", "surrogatepass"))


def parse_utf8(markup: bytes) -> HtmlElement:
    """Likewise, of text in UTF-8."""
    try:
        return document_fromstring(without_controls(unended(markup)), parser=_PARSER)
    except (etree.ParserError, etree.XMLSyntaxError):  # nothing in it but comments or white space
        return document_fromstring(EMPTY_PAGE)


def same_site(one: str, other: str) -> bool:
    """Whether two URLs are of one registered domain, as far as their hosts tell."""
    return _domain(one) == _domain(other) != ""


def is_front(url: str) -> bool:
    """Whether the URL is a site's front page; what names no host is no site's."""
    try:
        parts = urlsplit(url)
    except ValueError:  # an IPv6 address that is none
        return False
    return bool(parts.netloc) and not parts.path.strip("/") and not parts.query


def _domain(url: str) -> str:
    try:
        labels = (urlsplit(url).hostname or "").split(".")
    except ValueError:
        return ""
    public = (
        2 if len(labels) > 2 and len(labels[-1]) == 2 and (labels[-2] in SECOND_LEVEL or len(labels[-2]) == 2) else 1
    )
    return ".".join(labels[-public - 1 :])
