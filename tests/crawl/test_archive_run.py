"""Nothing acknowledged is lost and nothing is stored twice, whatever ends the process."""

import errno
import itertools
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import writer as writer_module
from crawler.archive.reader import read_capture, read_captures
from crawler.archive.tree import LEDGER_NAME, open_paths, warc_paths
from crawler.crawl import committer
from crawler.crawl.archive_run import ArchiveRun, Repairs, RunOptions
from crawler.crawl.ledger import Ledger, Settlement, UnknownLinkError
from crawler.errors import ArchiveError, LockedError
from crawler.model import Exchange, Link
from crawler.spool import Spool
from tests.crawl.appending import MAX_BYTES, SITE, body_of, exchange_of, url_of

COUNT = 60
#: A process that may be killed at any moment saves no coverage: a torn file of it would spoil all others.
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
NOW = datetime(2024, 2, 8, tzinfo=UTC)


class Child:
    """A process that archives; what it acknowledged."""

    def __init__(self, folder: Path, run_id: str, *limits: int, count: int = COUNT) -> None:
        arguments = [str(folder), run_id, str(count), *map(str, limits)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crawl.appending", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env=UNMEASURED,
        )
        self.captured: set[str] = set()
        self.settled: set[str] = set()

    def live(self, lines: int | None = None) -> int:
        """Let it tell so many lines, then kill it; its exit code and what it said on standard error."""
        with self._process as process:
            assert process.stdout is not None
            for line in itertools.islice(process.stdout, lines):
                what, key = line.split()
                (self.captured if what == "captured" else self.settled).add(key)
            if lines is not None:
                process.kill()
                # What it managed to say before it died was acknowledged as well.
                for line in process.stdout:
                    what, _, key = line.strip().partition(" ")
                    (self.captured if what == "captured" else self.settled).add(key)
            assert process.stderr is not None
            self.told = process.stderr.read()
        return process.returncode


def holdings(folder: Path) -> dict[str, int]:
    """How often each URL is in the finished files; each is read and compared."""
    counts: dict[str, int] = {}
    for path in warc_paths(folder, SITE):
        for capture in read_captures(path):
            assert capture.payload == body_of(capture.url.rpartition("/")[2])
            counts[capture.url] = counts.get(capture.url, 0) + 1
    return counts


