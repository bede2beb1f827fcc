"""`newswarc store doctor`: what a store honours."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime

from rich.table import Table

from crawler.archive.tree import LEDGER_NAME
from crawler.crawl.command import NewswarcCommand
from crawler.crawl.doctor import findings
from crawler.crawl.ledger import Ledger
from crawler.crawl.ledger_schema import explained
from crawler.crawl.ship_run import options_of
from crawler.errors import StoreError, UsageError
from crawler.ship.store import Features, examine_store


class Command(NewswarcCommand):
    """Asks with a dozen requests for tiny files below `.newswarc/`, and lets the ledger remember the answers."""

    arguments = "doctor"
    summary = "What a store honours, and what newswarc does about each"
    example = "newswarc store doctor --store s3://my-bucket/news"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add which store."""
        super().add_options(parser)
        parser.add_argument("--store", metavar="URL", help="s3://BUCKET/PREFIX or a folder (default: NEWSWARC_STORE)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one row a question; exit code 4 if nothing can be shipped there."""
        if args != ["doctor"]:
            raise UsageError("store takes the word doctor (see --help)")
        url = opts.store or self.run_settings["NEWSWARC_STORE"]
        if not url:
            raise UsageError("no store is named: set NEWSWARC_STORE, or give --store (s3://BUCKET/PREFIX or a folder)")
        options = options_of(self.run_settings)
        server, features = examine_store(url, options)
        self._remember(server, features)
        self.exitcode = 0 if features.keeps else StoreError.exit_code
        told = [asdict(finding) for finding in findings(features, options)]
        if opts.json:
            print(json.dumps({"store": url, "features": asdict(features), "findings": told}))
            return
        table = Table("the store", "answer", "so", box=None)
        for row in told:
            table.add_row(*row.values())
        self.console().print(table)

    def _remember(self, server: str, features: Features) -> None:
        path = self.archive / LEDGER_NAME
        if path.exists():
            with explained(path), Ledger(path) as ledger, ledger.transaction():
                ledger.shipments.remember(server, features.to_json(), datetime.now(UTC))
