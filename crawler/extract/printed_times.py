"""The time of publication of a page that declares none: as it prints it, as its address has it, at last by htmldate."""

# ruff: noqa: RUF001 - the labels' own letters

import re
from collections.abc import Iterator
from itertools import chain, islice

from crawler.extract.body import likely_day
from crawler.extract.calendars import LONGEST, is_possible, parse_written
from crawler.extract.dates import parse_iso
from crawler.extract.metadata import locale_of
from crawler.page import Page
from crawler.site import Stamp
from crawler.text import normalised

NEAR = 15  # lines below the headline: a standfirst, a byline, a picture, tools
ABOVE = 3  # lines over it
MOST_TIMES = 20  # elements; the others are of teasers
_LABELLED = re.compile(
    r"^\W*(?:date|datum|published|posted|first published|published on|veröffentlicht|erstellt|erschienen|stand|publié|"
    r"fecha|publicado|data|pubblicato|gepubliceerd|publisert|publicerad|julkaistu|opublikowano|yayınlanma|diterbitkan|"
    r"дата|опубликовано|发布时间|發布|公開日|掲載|입력|등록)\b",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"updated|modified|aktualisiert|mis à jour|modifié|actualizad|atualizad|aggiornat|bijgewerkt|oppdatert|uppdaterad|"
    r"güncelle|zaktualizow|обновл|更新|수정",
    re.IGNORECASE,
)
_IN_PATH = re.compile(r"/(20\d\d)[/-]?([01]\d)[/-]?([0-3]\d)(?=[/_-])|/(20\d\d)/(\d{1,2})/(\d{1,2})/")
_IN_NUMBER = re.compile(r"(?<!\d)(20\d\d)([01]\d)([0-3]\d)(?=\d{0,12}(?:\D|$))")


def likely_time(page: Page) -> Stamp | None:
    """The best guess that rests on something: what the page prints near its headline, labels, or has in its URL."""
    found = (
        stamp
        for stamp in chain(_from_elements(page), _from_lines(page), _from_address(page.url, _IN_PATH))
        if is_possible(stamp, page.capture.captured_at)
    )
    first = next(found, None) or likely_day(page)
    others = (s for s in _from_address(page.url, _IN_NUMBER) if is_possible(s, page.capture.captured_at))
    return first or next(others, None)


def _from_elements(page: Page) -> Iterator[Stamp]:
    """The `<time>` elements from the first headline on."""
    elements = list(page.tree.iter("h1", "time"))
    start = next((number for number, element in enumerate(elements) if element.tag == "h1"), 0)
    for element in islice(elements, start, start + MOST_TIMES):
        if element.tag == "time":
            text = element.get("datetime") or normalised(element.text_content())
            if stamp := parse_iso(text) or parse_written(text, month_first=_is_month_first(page)):
                yield stamp


def _from_lines(page: Page) -> Iterator[Stamp]:
    """The dates printed round the headline, then those that say what they are."""
    lines = page.lines
    head = next((number for number, line in enumerate(lines) if line.kind == "heading"), 0)
    near = [line.text for line in lines[max(0, head - ABOVE) : head + NEAR]]
    for text in chain(near, (line.text for line in lines if _LABELLED.match(line.text))):
        if len(text) > LONGEST:
            continue
        if stamp := parse_written(_UPDATED.split(text)[0], month_first=_is_month_first(page)):
            yield stamp


def _is_month_first(page: Page) -> bool:
    return locale_of(page).lower().startswith("en-us")


def _from_address(url: str, form: re.Pattern[str]) -> Iterator[Stamp]:
    for found in form.finditer(url[:2000]):
        year, month, day = (part for part in found.groups() if part is not None)
        if stamp := parse_iso(f"{year}-{month:0>2}-{day:0>2}"):
            yield Stamp(stamp.at, "day", found[0].strip("/_-"))
