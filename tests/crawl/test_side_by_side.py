"""One large file is read by all workers at once, and what they tell is what one of them tells."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from crawler.crawl.archive_run import ArchiveRun
from crawler.crawl.indexing import index_archive
from crawler.crawl.verification import find_units, pieces_of, verify_archive
from crawler.crawl.warc_verification import PartUnit
from crawler.engine import Crew, Inline
from tests.crawl.appending import SITE, exchange_of


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One file of some pages, each part of which may be small."""
    monkeypatch.setattr("crawler.archive.parts.LEAST", 1000)
    run = ArchiveRun(tmp_path / "archive", SITE, "run-1")
    for number in range(30):
        run.committer.record(exchange_of(f"k{number}")).result()
    run.committer.finish_files().result()
    run.close()
    list(index_archive(tmp_path / "archive", None, 1))
    return tmp_path / "archive"


class InTurns(Inline):
    """Reads the parts as two workers do, one after the other in this process."""

    workers = 2


def one(archive: Path, pattern: str) -> Path:
    (path,) = archive.glob(pattern)
    return path


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def drop_row(archive: Path) -> None:
    path = one(archive, "index/cdxj/*/*")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def add_row(archive: Path) -> None:
    path = one(archive, "index/cdxj/*/*")
    line = path.read_bytes().splitlines(keepends=True)[-1]
    path.write_bytes(path.read_bytes() + line.replace(b'"offset": "', b'"offset": "99999'))


def move_capture(archive: Path) -> None:
    with closing(sqlite3.connect(archive / "ledger.sqlite", isolation_level=None)) as database:
        database.execute("UPDATE capture SET offset = -1 WHERE id = (SELECT max(id) FROM capture)")


WRONG: dict[str, Callable[[Path], None]] = {
    "nothing": lambda _: None,
    "a record": lambda archive: flip(one(archive, "warc/**/*.warc.gz")),
    "an index": lambda archive: shutil.rmtree(archive / "index"),
    "a row that is missing": drop_row,
    "a row too many": add_row,
    "a row of the ledger": move_capture,
    "an index in columns": lambda archive: one(archive, "index/parquet/*/*").write_bytes(b"none") and None,
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG.keys())
def test_verify_tells_the_same_with_several_workers(archive: Path, make: Callable[[Path], None]) -> None:
    make(archive)
    pieces = list(pieces_of(find_units(archive), 2))
    assert sum(isinstance(piece, PartUnit) for piece in pieces) > 2
    alone = list(verify_archive(archive, Inline()))
    assert list(verify_archive(archive, InTurns())) == alone
    assert (sum(tally.defects for _, tally in alone) == 0) is (make is WRONG["nothing"])
    assert alone[0][1].records == 91


def test_verify_tells_the_same_from_other_processes(archive: Path) -> None:
    drop_row(archive)
    assert list(verify_archive(archive, Crew(2))) == list(verify_archive(archive, Inline()))


@pytest.mark.parametrize("make", [WRONG["nothing"], WRONG["a record"]], ids=["nothing", "a record"])
def test_index_writes_the_same_with_several_workers(archive: Path, make: Callable[[Path], None]) -> None:
    make(archive)
    told = []
    for workers in (1, 2):
        shutil.rmtree(archive / "index")
        (site,) = index_archive(archive, None, workers)
        written = {path.relative_to(archive): path.read_bytes() for path in archive.glob("index/**/*.*")}
        told.append((site.damaged, site.files, site.bytes, site.rows, written))
    assert told[0] == told[1]
    assert len(told[0][0]) == (make is WRONG["a record"])
    assert len(told[0][4]) == 3
