"""`newswarc demo`: replicas of the five sites on the loopback interface, crawled end to end."""

import argparse
import shutil
import sys
from pathlib import Path

from crawler.crawl.command import NewswarcCommand, number
from crawler.crawl.run import RunOutcome, run_sites
from crawler.demo.replica import SITES
from crawler.demo.server import Replica
from crawler.errors import UsageError

FOLDER = "newswarc-demo"
#: The replicas are this machine's own: nobody is burdened by haste.
HASTE = {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 8, "LOG_LEVEL": "WARNING", "HTTPPROXY_ENABLED": False}
NEXT = """
The archive is {archive}/. What to look at next:
  exact bytes    {warc}
  their index    {index}
  the records    {newswarc} rebuild {archive}/warc/dimsum_daily | head -n 1
  this table     {newswarc} report --archive {archive}
  the sites      {newswarc} sites --archive {archive}
Run the demo again: what is stored is not fetched twice. Remove the folder to start afresh."""


class Command(NewswarcCommand):
    """Serves the replicas under their real host names, over HTTPS, and crawls them with the spiders as they are."""

    summary = "Crawl replicas of the five sites on this machine, end to end"
    example = "newswarc demo"
    default_archive = f"./{FOLDER}"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the port."""
        super().add_options(parser)
        port = number("--port", 0, 65535)
        parser.add_argument(
            "--port", metavar="N", type=port, default=0, help="serve HTTPS there (default: a free port)"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl all five, print the table and where things are."""
        if args:
            raise UsageError("demo takes no argument (see --help)")
        archive = Path(opts.archive or FOLDER)
        with Replica(port=opts.port) as replica:
            outcome = self._crawl(replica, archive, quiet=not opts.loglevel)
        self.tell(outcome, as_json=opts.json)
        if outcome.exit_code == 0 and not opts.json:
            places = {"warc": _newest(archive, "warc"), "index": _newest(archive, "index/cdxj")}
            print(NEXT.format(archive=archive, newswarc=_own_name(), **places))

    def _crawl(self, replica: Replica, archive: Path, *, quiet: bool) -> RunOutcome:
        settings = self.run_settings
        settings.setdict(
            {name: value for name, value in HASTE.items() if quiet or name != "LOG_LEVEL"}
            | {
                "NEWSWARC_ARCHIVE": str(archive),
                "NEWSWARC_RESOLVE": replica.resolve,
                "NEWSWARC_CA_FILE": str(replica.ca_file),
                "NEWSWARC_ALLOW_PRIVATE": True,
                "NEWSWARC_STORE": "",  # nothing of the demo goes among the operator's own
            },
            priority="cmdline",
        )
        return run_sites(SITES, settings)


def _newest(archive: Path, folder: str) -> Path:
    return max(path for path in (archive / folder).rglob("*") if path.is_file())


def _own_name() -> str:
    """How to call this command again from here."""
    own = Path(sys.argv[0]).absolute()
    if shutil.which(own.name) == str(own):
        return own.name
    return str(own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own)
