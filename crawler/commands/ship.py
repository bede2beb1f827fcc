"""`newswarc ship`: finished files to the store."""

import argparse
import json
import sys
from dataclasses import asdict

from rich.table import Table

from crawler.archive.tree import LEDGER_NAME, sites_in
from crawler.crawl.command import NewswarcCommand
from crawler.crawl.report_view import in_units
from crawler.crawl.ship_run import ShipOutcome, ship_sites
from crawler.errors import UsageError


class Command(NewswarcCommand):
    """Sends what manifests name and the store has not; says what is left. A crawl does so at its end."""

    arguments = "[SITE...]"
    summary = "Ship finished files to the store, check them there, then the manifests that name them"
    example = "newswarc ship --store s3://my-bucket/news --prune-after 30"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where to, and what may go here."""
        super().add_options(parser)
        parser.add_argument("--store", metavar="URL", help="s3://BUCKET/PREFIX or a folder (default: NEWSWARC_STORE)")
        text = "remove local files that the store has listed for so many days; manifests stay"
        parser.add_argument("--prune-after", metavar="DAYS", help=text)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one row a site; exit code 4 if something is left."""
        given = {"NEWSWARC_STORE": opts.store, "NEWSWARC_PRUNE_AFTER": opts.prune_after}
        self.run_settings.setdict({name: value for name, value in given.items() if value}, priority="cmdline")
        there = sites_in(self.archive)
        if unknown := [site for site in args if site not in there]:
            raise UsageError(f"{self.archive}: no WARC file of {', '.join(unknown)} there; name another with --archive")
        if not (self.archive / LEDGER_NAME).exists():
            raise UsageError(f"{self.archive}: no archive there; name its folder with --archive")
        outcome = ship_sites(self.archive, args or there, self.run_settings, patient=False)
        self.exitcode = outcome.exit_code
        for line in outcome.errors:
            print(f"newswarc: {line}", file=sys.stderr)
        if opts.json:
            print(json.dumps(asdict(outcome)))
        else:
            self.console().print(table_of(outcome))


def table_of(outcome: ShipOutcome) -> Table:
    """One row a site."""
    table = Table("site", "sent", "bytes", "there already", "manifests", "pruned", "left", box=None)
    for site in outcome.sites:
        numbers = (site.found, site.manifests, site.pruned, site.left)
        table.add_row(site.site, f"{site.sent:,}", in_units(site.sent_bytes), *(f"{number:,}" for number in numbers))
    return table
