"""`newswarc verify`: whether everything that the archive promises is there."""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from crawler.crawl.remote_verification import REMOTE_NUMBERS, RemoteTally, verify_store
from crawler.crawl.store_command import StoreCommand
from crawler.crawl.tally import NUMBERS, Tally
from crawler.crawl.verification import find_units, verify_archive
from crawler.engine import engine_of
from crawler.errors import ArchiveError, UsageError


class Command(StoreCommand):
    """Checks every record and digest, and every row, article and manifest that points to one."""

    summary = "Check every record, digest, index row, ledger row, article and manifest of the archive"
    example = "newswarc verify --workers 2"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add who does the work."""
        super().add_options(parser)
        self.add_store(parser)
        text = "of a store: read every byte, row and article, not what it tells of its files and a sample"
        parser.add_argument("--full", action="store_true", help=text)
        workers = os.cpu_count() or 1
        parser.add_argument("--workers", metavar="N", type=int, default=workers, help="processes (default: one a CPU)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one line a defect, then what was looked at; exit code 3 if there is a defect."""
        if args:
            raise UsageError("verify takes no argument; name the archive with --archive (see --help)")
        numbers = self._verify_store(opts) if opts.remote or opts.store else self._verify_archive(opts)
        self.exitcode = ArchiveError.exit_code if numbers["defects"] else 0

    def _verify_archive(self, opts: argparse.Namespace) -> dict[str, int]:
        if opts.full:
            raise UsageError("--full is of a store (--remote, or --store URL); of a folder all is read in any case")
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
        return numbers

    def _verify_store(self, opts: argparse.Namespace) -> dict[str, int]:
        total, told, unnamed = RemoteTally(), [], list[str]()
        for tally in verify_store(self.store(opts), full=opts.full):
            total.include(tally)
            told += [asdict(defect) for defect in tally.told] if opts.json else []
            unnamed += tally.told_unnamed
            for line in [] if opts.json else _lines(tally):
                self.console().out(line, highlight=False)
        numbers = {name: getattr(total, name) for name in REMOTE_NUMBERS}
        if opts.json:
            print(json.dumps(numbers | {"told": told, "told_unnamed": unnamed}))
            return numbers
        for path in unnamed:
            self.console().out(f"{path}: no manifest names it, so that no reader sees it", highlight=False)
        self._table(numbers)
        return numbers

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


def _lines(tally: Tally | RemoteTally) -> Iterator[str]:
    yield from map(str, tally.told)
    if tally.defects > len(tally.told):
        yield f"{tally.told[0].file}: {tally.defects - len(tally.told)} more defects"
