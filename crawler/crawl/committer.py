"""The one thread through which all durable effects of a run go, in one order.

    append the records -> fsync the WARC file -> one ledger transaction (fsynced) -> tell those who wait

Whatever is queued while a batch is being synced makes the next batch, so that many exchanges share two fsyncs, and a
lone one waits for nothing but its own.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from crawler.archive.conversion import Conversion, StoredConversion
from crawler.archive.entries import IndexEntry
from crawler.archive.exchange import FindOriginal
from crawler.archive.writer import WarcWriter
from crawler.crawl.ledger import Ledger, UnknownLinkError
from crawler.errors import ArchiveError
from crawler.model import Exchange, Original, WarcRef

MAX_BATCH = 64
MAX_SECONDS = 0.02  # the first of a batch waits no longer for the last to be appended

T = TypeVar("T")
#: What an effect put into the WARC file, if anything.
Written = IndexEntry | StoredConversion | None


@dataclass(slots=True)
class _Job(Generic[T]):
    """A durable effect: what it does to the WARC file, then to the ledger, and who waits for it."""

    write: Callable[[WarcWriter], Written]
    apply: Callable[[Ledger, Written], T]
    exchange: Exchange | None = None
    written: Written = None
    future: "Future[T]" = field(default_factory=Future)

    def settle(self, ledger: Ledger) -> Callable[[], None]:
        """Apply it to the ledger; what is returned tells the outcome, once that is durable."""
        try:
            result = self.apply(ledger, self.written)
        except UnknownLinkError as error:  # a wrong key changed nothing and is no reason to stop the run
            failure = error
            return lambda: self.future.set_exception(failure)
        return lambda: self.future.set_result(result)

    def fail(self, error: ArchiveError) -> None:
        """Tell it, unless the job is done."""
        self.release()
        if not self.future.done():
            self.future.set_exception(error)

    def release(self) -> None:
        """Free the response's bytes."""
        if self.exchange is not None:
            self.exchange.response.close()
            self.exchange = None


class Committer:
    """Owns a WARC writer and a ledger connection; after the first error it refuses everything."""

    def __init__(self, site: str, writer: WarcWriter, ledger: Ledger, *, deduplicate: bool = True) -> None:
        self._site = site
        self._deduplicate = deduplicate
        self._writer = writer
        self._ledger = ledger
        self._queue: deque[_Job[object]] = deque()
        #: The responses whose conversions are in the batch at hand, which the ledger does not know yet.
        self._converting: set[str] = set()
        self._changed = threading.Condition()
        self._closing = False
        #: Why nothing can be written any more.
        self.failure: ArchiveError | None = None
        # A daemon, so that a crawl that fails to start does not hang at the end of the process.
        self._thread = threading.Thread(target=self._work, name=f"committer-{site}", daemon=True)
        self._thread.start()

    def record(self, exchange: Exchange, *, same_url: bool = False) -> "Future[WarcRef]":
        """Keep an exchange; its response's spool is the committer's from now on.

        A payload that is stored already is not stored again; with `same_url`, only if it is one of the same URL.
        """
        find = self._finder(same_url=same_url)

        def apply(ledger: Ledger, entry: Written) -> WarcRef:
            assert isinstance(entry, IndexEntry)
            ledger.add_capture(self._site, entry)
            return entry.ref

        return self._submit(_Job(lambda writer: writer.write(exchange, find), apply, exchange))

    def run(self, effect: Callable[[Ledger], T], conversion: Conversion | None = None) -> "Future[T]":
        """Read or change the ledger, after all that was asked for before; an `UnknownLinkError` is the caller's.

        The `conversion` becomes durable with the change, unless its response has one.
        """

        def write(writer: WarcWriter) -> Written:
            if conversion is None or self._has_conversion(conversion.refers_to):
                return None
            return writer.convert(conversion)

        def apply(ledger: Ledger, stored: Written) -> T:
            if isinstance(stored, StoredConversion):
                ledger.conversions.add(self._site, stored)
            return effect(ledger)

        return self._submit(_Job(write, apply))

    def finish_files(self) -> "Future[None]":
        """Finish and index the open WARC file; the next exchange begins another."""
        return self._submit(_Job(_finish, lambda _, __: None))

    def close(self) -> None:
        """Do what is queued, then end the thread; the open file is left as it is."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _finder(self, *, same_url: bool) -> FindOriginal:
        def find(url: str, digest: str, chunked: bool) -> Original | None:
            # The ledger has no capture of this very batch yet: what it finds is durable.
            if not self._deduplicate:
                return None
            return self._ledger.originals.identical(self._site, digest, chunked, url if same_url else None)

        return find

    def _has_conversion(self, refers_to: str) -> bool:
        if refers_to in self._converting or self._ledger.conversions.has(self._site, refers_to):
            return True
        self._converting.add(refers_to)
        return False

    def _submit(self, job: _Job[T]) -> "Future[T]":
        job.future.set_running_or_notify_cancel()  # whoever stops waiting, the effect happens
        with self._changed:
            if self._closing:
                job.fail(self.failure or ArchiveError(f"{self._site}: the run's archive is closed"))
            else:
                self._queue.append(job)  # type: ignore[arg-type] # its result goes nowhere but into its future
                self._changed.notify()
        return job.future

    def _work(self) -> None:
        batch: list[_Job[object]] = []
        failure = ArchiveError(f"{self._site}: the archive's thread has ended")
        try:
            while self._wait():
                batch.clear()
                self._commit(batch)
        except (OSError, sqlite3.Error, ArchiveError) as error:
            failure = _explain(self._site, error)
        finally:
            self._stop(failure, batch)

    def _wait(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            return bool(self._queue)

    def _commit(self, batch: list[_Job[object]]) -> None:
        self._append(batch)
        if any(job.written is not None for job in batch):
            self._writer.sync()
        with self._ledger.transaction():
            for warc in self._writer.take_finished():
                self._ledger.add_warc(self._site, warc)
            tellings = [job.settle(self._ledger) for job in batch]
        self._converting.clear()
        for tell in tellings:
            tell()

    def _append(self, batch: list[_Job[object]]) -> None:
        deadline = time.monotonic() + MAX_SECONDS
        while self._queue and len(batch) < MAX_BATCH and (not batch or time.monotonic() < deadline):
            job = self._queue.popleft()
            batch.append(job)
            job.written = job.write(self._writer)
            job.release()

    def _stop(self, failure: ArchiveError, batch: list[_Job[object]]) -> None:
        with self._changed:
            if self._queue or any(not job.future.done() for job in batch):
                self.failure = failure
            self._closing = True
            left = [*batch, *self._queue]
            self._queue.clear()
        self._writer.abandon()
        for job in left:
            job.fail(failure)


def _nothing(_: WarcWriter) -> None:
    """For effects on the ledger alone."""


def _finish(writer: WarcWriter) -> None:
    writer.finish()


def _explain(site: str, error: Exception) -> ArchiveError:
    if isinstance(error, ArchiveError):
        return error
    why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    told = f"{site}: the archive cannot be written: {why}; what was acknowledged is safe, start again when it is mended"
    explained = ArchiveError(told)
    explained.__cause__ = error
    return explained
