"""`newswarc check-site`: the saved pages of sites, read and compared with what is expected."""

import argparse
import json
from collections.abc import Iterator, Sequence
from difflib import ndiff
from pathlib import Path

from rich.console import Console
from rich.text import Text

from crawler.crawl.command import NewswarcCommand
from crawler.errors import UsageError
from crawler.pages import Difference, SavedPage, accept, check, expected_of, record_of, saved_pages, unproven
from crawler.site import Site

PAGES = "tests/pages"
COLOURS = {"-": "red", "+": "green"}


class Command(NewswarcCommand):
    """Tells field by field what the layouts now make of pages that were saved, and what people said they should."""

    arguments = "SITE... | --all"
    summary = "The saved pages of sites, read and compared with what is expected, field by field"
    example = "newswarc check-site dimsum_daily"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where the pages are, and what to do with differences."""
        super().add_options(parser)
        parser.add_argument("--all", action="store_true", help="every site with saved pages")
        parser.add_argument(
            "--pages", metavar="DIR", default=PAGES, help=f"the folder of saved pages (default: {PAGES})"
        )
        parser.add_argument("--accept", action="store_true", help="make what is found what is expected from now on")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what differs; exit code 1 if anything does, or if a layout has no page."""
        folder = Path(opts.pages)
        for name in self._names(args, folder, every=opts.all):
            site, pages = self.site(name), saved_pages(folder, name)
            if not pages:
                raise UsageError(f"{folder / name}: no saved page (*.warc.gz) there; save one with: newswarc new-site")
            found = {page: _accepted(page, site) if opts.accept else tuple(check(page, site)) for page in pages}
            bare = unproven(site, map(expected_of, pages))
            self.exitcode = max(self.exitcode, int(bool(bare) or (any(found.values()) and not opts.accept)))
            if opts.json:
                print("\n".join(_lines(name, found, bare)))
            else:
                _show(self.console(), name, found, bare, accepted=opts.accept)

    def _names(self, args: Sequence[str], folder: Path, *, every: bool) -> Sequence[str]:
        if every == bool(args):
            raise UsageError("check-site takes sites, or --all (see --help)")
        if not every:
            return args
        names = [name for name in self.sites() if saved_pages(folder, name)]
        if not names:
            raise UsageError(f"{folder}: no saved pages there; be in a checkout, or name their folder with --pages")
        return names


def _accepted(page: SavedPage, site: type[Site]) -> tuple[Difference, ...]:
    """What differed, until now."""
    record = record_of(page, site)
    differing = tuple(check(page, site)) if page.expected_path.exists() else ()
    if differing or not page.expected_path.exists():
        accept(page, record)
    return differing


def _lines(name: str, found: dict[SavedPage, tuple[Difference, ...]], bare: Sequence[str]) -> Iterator[str]:
    for page, differing in found.items():
        told = [{"field": d.field, "expected": d.expected, "found": d.found} for d in differing]
        yield json.dumps({"site": name, "page": page.name, "differences": told}, ensure_ascii=False)
    yield from (json.dumps({"site": name, "layout_without_page": label}) for label in bare)


def _show(
    console: Console,
    name: str,
    found: dict[SavedPage, tuple[Difference, ...]],
    bare: Sequence[str],
    *,
    accepted: bool,
) -> None:
    for page, differing in found.items():
        if differing:
            console.print(Text(f"{page.path}", style="bold"))
            for difference in differing:
                console.print(Text(f"  {difference.field}", style="yellow"))
                console.print(Text("\n").join(_compared(difference)), soft_wrap=True)
    for label in bare:
        console.print(Text(f"{name}: no saved page is read by the layout {label}", style="red"))
    wrong = sum(map(bool, found.values()))
    state = "as expected" if not wrong else f"{wrong} now expected so" if accepted else f"{wrong} not as expected"
    style = "red" if wrong and not accepted else "green"
    console.print(Text(f"{name}: {len(found)} page{'s' * (len(found) != 1)}, {state}", style=style))


def _compared(difference: Difference) -> Iterator[Text]:
    """What was expected with a minus before it, what was found with a plus; of lists, the entries that differ."""
    for line in ndiff(_entries(difference.expected), _entries(difference.found)):
        if line[0] in COLOURS:
            yield Text(f"    {line}", style=COLOURS[line[0]])


def _entries(value: object) -> list[str]:
    if not isinstance(value, list):
        return [json.dumps(value, ensure_ascii=False)]
    return [json.dumps(entry, ensure_ascii=False) for entry in value]
