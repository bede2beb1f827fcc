"""The index in columns says what the index in lines says, and is made anew as the crawl made it."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from crawler.archive.cdxj import parse_row
from crawler.corpus.manifest import read_manifest
from crawler.crawl.archive_run import ArchiveRun, RunOptions
from crawler.crawl.indexing import complete_columns, index_archive
from tests.archive.exchanges import exchange, response
from tests.crawl.appending import SITE, exchange_of


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Several finished files of one site, one with all kinds of answers."""
    run = ArchiveRun(tmp_path, SITE, "run-1", RunOptions(max_bytes=9000))
    odd = (
        exchange(response(b"", b"Location: /b", status=b"301 Moved")),
        exchange(b"no HTTP"),
        exchange(response(b"", status=b"304 Not Modified")),
        exchange(response(b"cut"), truncated="time", url="https://news.example/ä?b=2&a=1"),
        exchange(response(b"", b"Content-Type: a b", status=b"204 No")),
    )
    for one in (*map(exchange_of, [f"k{number}" for number in range(12)]), *odd):
        run.committer.record(one).result()
    run.committer.finish_files().result()
    run.close()
    return tmp_path


def columns(archive: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in archive.glob(f"index/parquet/site={SITE}/*.parquet")}


def test_says_what_the_lines_say(archive: Path) -> None:
    complete_columns(archive, SITE)
    paths = sorted(archive.glob(f"index/cdxj/{SITE}/*.cdxj"))
    assert {path.stem for path in paths} == {name.removesuffix(".parquet") for name in columns(archive)}
    wanted = (
        "url_surtkey, url, fetch_status, content_digest, warc_filename, warc_record_offset, warc_record_length, site"
    )
    told = duckdb.sql(f"SELECT {wanted} FROM read_parquet('{archive}/index/parquet/*/*.parquet')").fetchall()
    rows = [parse_row(line) for path in paths for line in path.read_bytes().splitlines()]
    names = ("url", "status", "digest", "filename", "offset", "length")
    assert sorted(tuple(map(str, one)) for one in told) == sorted(
        (row.key, *(row.fields[name] for name in names), SITE) for row in rows
    )
    assert len(told) == 15


def test_is_made_anew_with_the_very_bytes_and_left_alone_where_it_is_right(archive: Path) -> None:
    complete_columns(archive, SITE)
    written = columns(archive)
    for path in archive.glob("index/parquet/*/*"):
        path.unlink()
    list(index_archive(archive, None, 1))
    assert columns(archive) == written
    path = min(archive.glob("index/parquet/*/*"))
    before = path.stat().st_ino
    list(index_archive(archive, None, 1))
    assert path.stat().st_ino == before
    path.write_bytes(b"damaged")
    list(index_archive(archive, None, 2))
    assert columns(archive) == written


def test_a_run_makes_it_and_its_manifest_names_it(demo_archive: Path) -> None:
    for path in demo_archive.glob("runs/*-*.json"):
        manifest = read_manifest(path)
        kinds = [file.path.split("/")[:2] for file in manifest.files]
        assert kinds.count(["index", "parquet"]) == kinds.count(["index", "cdxj"]) > 0


def test_a_file_that_is_no_warc_keeps_no_run_from_its_end(archive: Path) -> None:
    path = min(archive.glob("warc/*/*/*/*.gz"))
    path.write_bytes(b"nothing of the kind")
    complete_columns(archive, SITE)
    assert len(columns(archive)) == len(list(archive.glob("index/cdxj/*/*"))) - 1


@pytest.mark.parametrize("command", ["sites", "get", "report"])
def test_no_other_command_waits_for_the_library(command: str) -> None:
    code = f"import sys; sys.argv[1:] = ['{command}', '--help']; import crawler.commands as c\n"
    code += "try: c.main()\nfinally: print('pyarrow' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert told.stdout.splitlines()[-1] == "False", told.stderr
