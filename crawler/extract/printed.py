"""The fields of an article that its page prints: found by the layout's selectors, then by its words near the text."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain, islice

from crawler.extract.bylines import split_byline
from crawler.extract.dates import parse_iso, parse_printed
from crawler.extract.headline import first_text
from crawler.extract.reading import Reading
from crawler.extract.span import HEADER, find, first_with, lines_above, may_have, pattern
from crawler.lines import Line
from crawler.page import Page
from crawler.site import Layout, Stamp
from crawler.text import normalised

ABOVE = 10  # lines from the kicker down to the text, captions and boxes between them included
BELOW = 3  # lines: some designs put the by-line under the dateline


class Printed:
    """Reads fields from one page by its layout; each method gives `None` where nothing is printed."""

    def __init__(self, page: Page, layout: Layout, reading: Reading) -> None:
        self.page = page
        self.layout = layout
        self.reading = reading
        self.lines = [verdict.line for verdict in reading.verdicts]

    def authors(self) -> tuple[str, ...] | None:
        """The names of the by-line, the one nearest to the text."""
        for query in self.layout.authors_css:
            found = [name for e in self.page.select(query) for name in split_byline(e.text_content())]
            if found:
                return tuple(dict.fromkeys(found))
        by = self._near(self.layout.byline)
        return split_byline(by["names"]) if by else None

    def agency(self) -> str | None:
        """The agency, as a sign-off or the dateline names it."""
        for line in self.reading.dropped("sign-off") if self.layout.sign_off else ():
            for source in self.layout.sign_off:
                found = find(source, line.text)
                if found and "agency" in found.re.groupindex and found["agency"]:
                    return found["agency"]
        dateline = self._dateline
        return dateline["agency"] if dateline and "agency" in dateline.re.groupindex else None

    def dateline(self) -> str | None:
        """The dateline, stand-alone or at the head of the first paragraph."""
        found = self._dateline
        if found is None:
            return None
        return normalised(found["dateline"] if "dateline" in found.re.groupindex else found[0])

    def section(self) -> str | None:
        """The section, or the channel above the headline."""
        stated = first_text(self.page, self.layout.section_css)
        kicker = None if stated else self._near(self.layout.kicker)
        return stated or (kicker[0] if kicker else None)

    def tags(self) -> tuple[str, ...] | None:
        """The tags, in order, none twice."""
        for query in self.layout.tags_css:
            found = [normalised(e.text_content()) for e in self.page.select(query)]
            if any(found):
                return tuple(dict.fromkeys(tag for tag in found if tag))
        return None

    def published(self) -> Stamp | None:
        """When it was published: by selector, by time stamp, by the dateline's date."""
        stamp = self._time(self.layout.published_css) or self._timestamp()
        dateline = None if stamp else self._dateline
        if dateline is None or "date" not in dateline.re.groupindex:
            return stamp
        return parse_printed(dateline["date"], self.layout.time_formats)

    def modified(self) -> Stamp | None:
        """When it was changed last."""
        return self._time(self.layout.modified_css)

    def rights_notice(self) -> str | None:
        """The legal footer."""
        return first_with(self.layout.rights, [line.text for line in self.lines]) if self.layout.rights else None

    def republished_from(self) -> str | None:
        """Where the link to the original leads."""
        origin = self.layout.origin
        if origin is None or not may_have(origin, [line.text for line in self.page.lines if _may_have_link(line)]):
            return None
        for link in self.page.select("a"):
            text = link.text_content() if len(link) else link.text
            if text and find(origin, normalised(text)) and (url := link.get("href", "").strip()):
                return self.page.absolute(url)
        return None

    def _timestamp(self) -> Stamp | None:
        found = _match(self.layout.timestamp, chain(self._header, self.lines)) if self.layout.timestamp else None
        if found is None:
            return None
        return parse_printed(found["raw"], self.layout.time_formats, self.layout.time_zone)

    def _time(self, queries: Sequence[str]) -> Stamp | None:
        for query in queries:
            for element in self.page.select(query):
                text = normalised(element.text_content())
                printed = parse_printed(text, self.layout.time_formats, self.layout.time_zone)
                if stamp := parse_iso(element.get("datetime")) or printed:
                    return stamp
        return None

    @cached_property
    def _dateline(self) -> re.Match[str] | None:
        at = self.reading.start
        first = (verdict.line for verdict in self.reading.verdicts if verdict.kept)
        above = lines_above(self.lines, self.layout, at, BELOW)
        return _match(self.layout.dateline, chain(above, islice(first, 1))) if self.layout.dateline else None

    def _near(self, source: str | None) -> re.Match[str] | None:
        """The line round the beginning of the text that is what a pattern says."""
        if source is None:
            return None
        found = (pattern(source).fullmatch(line.text) for line in self._header if len(line.text) <= HEADER)
        return next(filter(None, found), None)

    @cached_property
    def _header(self) -> list[Line]:
        """The lines round the beginning of the text, those above it nearest first."""
        at = self.reading.start
        return [*lines_above(self.lines, self.layout, at, ABOVE), *self.lines[at : at + BELOW]]


def _match(source: str, lines: Iterable[Line]) -> re.Match[str] | None:
    """Where a pattern is found in the first line that has it."""
    return next(filter(None, (find(source, line.text) for line in lines)), None)


def _may_have_link(line: Line) -> bool:
    """Whether there can be a link in the line; of those in tables and listings nothing is told."""
    return line.linked > 0 or line.kind in ("table", "preformatted")
