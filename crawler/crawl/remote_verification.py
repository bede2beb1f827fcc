"""A store's archive, checked file by file as its manifests name them; and what no manifest names."""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.cdxj import REVISIT, CdxjRow, offset_of, parse_row
from crawler.archive.claims import AnyClaim, Claim, Claims, Defect, compare
from crawler.archive.entries import IndexEntry
from crawler.archive.inspection import Inspector
from crawler.archive.warcfile import WarcFile
from crawler.corpus.files import PARQUET
from crawler.corpus.formats import read_records
from crawler.corpus.record import from_json
from crawler.crawl.claims import article_claim
from crawler.crawl.columns import column_claims
from crawler.crawl.pointers import PATHS_NAME
from crawler.crawl.remote_links import Originals, StoredKeys
from crawler.errors import ArchiveError, ConflictError, DamagedRecordError, StoreError
from crawler.remote.catalogue import THREADS, Catalogue, Named, read_catalogue, side_by_side
from crawler.remote.keys import KEYS, Keys
from crawler.remote.lookup import RemoteArchive
from crawler.remote.pulling import download
from crawler.remote.ranges import ReadRange, line_behind, lines_with
from crawler.ship.store import Store

SAMPLE = 3  # rows of an index, or articles of a file, whose records are read where not all are
WHOLE_BYTES = 64 * 1024  # an index that is not longer is read whole
OPENING_BYTES = 256 * 1024  # of a file of articles: holds more of them than a sample
MAX_TOLD = 1000  # defects, and files without a manifest; more are counted
FULL_THREADS = 2  # each has a WARC file on disk meanwhile
FOLDERS = ("warc/", "index/", "articles/", "runs/")


@dataclass(slots=True)
class RemoteTally:
    """What was looked at in a store, and what is wrong there."""

    manifests: int = 0
    files: int = 0
    bytes: int = 0
    #: Files of which the store tells the SHA-256 that was sent with them; the others were read whole.
    by_checksum: int = 0
    read_whole: int = 0
    index_rows: int = 0
    articles: int = 0
    #: Files that no manifest names: of a run that is being shipped, or that will never be complete.
    unnamed: int = 0
    defects: int = 0
    told: list[Defect] = field(default_factory=list)
    told_unnamed: list[str] = field(default_factory=list)

    def add(self, file: str, why: str, offset: int | None = None) -> None:
        """Count a defect."""
        self.defects += 1
        if len(self.told) < MAX_TOLD:
            self.told.append(Defect(file, offset, why))

    def include(self, other: "RemoteTally") -> None:
        """Add the numbers of another; its defects stay with it."""
        for name in REMOTE_NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


REMOTE_NUMBERS = (
    "manifests", "files", "bytes", "by_checksum", "read_whole", "index_rows", "articles", "unnamed", "defects",
)  # fmt: skip


def verify_store(store: Store, *, full: bool) -> Iterator[RemoteTally]:
    """What the manifests, each file, and the rest of the store came to; raises `StoreError` if it cannot be read.

    With `full` every byte, row and article is read, else what the store tells of each file and a sample of the rest.
    """
    tally = RemoteTally()
    catalogue = read_catalogue(store, lambda path, error: tally.add(path, _bare(str(error), store)))
    tally.manifests = len(catalogue.listed)
    yield tally
    checking = _Checking(RemoteArchive(store, catalogue), full=full)
    yield from side_by_side(checking.check, list(catalogue.files.values()), FULL_THREADS if full else THREADS)
    yield _others(store, catalogue)


