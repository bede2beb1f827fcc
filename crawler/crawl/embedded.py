"""What stored pages embed, as their bytes name it and the archive's indexes find it.

A style sheet that many articles share is fetched once, for the first of them; the others need it as much.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

from crawler.archive.cdxj import CdxjRow, offset_of
from crawler.archive.lookup import find_capture, read_row
from crawler.archive.reader import read_capture
from crawler.crawl.embedding import named_by
from crawler.crawl.redirects import redirect_target
from crawler.discover.requisites import page_requisites, sheet_requisites
from crawler.errors import ArchiveError
from crawler.model import Capture, WarcRef

#: Filename and offset.
Spot = tuple[str, int]


class Embedded:
    """Finds the captures that pages need to be shown; each URL once, as it was nearest to the first that needs it."""

    def __init__(self, archive: Path, is_there: Callable[[str], bool]) -> None:
        """`is_there` tells which WARC files may be read."""
        self._archive = archive
        self._is_there = is_there
        self._seen: set[str] = set()

    def of_page(self, ref: WarcRef) -> Iterator[Spot]:
        """What the capture there needs, and what that needs: style sheets name others, and redirects lead on."""
        try:
            page = read_capture(self._archive / ref.filename, ref.offset, ref.length)
        except ArchiveError:  # it is packed as it is, and `newswarc verify` tells of it
            return
        waiting = [(url, page.captured_at) for url in _named(page)]
        while waiting:
            url, at = waiting.pop()
            if url in self._seen:
                continue
            self._seen.add(url)
            if (found := self._find(url, at)) is not None:
                row, capture = found
                yield row.fields["filename"], offset_of(row)
                waiting += ((named, at) for named in _leads_to(capture))

    def _find(self, url: str, at: datetime) -> tuple[CdxjRow, Capture] | None:
        try:
            row = find_capture(self._archive, url, at)
            return (row, read_row(self._archive, row)) if self._is_there(row.fields.get("filename", "")) else None
        except ArchiveError:
            return None


def _named(page: Capture) -> Iterator[str]:
    if page.status == 200 and "html" in (page.header("Content-Type") or "html").lower():
        yield from (url for url, _ in named_by(page, page_requisites))


def _leads_to(capture: Capture) -> Iterator[str]:
    """What a requisite needs itself."""
    target = redirect_target(capture)
    is_sheet = capture.status == 200 and "css" in (capture.header("Content-Type") or "").lower()
    sheet = (url for url, _ in named_by(capture, sheet_requisites)) if is_sheet else ()
    return chain((target,) if target is not None else (), sheet)
