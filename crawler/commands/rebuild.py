"""`newswarc rebuild`: records again from stored WARC files, without a network."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.table import Table

from crawler.corpus.files import suffixes_of
from crawler.crawl.command import NewswarcCommand, number
from crawler.crawl.ship_run import options_of
from crawler.engine import Outcome, engine_of
from crawler.errors import UsageError
from crawler.rebuild.remote import REMOTE, RemoteWarc, remote_warcs
from crawler.rebuild.warcs import WarcTally, WarcUnit, find_warcs, read_warc, rebuild


class Command(NewswarcCommand):
    """Reads every page of the files with the layout that was valid when it was captured."""

    arguments = "WARC..."
    summary = "Records again from stored WARC files (files, folders, globs, s3://BUCKET/KEY)"
    example = "newswarc rebuild archive/warc --out corpus --workers 2"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where the records go and who makes them."""
        super().add_options(parser)
        parser.add_argument("--out", metavar="DIR", help="write articles/site=.../date=.../... below DIR")
        workers = number("--workers", 1, 1000)
        parser.add_argument("--workers", metavar="N", type=workers, default=1, help="worker processes (needs --out)")
        text = "write the articles' texts below DIR as well: wet/SITE/*.warc.wet.gz (needs --out)"
        parser.add_argument("--conversion", action="store_true", help=text)
        parser.add_argument("--site", metavar="SITE", help="read all pages as this site's (default: by place and URL)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write or print the records; the tally goes to standard error."""
        if not args:
            raise UsageError("rebuild takes WARC files, folders, globs or s3://BUCKET/KEY (see --help)")
        if opts.workers > 1 and not opts.out:
            raise UsageError("--workers needs --out: one standard output takes one writer")
        if opts.conversion and not opts.out:
            raise UsageError("--conversion needs --out: its WARC files have to be somewhere")
        site = self.site(opts.site) if opts.site else None
        out = Path(opts.out) if opts.out else None
        suffixes = suffixes_of(self.run_settings.get("NEWSWARC_ARTICLES", "jsonl"))
        sites = self.sites()
        units = [
            WarcUnit(path, sites, site, out, opts.conversion, suffixes, remote) for path, remote in self._find(args)
        ]
        outcomes = list(rebuild(units, engine_of(opts.workers)) if out else _print_records(units))
        self._tell(outcomes, as_json=opts.json)
        if any(outcome.error or (outcome.result and outcome.result.damaged) for outcome in outcomes):
            self.exitcode = 1

    def _find(self, args: list[str]) -> list[tuple[Path, RemoteWarc | None]]:
        """The WARC files that the arguments name, in their order, each once; raises `UsageError`, `StoreError`."""
        found: dict[tuple[str, Path], RemoteWarc | None] = {}
        for argument in args:
            if argument.startswith(REMOTE):
                warcs = remote_warcs(argument, options_of(self.run_settings))
                found |= {(warc.store, Path(warc.key)): warc for warc in warcs}
            else:
                found |= dict.fromkeys(("", path) for path in find_warcs([argument]))
        return [(path, remote) for (_, path), remote in found.items()]

    def _tell(self, outcomes: list[Outcome[WarcUnit, WarcTally]], *, as_json: bool) -> None:
        for outcome in outcomes:
            for line in [outcome.error] if outcome.error else outcome.result.damaged if outcome.result else []:
                print(f"newswarc: {line}", file=sys.stderr)
        total = _sum_of(outcome.result for outcome in outcomes if outcome.result)
        failed = sum(outcome.error is not None for outcome in outcomes)
        row = {"files": len(outcomes), "failed": failed, "responses": total.responses, "articles": total.articles}
        row |= {"damaged": len(total.damaged)}
        if as_json:
            print(json.dumps(row | {"skipped": dict(total.skipped)}), file=sys.stderr)
            return
        table = Table("", *row, "skipped", box=None)
        table.add_row(
            "rebuilt", *map(str, row.values()), "  ".join(f"{k} {n}" for k, n in sorted(total.skipped.items()))
        )
        self.console(stderr=True).print(table)


def _print_records(units: Iterable[WarcUnit]) -> Iterator[Outcome[WarcUnit, WarcTally]]:
    for unit in units:
        tally = WarcTally()
        for _, _, reading in read_warc(unit, tally):
            if reading.record is not None:
                print(reading.record)
        yield Outcome(unit, tally)


def _sum_of(tallies: Iterable[WarcTally]) -> WarcTally:
    total = WarcTally(skipped=Counter())
    for tally in tallies:
        total.responses += tally.responses
        total.articles += tally.articles
        total.skipped += tally.skipped
        total.damaged += tally.damaged
    return total
