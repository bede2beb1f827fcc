"""Records in columns are the records in lines."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from crawler.corpus.columns import ROW_GROUP
from crawler.corpus.files import PARQUET, SUFFIXES, articles_filenames, suffixes_of
from crawler.corpus.formats import read_records, record_writer
from crawler.corpus.record import from_json, to_json
from crawler.errors import ArchiveError, UsageError
from crawler.model import Block, Image
from tests.corpus.test_record import ARTICLE

LINES = [
    to_json(ARTICLE),
    to_json(replace(ARTICLE, blocks=(), images=(), authors=(), tags=(), headline=None, warc_record_offset=None)),
    to_json(replace(ARTICLE, text="ü\n\n\0\u2028", captured_at=datetime(2024, 2, 8, tzinfo=UTC), word_count=0)),
    to_json(replace(ARTICLE, blocks=(Block("quote", "«a»"),), images=(Image(None, "b", None), Image("u")))),
]


@pytest.mark.parametrize("formats", SUFFIXES)
def test_gives_back_the_lines_that_were_written(tmp_path: Path, formats: str) -> None:
    names = articles_filenames("s", "2024-02-08", "RUN", 0, suffixes_of(formats))
    lines = LINES * (1 + ROW_GROUP // 2)
    with record_writer([tmp_path / name for name in names]) as write:
        for line in lines:
            write(line)
    assert {path.name for path in tmp_path.rglob("*.*")} == {f"RUN-000{suffix}" for suffix in SUFFIXES[formats]}
    for name in names:
        assert list(read_records(tmp_path / name)) == lines
    assert from_json(lines[0]) == ARTICLE


def test_writing_twice_is_writing_once_and_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    for _ in range(2):
        with record_writer([path]) as write:
            write(LINES[0])
    with pytest.raises(ArchiveError, match="is there already, with another content"), record_writer([path]) as write:
        write(LINES[1])
    assert list(read_records(path)) == LINES[:1]


def test_duckdb_reads_both(tmp_path: Path) -> None:
    for name in articles_filenames("s", "2024-02-08", "RUN", 0, SUFFIXES["both"]):
        with record_writer([tmp_path / name]) as write:
            for line in LINES:
                write(line)
    wanted = "site, date::VARCHAR, headline, len(blocks), images[1].caption, epoch_us(captured_at::TIMESTAMPTZ)"
    columns = duckdb.sql(f"SELECT {wanted} FROM read_parquet('{tmp_path}/articles/*/*/*.parquet')").fetchall()
    lines = duckdb.sql(f"SELECT {wanted} FROM read_json('{tmp_path}/articles/*/*/*.zst')").fetchall()
    assert columns == lines
    assert len(columns) == len(LINES)
    assert columns[0][:2] == ("s", "2024-02-08")


def test_refuses_formats_that_it_does_not_know() -> None:
    with pytest.raises(UsageError, match="NEWSWARC_ARTICLES=csv: give one of jsonl, parquet, both"):
        suffixes_of("csv")


@pytest.mark.parametrize("content", [b"", b"PAR1PAR1", json.dumps({}).encode()])
def test_tells_what_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / f"x{PARQUET}"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="cannot be read"):
        list(read_records(path))
