"""`newswarc wacz`: a package of captures that ReplayWeb.page and other tools open."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from rich.table import Table

from crawler.archive.lookup import moment_of
from crawler.crawl.command import NewswarcCommand
from crawler.crawl.packaging import pack
from crawler.crawl.selection import Wanted
from crawler.errors import DamagedRecordError, UsageError


class Command(NewswarcCommand):
    """Packs finished WARC files, or those of their captures that are asked for, with an index and a list of pages."""

    arguments = "[SITE...]"
    summary = "One WACZ package of the archive, a site, a run, a time or some URLs: for ReplayWeb.page and others"
    example = "newswarc wacz dimsum_daily --from 2024-02-01 --to 2024-02-29 --out february.wacz"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to pack, and where to."""
        super().add_options(parser)
        parser.add_argument(
            "--out", metavar="FILE", help="the package, FILE.new until it is whole; nothing is overwritten"
        )
        parser.add_argument("--title", metavar="TEXT", help="what readers call it (default: the archive folder's name)")
        parser.add_argument("--run", metavar="RUN", help="only what this run stored")
        text = "only this page, with what it embeds; all that begin so with * at the end (repeatable)"
        parser.add_argument("--url", metavar="URL", action="append", default=[], help=text)
        parser.add_argument("--from", metavar="TIME", dest="since", help="only captures since then: 2024-02-08, 2024")
        parser.add_argument("--to", metavar="TIME", dest="until", help="only captures until then, that day included")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write it; a revisit without its original is told on standard error and makes the exit code 1."""
        if not opts.out:
            raise UsageError("wacz needs --out FILE.wacz (see --help)")
        out = Path(opts.out)
        if out.exists():
            raise UsageError(f"--out {out}: is there already; move it away, or name another file")
        since = begin_of(opts.since, "--from") if opts.since else None
        until = end_of(opts.until, "--to") if opts.until else None
        packed = pack(self.archive, Wanted(tuple(args), opts.run, tuple(opts.url), since, until), out, opts.title)
        for line in packed.lost:
            print(f"newswarc: {line}", file=sys.stderr)
            self.exitcode = 1
        told = asdict(packed) | {"lost": len(packed.lost)}
        if opts.json:
            print(json.dumps(told))
            return
        table = Table(*told, box=None)
        table.add_row(*(f"{value:,}" if isinstance(value, int) else value for value in told.values()))
        self.console().print(table)


def begin_of(text: str, option: str) -> datetime:
    """The first moment of a day, month or year, or the moment itself."""
    try:
        if text.isdecimal():
            return moment_of(text)
        moment = datetime.fromisoformat(text)
    except (ValueError, DamagedRecordError) as error:
        raise UsageError(f"{option} {text}: no time such as 2024-02-08, 2024-02-08T12:00:00Z or 2024") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def end_of(text: str, option: str) -> datetime:
    """The first moment after a day, month or year, or after the second."""
    begin = begin_of(text, option)
    length = len(text) if text.isdecimal() else 8 if begin.timetz() == time(tzinfo=UTC) and len(text) == 10 else 14
    if length == 4:
        return begin.replace(year=begin.year + 1)
    if length == 6:
        return begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
    steps = {8: timedelta(days=1), 10: timedelta(hours=1), 12: timedelta(minutes=1)}
    return begin + steps.get(length, timedelta(seconds=1))
