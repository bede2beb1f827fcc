"""Some pages, and the places where their site may tell what it has published, fetched through the crawl's own capture.

robots.txt is obeyed and delays are kept, as in a crawl; the archive is a scratch folder from which pages are copied.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import scrapy
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler.archive.writer import utc_now
from crawler.crawl.outcome import outcome_of_error
from crawler.crawl.redirects import MAX_HOPS, redirect_target
from crawler.crawl.run import check, new_run_id, start_process
from crawler.draft import candidates, robots_sitemaps
from crawler.draft.sources import ROBOTS
from crawler.errors import NewswarcError
from crawler.model import Capture
from crawler.page import Page


@dataclass(slots=True)
class Probe:
    """What was asked for, and what came."""

    urls: Sequence[str]
    #: The pages with status 200, by the URL that was asked for.
    pages: dict[str, Capture] = field(default_factory=dict)
    #: Likewise of the places that may be sources, in the order of the answers.
    answers: dict[str, Capture] = field(default_factory=dict)
    #: Why a page was not had, by its URL.
    problems: dict[str, str] = field(default_factory=dict)


def probe(urls: Sequence[str], settings: Settings) -> Probe:
    """Fetch all of it; for the main thread, once a process. Raises `NewswarcError` where nothing can be fetched."""
    settings = settings.copy()
    settings.set("NEWSWARC_RUN_ID", new_run_id(utc_now()), priority="cmdline")
    settings.set("NEWSWARC_DEDUPLICATE", value=False, priority="cmdline")  # each page is to be copied whole
    check(settings)
    made = Probe(tuple(dict.fromkeys(urls)))
    process = start_process(settings)
    task = process.crawl(process.create_crawler(ProbeSpider), probe=made)
    process.start()
    if task.done() and not task.cancelled() and isinstance(error := task.exception(), NewswarcError):
        raise error
    return made


class ProbeSpider(scrapy.Spider):
    """Asks for each page once, follows where it is sent, and then asks each place that its site may have."""

    name = "probe"

    def __init__(self, probe: Probe, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.probe = probe
        self.asked: set[str] = set()

    async def start(self) -> AsyncIterator[Any]:
        """The pages."""
        for url in self.probe.urls:
            yield self._request(url, "page", asked_for=url)

    def _request(self, url: str, kind: str, *, asked_for: str, hops: str = "") -> scrapy.Request:
        return scrapy.Request(
            url,
            callback=self.parse_answer,
            errback=self.failed,
            dont_filter=True,
            meta={"dont_redirect": True, "hops": hops, "via": None},
            cb_kwargs={"kind": kind, "asked_for": asked_for, "hops": hops},
        )

    def parse_answer(self, response: Response, kind: str, asked_for: str, hops: str) -> Iterator[scrapy.Request]:
        """Keep what came, and ask on."""
        capture: Capture = response.meta["capture"]
        target = redirect_target(capture) if len(hops) < MAX_HOPS else None
        if target is not None:
            yield self._request(target, kind, asked_for=asked_for, hops=hops + "R")
        elif capture.status != 200 or capture.truncated:
            self._note(kind, asked_for, f"status {capture.status}" if not capture.truncated else "it came cut short")
        else:
            (self.probe.pages if kind == "page" else self.probe.answers)[asked_for] = capture
            yield from self._further(capture, kind)

    def _further(self, capture: Capture, kind: str) -> Iterator[scrapy.Request]:
        """The places that a page, or a robots.txt, makes worth asking."""
        named: Sequence[str] = ()
        if kind == "page":
            named = list(candidates(Page(capture)))
        elif capture.url.endswith(ROBOTS):
            named = robots_sitemaps(Page(capture).html, capture.url)
        for url in dict.fromkeys(named):
            if url not in self.asked:
                self.asked.add(url)
                yield self._request(url, "source", asked_for=url)

    def failed(self, failure: Failure) -> None:
        """Note why there is no answer."""
        request: scrapy.Request = failure.request  # type: ignore[attr-defined]
        outcome = outcome_of_error(failure.value, request.meta.get("capture"))
        told = f"{outcome.reason}" + (f" ({failure.value})" if str(failure.value) else "")
        self._note(request.cb_kwargs["kind"], request.cb_kwargs["asked_for"], told)

    def _note(self, kind: str, url: str, why: str) -> None:
        if kind == "page":
            self.probe.problems[url] = why
