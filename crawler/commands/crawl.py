"""`newswarc crawl`: a run of one or more sites."""

import argparse
import sys

from crawler.crawl.command import NewswarcCommand, add_network_options, network_settings, number
from crawler.crawl.days import day_of
from crawler.crawl.run import run_sites
from crawler.errors import UsageError

GENERIC_SITE = "news"
SOURCES = ("url", "feed", "sitemap", "listing")


class Command(NewswarcCommand):
    """Discovers, captures, extracts and reports; goes on where the last run of a site stopped."""

    arguments = "SITE... | --all"
    summary = "Fetch the new articles of sites: WARC captures and clean records"
    example = "newswarc crawl dimsum_daily indebta --limit 20"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to crawl, how much, and where connections go."""
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="every site but news")
        parser.add_argument(
            "--limit", metavar="N", type=number("--limit", 1), help="at most N articles a site in this run"
        )
        parser.add_argument("--since", metavar="DATE", help="leave what is known to be older than this ISO date")
        _add_requisites(parser)
        text = (
            "store each article's text beside its page, as a WARC conversion record (serve it by this archive's index)"
        )
        parser.add_argument("--conversion", action="store_true", help=text)
        for source in SOURCES:
            text = f"for the site news: a {source} of any site (repeatable)"
            parser.add_argument(f"--{source}", metavar="URL", action="append", default=[], help=text)
        add_network_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, print the report, and take the run's exit code."""
        names = self._names(args, every=opts.all)
        arguments = {source: " ".join(getattr(opts, source)) for source in SOURCES if getattr(opts, source)}
        if arguments and names != [GENERIC_SITE]:
            raise UsageError(f"--{next(iter(arguments))} belongs to the site news: newswarc crawl news --url URL")
        self._configure(opts)
        self.tell(run_sites(names, self.run_settings, arguments), as_json=opts.json)

    def _names(self, args: list[str], *, every: bool) -> list[str]:
        sites = self.sites()
        if every:
            return [name for name in sites if name != GENERIC_SITE]
        if not args:
            raise UsageError(f"crawl takes sites, or --all (there are: {', '.join(sites)})")
        for name in args:
            self.site(name)
        return args

    def _configure(self, opts: argparse.Namespace) -> None:
        network = network_settings(opts)  # what is wrong is told before anything starts
        day_of(opts.since)
        if not self.run_settings["NEWSWARC_CONTACT"] and not opts.allow_private:
            print("newswarc: set NEWSWARC_CONTACT, so that the sites can reach who crawls them", file=sys.stderr)
        given = {
            "NEWSWARC_LIMIT": opts.limit,
            "NEWSWARC_SINCE": opts.since,
            "NEWSWARC_REQUISITES": opts.requisites,
            "NEWSWARC_REQUISITES_NUMBER": opts.requisites_number,
            "NEWSWARC_REQUISITES_BYTES": opts.requisites_bytes,
            "NEWSWARC_CONVERSION": opts.conversion,
        }
        stated = {name: value for name, value in given.items() if value}
        self.run_settings.setdict(stated | network, priority="cmdline")


def _add_requisites(parser: argparse.ArgumentParser) -> None:
    text = "fetch what new articles need to be shown, too: images, style sheets, fonts, scripts"
    parser.add_argument("--requisites", action="store_true", help=text)
    for name, text in (("number", "at most N of them for a page"), ("bytes", "at most N bytes of them for a page")):
        option = f"--requisites-{name}"
        parser.add_argument(option, metavar="N", type=number(option, 1, 10**12), help=text)
