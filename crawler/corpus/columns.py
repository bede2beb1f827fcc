"""Article records in columns: `articles/site=SITE/date=DAY/RUN-NNN.parquet`, the same fields as in JSON Lines."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from crawler.corpus.record import FIELDS, plain
from crawler.errors import ArchiveError

ROW_GROUP = 1000  # records; some 5 MB of text, which is all that a writer holds
LEVEL = 9
TEXT = pa.string()
SPECIAL = {
    "schema_version": pa.int32(),
    "blocks": pa.list_(pa.struct([("kind", TEXT), ("text", TEXT)])),
    "authors": pa.list_(TEXT),
    "tags": pa.list_(TEXT),
    "images": pa.list_(pa.struct([("url", TEXT), ("caption", TEXT), ("credit", TEXT)])),
    "captured_at": pa.timestamp("us", tz="UTC"),
    "warc_record_offset": pa.int64(),
    "warc_record_length": pa.int64(),
    "word_count": pa.int32(),
}
SCHEMA = pa.schema([pa.field(name, SPECIAL.get(name, TEXT)) for name in FIELDS])


class ColumnWriter:
    """Takes records as lines of JSON, and writes them a row group at a time."""

    def __init__(self, writer: parquet.ParquetWriter) -> None:
        self._writer = writer
        self._rows: list[dict[str, Any]] = []

    def write(self, line: str) -> None:
        """Add a record, given as its line of JSON."""
        row = json.loads(line)
        row["captured_at"] = datetime.fromisoformat(row["captured_at"])
        self._rows.append(row)
        if len(self._rows) == ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        """Write what was held back."""
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=SCHEMA))
            self._rows = []


@contextmanager
def column_writer(file: IO[bytes]) -> Iterator[ColumnWriter]:
    """A writer of records into `file`."""
    options: dict[str, Any] = {"compression": "zstd", "compression_level": LEVEL, "write_page_index": True}
    with parquet.ParquetWriter(file, SCHEMA, **options) as writer:
        columns = ColumnWriter(writer)
        yield columns
        columns.flush()


def read_columns(path: Path) -> Iterator[str]:
    """The records of a file as lines of JSON, the very lines that were written; raises `ArchiveError`."""
    try:
        with path.open("rb") as opened, parquet.ParquetFile(opened) as file:
            for batch in file.iter_batches(batch_size=100):
                for row in batch.to_pylist():
                    told = {name: plain(row[name]) for name in FIELDS}
                    yield json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise ArchiveError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from error
