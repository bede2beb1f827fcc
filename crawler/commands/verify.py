"""`newswarc verify`: whether everything that the archive promises is there."""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from crawler.crawl.command import NewswarcCommand
from crawler.crawl.verification import NUMBERS, Tally, find_units, verify_archive
from crawler.engine import engine_of
from crawler.errors import ArchiveError, UsageError


class Command(NewswarcCommand):
    """Checks every record and digest, and every row, article and manifest that points to one."""

    summary = "Check every record, digest, index row, ledger row, article and manifest of the archive"
    example = "newswarc verify --workers 2"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add who does the work."""
        super().add_options(parser)
        workers = os.cpu_count() or 1
        parser.add_argument("--workers", metavar="N", type=int, default=workers, help="processes (default: one a CPU)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one line a defect, then what was looked at; exit code 3 if there is a defect."""
        if args:
            raise UsageError("verify takes no argument; name the archive with --archive (see --help)")
        total, told = Tally(), []
        with self._progress(sum(unit.bytes for unit in find_units(self.archive))) as progress:
            for unit, tally in verify_archive(self.archive, engine_of(opts.workers)):
                total.include(tally)
                told += [asdict(defect) for defect in tally.told] if opts.json else []
                for line in [] if opts.json else _lines(tally):
                    progress.console.out(line, highlight=False)
                progress.advance(progress.task_ids[0], unit.bytes if unit else 0)
        numbers = {name: getattr(total, name) for name in NUMBERS}
        if opts.json:
            print(json.dumps(numbers | {"told": told}))
        else:
            self._table(numbers)
        self.exitcode = ArchiveError.exit_code if total.defects else 0

    def _table(self, numbers: dict[str, int]) -> None:
        table = Table(*(name.replace("_", " ") for name in numbers), box=None)
        table.add_row(*(f"{number:,}" for number in numbers.values()))
        console = self.console()
        console.print(table)
        console.print("Something is wrong with this archive." if numbers["defects"] else "All is well.")

    @contextmanager
    def _progress(self, size: int) -> Iterator[Progress]:
        """A bar on a terminal, nothing elsewhere; lines printed meanwhile go to standard output."""
        console = self.console()
        columns = TextColumn("verifying"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            progress.add_task("verifying", total=size)
            yield progress


def _lines(tally: Tally) -> Iterator[str]:
    yield from map(str, tally.told)
    if tally.defects > len(tally.told):
        yield f"{tally.told[0].file}: {tally.defects - len(tally.told)} more defects"
