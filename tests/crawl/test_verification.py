"""A whole archive, damaged in one place at a time: each damage is found where it is."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from crawler.archive.claims import Defect
from crawler.corpus.captures import write_table
from crawler.corpus.files import read_lines
from crawler.crawl.archive_run import ArchiveRun
from crawler.crawl.tally import Tally
from crawler.crawl.verification import verify_archive
from crawler.engine import Crew, Inline
from crawler.errors import UsageError
from tests.crawl.appending import SITE, exchange_of

KEPT = "indebta"


def verify(archive: Path) -> list[Defect]:
    """The defects of an archive."""
    return [defect for _, tally in verify_archive(archive, Inline()) for defect in tally.told]


def one(archive: Path, pattern: str) -> Path:
    """The one file of the kept site."""
    (path,) = archive.glob(pattern)
    return path


@pytest.fixture
def archive(demo_archive: Path, tmp_path: Path) -> Path:
    """One site's part of the demo's archive, and the whole ledger without the other sites."""
    folder = tmp_path / "archive"
    for place in (f"warc/{KEPT}", f"index/cdxj/{KEPT}", f"index/parquet/site={KEPT}", f"articles/site={KEPT}"):
        shutil.copytree(demo_archive / place, folder / place)
    (folder / "runs").mkdir()
    for path in demo_archive.glob(f"runs/*-{KEPT}.json"):
        shutil.copy(path, folder / "runs")
    shutil.copy(demo_archive / "ledger.sqlite", folder)
    execute(folder, "DELETE FROM capture WHERE site != ?", KEPT)
    execute(folder, "DELETE FROM warc WHERE site != ?", KEPT)
    return folder


def execute(archive: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(archive / "ledger.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute(statement, values)


def edit_article(archive: Path, **changes: object) -> None:
    """Change the first article; its manifest entry goes, or it would be a second defect."""
    path = one(archive, "articles/*/*/*.zst")
    lines = list(read_lines(path))
    lines[0] = json.dumps(json.loads(lines[0]) | changes)
    path.write_bytes(zstandard.compress("".join(line + "\n" for line in lines).encode()))
    forget(archive, "articles/")


def edit_index(archive: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = one(archive, "index/cdxj/*/*.cdxj")
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    forget(archive, "index/")


def drop_index(archive: Path) -> None:
    one(archive, "index/cdxj/*/*").unlink()
    forget(archive, "index/")


def forget(archive: Path, prefix: str) -> None:
    """Take files out of the manifest."""
    path = one(archive, "runs/*.json")
    manifest = json.loads(path.read_bytes())
    manifest["files"] = [file for file in manifest["files"] if not file["path"].startswith(prefix)]
    path.write_text(json.dumps(manifest))


def edit_manifest(archive: Path, **changes: object) -> None:
    path = one(archive, "runs/*.json")
    manifest = json.loads(path.read_bytes())
    manifest["files"][0] |= changes
    path.write_text(json.dumps(manifest))


def test_finds_nothing_wrong_with_what_a_crawl_leaves(demo_archive: Path) -> None:
    total = Tally()
    for _, tally in verify_archive(demo_archive, Inline()):
        total.include(tally)
        assert tally.told == []
    assert total.defects == 0
    assert total.captures == total.index_rows == total.ledger_rows > 200
    assert total.records > 2 * total.captures
    assert total.articles > 100
    assert total.manifest_files == 20


def edit_columns(archive: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    path = one(archive, "index/parquet/*/*.parquet")
    with path.open("r+b") as file:
        table = change(parquet.read_table(file))
        file.truncate(0)
        file.seek(0)
        write_table(file, table)
    forget(archive, "index/")


def with_length(table: pa.Table, length: int) -> pa.Table:
    name = "warc_record_length"
    values = pa.array([length, *table.column(name).to_pylist()[1:]], pa.int64())
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)


DAMAGES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "an index row of nothing": (
        lambda a: edit_index(a, lambda rows: sorted([*rows, rows[0].replace(b'"offset": "', b'"offset": "99')])),
        "index/cdxj",
        "where no record begins",
    ),
    "a row of the columns with another length": (
        lambda a: edit_columns(a, lambda table: with_length(table, 7)),
        "index/parquet",
        "length '7' instead of",
    ),
    "a row missing in the columns": (
        lambda a: edit_columns(a, lambda table: table.slice(1)),
        "index/parquet",
        "it has no row for",
    ),
    "columns that are none": (
        lambda a: (one(a, "index/parquet/*/*").write_bytes(b"PAR1"), forget(a, "index/")),
        "index/parquet",
        "cannot be read",
    ),
    "columns without their file": (
        lambda a: shutil.copy(one(a, "index/parquet/*/*"), a / f"index/parquet/site={KEPT}/other.parquet"),
        "index/parquet",
        "a WARC file that is not there",
    ),
    "an index row out of order": (
        lambda a: edit_index(a, lambda rows: [*rows[1:], rows[0]]),
        "index/cdxj",
        "not in its order",
    ),
    "an index row missing": (lambda a: edit_index(a, lambda rows: rows[1:]), "warc/", "its index has no row for it"),
    "an index line of garbage": (lambda a: edit_index(a, lambda rows: [*rows, b"~"]), "index/cdxj", "no index line"),
    "no index": (drop_index, "warc/", "it has no index"),
    "a ledger row with another digest": (
        lambda a: execute(a, "UPDATE capture SET payload_digest = 'sha1:X' WHERE id = (SELECT max(id) FROM capture)"),
        "ledger.sqlite",
        "digest 'sha1:X' instead of",
    ),
    "a ledger row with another status": (
        lambda a: execute(a, "UPDATE capture SET status = 500 WHERE id = (SELECT max(id) FROM capture)"),
        "ledger.sqlite",
        "status '500' instead of",
    ),
    "a ledger row of a file that is gone": (
        lambda a: execute(a, "INSERT INTO warc VALUES ('warc/x/gone.warc.gz', 'x', NULL, 1)"),
        "ledger.sqlite",
        "warc/x/gone.warc.gz, which is not there",
    ),
    "a ledger that is none": (
        lambda a: (a / "ledger.sqlite").write_bytes(b"no database" * 500),
        "",
        "the ledger cannot be read",
    ),
    "an article with another length": (
        lambda a: edit_article(a, warc_record_length=7),
        "articles/",
        "length '7' instead of",
    ),
    "an article with another digest": (
        lambda a: edit_article(a, payload_digest="sha1:X"),
        "articles/",
        "digest 'sha1:X' instead of",
    ),
    "an article that points between records": (
        lambda a: edit_article(a, warc_record_offset=77),
        "articles/",
        "is damaged",
    ),
    "an article that points to a request": (
        lambda a: edit_article(a, warc_record_offset=0),
        "articles/",
        "byte 0, which is no response",
    ),
    "an article that points out of the archive": (
        lambda a: edit_article(a, warc_filename="../../etc/passwd"),
        "articles/",
        "which is no place in the archive",
    ),
    "an article that points to a file that is gone": (
        lambda a: edit_article(a, warc_filename="warc/gone.warc.gz"),
        "articles/",
        "No such file",
    ),
    "an article that is none": (lambda a: edit_article(a, blocks=1), "articles/", "no article record"),
    "another size in a manifest": (lambda a: edit_manifest(a, size=1), "runs/", "bytes instead of 1"),
    "another SHA-256 in a manifest": (lambda a: edit_manifest(a, sha256="00"), "runs/", "instead of 00"),
    "a manifest of what is outside": (
        lambda a: edit_manifest(a, path="/etc/passwd"),
        "runs/",
        "no place in the archive",
    ),
    "a manifest of what is gone": (lambda a: edit_manifest(a, path="warc/gone"), "runs/", "No such file"),
    "a manifest that is none": (lambda a: one(a, "runs/*.json").write_text("[]"), "runs/", "no run manifest"),
    "an index without its file": (
        lambda a: shutil.copy(one(a, "index/cdxj/*/*"), a / "index/cdxj/indebta/Z.cdxj"),
        "index/cdxj/indebta/Z.cdxj",
        "a WARC file that is not there",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_finds_each_damage_in_its_place(archive: Path, name: str) -> None:
    assert verify(archive) == []
    damage, file, why = DAMAGES[name]
    damage(archive)
    defects = verify(archive)
    assert defects, "not found"
    assert [defect for defect in defects if not (defect.file.startswith(file) and why in defect.why)] == []
    assert len({str(defect) for defect in defects}) == len(defects) <= 3
    assert str(archive) not in str(defects) or name == "a ledger that is none"


def test_finds_a_flipped_bit_as_record_article_and_file(archive: Path) -> None:
    """The rows that point to a damaged record are right, and are not told as well."""
    record = json.loads(next(iter(read_lines(one(archive, "articles/*/*/*.zst")))))
    path = archive / record["warc_filename"]
    data = bytearray(path.read_bytes())
    data[record["warc_record_offset"] + record["warc_record_length"] // 2] ^= 1
    path.write_bytes(data)
    warc, article, manifest = verify(archive)
    assert (warc.file, warc.offset) == (record["warc_filename"], record["warc_record_offset"])
    assert (article.offset, article.unit) == (1, "line")
    assert "its SHA-256 is" in manifest.why


def test_looks_only_at_what_was_promised_in_a_file_that_is_open(tmp_path: Path) -> None:
    run = ArchiveRun(tmp_path, SITE, "run-1")
    ref = run.committer.record(exchange_of("k0")).result()
    run.committer.record(exchange_of("k1")).result()
    run.close()
    path = tmp_path / f"{ref.filename}.open"
    whole = path.read_bytes()
    path.write_bytes(whole + b"\x1f\x8b\x08torn")
    assert verify(tmp_path) == []
    path.write_bytes(whole[: ref.offset + ref.length])
    told = [str(defect) for defect in verify(tmp_path)]
    assert len(told) == 1
    assert "where no record begins" in told[0]


def test_gives_the_same_answer_with_several_workers(archive: Path) -> None:
    edit_article(archive, payload_digest="sha1:X")
    alone = [(unit, tally) for unit, tally in verify_archive(archive, Inline())]
    assert [(unit, tally) for unit, tally in verify_archive(archive, Crew(2))] == alone


def test_keeps_no_more_defects_than_anybody_reads(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.crawl.tally.MAX_DEFECTS", 3)
    edit_index(archive, lambda _: [])
    tally = next(tally for _, tally in verify_archive(archive, Inline()) if tally.defects)
    assert len(tally.told) == 3
    assert tally.defects > 20


def test_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no archive there"):
        verify(tmp_path / "nothere")
