"""One capture -> one record, or the one named reason why there is none; the same for a crawl and a rebuild."""

import logging
from dataclasses import dataclass

from crawler.corpus.record import to_json
from crawler.errors import PageSkippedError
from crawler.extract import read_article
from crawler.model import Article, Capture
from crawler.page import Page
from crawler.site import Site

logger = logging.getLogger(__name__)

HTML = ("html", "octet-stream")  # what servers call a page, rightly or not
BROKEN = "error"
REVISIT = "revisit"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page gave: an article and its line of JSON, or the reason for neither."""

    article: Article | None = None
    record: str | None = None
    reason: str | None = None


def read_record(capture: Capture, site: type[Site]) -> Reading:
    """Read a response with status 200; whatever is wrong with the page costs only this page.

    A revisit gives no record: its original does, which is a capture of the same URL if that is an article's.
    """
    if capture.is_revisit:
        return Reading(reason=REVISIT)
    if not is_page(capture):
        return Reading(reason="not_article")
    try:
        article = read_article(Page(capture), site)
        return Reading(article, to_json(article))
    except PageSkippedError as error:
        logger.info("%s", error)
        return Reading(reason=error.reason)
    except Exception:  # a parser's failure on one page; it is told in full and counted under its own name
        logger.exception("%s: the page could not be read", capture.url)
        return Reading(reason=BROKEN)


def is_page(capture: Capture) -> bool:
    """Whether the response calls itself something that can hold an article: no feed, image or PDF."""
    media = (capture.header("Content-Type") or "html").partition(";")[0].strip().lower()
    return any(word in media for word in HTML)
