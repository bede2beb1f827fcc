"""WARC/1.1 files: `.open` while they grow, one gzip member a record, finished under a name that was never taken."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive.cdxj import write_cdxj
from crawler.archive.conversion import Conversion, StoredConversion, conversion_record
from crawler.archive.entries import IndexEntry, make_entry
from crawler.archive.exchange import FindOriginal, Group, OutRecord, Policy, make_group, nothing_known
from crawler.archive.records import Fields, header_bytes, member_pieces
from crawler.archive.selfcheck import check_warc
from crawler.archive.tree import cdxj_filename, open_path, warc_filename
from crawler.archive.warcinfo import warcinfo_record
from crawler.durable import create_file, make_folder, publish, sync_folder
from crawler.errors import ArchiveError
from crawler.model import Exchange, WarcRef

MAX_BYTES = 10**9  # Annex C of WARC/1.1


@dataclass(frozen=True, slots=True)
class FinishedWarc:
    """A WARC file that is complete, durable and indexed."""

    #: Relative to the archive folder.
    filename: str
    bytes: int
    run_id: str | None
    entries: tuple[IndexEntry, ...]
    conversions: tuple[StoredConversion, ...] = ()


def new_record_id() -> str:
    """A random record id; nothing in it tells of the machine or the time."""
    return uuid.uuid4().urn.join("<>")


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class WarcWriter:
    """Appends the exchanges of one run of one site; for one thread.

    After an `OSError` it is of no further use: `abandon` it, and leave its file to the repair of the next start.
    """

    def __init__(
        self,
        folder: Path,
        site: str,
        run_id: str,
        *,
        max_bytes: int = MAX_BYTES,
        policy: Policy = Policy(),  # noqa: B008 - frozen
        info: Fields = (),
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = new_record_id,
    ) -> None:
        self._folder = folder
        self._site = site
        self._run_id = run_id
        self._max_bytes = max_bytes
        self._policy = policy
        self._info = info
        self._clock = clock
        self._new_id = new_id
        self._file: _OpenWarc | None = None
        self._finished: list[FinishedWarc] = []
        self._serial = 0

    def append(self, exchange: Exchange) -> WarcRef:
        """Write the exchange's records, which are not durable before `sync`; where its response is."""
        return self.write(exchange).ref

    def write(self, exchange: Exchange, find_original: FindOriginal = nothing_known) -> IndexEntry:
        """As `append`, and all that an index keeps of the response; a payload with an original is not stored again."""
        file = self._room()
        group = make_group(exchange, file.warcinfo_id, self._new_id, self._policy, find_original)
        (offset, length), *_ = [file.append(record) for record in group.records]
        ref = WarcRef(file.filename, offset, length, group.record_id, group.payload_digest, group.refers_to)
        entry = self._entry(exchange, group, ref)
        file.entries.append(entry)
        return entry

    def convert(self, conversion: Conversion) -> StoredConversion:
        """Write a conversion record, which is not durable before `sync`; where it is."""
        file = self._room()
        record = conversion_record(conversion, self._new_id(), file.warcinfo_id, self._policy.algorithm)
        stored = StoredConversion(conversion.refers_to, file.filename, *file.append(record), self._run_id)
        file.conversions.append(stored)
        return stored

    def sync(self) -> None:
        """Make all that was appended durable."""
        if self._file is not None:
            self._file.sync()

    def finish(self) -> None:
        """Complete the open file, if there is one: durable, indexed, renamed."""
        if self._file is not None:
            self._finished.append(self._file.finish(self._run_id))
            self._file = None

    def take_finished(self) -> list[FinishedWarc]:
        """The files finished since the last call."""
        finished, self._finished = self._finished, []
        return finished

    def close(self) -> list[FinishedWarc]:
        """`finish`, and the files finished since `take_finished` was called."""
        self.finish()
        return self.take_finished()

    def abandon(self) -> None:
        """Let go of the open file as it is."""
        if self._file is not None:
            self._file.release()
            self._file = None

    def _room(self) -> "_OpenWarc":
        """The file for the next records: a new one where the last is full."""
        if self._file is not None and self._file.size >= self._max_bytes:
            self.finish()
        if self._file is None:
            self._file = self._create()
            self._file.append(self._warcinfo(self._file))
        return self._file

    def _entry(self, exchange: Exchange, group: Group, ref: WarcRef) -> IndexEntry:
        url = dict(group.records[0].fields)["WARC-Target-URI"]
        return make_entry(
            url,
            exchange.started_at.astimezone(UTC),
            group.status,
            group.headers,
            ref=ref,
            truncated=exchange.truncated,
            run_id=self._run_id,
        )

    def _create(self) -> "_OpenWarc":
        now = self._clock().astimezone(UTC)
        return _OpenWarc(self._folder, self._site, self._free_filename(now), self._new_id(), now)

    def _free_filename(self, now: datetime) -> str:
        while True:
            filename = warc_filename(self._site, now, self._serial)
            self._serial += 1
            path = self._folder / filename
            if not path.exists() and not open_path(path).exists():
                return filename

    def _warcinfo(self, file: "_OpenWarc") -> OutRecord:
        told = (("isPartOf", self._run_id), *self._info)
        name = Path(file.filename).name
        return warcinfo_record(name, file.warcinfo_id, file.begun_at, told, self._policy.algorithm)


class _OpenWarc:
    """One file while it grows."""

    def __init__(self, folder: Path, site: str, filename: str, warcinfo_id: str, begun_at: datetime) -> None:
        self.filename = filename
        self.warcinfo_id = warcinfo_id
        self.begun_at = begun_at
        self.size = 0
        self.entries: list[IndexEntry] = []
        self.conversions: list[StoredConversion] = []
        self._index = folder / cdxj_filename(site, filename)
        self._path = folder / filename
        make_folder(self._path.parent)
        self._file = create_file(open_path(self._path))
        try:
            sync_folder(self._path.parent)
        except OSError:
            self.release()
            raise

    def append(self, record: OutRecord) -> tuple[int, int]:
        """Offset and length of the record, now written."""
        offset = self.size
        for piece in member_pieces(header_bytes(record.fields), record.block):
            self._write(piece)
        return offset, self.size - offset

    def _write(self, piece: bytes) -> None:
        left = memoryview(piece)
        while left:
            written = self._file.write(left)  # short when the disk is about to be full
            self.size += written
            left = left[written:]

    def sync(self) -> None:
        self._file.sync()

    def finish(self, run_id: str | None) -> FinishedWarc:
        self.sync()
        self.release()
        check_warc(open_path(self._path), self.entries)
        held = tuple(self.entries), tuple(self.conversions)
        return finish_warc(self._path, self._index, FinishedWarc(self.filename, self.size, run_id, *held))

    def release(self) -> None:
        self._file.close()


def finish_warc(path: Path, index: Path, warc: FinishedWarc) -> FinishedWarc:
    """Index a synced `.open` file and give it its final name `path`."""
    write_cdxj(index, warc.entries)
    try:
        publish(open_path(path), path)
    except FileExistsError as error:
        raise ArchiveError(f"{path}: this name is taken by another file; move one of the two away") from error
    return warc
