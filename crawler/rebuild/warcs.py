"""One WARC file -> its article records."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import date
from glob import glob
from pathlib import Path
from typing import IO, get_args

from crawler.archive.conversion import WetFile, conversion_of, wet_filename
from crawler.archive.reader import name_in_archive, read_captures
from crawler.corpus.files import JSONL, articles_filenames, new_file
from crawler.corpus.formats import record_writer
from crawler.engine import Engine, Outcome
from crawler.errors import DamagedRecordError, UsageError
from crawler.model import Article, Capture, Resource
from crawler.rebuild.reading import Reading, read_record
from crawler.rebuild.remote import WARC_SUFFIXES, RemoteWarc
from crawler.site import Site

REQUISITES = get_args(Resource)


@dataclass(frozen=True, slots=True)
class WarcUnit:
    """One WARC file to read: the unit of work of a rebuild."""

    path: Path
    #: The site files that may read it, by name.
    sites: Mapping[str, type[Site]]
    #: The one that reads all of it; `None` to go by its place in the archive, else by each page's URL.
    site: type[Site] | None = None
    #: Where the records go, in an archive's tree.
    out: Path | None = None
    #: Whether the articles' texts are written there as well, as WARC conversion records.
    conversion: bool = False
    #: The endings of the records' files: their formats.
    suffixes: tuple[str, ...] = (JSONL,)
    #: Where the file is, if not on this machine; `path` is its path there.
    remote: RemoteWarc | None = None

    def opened(self) -> AbstractContextManager[Path]:
        """The file on this machine, while it is read; raises `StoreError`."""
        return self.remote.opened() if self.remote else nullcontext(self.path)


@dataclass(slots=True)
class WarcTally:
    """What the responses of one WARC file came to: `responses` is the sum of all else but `files`."""

    responses: int = 0
    articles: int = 0
    #: Responses without an article, by reason.
    skipped: Counter[str] = field(default_factory=Counter)
    #: One line for each record that is broken.
    damaged: list[str] = field(default_factory=list)
    #: The files written, below `out`.
    files: list[str] = field(default_factory=list)


def find_warcs(arguments: Sequence[str]) -> list[Path]:
    """The WARC files that files, folders and globs name, in that order; raises `UsageError` where there are none."""
    found: dict[Path, None] = {}
    for argument in arguments:
        path = Path(argument)
        paths = [warc for place in ([path] if path.exists() else matches(argument)) for warc in warcs_below(place)]
        if not paths:
            raise UsageError(f"{argument}: no WARC file there (*.warc.gz, *.warc)")
        found.update(dict.fromkeys(paths))
    return list(found)


def matches(pattern: str) -> list[Path]:
    """The files that a shell pattern names, `**` included, in the order of their names."""
    return [Path(name) for name in sorted(glob(pattern, recursive=True))]  # noqa: PTH207 - Path takes no absolute pattern


def warcs_below(path: Path) -> list[Path]:
    """`path` itself if it is a file, else the WARC files in the folder, in the order of their names."""
    if not path.is_dir():
        return [path] if path.exists() else []
    return sorted(file for file in path.rglob("*") if file.name.endswith(WARC_SUFFIXES) and file.is_file())


def rebuild(units: Sequence[WarcUnit], engine: Engine) -> Iterator[Outcome[WarcUnit, WarcTally]]:
    """The tally of each unit in order, its records written below its `out`."""
    return engine.map(rebuild_warc, units)


def rebuild_warc(unit: WarcUnit) -> WarcTally:
    """Write the unit's records to `articles/site=SITE/date=DAY/WARC-000.jsonl.zst`, all files or none of them.

    And their texts, if they are asked for, to `wet/SITE/WARC.warc.wet.gz`.

    Raises `NotAWarcError`, `ArchiveError`, `UsageError`.
    """
    if unit.out is None:
        raise UsageError(f"{unit.path}: no folder to write its records to")
    tally = WarcTally()
    with ExitStack() as stack:
        writing = _Writing(unit, unit.out, stack)
        for site, capture, reading in read_warc(unit, tally):
            if reading.record is not None:
                writing.add_record(site.name, capture, reading.record)
            if reading.article is not None and unit.conversion:
                writing.add_text(site.name, reading.article)
    tally.files.extend(writing.names())
    return tally


class _Writing:
    """The files that one WARC file's articles go to; each is there when `stack` is left, or none."""

    def __init__(self, unit: WarcUnit, out: Path, stack: ExitStack) -> None:
        self._unit = unit
        self._out = out
        self._stack = stack
        self._records: dict[tuple[str, date], Callable[[str], None]] = {}
        self._names: list[str] = []
        self._texts: dict[str, WetFile] = {}

    def names(self) -> list[str]:
        return sorted([*self._names, *self._texts])

    def add_record(self, site: str, capture: Capture, record: str) -> None:
        place = site, capture.captured_at.date()
        if place not in self._records:
            names = articles_filenames(*place, stem(self._unit.path), 0, self._unit.suffixes)
            self._records[place] = self._stack.enter_context(record_writer([self._out / name for name in names]))
            self._names += names
        self._records[place](record)

    def add_text(self, site: str, article: Article) -> None:
        conversion = conversion_of(article)
        if conversion is None:  # of a file that was compressed as a whole: nothing could refer to its pages
            return
        name = wet_filename(site, stem(self._unit.path))
        if name not in self._texts:
            self._texts[name] = WetFile(self._new(name), name, self._unit.path.name, article.captured_at)
        self._texts[name].add(conversion)

    def _new(self, name: str) -> IO[bytes]:
        return self._stack.enter_context(new_file(self._out / name))


def read_warc(unit: WarcUnit, tally: WarcTally) -> Iterator[tuple[type[Site], Capture, Reading]]:
    """What each page of the file gives, in its order, counted in `tally` on the way."""

    def count_damage(error: DamagedRecordError) -> None:
        tally.responses += 1
        tally.damaged.append(str(error))

    with unit.opened() as path:
        for capture in read_captures(path, filename=name_in_archive(unit.path), on_damage=count_damage, follow=False):
            tally.responses += 1
            site = site_of(capture, unit)
            refusal = refuse(capture, site)
            if site is None or refusal is not None:
                tally.skipped[refusal or "no_site"] += 1
                continue
            reading = read_record(capture, site)
            if reading.reason is not None:
                tally.skipped[reading.reason] += 1
            else:
                tally.articles += 1
            yield site, capture, reading


def refuse(capture: Capture, site: type[Site] | None) -> str | None:
    """Why a response is not even tried: it is a redirect, an error, a feed, a listing, or part of a page."""
    if capture.status != 200:
        return f"http_{capture.status}"
    if capture.resource in REQUISITES:
        return "requisite"
    if site is None:
        return "no_site"
    return None if site.is_article_url(capture.url) else "not_article_url"


def site_of(capture: Capture, unit: WarcUnit) -> type[Site] | None:
    """The site that reads a capture: as told, as the file lies in an archive, or the first that knows the URL."""
    if unit.site is not None:
        return unit.site
    place = name_in_archive(unit.path).split("/")
    if len(place) > 1 and place[1] in unit.sites:
        return unit.sites[place[1]]
    particular = (site for site in unit.sites.values() if site.article_url != Site.article_url)
    return next((site for site in particular if site.is_article_url(capture.url)), None)


def stem(path: Path) -> str:
    """A WARC file's name without its endings."""
    return path.name.removesuffix(".gz").removesuffix(".warc")