class _Checking:
    """Checks named files; several at a time."""

    def __init__(self, remote: RemoteArchive[Catalogue], *, full: bool) -> None:
        self._remote = remote
        self._store = remote.store
        self._full = full
        self._keys = StoredKeys(self._store, remote.catalogue)
        self._originals = Originals(remote)

    def check(self, named: Named) -> RemoteTally:
        tally, path = RemoteTally(files=1, bytes=named.file.size), named.file.path
        if not self._is_there(named, tally):
            return tally
        look: Callable[[Named, Path, RemoteTally], None] | None = None
        if path.endswith(".cdxj"):
            look = self._check_all_rows if self._full else self._check_some_rows
        elif path.startswith("articles/"):
            look = self._check_articles
        elif path.startswith("index/parquet/") and self._full:
            look = self._check_columns
        try:
            with TemporaryDirectory(prefix="newswarc-") as scratch:
                if look is not None:
                    look(named, Path(scratch), tally)
        except ArchiveError as error:
            tally.add(path, _bare(str(error), self._store))
        return tally

    def _is_there(self, named: Named, tally: RemoteTally) -> bool:
        file, stored = named.file, self._store.head(named.file.path)
        if stored is None:
            tally.add(file.path, f"it is not there, though the manifest of {named.manifest.run_id} names it")
        elif stored.size != file.size:
            tally.add(file.path, f"it has {stored.size} bytes instead of {file.size}")
        elif not self._full and stored.sha256 == file.sha256:
            tally.by_checksum = 1
            return True
        else:
            try:
                self._store.confirm(file.path, file.size, file.sha256)
            except ConflictError:
                tally.add(file.path, f"it holds other bytes than those of SHA-256 {file.sha256}")
            else:
                tally.read_whole = 1
                return True
        return False

    def _check_some_rows(self, named: Named, scratch: Path, tally: RemoteTally) -> None:
        path, size = named.file.path, named.file.size

        def check(row: CdxjRow) -> str | None:
            self._remote.fetch_record(row, scratch)
            return self._why_not_its_record(row, path, scratch)

        for line in _some_lines(size, partial(self._store.read_range, path)):
            tally.index_rows += 1
            self._tell(partial(check, parse_row(line)), path, scratch, tally)

    def _why_not_its_record(self, row: CdxjRow, path: str, scratch: Path) -> str | None:
        """What is wrong with a row, whose record is in `scratch`; with the way there; or with what it refers to."""
        why = compare(Claim(path, None, row.facts, is_row=True), _entry_at(scratch, row))
        if why is None and not self._keys.lead_to(path, row.key):
            why = f"no lookup finds its row of {row.key[:200]}: the month's file of keys has it not"
        if why is None and row.fields.get("mime") == REVISIT:
            return self._originals.why_not_there(row, scratch)
        return why

    def _tell(self, check: Callable[[], str | None], path: str, scratch: Path, tally: RemoteTally) -> None:
        """Let what is wrong be a defect of the file at `path`; raises `StoreError` if the store cannot be read."""
        try:
            why = check()
        except ArchiveError as error:
            why = str(error)
        except StoreError as error:
            if self._store.head(path) is None:  # so it answers, and it is the record's file that is wrong
                raise
            why = f"its record cannot be read: {error}"
        if why is not None:
            tally.add(path, _bare(why, self._store, scratch))

    def _check_all_rows(self, named: Named, scratch: Path, tally: RemoteTally) -> None:
        """Each WARC file that the rows lead to is read once, whole."""
        path = named.file.path

        def check(row: CdxjRow) -> str | None:
            self._have_warc(row, scratch)
            return self._why_not_its_record(row, path, scratch)

        download(self._store, named.file, scratch)
        with (scratch / path).open("rb") as index:
            for line in index:
                tally.index_rows += 1
                self._tell(partial(check, parse_row(line)), path, scratch, tally)

    def _check_columns(self, named: Named, scratch: Path, tally: RemoteTally) -> None:
        """Each row of a Parquet index is about a response that is there."""
        path = named.file.path
        claims: Claims = {}
        download(self._store, named.file, scratch)
        column_claims(scratch, path, claims)
        for offset, claim in ((offset, claim) for offset, told in claims.items() for claim in told):

            def check(offset: int = offset, claim: AnyClaim = claim) -> str | None:
                row = CdxjRow("", "", {"filename": claim.facts["filename"], "offset": str(offset)})
                self._have_warc(row, scratch)
                return compare(claim, _entry_at(scratch, row))

            tally.index_rows += 1
            self._tell(check, path, scratch, tally)

    def _have_warc(self, row: CdxjRow, scratch: Path) -> None:
        filename = row.fields.get("filename", "")
        warc = self._remote.catalogue.files.get(filename)
        if warc is None:
            raise DamagedRecordError(f"it names {filename[:80]!r}, which no manifest names")
        if not (scratch / filename).exists():
            download(self._store, warc.file, scratch)

    def _check_articles(self, named: Named, scratch: Path, tally: RemoteTally) -> None:
        path = named.file.path
        if self._full or path.endswith(PARQUET):  # whose directory is at its end
            download(self._store, named.file, scratch)
        else:
            self._remote.put(scratch, path, 0, min(OPENING_BYTES, named.file.size))
        for number, line in enumerate(read_records(scratch / path), start=1):
            if not self._full and number > SAMPLE:
                return
            tally.articles += 1
            self._tell(partial(self._why_not_its_page, line, path, number, scratch), path, scratch, tally)

    def _why_not_its_page(self, line: str, path: str, number: int, scratch: Path) -> str | None:
        """What is wrong with an article's pointer."""
        article = from_json(line)
        place = {"filename": article.warc_filename, "offset": article.warc_record_offset}
        fields = {name: str(value) for name, value in place.items()} | {"length": str(article.warc_record_length)}
        row = CdxjRow("", "", fields)
        self._remote.fetch_record(row, scratch)
        why = compare(article_claim(article, path, number), _entry_at(scratch, row))
        return None if why is None else f"line {number}: {why}"


