"""A run's hold on the archive: the lock, the repair of what the last run left, the ledger, and the committer."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.exchange import Policy
from crawler.archive.records import Fields
from crawler.archive.repair import adopt, repair
from crawler.archive.tree import LEDGER_NAME
from crawler.archive.writer import MAX_BYTES, FinishedWarc, WarcWriter, utc_now
from crawler.crawl.committer import Committer
from crawler.crawl.ledger import Ledger
from crawler.crawl.ledger_schema import explained
from crawler.crawl.lock import RunLock
from crawler.durable import make_folder
from crawler.errors import ArchiveError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run writes."""

    max_bytes: int = MAX_BYTES
    policy: Policy = field(default_factory=Policy)
    #: Further fields of each file's warcinfo record.
    info: Fields = ()
    #: Whether a payload that is stored already is referred to instead of stored again.
    deduplicate: bool = True


@dataclass(frozen=True, slots=True)
class Repairs:
    """What the start of a run mended."""

    #: WARC files that were left open and are finished now.
    files: int = 0
    #: Bytes of incomplete records that were cut away.
    cut_bytes: int = 0
    #: Responses that were in files and not in the ledger.
    adopted: int = 0


class ArchiveRun:
    """Open from its making to `close`; raises `LockedError`, or `ArchiveError` if the folder cannot be used."""

    def __init__(self, folder: Path, site: str, run_id: str, options: RunOptions = RunOptions()) -> None:
        self.folder = folder
        self.site = site
        self.run_id = run_id
        with ExitStack() as undo, _explained(folder):
            self._lock = RunLock(folder, site)
            undo.callback(self._lock.release)
            self._ledger = undo.enter_context(Ledger(folder / LEDGER_NAME))
            _check_writable(folder / "warc" / site)
            self.repairs = mend(folder, site, self._ledger)
            with self._ledger.transaction():
                self._ledger.start_run(site, run_id, utc_now())
            writer = WarcWriter(
                folder, site, run_id, max_bytes=options.max_bytes, policy=options.policy, info=options.info
            )
            self.committer = Committer(site, writer, self._ledger, deduplicate=options.deduplicate)
            undo.pop_all()

    def close(self) -> None:
        """Do what is queued, then let go of everything."""
        self.committer.close()
        self._ledger.close()
        self._lock.release()


def repair_site(folder: Path, site: str) -> Repairs:
    """Do what the start of a run does, and nothing else; raises `LockedError`, `ArchiveError`."""
    with ExitStack() as undo, _explained(folder):
        undo.callback(RunLock(folder, site).release)
        return mend(folder, site, undo.enter_context(Ledger(folder / LEDGER_NAME)))


def mend(folder: Path, site: str, ledger: Ledger) -> Repairs:
    """Finish the files that were left open, and tell the ledger of all that it does not know; reports what it does."""
    files = cut = adopted = 0
    for repaired in repair(folder, site, ledger.acknowledged(site)):
        files, cut = files + 1, cut + repaired.cut
        adopted += _add(ledger, site, repaired.finished)
        kept = len(repaired.finished.entries) if repaired.finished else 0
        logger.warning("%s: left open by a run; %d responses kept, %d bytes cut", repaired.path, kept, repaired.cut)
    for warc in adopt(folder, site, ledger.warc_filenames(site), lambda damage: logger.error("%s", damage)):
        added = _add(ledger, site, warc)
        adopted += added
        logger.warning("%s: the ledger did not know this file; %d responses adopted", warc.filename, added)
    return Repairs(files, cut, adopted)


def _add(ledger: Ledger, site: str, warc: FinishedWarc | None) -> int:
    if warc is None:
        return 0
    with ledger.transaction():
        return ledger.add_warc(site, warc)


def _check_writable(folder: Path) -> None:
    make_folder(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, "no permission to write there", str(folder))


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        with explained(folder / LEDGER_NAME):
            yield
    except OSError as error:
        why = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
        raise ArchiveError(
            f"{folder}: the archive cannot be written ({why}); mend it or name another folder"
        ) from error
