"""Which captures go into a package: by site, run, URL and time, and all that these need to be replayed.

Only what a manifest names is chosen from. A revisit brings its original along, wherever that is, and a page that was
chosen by its URL brings what it was redirected to and what it embeds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from crawler.archive.excerpt import Found, captures_of
from crawler.archive.records import target_uri
from crawler.archive.revisits import Reference, places
from crawler.archive.tree import filename_in, is_below, sites_in
from crawler.archive.warcfile import WarcFile
from crawler.corpus.manifest import Manifest, ManifestFile, read_manifest
from crawler.crawl.embedded import Embedded
from crawler.errors import ArchiveError, UsageError
from crawler.model import WarcRef

#: Hops (WARC's `hopsFromSeed`) by which a capture belongs to the page before it: embedded there, or redirected to.
BELONGING = ("E", "R")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is not said leaves nothing out."""

    sites: Sequence[str] = ()
    run_id: str | None = None
    #: Whole URLs, or with a `*` at the end what they begin with.
    urls: Sequence[str] = ()
    since: datetime | None = None
    #: The first moment that is too late.
    until: datetime | None = None

    @property
    def whole_files(self) -> bool:
        """Whether it is all of each WARC file."""
        return not self.urls and self.since is None and self.until is None

    def has_time(self, moment: datetime) -> bool:
        """Whether a capture of `moment` is wanted."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)

    def has_url(self, url: str) -> bool:
        """Whether a capture of `url` is wanted."""
        wanted = [(target_uri(pattern.removesuffix("*")), pattern.endswith("*")) for pattern in self.urls]
        return not wanted or any(url.startswith(start) if more else url == start for start, more in wanted)


@dataclass(slots=True)
class Selection:
    """What was chosen."""

    #: The WARC files in the order of their names; `None` for the whole file, else the offsets of its captures.
    warcs: dict[str, set[int] | None] = field(default_factory=dict)
    #: Where records of articles may be that were made of these captures.
    articles: list[str] = field(default_factory=list)
    #: By path below the archive folder.
    sha256: dict[str, str] = field(default_factory=dict)
    #: When the last of the runs that are named ended.
    finished_at: str = ""
    #: One line for each revisit whose original is not in the archive.
    lost: list[str] = field(default_factory=list)

    def has(self, filename: str | None, offset: int | None) -> bool:
        """Whether a capture was chosen."""
        if filename not in self.warcs:
            return False
        offsets = self.warcs[filename]
        return offsets is None or offset in offsets


def select(archive: Path, wanted: Wanted) -> Selection:
    """Choose from what is in the archive; raises `UsageError`, `ArchiveError`."""
    manifests = list(_manifests(archive, wanted.sites))
    chosen = [manifest for manifest in manifests if wanted.run_id in (None, manifest.run_id)]
    if not chosen:
        which = f" of run {wanted.run_id}" if wanted.run_id else ""
        raise UsageError(f"{archive}: no manifest{which} in {archive / 'runs'}: only what a run has finished is packed")
    selection = Selection(finished_at=max(manifest.finished_at for manifest in chosen))
    selection.sha256 = {file.path: file.sha256 for manifest in manifests for file in manifest.files}
    selection.articles = sorted(path for path in selection.sha256 if path.startswith("articles/"))
    warcs = sorted(file.path for manifest in chosen for file in manifest.files if _is_warc(file))
    if wanted.whole_files:
        selection.warcs = dict.fromkeys(warcs)
    else:
        _choose(archive, wanted, warcs, selection)
    if wanted.run_id is not None or not wanted.whole_files:
        _add_originals(archive, selection)
    selection.warcs = dict(sorted(selection.warcs.items()))
    return selection


def _is_warc(file: ManifestFile) -> bool:
    return file.path.startswith("warc/")


def _manifests(archive: Path, sites: Sequence[str]) -> Iterator[Manifest]:
    for site in sites:
        if site not in sites_in(archive):
            raise UsageError(f"{archive}: no WARC file of {site} there (there are: {', '.join(sites_in(archive))})")
    for path in sorted(archive.glob("runs/*.json")):
        if path.name.endswith(".report.json"):
            continue
        manifest = read_manifest(path)
        if why := _unsound(manifest):
            raise ArchiveError(f"{path}: {why}")
        if not sites or manifest.site in sites:
            yield manifest


def _unsound(manifest: Manifest) -> str | None:
    """Why nothing can be packed by a manifest, which may be anybody's."""
    for file in manifest.files:
        if not isinstance(file.path, str) or not is_below(file.path):
            return f"it names {file.path!r}, which is no place in the archive"
    try:
        datetime.fromisoformat(manifest.finished_at)
    except (TypeError, ValueError):
        return f"its run is said to have ended at {manifest.finished_at!r}, which is no time"
    return None


def _choose(archive: Path, wanted: Wanted, warcs: Sequence[str], selection: Selection) -> None:
    """Take the captures that are wanted, and what belongs to them: it comes later, in the files' order."""
    pages, chosen = set[str](), list[WarcRef]()
    embeds = wanted.run_id is not None  # what its pages embed may be another run's
    for filename in warcs:
        offsets = set[int]()
        for found in captures_of(archive / filename, filename):
            embeds = embeds or found.hops.endswith("E")
            if wanted.has_time(found.entry.captured_at) and (wanted.has_url(found.entry.url) or _belongs(found, pages)):
                offsets.add(found.entry.ref.offset)
                if wanted.urls:
                    pages.add(found.entry.url)
                    chosen += [found.entry.ref] if "html" in (found.entry.mime or "") else []
        if offsets:
            selection.warcs[filename] = offsets
    if embeds:
        _add_embedded(Embedded(archive, selection.sha256.__contains__), chosen, selection)


def _add_embedded(embedded: Embedded, pages: Sequence[WarcRef], selection: Selection) -> None:
    """Take what the pages embed that was fetched for another page, or is older than what is wanted."""
    for page in pages:
        for filename, offset in embedded.of_page(page):
            offsets = selection.warcs.setdefault(filename, set())
            assert offsets is not None
            offsets.add(offset)


def _belongs(found: Found, pages: set[str]) -> bool:
    return found.via in pages and found.hops.endswith(BELONGING)


def _add_originals(archive: Path, selection: Selection) -> None:
    for filename in list(selection.warcs):
        for found in captures_of(archive / filename, filename):
            if found.reference is None or not selection.has(filename, found.entry.ref.offset):
                continue
            original = _original(archive, archive / filename, found.reference)
            if original is None:
                at = f"{filename}, byte {found.entry.ref.offset}"
                selection.lost.append(f"{at}: the original of this revisit is not in the archive")
            elif not selection.has(*original):
                offsets = selection.warcs.setdefault(original[0], set())
                assert offsets is not None
                offsets.add(original[1])


def _original(archive: Path, path: Path, reference: Reference) -> tuple[str, int] | None:
    """Where the original of a revisit in the file `path` is."""
    for place in places(path, reference):
        try:
            with WarcFile(place.path) as file:
                record_id = file.at(place.offset, lambda record: record.header.get("WARC-Record-ID"))
        except ArchiveError:  # another of the same second may be the one
            continue
        if reference.record_id in ("", record_id):
            return filename_in(archive, place.path), place.offset
    return None