def _some_lines(size: int, read: ReadRange) -> list[bytes]:
    """A sample of an index, a revisit among it if one is seen; of a large one, without reading it."""
    if size <= WHOLE_BYTES:
        lines = list(lines_with(b"", size, read))
        random.shuffle(lines)
        revisits = [line for line in lines[SAMPLE:] if REVISIT.encode() in line]
        return lines[:SAMPLE] + revisits[:1]
    places = [random.randrange(size) for _ in range(SAMPLE)]  # noqa: S311 - no secret
    return [line for at in places if (line := line_behind(at, size, read)[0]) is not None]


def _entry_at(scratch: Path, row: CdxjRow) -> IndexEntry:
    filename, offset = row.fields["filename"], offset_of(row)
    with WarcFile(scratch / filename) as file:
        entry = file.at(offset, Inspector(filename).entry)
    if entry is None:
        raise DamagedRecordError(f"it points to {filename} at byte {offset}, which is no response")
    return entry


def _others(store: Store, catalogue: Catalogue) -> RemoteTally:
    """What manifests do not name: the pointers, which must lead to what they name, and the rest."""
    tally = RemoteTally()
    manifests = {one.path for one in catalogue.listed}
    for stored in (stored for folder in FOLDERS for stored in store.list(folder)):
        path = stored.path
        if path.startswith(("runs/latest/", KEYS)) or path.endswith(f"/{PATHS_NAME}"):
            if lost := sorted(set(_led_to(store, path, tally)) - manifests - catalogue.files.keys()):
                tally.add(path, f"it leads to {lost[0]}, which no manifest names")
        elif path not in manifests and path not in catalogue.files:
            tally.unnamed += 1
            tally.told_unnamed += [path] if len(tally.told_unnamed) < MAX_TOLD else []
    return tally


def _led_to(store: Store, path: str, tally: RemoteTally) -> list[str]:
    data = store.read(path)
    try:
        if path.startswith(KEYS):
            return [run.manifest for run in Keys.from_bytes(data).runs]
        if path.endswith(PATHS_NAME):
            return gzip.decompress(data).decode().split()
        return [str(json.loads(data)["manifest"])]
    except (OSError, EOFError, ValueError, TypeError, KeyError, DamagedRecordError) as error:
        tally.add(path, f"it cannot be read: {error}")
        return []


def _bare(text: str, store: Store, scratch: Path | None = None) -> str:
    """What an error says, without the store's and the scratch folder's names."""
    return (text.replace(f"{scratch}/", "") if scratch else text).replace(f"{store.url}/", "")
