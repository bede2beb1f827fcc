"""`newswarc repair`: what the start of a crawl mends, on request."""

import argparse
import json
import sys
from dataclasses import asdict

from rich.table import Table

from crawler.archive.tree import sites_in
from crawler.crawl.archive_run import repair_site
from crawler.crawl.command import NewswarcCommand
from crawler.errors import ArchiveError, UsageError


class Command(NewswarcCommand):
    """Cuts files that a killed run left open after their last whole capture, and tells the ledger what it lacks."""

    arguments = "[SITE...]"
    summary = "Finish the files of a killed run, and tell the ledger of captures it does not know"
    example = "newswarc repair indebta"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one row a site; a site that cannot be mended costs the others nothing."""
        there = sites_in(self.archive)
        if unknown := [site for site in args if site not in there] or not there:
            missing = f" of {', '.join(unknown)}" if isinstance(unknown, list) else ""
            raise UsageError(f"{self.archive}: no WARC file{missing} there; name the archive with --archive")
        table = Table("site", "files finished", "bytes cut", "captures adopted", box=None)
        for site in args or there:
            try:
                repairs = repair_site(self.archive, site)
            except ArchiveError as error:
                print(f"newswarc: {error}", file=sys.stderr)
                self.exitcode = error.exit_code
                continue
            if opts.json:
                print(json.dumps({"site": site} | asdict(repairs)))
            table.add_row(site, *(f"{n:,}" for n in (repairs.files, repairs.cut_bytes, repairs.adopted)))
        if not opts.json:
            self.console().print(table)
