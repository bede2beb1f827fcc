"""The command line: one file a command; a command parses, calls one function and prints.

`newswarc` is Scrapy's own command line with this project's settings and commands, so that `scrapy crawl` in a
checkout and `newswarc crawl` anywhere are the same thing.
"""

import pkgutil
import sys
from collections.abc import Iterable

import scrapy.commands
from scrapy.cmdline import execute
from scrapy.settings import Settings

from crawler import __version__
from crawler.errors import NewswarcError, UsageError

OVERVIEW = f"""\
newswarc {__version__}: an archival crawler for news sites

  newswarc demo        crawl replicas of the five sites on this machine, end to end
  newswarc sites       the sites there are, and what the archive holds of each
  newswarc crawl       fetch a site's new articles: WARC captures and clean records
  newswarc extract     one saved page to one record, on standard output
  newswarc rebuild     records again from stored WARC files, without a network
  newswarc new-site    a draft of a site's file from pages of its articles
  newswarc check-site  a site's saved pages, compared with what is expected of them
  newswarc report      how a run went
  newswarc verify      check every record, digest, index row, ledger row, article and manifest
  newswarc repair      finish what a killed run left; every crawl does it at its start
  newswarc index       the CDXJ index again from the WARC files, and merged
  newswarc wacz        a WACZ package of the archive, for ReplayWeb.page and other tools
  newswarc get         the capture of a URL that is nearest to a time
  newswarc ship        finished files to a bucket or a folder, checked there; a crawl does it at its end
  newswarc pull        sites or a span of time back from the store to a local archive
  newswarc store       what a store honours, and what newswarc does about each

Each takes --help. Scrapy's own commands (shell, fetch, settings, ...) work too."""


def main() -> None:
    """Run the command that `sys.argv` names; a known error becomes one line on standard error and its exit code."""
    if len(sys.argv) < 2 or sys.argv[1] in {"-h", "--help", "help"}:
        print(OVERVIEW)
        return
    if sys.argv[1] in {"-V", "--version"}:
        print(f"newswarc {__version__}")
        return
    try:
        _refuse_unknown(sys.argv[1])
        sys.argv[1] = module_of(sys.argv[1])
        settings = Settings()
        settings.setmodule("crawler.settings", priority="project")
        if sys.argv[1] in _names(__path__):  # Scrapy would import them all, with the libraries of each
            settings.set("COMMANDS_MODULE", f"{__name__}.{sys.argv[1]}", priority="cmdline")
        execute(settings=settings)
    except NewswarcError as error:
        print(f"newswarc: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; Python would complain once more on exit
        sys.exit(141)


def module_of(command: str) -> str:
    """The name of the module that a command is in: Scrapy knows commands by that."""
    return command if command.startswith("-") else command.replace("-", "_")


def _refuse_unknown(command: str) -> None:
    known = _names(__path__) | _names(scrapy.commands.__path__)
    if not command.startswith("-") and module_of(command) not in known:
        raise UsageError(f"no such command: {command} (newswarc --help lists them)")


def _names(path: Iterable[str]) -> set[str]:
    """The modules in a package's folders."""
    return {module.name for module in pkgutil.iter_modules(path)}