def check_complete(folder: Path, captured: set[str], settled: set[str], runs: list[str]) -> None:
    """Every link once in the WARC files, in the ledger, in the index and in the outbox."""
    everything = {f"k{number}" for number in range(COUNT)}
    assert captured | settled <= everything
    assert holdings(folder) == {url_of(key): 1 for key in everything}
    assert list(open_paths(folder, SITE)) == []
    with Ledger(folder / LEDGER_NAME) as ledger:
        counts = ledger.counts(SITE)
        assert counts.outcomes == {("captured", None): COUNT}
        assert counts.captures == COUNT
        records = [record for run in runs for record in ledger.records(SITE, run)]
        assert sorted(records) == sorted(f'{{"key": "{key}"}}' for key in everything)
    lines = [line for index in folder.glob("index/cdxj/demo/*.cdxj") for line in index.read_text().splitlines()]
    assert len(lines) == COUNT


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 13))])
def test_survives_any_number_of_kills(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    captured, settled, runs = set[str](), set[str](), list[str]()
    for number in itertools.count():
        child = Child(tmp_path, f"run-{number}")
        runs.append(f"run-{number}")
        lines = chance.randrange(1, 40) if number < 6 else None
        code = child.live(lines)
        captured, settled = captured | child.captured, settled | child.settled
        if code == 0:
            break
        assert code == -9, child.told
        in_files = acknowledged(tmp_path)
        assert {url_of(key) for key in child.captured | child.settled} <= in_files
    check_complete(tmp_path, captured, settled, runs)


def acknowledged(folder: Path) -> set[str]:
    """What the ledger of a killed run promises, each capture read from its place."""
    with Ledger(folder / LEDGER_NAME) as ledger:
        rows = ledger._database.execute("SELECT url, filename, offset, length FROM capture").fetchall()
    for url, filename, offset, length in rows:
        assert read_capture(folder / filename, offset, length).url == url
    return {row[0] for row in rows}


@pytest.mark.parametrize("limit", [5_000, 220_000, 300_000, 700_000])
def test_stops_at_a_full_disk_and_goes_on_when_there_is_room(tmp_path: Path, limit: int) -> None:
    """A limit on file sizes makes writes fall short and then fail, as a full disk does.

    It is met by the ledger: when it is made, or when its log has grown to it. WARC files are failed elsewhere.
    """
    child = Child(tmp_path, "run-0", limit)
    code = child.live()
    assert code == 3, child.told
    assert len(child.told.splitlines()) == 1
    assert bool(child.captured) == (limit > 100_000)
    again = Child(tmp_path, "run-1")
    assert again.live() == 0, again.told
    check_complete(tmp_path, child.captured | again.captured, child.settled | again.settled, ["run-0", "run-1"])


@contextmanager
def opened(folder: Path, run_id: str = "run-1", **options: int) -> Iterator[ArchiveRun]:
    with closing(ArchiveRun(folder, SITE, run_id, RunOptions(**options))) as run:  # type: ignore[arg-type]
        yield run


class Faults:
    """Fails the nth durable step on WARC files with a full disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int) -> None:
        self.steps = 0
        self._fail_at = fail_at
        fsync, write = os.fsync, writer_module._OpenWarc._write

        def failing_fsync(descriptor: int) -> None:
            self._step()
            fsync(descriptor)

        def failing_write(file: writer_module._OpenWarc, piece: bytes) -> None:
            try:
                self._step()
            except OSError:
                write(file, piece[: len(piece) // 2])  # the part for which there was room
                raise
            write(file, piece)

        monkeypatch.setattr(os, "fsync", failing_fsync)
        monkeypatch.setattr(writer_module._OpenWarc, "_write", failing_write)

    def _step(self) -> None:
        self.steps += 1
        if self.steps >= self._fail_at:  # once full, it stays full
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("fail_at", range(1, 42, 3))
def test_loses_nothing_acknowledged_at_any_failing_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail_at: int
) -> None:
    kept: set[str] = set()
    with opened(tmp_path, max_bytes=MAX_BYTES // 10) as run, monkeypatch.context() as patched:
        Faults(patched, fail_at)
        for number in range(12):
            error = run.committer.record(exchange_of(f"k{number}")).exception()
            kept |= {url_of(f"k{number}")} if error is None else set()
        assert "archive cannot be written: No space left on device" in str(error)
        assert run.committer.failure is not None
        with pytest.raises(ArchiveError, match="No space left"):
            run.committer.record(exchange_of("k99")).result()
    with opened(tmp_path, "run-2"):
        pass
    assert kept <= set(holdings(tmp_path))
    assert set(holdings(tmp_path).values()) <= {1}
    with Ledger(tmp_path / LEDGER_NAME) as ledger:
        assert ledger.counts(SITE).captures == len(holdings(tmp_path))


def test_loses_nothing_when_the_ledger_is_full(tmp_path: Path) -> None:
    with opened(tmp_path) as run:
        run.committer.record(exchange_of("k0")).result()
        run._ledger._database.execute("PRAGMA max_page_count = 1")
        futures = [run.committer.record(exchange_of(f"k{number}")) for number in range(1, 200)]
        failed = [future for future in futures if future.exception() is not None]
        assert failed
        assert all(isinstance(future.exception(), ArchiveError) for future in failed)
        kept = len(futures) - len(failed) + 1
    with opened(tmp_path, "run-2") as run:
        assert run.repairs.files == 1
        assert run.repairs.adopted >= 1  # they were in the file, and are not fetched again
    assert len(holdings(tmp_path)) >= kept


def test_commits_in_one_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records, sync, ledger, and only then a word of it; a batch shares one sync and one transaction."""
    steps: list[str] = []

    def logged(owner: Any, name: str, step: str) -> None:
        call = getattr(owner, name)

        def logging(*arguments: Any) -> Any:
            result = call(*arguments)
            steps.append(step)
            return result

        monkeypatch.setattr(owner, name, logging)

    monkeypatch.setattr(committer, "MAX_SECONDS", 60)  # on a busy machine too, the three are one batch
    with opened(tmp_path) as run:
        run.committer.record(exchange_of("k0")).result()  # makes the file
        logged(writer_module._OpenWarc, "append", "append")
        logged(writer_module._OpenWarc, "sync", "sync")
        logged(Ledger, "add_capture", "ledger")
        gate = threading.Event()
        run.committer.run(lambda _: gate.wait())
        futures = [run.committer.record(exchange_of(f"k{number}")) for number in range(1, 4)]
        for future in futures:
            future.add_done_callback(lambda _: steps.append("told"))
        gate.set()
        for future in futures:
            future.result()
        run.committer.run(lambda _: None).result()
    assert steps == ["append"] * 9 + ["sync"] + ["ledger"] * 3 + ["told"] * 3


def page(url: str) -> Exchange:
    """Everywhere the same page."""
    return replace(exchange_of("same"), url=url, response=Spool(b"HTTP/1.1 200 OK\r\n\r\n" + b"same words " * 99))


class TestDeduplication:
    def test_refers_only_to_what_an_earlier_commit_made_durable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(committer, "MAX_SECONDS", 60)  # on a busy machine too, the three are one batch
        with opened(tmp_path) as run:
            gate = threading.Event()
            run.committer.run(lambda _: gate.wait())
            batch = [run.committer.record(page(f"https://a.example/{number}")) for number in range(3)]
            gate.set()
            together = [future.result() for future in batch]
            later = run.committer.record(page("https://a.example/later")).result()
        assert [ref.refers_to for ref in together] == [None] * 3
        assert later.refers_to == together[0].record_id

    def test_goes_on_across_runs_and_kills(self, tmp_path: Path) -> None:
        with opened(tmp_path) as run:
            first = run.committer.record(page("https://a.example/1")).result()
        with opened(tmp_path, "run-2") as run:
            assert run.repairs.files == 1  # it was left open
            second = run.committer.record(page("https://a.example/2")).result()
            run.committer.finish_files().result()
        with opened(tmp_path, "run-3") as run:
            third = run.committer.record(page("https://a.example/3")).result()
        assert second.refers_to == third.refers_to == first.record_id
        capture = read_capture(tmp_path / third.filename, third.offset, third.length)
        assert capture.payload == b"same words " * 99

    def test_never_crosses_sites(self, tmp_path: Path) -> None:
        with opened(tmp_path) as run:
            run.committer.record(page("https://a.example/1")).result()
        with closing(ArchiveRun(tmp_path, "other", "run-1")) as run:
            assert run.committer.record(page("https://a.example/1")).result().refers_to is None

    def test_can_be_held_to_the_same_url(self, tmp_path: Path) -> None:
        with opened(tmp_path) as run:
            first = run.committer.record(page("https://a.example/1")).result()
            assert run.committer.record(page("https://a.example/2"), same_url=True).result().refers_to is None
            again = run.committer.record(page("https://a.example/1"), same_url=True).result()
        assert again.refers_to == first.record_id

    def test_can_be_turned_off(self, tmp_path: Path) -> None:
        with opened(tmp_path, deduplicate=False) as run:
            refs = [run.committer.record(page("https://a.example/1")).result() for _ in range(2)]
        assert [ref.refers_to for ref in refs] == [None, None]

    def test_survives_the_loss_of_the_ledger(self, tmp_path: Path) -> None:
        """What is adopted from the files is known as what it is: an original, or a revisit of one."""
        with opened(tmp_path) as run:
            first = run.committer.record(page("https://a.example/1")).result()
            run.committer.record(page("https://a.example/2")).result()
            run.committer.finish_files().result()
        for path in tmp_path.glob("ledger.sqlite*"):
            path.unlink()
        with opened(tmp_path, "run-2") as run:
            assert run.repairs.adopted == 2
            assert run.committer.record(page("https://a.example/3")).result().refers_to == first.record_id


def test_frees_every_spool(tmp_path: Path) -> None:
    exchanges = [exchange_of(f"k{number}") for number in range(20)]
    with opened(tmp_path) as run:
        for future in [run.committer.record(one) for one in exchanges]:
            future.result()
        assert [len(one.response) for one in exchanges] == [0] * 20
    late = exchange_of("k1")
    with pytest.raises(ArchiveError, match="demo: the run's archive is closed"):
        run.committer.record(late).result()
    assert len(late.response) == 0


def test_keeps_a_wrong_key_from_stopping_the_run(tmp_path: Path) -> None:
    with opened(tmp_path) as run:
        wrong = run.committer.run(lambda ledger: ledger.settle(SITE, "run-1", Settlement("nope", "gone")))
        right = run.committer.run(
            lambda ledger: ledger.add_links(SITE, "run-1", [("a", Link("https://a/", "feed"))], NOW)
        )
        with pytest.raises(UnknownLinkError):
            wrong.result()
        assert right.result() == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_stops_loudly_when_its_own_code_fails(tmp_path: Path) -> None:
    with opened(tmp_path) as run:

        def broken(_: Ledger) -> None:
            raise ZeroDivisionError

        futures: list[Future[object]] = [run.committer.run(broken), run.committer.record(exchange_of("k1"))]  # type: ignore[list-item]
        for future in futures:
            with pytest.raises(ArchiveError, match="the archive's thread has ended"):
                future.result()
        assert run.committer.failure is not None


class TestTheStart:
    def test_takes_the_lock_and_gives_it_back(self, tmp_path: Path) -> None:
        with opened(tmp_path):
            with pytest.raises(LockedError, match=rf"demo: another run \(process {os.getpid()}\) holds .*demo\.lock"):
                ArchiveRun(tmp_path, SITE, "run-2")
            ArchiveRun(tmp_path, "other", "run-2").close()
        with opened(tmp_path, "run-2"):
            pass

    def test_adopts_files_when_the_ledger_is_lost(self, tmp_path: Path) -> None:
        with opened(tmp_path) as run:
            ref = run.committer.record(exchange_of("k1")).result()
            run.committer.finish_files().result()
        for path in tmp_path.glob("ledger.sqlite*"):
            path.unlink()
        with opened(tmp_path, "run-2") as run:
            assert run.repairs == Repairs(adopted=1)
            links = [("k1", Link(url_of("k1"), "article"))]
            run.committer.run(lambda ledger: ledger.add_links(SITE, "run-2", links, NOW)).result()
            ((key, _, found),) = run.committer.run(lambda ledger: ledger.unsettled(SITE)).result()
            assert (key, found) == ("k1", ref)

    def test_names_a_file_that_is_no_warc(self, tmp_path: Path) -> None:
        folder = tmp_path / "warc/demo/2024/02"
        folder.mkdir(parents=True)
        (folder / "NEWSWARC-demo-20240208000000-00000.warc.gz").write_bytes(b"")
        with pytest.raises(ArchiveError, match="it is empty"):
            ArchiveRun(tmp_path, SITE, "run-1")

    @pytest.mark.parametrize("blocked", ["", "runs", "warc", "warc/demo"])
    def test_is_refused_in_one_line_where_nothing_can_be_written(self, tmp_path: Path, blocked: str) -> None:
        folder = tmp_path / "archive"
        path = folder / blocked
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a file where a folder should be")
        with pytest.raises(ArchiveError, match="cannot be") as raised:
            ArchiveRun(folder, SITE, "run-1")
        assert str(folder) in str(raised.value)
        assert "\n" not in str(raised.value)

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
    def test_is_refused_where_writing_is_forbidden(self, tmp_path: Path) -> None:
        (tmp_path / "warc" / SITE).mkdir(parents=True)
        (tmp_path / "warc" / SITE).chmod(0o500)
        with pytest.raises(ArchiveError, match="no permission to write there"):
            ArchiveRun(tmp_path, SITE, "run-1")

    def test_leaves_no_lock_behind_when_it_fails(self, tmp_path: Path) -> None:
        (tmp_path / LEDGER_NAME).write_text("no database " * 100)
        for _ in range(2):
            with pytest.raises(ArchiveError, match="file is not a database"):
                ArchiveRun(tmp_path, SITE, "run-1")
