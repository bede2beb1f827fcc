"""Saved pages, found and read."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.reader import read_captures
from crawler.durable import replaced_file
from crawler.errors import PageSkippedError, UsageError
from crawler.extract import read_article
from crawler.page import Page
from crawler.pages.expected import SKIPPED, Difference, Record, differences, expected_fields
from crawler.site import Generic, Site

SUFFIX = ".warc.gz"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page of a site, and where it is."""

    site: str
    path: Path

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.name.removesuffix(SUFFIX)

    @property
    def expected_path(self) -> Path:
        """Where the record is that is expected of it."""
        return self.path.with_name(f"{self.name}.json")


def saved_pages(folder: Path, site: str) -> tuple[SavedPage, ...]:
    """The pages saved of `site` below `folder`, in the order of their names."""
    return tuple(SavedPage(site, path) for path in sorted((folder / site).glob(f"*{SUFFIX}")))


def page_of(saved: SavedPage) -> Page:
    """The page: the last response of its file with status 200; raises `UsageError`, `ArchiveError`."""
    captures = [capture for capture in read_captures(saved.path) if capture.status == 200]
    if not captures:
        raise UsageError(f"{saved.path}: no response with status 200 is in it; save the page again")
    return Page(captures[-1])


def record_of(saved: SavedPage, site: type[Site]) -> Record:
    """What the site's layouts make of the page."""
    try:
        return expected_fields(read_article(page_of(saved), site))
    except PageSkippedError as error:
        return {SKIPPED: error.reason}


def expected_of(saved: SavedPage) -> Record:
    """What they should make of it; raises `UsageError` where that is not told, or is no JSON object."""
    try:
        expected = json.loads(saved.expected_path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{saved.expected_path}: not there; make it with: newswarc check-site --accept") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{saved.expected_path}: no JSON to compare with: {error}") from error
    if not isinstance(expected, dict):
        raise UsageError(f"{saved.expected_path}: a JSON object is needed, with the record's fields")
    return expected


def check(saved: SavedPage, site: type[Site]) -> Sequence[Difference]:
    """What is not as expected; raises `UsageError`, `ArchiveError`."""
    return differences(expected_of(saved), record_of(saved, site))


def accept(saved: SavedPage, record: Record) -> None:
    """Make `record` what is expected of the page from now on."""
    with replaced_file(saved.expected_path) as file:
        file.write((json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace"))


def unproven(site: type[Site], records: Iterable[Record]) -> list[str]:
    """The site's layouts that none of these expected records names: nothing tells when they stop to work."""
    proven = {record.get("layout") for record in records}
    return [layout.label() for layout in site.layouts if layout is not Generic and layout.label() not in proven]
