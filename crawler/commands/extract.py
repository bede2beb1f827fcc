"""`newswarc extract`: one saved page to one record."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from crawler.corpus.record import to_json
from crawler.crawl.command import NewswarcCommand
from crawler.errors import UsageError
from crawler.extract import explain, read_article
from crawler.model import Capture
from crawler.page import Page
from crawler.site import Site

GENERIC_SITE = "news"


class Command(NewswarcCommand):
    """Reads the page with the site's layouts, exactly as a crawl would."""

    arguments = "FILE --url URL"
    summary = "One saved page to one record, on standard output"
    example = "newswarc extract page.html --url https://www.dimsumdaily.hk/some-article/ --explain"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where the page is from."""
        super().add_options(parser)
        parser.add_argument("--url", metavar="URL", help="the page's address (required)")
        parser.add_argument("--site", metavar="SITE", help="the site whose layouts read it (default: by the URL)")
        parser.add_argument("--captured-at", metavar="TIME", help="ISO 8601; UTC if no zone (default: the file's time)")
        parser.add_argument("--explain", action="store_true", help="show each block, kept or dropped, and why")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the record; raises `PageSkippedError` where the page gives none."""
        if len(args) != 1 or not opts.url:
            raise UsageError("extract takes one FILE (or - for standard input) and --url URL (see --help)")
        page = Page(_capture(args[0], opts.url, opts.captured_at))
        site = self.site(opts.site) if opts.site else self._site_of(opts.url)
        if opts.explain:
            self._explain(page, site, as_json=opts.json)
        else:
            print(to_json(read_article(page, site)))

    def _site_of(self, url: str) -> type[Site]:
        named = {name: site for name, site in self.sites().items() if name != GENERIC_SITE}
        return next((site for site in named.values() if site.is_article_url(url)), self.site(GENERIC_SITE))

    def _explain(self, page: Page, site: type[Site], *, as_json: bool) -> None:
        console = self.console()
        for verdict in explain(page, site):
            word = "keep" if verdict.kept else "drop"
            if as_json:
                print(
                    json.dumps(
                        {"verdict": word, "reason": verdict.reason, "text": verdict.line.text}, ensure_ascii=False
                    )
                )
            else:
                line = f"{word}  {verdict.reason:<18} {verdict.line.text}"
                console.print(
                    line, style=None if verdict.kept else "dim", markup=False, no_wrap=True, overflow="ellipsis"
                )


def _capture(name: str, url: str, captured_at: str | None) -> Capture:
    try:
        payload = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    return Capture(url=url, captured_at=_time_of(name, captured_at), status=200, headers=(), payload=payload)


def _time_of(name: str, captured_at: str | None) -> datetime:
    if captured_at is None:
        return datetime.now(UTC) if name == "-" else datetime.fromtimestamp(Path(name).stat().st_mtime, UTC)
    try:
        time = datetime.fromisoformat(captured_at)
    except ValueError as error:
        raise UsageError(f"--captured-at {captured_at}: not an ISO 8601 time such as 2024-02-08T12:00:00Z") from error
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
