"""`newswarc pull`: files of a store back to a local archive."""

import argparse
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict

from rich.table import Table

from crawler.commands.wacz import begin_of, end_of
from crawler.crawl.lock import RunLock
from crawler.crawl.report_view import in_units
from crawler.crawl.store_command import StoreCommand
from crawler.errors import ArchiveError, UsageError
from crawler.remote.catalogue import EVER, Span
from crawler.remote.pulling import Pulling, choose


class Command(StoreCommand):
    """Takes whole runs: each file is compared with its manifest's SHA-256 before it gets its name."""

    arguments = "[SITE...]"
    summary = "Sites, or the runs of a span of time, back from the store to a local archive"
    example = "newswarc pull indebta --from 2024-02 --to 2024-03 --store s3://my-bucket/news --archive february"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what to take, and from where."""
        super().add_options(parser)
        self.add_store(parser, always=True)
        text = "only runs with captures since then (2024-02-08, 202402), and what their revisits refer to"
        parser.add_argument("--from", metavar="TIME", dest="since", help=text)
        parser.add_argument("--to", metavar="TIME", dest="until", help="only runs with captures until then")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what was taken; exit code 3 if something could not be, which a further call tries again."""
        since = begin_of(opts.since, "--from") if opts.since else None
        until = end_of(opts.until, "--to") if opts.until else None
        remote = self.remote_archive(opts)
        sites = remote.catalogue.sites()
        if unknown := [site for site in args if site not in sites]:
            raise UsageError(
                f"{remote.store.url}: nothing of {', '.join(unknown)} there (there are: {', '.join(sites)})"
            )
        span = Span(since or EVER[0], until or EVER[1]) if since or until else None
        runs = choose(remote.catalogue, args or sites, span)
        pulling = Pulling(remote, self.archive)
        with ExitStack() as locks:
            try:
                for site in sorted({run.manifest.site for run in runs}):
                    locks.callback(RunLock(self.archive, site).release)  # a crawl would publish what is half pulled
            except OSError as error:
                raise ArchiveError(f"{self.archive}: cannot be written: {error.strerror or error}") from error
            pulling.pull(runs, with_originals=span is not None)
        self._tell(pulling, as_json=opts.json)

    def _tell(self, pulling: Pulling, *, as_json: bool) -> None:
        told = pulling.told
        for line in told.failed:
            print(f"newswarc: {line}", file=sys.stderr)
        self.exitcode = ArchiveError.exit_code if told.failed else 0
        if as_json:
            print(json.dumps(asdict(told)))
            return
        table = Table("runs", "files", "bytes", "here already", "failed", box=None)
        numbers = (told.found, len(told.failed))
        table.add_row(f"{told.runs:,}", f"{told.files:,}", in_units(told.bytes), *(f"{one:,}" for one in numbers))
        self.console().print(table)
