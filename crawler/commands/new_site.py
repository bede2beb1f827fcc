"""`newswarc new-site`: from pages of a site, a draft of its file."""

import argparse
import keyword
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from crawler.crawl.command import NewswarcCommand, add_network_options, network_settings
from crawler.crawl.drafting import Given, Project, given_files, write_draft
from crawler.crawl.probing import probe
from crawler.errors import UsageError

MAX_PAGES = 20


class Command(NewswarcCommand):
    """Reads the pages as those of an unknown site, writes what they have in common, and says what is not sure."""

    arguments = "URL|FILE..."
    summary = "A draft of a site's file from pages of its articles, with the pages saved and their records to check"
    example = "newswarc new-site https://www.harbourpost.example/2024/ferry https://www.harbourpost.example/2024/pier"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add how it is called, where it goes, and how to fetch."""
        super().add_options(parser)
        parser.add_argument("--name", metavar="NAME", help="the site's name (default: made of the host's)")
        parser.add_argument("--to", metavar="DIR", default=".", help="the checkout to write into (default: .)")
        parser.add_argument("--url", metavar="URL", help="the address of the one HTML file given, if it declares none")
        add_network_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write `spiders/NAME.py`, `tests/pages/NAME/`, and nothing over anything."""
        if not args:
            raise UsageError("new-site takes pages of one site's articles: addresses, HTML files or WARC files")
        if len(args) > MAX_PAGES:
            raise UsageError(f"new-site takes up to {MAX_PAGES} pages; three to five of different sections are best")
        urls = [arg for arg in args if urlsplit(arg).scheme in ("http", "https")]
        files = [Path(arg) for arg in args if arg not in urls]
        if opts.url and (urls or len(files) != 1):
            raise UsageError("--url is the address of one HTML file")
        network = network_settings(opts)
        given = given_files(files, opts.url)
        first = urls[0] if urls else given[0].url
        project = Project(Path(opts.to), self._name(opts.name, first))
        project.refuse_what_is_there()
        with tempfile.TemporaryDirectory() as scratch:
            settings = {**network, **_quiet(opts), "NEWSWARC_ARCHIVE": scratch}
            self.run_settings.setdict(settings, priority="cmdline")
            given += self._fetched(urls, Path(scratch))
            report = write_draft(project, given)
        for line in report:
            print(line)

    def _fetched(self, urls: Sequence[str], scratch: Path) -> list[Given]:
        if not urls:
            return []
        probed = probe(urls, self.run_settings)
        for url, why in probed.problems.items():
            print(f"newswarc: {url}: not fetched: {why}", file=sys.stderr)
            self.exitcode = 1
        if not probed.pages:
            raise UsageError("none of the pages could be fetched; nothing is written")
        return [Given(capture.url, capture, scratch, probed.answers) for capture in probed.pages.values()]

    def _name(self, stated: str | None, url: str) -> str:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        name = stated or re.sub(r"\W+", "_", ".".join(host.split(".")[:-1]) or host).strip("_").lower()
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
            raise UsageError(f"{name or host}: no name for a site; give --name with letters, digits and _")
        if name in self.sites():
            raise UsageError(f"there is a site called {name} already; give --name another one")
        return name


def _quiet(opts: argparse.Namespace) -> dict[str, object]:
    """A scratch crawl's log interests only those who ask for it."""
    return {} if opts.loglevel else {"LOG_LEVEL": "ERROR"}
