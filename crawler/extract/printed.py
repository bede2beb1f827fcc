"""The fields of an article that its page prints: found by the layout's selectors, then by its words near the text."""

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import islice

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
        at = reading.start
        self.near = [*lines_above(self.lines, layout, at, ABOVE), *self.lines[at : at + BELOW]]

    def authors(self) -> tuple[str, ...] | None:
        """The names of the by-line, the one nearest to the text."""
        for query in self.layout.authors_css:
            found = [name for e in self.page.select(query) for name in split_byline(e.text_content())]
            if found:
                return tuple(dict.fromkeys(found))
        by = self._match(self.layout.byline, self.near, whole=True)
        return split_byline(by["names"]) if by else None

    def agency(self) -> str | None:
        """The agency, as a sign-off or the dateline names it."""
        for line in self.reading.dropped("sign-off"):
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
        kicker = None if stated else self._match(self.layout.kicker, self.near, whole=True)
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
        if (origin := self.layout.origin) is None:
            return None
        for link in self.page.select("a"):
            text = link.text_content() if len(link) else link.text
            if not text or not may_have(origin, text) or not find(origin, normalised(text)):
                continue
            if link.get("href", "").strip():
                return self.page.absolute(link.get("href", "").strip())
        return None

    def _timestamp(self) -> Stamp | None:
        found = self._match(self.layout.timestamp, [*self.near, *self.lines])
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
        return self._match(self.layout.dateline, [*lines_above(self.lines, self.layout, at, BELOW), *islice(first, 1)])

    @staticmethod
    def _match(source: str | None, lines: Sequence[Line], *, whole: bool = False) -> re.Match[str] | None:
        if source is None:
            return None
        if whole:
            found = (pattern(source).fullmatch(line.text) for line in lines if len(line.text) <= HEADER)
        else:
            found = (find(source, line.text) for line in lines)
        return next(filter(None, found), None)
