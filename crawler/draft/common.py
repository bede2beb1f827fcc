"""What pages of one site have in common, found by reading each as a page of an unknown site."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lxml.html import HtmlElement

from crawler.draft.elements import is_steady, own_selectors, selector_of
from crawler.errors import StubError
from crawler.extract import explain, read_article
from crawler.extract.reading import fold
from crawler.extract.span import is_prose
from crawler.lines import Line
from crawler.model import Article
from crawler.page import Page
from crawler.shown import text_length
from crawler.site import MIN_BODY, Generic, Site
from crawler.text import normalised

MOST = 0.8  # of the article's text; a standfirst may stand outside its body
LEAST = 0.3  # of a page's prose is the article's; less is a teaser
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
NOTICE = re.compile(r"^(?:©|\(c\)|copyright\b|all rights reserved)", re.IGNORECASE)


class AnySite(Site):
    """A site of which nothing is known."""

    name = "draft"
    layouts = (Generic,)


@dataclass(frozen=True)
class Sample:
    """A page of the site, as a reader who knows no site reads it."""

    page: Page

    @cached_property
    def article(self) -> Article | None:
        """Its record; raises `PageSkippedError` for a page that is none, but not where it has prose all the same."""
        try:
            return read_article(self.page, AnySite)
        except StubError:
            if not self.prose:
                raise
            return None

    @cached_property
    def text(self) -> str:
        """The article's text, folded; how it is parted into blocks does not matter here."""
        return "".join(fold(verdict.line.text) for verdict in explain(self.page, AnySite) if verdict.kept)

    @cached_property
    def prose(self) -> list[Line]:
        """The lines of the page that are in the article; all of its prose where the reader found next to nothing."""
        whole = [line for line in self.page.lines if is_prose(line) and line.zone is None]
        found = [line for line in whole if fold(line.text) in self.text]
        return found if _length(found) > LEAST * _length(whole) else whole

    @cached_property
    def body(self) -> HtmlElement | None:
        """The smallest element that holds nearly all of the article; `None` where its lines are spread."""
        share: Counter[HtmlElement] = Counter()
        for line in self.prose:
            for element in (line.element, *line.element.iterancestors()):
                share[element] += len(line.text)
        whole = _length(self.prose)
        holders = [element for element, length in share.items() if length >= MOST * whole]
        return min(holders, key=text_length, default=None) if whole >= MIN_BODY else None


