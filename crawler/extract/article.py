"""Page -> Article: the record, every field from the layout first and from what the page declares second."""

import base64
import hashlib
import unicodedata
from collections.abc import Callable, Sequence
from operator import is_
from typing import TypeVar

from crawler import __version__
from crawler.errors import NotAnArticleError, StubError, TruncatedPageError
from crawler.extract import generic, metadata
from crawler.extract.authors import declared_authors, find_authors
from crawler.extract.bylines import agency_of
from crawler.extract.garbage import seldom_collected
from crawler.extract.headline import find_headline
from crawler.extract.language import language_of
from crawler.extract.pictures import find_images
from crawler.extract.printed import Printed
from crawler.extract.printed_times import likely_time
from crawler.extract.reading import Place, Reading, Verdict, judge, locate
from crawler.extract.span import finder, is_prose
from crawler.model import SCHEMA_VERSION, Article, Block, Capture
from crawler.page import Page, is_front
from crawler.site import Generic, Layout, Site, Stamp, choose_layout

T = TypeVar("T")

LISTED = 3  # a related story under an article may print its dateline too
MIN_TEXT = 200  # characters; a shorter one is a video's or gallery's caption, or a front page's teaser
HTML_TYPES = ("html", "xml", "text/plain", "octet-stream")


@seldom_collected
def read_article(page: Page, site: type[Site]) -> Article:
    """The article of a page; raises `PageSkippedError` by one of its names where there is none."""
    layout, reading, headline = _read(page, site)
    blocks = reading.blocks
    length = len("\n\n".join(block.text for block in blocks))
    if length < MIN_TEXT:
        raise StubError(page.url, f"only {length} characters of text")
    return _record(page, site, Printed(page, layout, reading), blocks, headline)


@seldom_collected
def explain(page: Page, site: type[Site]) -> tuple[Verdict, ...]:
    """Every line of the page, kept or dropped, and why; raises as `read_article` does, but not for a short text."""
    return _read(page, site)[1].verdicts


def _read(page: Page, site: type[Site]) -> tuple[Layout, Reading, str | None]:
    _refuse_what_is_no_page(page.capture)
    layout = choose_layout(site, page)(page)
    if isinstance(layout, Generic):
        if is_front(page.url) and not metadata.is_declared_article(page):
            raise NotAnArticleError(page.url, "a front page")
        return layout, generic.read(page, layout), find_headline(page, layout, (), 0)
    place = locate(page, layout)
    if _is_listing(place, layout):
        raise NotAnArticleError(page.url, "several articles begin on it, each with a paragraph")
    headline = find_headline(page, layout, place.lines, place.start)
    reading = judge(page, layout, place, headline)
    if not all(map(is_, reading.lines, place.lines)):  # cross-heads are headings now, which it goes by
        headline = find_headline(page, layout, reading.lines, reading.start)
    return layout, reading, headline


def _is_listing(place: Place, layout: Layout) -> bool:
    """Whether the page is excerpts of many articles: anchors, and at most one paragraph to each."""
    if not layout.by_text:
        return False
    is_anchor = finder(tuple(layout.anchors[:1]))
    anchors = {line.text for line in place.lines if is_anchor(line.text)}
    return len(anchors) >= LISTED and sum(is_prose(place.lines[i]) for i in place.candidates) <= 1


def _refuse_what_is_no_page(capture: Capture) -> None:
    if capture.truncated is not None:
        raise TruncatedPageError(capture.url, f"the capture is cut ({capture.truncated})")
    if capture.status != 200:
        raise NotAnArticleError(capture.url, f"status {capture.status}")
    mime = (capture.header("Content-Type") or "text/html").lower()
    if not any(known in mime for known in HTML_TYPES):
        raise NotAnArticleError(capture.url, f"content type {mime}")
    if not capture.payload:
        raise NotAnArticleError(capture.url, "empty body")


def _record(page: Page, site: type[Site], printed: Printed, blocks: tuple[Block, ...], headline: str | None) -> Article:
    capture, ref, layout, reading = page.capture, page.capture.ref, printed.layout, printed.reading
    text = "\n\n".join(block.text for block in blocks)
    authors = _first(layout.authors, printed.authors, lambda: _other_authors(page, layout)) or ()
    published = _first(layout.published, printed.published, lambda: _declared_day(page, layout))
    modified = _first(layout.modified, printed.modified, lambda: metadata.modified(page))
    digest = (ref.payload_digest if ref else None) or payload_digest(capture.payload)
    return Article(
        id=_hexdigest(site.name, site.key(page.canonical_url or page.url), digest)[:32],
        schema_version=SCHEMA_VERSION,
        site=site.name,
        layout=layout.label(),
        url=page.url,
        canonical_url=page.canonical_url,
        headline=headline,
        text=text,
        blocks=blocks,
        authors=tuple(authors),
        agency=_first(layout.agency, printed.agency, lambda: agency_of(tuple(authors))),
        dateline=printed.dateline(),
        section=_first(layout.section, printed.section, lambda: metadata.section(page)),
        tags=tuple(_first(layout.tags, printed.tags, lambda: metadata.tags(page)) or ()),
        language=language_of(text, page),
        published_at=published.at if published else None,
        published_precision=published.precision if published else None,
        published_raw=published.raw if published else None,
        modified_at=modified.at if modified else None,
        images=find_images(page, layout, reading, headline),
        republished_from=printed.republished_from() or metadata.original_url(page),
        access=layout.access() or metadata.access(page, len(text)),
        rights_notice=printed.rights_notice(),
        captured_at=capture.captured_at,
        warc_filename=ref.filename if ref else None,
        warc_record_offset=ref.offset if ref else None,
        warc_record_length=ref.length if ref else None,
        warc_record_id=ref.record_id if ref else None,
        payload_digest=digest,
        text_digest=text_digest(blocks),
        word_count=len(text.split()),
        extractor=f"newswarc/{__version__}",
        run_id=capture.run_id,
    )


def _other_authors(page: Page, layout: Layout) -> Sequence[str]:
    """The authors that the layout says nothing of."""
    return find_authors(page) if isinstance(layout, Generic) else declared_authors(page)


def _declared_day(page: Page, layout: Layout) -> Stamp | None:
    declared = metadata.published(page)
    return likely_time(page) if declared is None and isinstance(layout, Generic) else declared


def _first(*readers: Callable[[], T | None]) -> T | None:
    """What the first reader states; those after it are not asked."""
    return next((value for read_field in readers if (value := read_field()) is not None), None)


def payload_digest(payload: bytes) -> str:
    """The digest that the archive gives a payload: `sha1:` and upper-case Base32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode("ascii")


def text_digest(blocks: Sequence[Block]) -> str:
    """`sha256:` and the digest of the text in Unicode's composed form: equal where readers see no difference."""
    return "sha256:" + _hexdigest(*(unicodedata.normalize("NFC", block.text) for block in blocks))


def _hexdigest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
