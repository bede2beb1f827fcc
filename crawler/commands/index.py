"""`newswarc index`: the index again, from the WARC files alone."""

import argparse
import json
import os
import sys
from dataclasses import asdict

from rich.table import Table

from crawler.crawl.command import NewswarcCommand
from crawler.crawl.indexing import index_archive
from crawler.errors import ArchiveError, UsageError


class Command(NewswarcCommand):
    """Writes each WARC file's CDXJ as the crawl did, and one merged, sorted CDXJ a site."""

    summary = "The CDXJ index again from the WARC files, and merged: index/merged/SITE.cdxj"
    example = "newswarc index --site indebta"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add which site, and who does the work."""
        super().add_options(parser)
        parser.add_argument("--site", metavar="SITE", help="only this site (default: all)")
        workers = os.cpu_count() or 1
        parser.add_argument("--workers", metavar="N", type=int, default=workers, help="processes (default: one a CPU)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one row a site; damage goes to standard error and makes the exit code 3."""
        if args:
            raise UsageError("index takes no argument (see --help)")
        table = Table("site", "files", "bytes", "rows", "damaged", box=None)
        for site in index_archive(self.archive, opts.site, opts.workers):
            for line in site.damaged:
                print(f"newswarc: {line}", file=sys.stderr)
                self.exitcode = ArchiveError.exit_code
            if opts.json:
                print(json.dumps(asdict(site)))
            table.add_row(site.site, *(f"{n:,}" for n in (site.files, site.bytes, site.rows, len(site.damaged))))
        if not opts.json:
            self.console().print(table)
