"""The index in columns: Common Crawl's names, sorted, and cheap to look things up in."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet

from crawler.corpus.captures import ROW_GROUP, SCHEMA, CaptureRow, capture_table, holds, read_rows, write_table
from crawler.errors import ArchiveError

AT = datetime(2024, 2, 8, 9, 30, 0, 123456, tzinfo=UTC)
#: The columns of `cc-index-table`, without its partitions.
THEIRS = """url_surtkey url url_host_name url_host_tld url_host_2nd_last_part url_host_3rd_last_part
url_host_4th_last_part url_host_5th_last_part url_host_registry_suffix url_host_registered_domain
url_host_private_suffix url_host_private_domain url_host_name_reversed url_protocol url_port url_path
url_query fetch_time fetch_status fetch_redirect content_digest content_mime_type content_mime_detected
content_charset content_languages content_truncated warc_record_id warc_filename warc_record_offset
warc_record_length warc_segment"""


def row(key: str = "uk,co,bbc,www)/a", url: str = "https://www.bbc.co.uk:8443/A?b=c", **changes: object) -> CaptureRow:
    values: dict[str, object] = {
        "key": key,
        "url": url,
        "captured_at": AT,
        "status": 200,
        "redirect": None,
        "digest": "ABC",
        "mime": "text/html",
        "charset": "UTF-8",
        "truncated": None,
        "filename": "warc/x.warc.gz",
        "offset": 7,
        "record_id": "<urn:uuid:019d6d22-5cf4-7ad9-8a24-81690cf43c7d>",
        "length": 9,
        "run_id": "run-1",
    }
    return CaptureRow(**(values | changes))  # type: ignore[arg-type]


def written(path: Path, *rows: CaptureRow) -> pa.Table:
    table = capture_table(rows)
    with path.open("wb") as file:
        write_table(file, table)
    return table


def test_has_the_columns_of_common_crawl() -> None:
    assert SCHEMA.names == THEIRS.split()


def test_tells_a_capture_in_full(tmp_path: Path) -> None:
    written(tmp_path / "x.parquet", row())
    (told,) = parquet.read_table(tmp_path / "x.parquet", partitioning=None).to_pylist()
    assert {name: value for name, value in told.items() if value is not None} == {
        "url_surtkey": "uk,co,bbc,www)/a",
        "url": "https://www.bbc.co.uk:8443/A?b=c",
        "url_host_name": "www.bbc.co.uk",
        "url_host_tld": "uk",
        "url_host_2nd_last_part": "co",
        "url_host_3rd_last_part": "bbc",
        "url_host_4th_last_part": "www",
        "url_host_registry_suffix": "co.uk",
        "url_host_registered_domain": "bbc.co.uk",
        "url_host_private_suffix": "co.uk",
        "url_host_private_domain": "bbc.co.uk",
        "url_host_name_reversed": "uk.co.bbc.www",
        "url_protocol": "https",
        "url_port": 8443,
        "url_path": "/A",
        "url_query": "b=c",
        "fetch_time": AT,
        "fetch_status": 200,
        "content_digest": "ABC",
        "content_mime_type": "text/html",
        "content_charset": "UTF-8",
        "warc_record_id": bytes.fromhex("019d6d225cf47ad98a2481690cf43c7d"),
        "warc_filename": "warc/x.warc.gz",
        "warc_record_offset": 7,
        "warc_record_length": 9,
        "warc_segment": "run-1",
    }


@pytest.mark.parametrize(
    "url", ["", "http://a:99999999/", "http://[::1", "http://[::1]/", "dns:a", "\ud800", "http://192.0.2.1/", "ü" * 999]
)
def test_takes_any_url(tmp_path: Path, url: str) -> None:
    table = written(tmp_path / "x.parquet", row(url=url, key=url, record_id="no UUID"))
    assert holds(tmp_path / "x.parquet", table)
    assert table.column("warc_record_id").to_pylist() == [None]
    assert table.column("url_host_registered_domain").to_pylist() == [None]


def test_is_sorted_by_key_and_time_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    rows = [row(f"com,x)/{n % 7}", captured_at=AT + timedelta(seconds=n * 37 % 11), offset=n) for n in range(50)]
    one = written(tmp_path / "1.parquet", *rows)
    written(tmp_path / "2.parquet", *reversed(rows))
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()
    order = list(zip(*(one.column(name).to_pylist() for name in ("url_surtkey", "fetch_time")), strict=True))
    assert order == sorted(order)


def test_a_lookup_needs_one_row_group(tmp_path: Path) -> None:
    rows = [
        row(f"com,x)/{number:06d}", f"https://x.com/{number:06d}", offset=number) for number in range(3 * ROW_GROUP)
    ]
    path = tmp_path / "x.parquet"
    written(path, *rows)
    meta = parquet.read_metadata(path)
    ranges = [meta.row_group(number).column(0).statistics for number in range(meta.num_row_groups)]
    assert [(one.min, one.max) for one in ranges[:2]] == [
        ("com,x)/000000", "com,x)/009999"),
        ("com,x)/010000", "com,x)/019999"),
    ]
    assert all(meta.row_group(0).column(at).has_offset_index for at in range(len(SCHEMA)))
    needed = ("url_surtkey", "fetch_time", "fetch_status", "warc_filename", "warc_record_offset", "warc_record_length")
    columns = [meta.row_group(1).column(SCHEMA.names.index(name)) for name in needed]
    assert sum(column.total_compressed_size for column in columns) < 200_000
    query = f"SELECT warc_record_offset FROM '{path}' WHERE url_surtkey = 'com,x)/012345'"
    assert duckdb.sql(query).fetchall() == [(12345,)]


def test_an_empty_index_has_its_columns(tmp_path: Path) -> None:
    written(tmp_path / "x.parquet")
    assert duckdb.sql(f"SELECT count(url) FROM '{tmp_path / 'x.parquet'}'").fetchall() == [(0,)]


@pytest.mark.parametrize("content", [None, b"", b"PAR1 and nothing more", b"PAR1" + bytes(100) + b"PAR1"])
def test_tells_in_one_line_what_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.parquet"
    if content is not None:
        path.write_bytes(content)
    assert not holds(path, capture_table([]))
    with pytest.raises(ArchiveError, match=r"x\.parquet: cannot be read") as told:
        read_rows(path, ["url"])
    assert "\n" not in str(told.value)
