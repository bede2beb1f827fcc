"""A 304, which no index has, is followed in a store as it is in the archive."""

import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from crawler.corpus.manifest import Manifest, describe, write_manifest
from crawler.crawl.archive_run import ArchiveRun
from crawler.model import Original
from tests.archive.exchanges import STARTED, exchange, response
from tests.conftest import NEWSWARC
from tests.ship.archives import ship

URL = "https://news.example/a"
OLD, NEW = b"<html><body>old", b"<html><body>new"


def make_archive(folder: Path) -> Path:
    """A page; ten days later it is still the same; a day later it is another."""
    with closing(ArchiveRun(folder, "demo", "1")) as run:
        old = run.committer.record(exchange(response(OLD), url=URL, started_at=STARTED)).result()
        answer, at = b"HTTP/1.1 304 Not Modified\r\n\r\n", STARTED + timedelta(days=10)
        original = Original(URL, STARTED, old)
        run.committer.record(exchange(answer, url=URL, started_at=at, validated=original)).result()
        run.committer.record(exchange(response(NEW), url=URL, started_at=at + timedelta(days=1))).result()
        run.committer.finish_files().result()
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("NEWSWARC-*") if path.is_file()]
    told = STARTED.isoformat()
    write_manifest(folder, Manifest("1", "demo", told, told, "newswarc/0", describe(folder, names), {}))
    return folder


def get(*options: str | Path) -> tuple[int, bytes, bytes]:
    done = subprocess.run([NEWSWARC, "get", URL, *options], capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_it_leads_to_the_page_that_was_still_the_same(tmp_path: Path) -> None:
    archive, store = make_archive(tmp_path / "archive"), tmp_path / "store"
    assert ship(archive, str(store), site="demo").exit_code == 0
    code, page, told = get("--at", "2024-02-18", "--store", store)
    assert (code, page) == (0, OLD)
    assert b"the server answered 304, not modified: this is the page of 2024-02-08T09:30:00Z" in told
    assert get("--at", "2024-02-18", "--archive", archive) == (code, page, told)
    assert get("--at", "20240219093000", "--store", store) == (0, NEW, b"")
