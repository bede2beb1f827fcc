"""Captures in columns: the index as Parquet, with the names and the meanings of Common Crawl's `cc-index-table`.

Sorted by key and time. A reader that looks for one URL reads the footer, whose statistics name the row group and the
pages in question, and these alone: three range requests in a file of any size.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

import pyarrow as pa
from pyarrow import parquet

from crawler.corpus.hosts import host_parts
from crawler.errors import ArchiveError

Table: TypeAlias = pa.Table
ROW_GROUP = 10_000  # rows; of the columns that a lookup needs some 300 KB
PAGE_BYTES = 16 * 1024
LEVEL = 9
TEXT = pa.string()
SCHEMA = pa.schema(
    [
        pa.field("url_surtkey", TEXT, nullable=False),
        pa.field("url", TEXT, nullable=False),
        *(pa.field(f"url_host_{name}", TEXT) for name in ("name", "tld", "2nd_last_part", "3rd_last_part")),
        *(pa.field(f"url_host_{name}", TEXT) for name in ("4th_last_part", "5th_last_part", "registry_suffix")),
        *(pa.field(f"url_host_{name}", TEXT) for name in ("registered_domain", "private_suffix", "private_domain")),
        pa.field("url_host_name_reversed", TEXT),
        pa.field("url_protocol", TEXT),
        pa.field("url_port", pa.int32()),
        pa.field("url_path", TEXT),
        pa.field("url_query", TEXT),
        pa.field("fetch_time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("fetch_status", pa.int16(), nullable=False),
        pa.field("fetch_redirect", TEXT),
        *(pa.field(f"content_{name}", TEXT) for name in ("digest", "mime_type", "mime_detected", "charset")),
        *(pa.field(f"content_{name}", TEXT) for name in ("languages", "truncated")),
        pa.field("warc_record_id", pa.binary()),
        pa.field("warc_filename", TEXT, nullable=False),
        # Theirs are 32 bits wide; a WARC file of another tool may be longer than that.
        pa.field("warc_record_offset", pa.int64(), nullable=False),
        pa.field("warc_record_length", pa.int64(), nullable=False),
        pa.field("warc_segment", TEXT),
    ]
)
#: Columns whose values are nearly all different: a dictionary of them would only be in the way.
DISTINCT = {"url_surtkey", "url", "url_path", "fetch_time", "content_digest", "warc_record_id", "warc_record_offset"}


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A stored response as the index tells it."""

    key: str
    url: str
    captured_at: datetime
    status: int
    redirect: str | None
    #: Upper-case Base32 if it is a SHA-1, else with its label.
    digest: str | None
    mime: str | None
    #: As the server declares it.
    charset: str | None
    truncated: str | None
    record_id: str
    filename: str
    offset: int
    length: int
    #: The run that captured it.
    run_id: str | None


def capture_table(rows: Iterable[CaptureRow]) -> pa.Table:
    """The rows in columns and in their order."""
    ordered = sorted(rows, key=lambda row: (row.key.encode("utf-8", "replace"), row.captured_at, row.offset))
    columns = zip(*map(_values, ordered), strict=True) if ordered else ([] for _ in SCHEMA)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def joined(tables: Sequence[Table]) -> Table:
    """The rows of several tables in the order of one."""
    order = [(name, "ascending") for name in ("url_surtkey", "fetch_time", "warc_record_offset")]
    return pa.concat_tables(tables).sort_by(order).combine_chunks()


def write_table(file: IO[bytes], table: pa.Table) -> None:
    """Write it as Parquet; with one version of the library the same bytes for the same rows."""
    parquet.write_table(
        table,
        file,
        row_group_size=ROW_GROUP,
        data_page_size=PAGE_BYTES,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=[name for name in SCHEMA.names if name not in DISTINCT],
        write_statistics=True,
        write_page_index=True,
        sorting_columns=[parquet.SortingColumn(SCHEMA.names.index(name)) for name in ("url_surtkey", "fetch_time")],
    )


def holds(path: Path, table: pa.Table) -> bool:
    """Whether the file has these rows already; one that another version of the library wrote has other bytes."""
    try:
        with path.open("rb") as file:
            return bool(parquet.read_table(file).equals(table))
    except (OSError, pa.ArrowException):
        return False


def read_rows(path: Path, columns: list[str]) -> list[tuple[Any, ...]]:
    """Some columns of the file, row by row; raises `ArchiveError`."""
    try:
        with path.open("rb") as file:
            table = parquet.read_table(file, columns=columns).cast(_part(columns))
        return list(zip(*(table.column(name).to_pylist() for name in columns), strict=True))
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise ArchiveError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from error


def _part(columns: list[str]) -> pa.Schema:
    return pa.schema([SCHEMA.field(name) for name in columns])


def _values(row: CaptureRow) -> tuple[object, ...]:
    values = (
        *(row.key, row.url),
        *_of_url(row.url),
        *(row.captured_at, row.status, row.redirect),
        *(row.digest, row.mime, None, row.charset, None, row.truncated),
        *(_uuid(row.record_id), row.filename, row.offset, row.length, row.run_id),
    )
    return tuple(_storable(value) if isinstance(value, str) else value for value in values)


def _of_url(url: str) -> tuple[object, ...]:
    """Host and its parts, protocol, port, path and query, as far as the URL can be taken apart."""
    try:
        split = urlsplit(url)
        host, port = _of_netloc(split.netloc)
    except ValueError:  # a port out of range, an IPv6 address that is none
        return (None,) * 15
    return *host, split.scheme or None, port, split.path, split.query or None


@lru_cache(maxsize=256)
def _of_netloc(netloc: str) -> tuple[tuple[str | None, ...], int | None]:
    """The host with its parts, and the port; raises `ValueError`."""
    split = SplitResult("", netloc, "", "", "")
    host, port = split.hostname, split.port
    parts = host_parts(host or "")
    labels = (*parts.labels, None, None, None, None, None)[:5]
    suffixes = parts.registry_suffix, parts.registered_domain, parts.private_suffix, parts.private_domain
    return (host, *labels, *suffixes, ".".join(parts.labels) or None), port


def _uuid(record_id: str) -> bytes | None:
    try:
        return uuid.UUID(record_id.removeprefix("<").removesuffix(">")).bytes
    except ValueError:
        return None


def _storable(text: str) -> str:
    """Without half surrogate pairs, which no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
