"""What all commands share: the archive's place, JSON on request, and how bad input is told."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar

from rich.console import Console
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.crawl.report_view import render_text
from crawler.crawl.run import RunOutcome
from crawler.crawl.wire.resolve import parse_rules
from crawler.errors import UsageError
from crawler.site import Site

EXIT_CODES = (
    "0 done; 1 some pages failed; 2 usage; 3 archive or ledger error; 4 shipping incomplete;"
    " 5 another run holds the site"
)
PIPE_WIDTH = 160  # a table that is piped must not be folded at a terminal's 80 columns


def number(option: str, least: int, most: int = 10**9) -> Callable[[str], int]:
    """A type for argparse: a whole number from `least` to `most`; anything else raises `UsageError`."""

    def parse(text: str) -> int:
        if len(text) > len(str(most)) or not text.isdecimal() or not least <= int(text) <= most:
            raise UsageError(f"{option} {text}: give a whole number from {least} to {most}")
        return int(text)

    return parse


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add where connections go and whom they trust."""
    text = "HOST:PORT:ADDRESS[:PORT]: connect there instead (repeatable, * for any host or port)"
    parser.add_argument("--resolve", metavar="RULE", action="append", default=[], help=text)
    parser.add_argument("--cacert", metavar="FILE", help="trust this authority's certificates too (PEM)")
    parser.add_argument("--allow-private", action="store_true", help="fetch from addresses that are not public")


def network_settings(opts: argparse.Namespace) -> dict[str, object]:
    """The settings that these options stand for; raises `UsageError`."""
    parse_rules(opts.resolve)
    if opts.cacert and not Path(opts.cacert).is_file():
        raise UsageError(f"--cacert {opts.cacert}: no such file")
    given = {
        "NEWSWARC_RESOLVE": opts.resolve,
        "NEWSWARC_CA_FILE": opts.cacert,
        "NEWSWARC_ALLOW_PRIVATE": opts.allow_private,
    }
    return {name: value for name, value in given.items() if value}


class NewswarcCommand(ScrapyCommand):
    """A Scrapy command of this project; a subclass sets the texts and writes `run`."""

    requires_crawler_process = False  # the commands that crawl start their own
    #: What follows the command's name.
    arguments: ClassVar[str] = ""
    #: One line for the overview.
    summary: ClassVar[str]
    #: Where the archive is if neither the command line nor the environment says.
    default_archive: ClassVar[str] = "./archive"
    #: A whole command line that works.
    example: ClassVar[str]

    def syntax(self) -> str:
        """The arguments, for the usage line."""
        return f"[options] {self.arguments}".rstrip()

    def short_desc(self) -> str:
        """The summary."""
        return self.summary

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add Scrapy's global options, and ours."""
        super().add_options(parser)
        parser.usage = (parser.usage or "").replace("scrapy ", "newswarc ", 1).replace("_", "-", 1)
        parser.add_argument_group("Example", self.example)  # an epilog would be one paragraph of both
        parser.add_argument_group("Exit codes", EXIT_CODES)
        parser.add_argument("--archive", metavar="DIR", help=f"the archive's folder (default: {self.default_archive})")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Refuse options that no command knows; put the archive's place into the settings."""
        super().process_options(args, opts)
        unknown = [arg for arg in args if arg.startswith("-") and arg != "-"]
        if unknown:
            raise UsageError(f"no such option: {unknown[0]} (see --help)")
        if opts.archive:
            self.run_settings.set("NEWSWARC_ARCHIVE", opts.archive, priority="cmdline")

    @property
    def run_settings(self) -> Settings:
        """The settings of this run, as the command line left them."""
        assert self.settings is not None  # Scrapy sets them before it calls a command
        return self.settings

    @property
    def archive(self) -> Path:
        """The archive's folder."""
        return Path(self.run_settings["NEWSWARC_ARCHIVE"])

    def sites(self) -> dict[str, type[Site]]:
        """Every site there is, by name."""
        loader = SpiderLoader.from_settings(self.run_settings)
        spiders = ((name, loader.load(name)) for name in sorted(loader.list()))
        return {name: spider for name, spider in spiders if issubclass(spider, Site)}

    def site(self, name: str) -> type[Site]:
        """The site called `name`; raises `UsageError`."""
        sites = self.sites()
        if name not in sites:
            raise UsageError(f"no such site: {name} (there are: {', '.join(sites)})")
        return sites[name]

    def console(self, *, stderr: bool = False) -> Console:
        """Standard output, or standard error: as wide as the terminal, wider in a pipe."""
        console = Console(stderr=stderr, highlight=False)
        return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=PIPE_WIDTH)

    def tell(self, outcome: RunOutcome, *, as_json: bool) -> None:
        """Print how a crawl went, and take its exit code."""
        self.exitcode = outcome.exit_code
        for line in outcome.errors:
            print(f"newswarc: {line}", file=sys.stderr)
        if as_json:
            print(json.dumps(asdict(outcome.report)))
        elif any(site.found or site.pages for site in outcome.report.sites):
            console = self.console()
            print(render_text(outcome.report, width=console.width, color=console.is_terminal), end="")
            if outcome.shipped is not None:
                print(outcome.shipped.told)