def _length(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


@dataclass
class Design:
    """Selectors and words that hold for some of the pages, all of one design."""

    #: As a class of the site file.
    name: str
    body: str
    headline: str | None = None
    authors: str | None = None
    published: str | None = None
    drop: tuple[str, ...] = ()
    drop_text: tuple[str, ...] = ()
    rights: str | None = None


@dataclass
class Draft:
    """What goes into the site file, with what is not sure about it."""

    name: str
    host: str
    title: str
    site_names: tuple[str, ...] = ()
    designs: list[Design] = field(default_factory=list)
    #: Whether pages are left that no design holds for.
    generic: bool = False
    #: One line for each thing that was found, and one for each that people have to look at.
    found: list[str] = field(default_factory=list)
    uncertain: list[str] = field(default_factory=list)


def draft(name: str, host: str, samples: Sequence[Sample]) -> Draft:
    """The draft of a site from one or more of its articles' pages; raises `PageSkippedError` where one is none."""
    names = [sample.page.meta("og:site_name") for sample in samples if sample.article is not None]
    title = next((" ".join(n.split()) for n in names if n), host)
    made = Draft(name, host, title, (title,) if title != host else ())
    groups, rest = _designs(samples)
    # The first that matches reads a page, so the one that matches fewest pages stands first.
    groups.sort(key=lambda group: sum(_reads(group, sample.page) for sample in samples))
    readers = [next((g for g in groups if _reads(g, sample.page)), None) for sample in samples]
    groups = [group for group in groups if any(reader is group for reader in readers)]
    for number, group in enumerate(groups, 1):
        made.designs.append(_design("Story" if number == 1 else f"Story{number}", group, made))
    if rest:
        made.generic = True
        urls = " ".join(sample.page.url for sample in rest)
        told = "no element holds the text: it is read as a page of an unknown site; find what marks its text"
        made.uncertain.append(f"body: {told}: {urls}")
    return made


def _designs(samples: Sequence[Sample]) -> tuple[list[list[Sample]], list[Sample]]:
    """The pages by the element that holds their text, and those without such an element."""
    groups: list[list[Sample]] = []
    rest: list[Sample] = []
    for sample in samples:
        group = next((g for g in groups if _body_of([*g, sample]) is not None), None)
        if group is not None:
            group.append(sample)
        else:
            (groups.append([sample]) if _body_of([sample]) is not None else rest.append(sample))
    return groups, rest


def _reads(group: Sequence[Sample], page: Page) -> bool:
    """Whether a layout made of these pages would read this one."""
    return any(text_length(element) >= MIN_BODY for element in page.select(_body_of(group) or "body"))


def _body_of(samples: Sequence[Sample]) -> str | None:
    bodies = [sample.body for sample in samples if sample.body is not None]
    return selector_of([s.page for s in samples], bodies) if len(bodies) == len(samples) else None


def _design(name: str, samples: Sequence[Sample], made: Draft) -> Design:
    design = Design(name, _body_of(samples) or "body")
    pages = [sample.page for sample in samples]
    counts = _range([len(sample.prose) for sample in samples])
    made.found.append(f"{name}: {len(samples)} page{'s' * (len(samples) > 1)}, body {design.body}, {counts} paragraphs")
    if len(samples) == 1:
        made.uncertain.append(
            f"{name}: one page alone shows no boilerplate, and selectors may hold by chance; give more"
        )
    design.headline = _selected(pages, [_heading_of(sample) for sample in samples])
    design.authors = _selected(pages, [_authors_of(sample) for sample in samples])
    design.published = _selected(pages, [_time_of(sample) for sample in samples])
    for label, query in (("title", design.headline), ("authors", design.authors), ("published", design.published)):
        if query is None:
            made.uncertain.append(f"{name}: {label}: no selector found; it is what the pages declare, if they do")
        else:
            shown = [normalised(page.select(query)[0].text_content())[:60] for page in pages]
            made.found.append(f"{name}: {label} {query}, {'; '.join(map(repr, shown[:2]))}")
    if len(samples) > 1:
        _add_boilerplate(design, samples, made)
    return design


def _heading_of(sample: Sample) -> HtmlElement | None:
    return _element_of(sample.page, "h1, h2, [itemprop=headline]", (sample.article and sample.article.headline) or "")


def _authors_of(sample: Sample) -> HtmlElement | None:
    return _element_of(sample.page, "a, span, p, div", " and ".join(sample.article.authors if sample.article else ()))


def _selected(pages: Sequence[Page], elements: Sequence[HtmlElement | None]) -> str | None:
    known = [element for element in elements if element is not None]
    return selector_of(pages, known) if len(known) == len(elements) else None


def _element_of(page: Page, query: str, text: str) -> HtmlElement | None:
    """The first smallest element whose whole text this is, "By" or not."""
    wanted = fold(text)
    found = [e for e in page.select(query) if wanted and fold(e.text_content()) in (wanted, f"by{wanted}")]
    return next((e for e in found if not any(inner in found for inner in e.iterdescendants())), None)


def _time_of(sample: Sample) -> HtmlElement | None:
    raw = sample.article.published_raw if sample.article else None
    return next((e for e in sample.page.select("time") if raw and raw in (e.get("datetime"), e.text)), None)


def _add_boilerplate(design: Design, samples: Sequence[Sample], made: Draft) -> None:
    """What is in every body alike, by its element if that holds nothing else, and else by its words."""
    lines = [_lines_in(sample) for sample in samples]
    common = set.intersection(*({fold(line.text) for line in found} for found in lines))
    holders = {line.text: _holder(line, samples, common) for line in lines[0] if fold(line.text) in common}
    design.drop = tuple(dict.fromkeys(query for query in holders.values() if query))
    worded = [text for text, query in holders.items() if query is None]
    design.drop_text = tuple(rf"^{_escaped(text)}$" for text in worded)
    everywhere = f"in the body on all {len(samples)} pages"
    made.found.extend(f"{design.name}: drop {text!r}, {everywhere}" for text in (*design.drop, *worded))
    notices = [{line.text for line in s.page.lines if NOTICE.match(line.text)} for s in samples]
    if shared := sorted(set.intersection(*notices)):
        design.rights = "^" + YEAR.sub(r"\\d{4}", _escaped(shared[0][:60]))
        made.found.append(f"{design.name}: rights notice {shared[0][:60]!r}")


def _escaped(text: str) -> str:
    """The text as a regular expression that people can read."""
    return re.sub(r"([.?*+^$|(){}\[\]\\])", r"\\\1", text)


def _lines_in(sample: Sample) -> list[Line]:
    body = sample.body
    return [
        line
        for line in sample.page.lines
        if body is not None and (line.element is body or body in line.element.iterancestors())
    ]


def _holder(line: Line, samples: Sequence[Sample], common: set[str]) -> str | None:
    """The selector of an element in the body that holds this line, and nothing that is not on all pages."""
    body = samples[0].body
    for element in (line.element, *line.element.iterancestors()):
        if element is body:
            return None
        for query in own_selectors(element):
            if "." in query and _holds_only(query.partition(".")[2], samples, common):
                return query
    return None


def _holds_only(name: str, samples: Sequence[Sample], common: set[str]) -> bool:
    if not all(map(is_steady, name.split("."))):
        return False
    inside = [
        line
        for sample in samples
        for line in _lines_in(sample)
        if any(name in (e.get("class") or "").split() for e in (line.element, *line.element.iterancestors()))
    ]
    return bool(inside) and all(fold(line.text) in common for line in inside)


def _range(numbers: Sequence[int]) -> str:
    return str(numbers[0]) if len(set(numbers)) == 1 else f"{min(numbers)} to {max(numbers)}"
