"""`newswarc sites`: what there is, and what the archive holds of each."""

import argparse
import inspect
import json
import os
from collections.abc import Iterator
from contextlib import nullcontext

from rich.table import Table

from crawler.archive.tree import LEDGER_NAME
from crawler.crawl.command import NewswarcCommand
from crawler.crawl.ledger import Ledger
from crawler.crawl.ledger_schema import connect, connect_to_read, explained
from crawler.errors import UsageError
from crawler.site import Site

NUMBERS = ("links", "articles", "pending", "captures")
COLUMNS = ("site", *NUMBERS, "layouts", "what")


class Command(NewswarcCommand):
    """Lists the files of `spiders/`, newest layout first, and their counts in the ledger."""

    summary = "The sites there are, and what the archive holds of each"
    example = "newswarc sites --json"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one row a site."""
        if args:
            raise UsageError("sites takes no argument (see --help)")
        rows = list(self._rows())
        if opts.json:
            for row in rows:
                print(json.dumps(dict(zip(COLUMNS, row, strict=True))))
            return
        table = Table(box=None)
        for name in COLUMNS:  # where the terminal is narrow, the last gives way
            table.add_column(name, no_wrap=name != "what", justify="right" if name in NUMBERS else "left")
        for row in rows:
            table.add_row(*map(str, row))
        self.console().print(table)

    def _rows(self) -> Iterator[tuple[str | int, ...]]:
        path = self.archive / LEDGER_NAME
        # An archive on a disk that cannot be written to, such as a snapshot, is shown too.
        door = connect if os.access(self.archive, os.W_OK) else connect_to_read
        with explained(path), Ledger(path, door) if path.exists() else nullcontext() as ledger:
            for name, site in self.sites().items():
                layouts = ", ".join(layout.__name__ for layout in site.layouts)
                yield (name, *_numbers(ledger, name), layouts, _title_of(site))


def _title_of(site: type[Site]) -> str:
    text = inspect.getdoc(inspect.getmodule(site)) or ""
    return text.partition("\n")[0].rstrip(".")


def _numbers(ledger: Ledger | None, site: str) -> tuple[int, int, int, int]:
    if ledger is None:
        return 0, 0, 0, 0
    counts = ledger.counts(site)
    articles = counts.outcomes.get(("captured", None), 0)
    pending = sum(number for (state, _), number in counts.outcomes.items() if state == "pending")
    return counts.found, articles, pending, counts.captures
