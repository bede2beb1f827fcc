"""`newswarc report`: how a run went."""

import argparse
import json
from dataclasses import asdict

from crawler.crawl.command import NewswarcCommand
from crawler.crawl.report import load_report
from crawler.crawl.report_view import render_html, render_text
from crawler.errors import UsageError


class Command(NewswarcCommand):
    """Every link found ends as an article or under one named reason: the columns add up."""

    arguments = "[RUN]"
    summary = "How a run went: a table, JSON, or one self-contained HTML page"
    example = "newswarc report --html > report.html"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the page."""
        super().add_options(parser)
        parser.add_argument("--html", action="store_true", help="print a self-contained HTML page")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print the report of RUN, or of the newest run; raises `UsageError` if there is none."""
        if len(args) > 1:
            raise UsageError("report takes one RUN, or none for the newest (see --help)")
        report = load_report(self.archive, args[0] if args else None)
        if opts.json:
            print(json.dumps(asdict(report)))
        elif opts.html:
            print(render_html(report), end="")
        else:
            console = self.console()
            print(render_text(report, width=console.width, color=console.is_terminal), end="")
