"""The index of a WARC file in columns, made of what its CDXJ is made of, and of the same captures."""

from collections.abc import Iterable
from pathlib import Path

from crawler.archive.cdxj import NOT_REPLAYED, REVISIT
from crawler.archive.claims import Claims, ColumnRow
from crawler.archive.entries import IndexEntry
from crawler.archive.keys import surt_key
from crawler.archive.tree import parquet_filename
from crawler.corpus.captures import CaptureRow, Table, capture_table, holds, read_rows, write_table
from crawler.durable import replaced_file

#: In the order of `ColumnRow`'s fields.
_TOLD = ("url_surtkey", "url", "fetch_time", "fetch_status", "content_digest", "warc_filename", "warc_record_length")


def write_columns(archive: Path, site: str, filename: str, entries: Iterable[IndexEntry]) -> None:
    """Write the Parquet index of the file `filename`, unless it is there with these rows; raises `OSError`."""
    table = capture_table(row_of(entry) for entry in entries if entry.status not in NOT_REPLAYED)
    write_captures(archive / parquet_filename(site, filename), table)


def write_captures(path: Path, table: Table) -> None:
    """Write a Parquet index, unless it is there with these rows; raises `OSError`."""
    if not holds(path, table):
        with replaced_file(path) as file:
            write_table(file, table)


def column_claims(archive: Path, index: str, claims: Claims) -> None:
    """Add each row of the Parquet file `index`; raises `ArchiveError`."""
    for offset, *values in read_rows(archive / index, ["warc_record_offset", *_TOLD]):
        claims.setdefault(offset, []).append(ColumnRow(index, *values))


def row_of(entry: IndexEntry) -> CaptureRow:
    """What the columns say of a stored response."""
    ref = entry.ref
    return CaptureRow(
        key=surt_key(entry.url),
        url=entry.url,
        captured_at=entry.captured_at,
        status=entry.status,
        redirect=entry.redirect_to,
        digest=ref.payload_digest.removeprefix("sha1:") if ref.payload_digest else None,
        mime=REVISIT if ref.refers_to is not None else entry.mime,
        charset=entry.charset,
        truncated=entry.truncated,
        record_id=ref.record_id,
        filename=ref.filename,
        offset=ref.offset,
        length=ref.length,
        run_id=entry.run_id,
    )
