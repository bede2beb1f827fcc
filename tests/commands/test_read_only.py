"""An archive on a disk that cannot be written to, such as a snapshot or a backup, is read like any other."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.durable import read_database
from tests.commands.conftest import Run
from tests.disks import read_only


@pytest.fixture(params=["as a crawl leaves it", "as a reader leaves it"])
def archive(request: pytest.FixtureRequest, demo_archive: Path, tmp_path: Path) -> Iterator[Path]:
    """SQLite leaves the ledger's log and its index where a reader was the last to look at it; a crawl leaves none."""
    original, folder = tmp_path / "original", tmp_path / "archive"
    shutil.copytree(demo_archive, original, ignore=shutil.ignore_patterns("ledger.sqlite-*"))
    if request.param == "as a reader leaves it":
        with read_database(original / "ledger.sqlite"):
            pass
        assert list(original.glob("ledger.sqlite-*"))
    folder.mkdir()
    try:
        with read_only(original, folder):
            yield folder
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system may be mounted here: {error}")


def test_all_that_only_reads_does_its_work(newswarc: Run, archive: Path, tmp_path: Path) -> None:
    verified = json.loads(newswarc("verify", "--json", "--workers", "1").stdout)
    assert (verified["defects"], verified["told"]) == (0, [])
    assert verified["ledger_rows"] == verified["captures"] > 200
    listed = [json.loads(line) for line in newswarc("sites", "--json").stdout.splitlines()]
    assert sum(site["captures"] for site in listed) > 200
    packed = newswarc("wacz", "indebta", "--out", tmp_path / "indebta.wacz")
    assert packed.returncode == 0, packed.stderr
    line = next((archive / "index/cdxj/indebta").glob("*.cdxj")).read_text().splitlines()[-1]
    url = json.loads(line.split(" ", 2)[2])["url"]
    got = newswarc("get", url, "--headers", "--at", "2030")
    assert got.stdout.startswith("HTTP/1.1 "), got.stderr


@pytest.mark.usefixtures("archive")
def test_what_writes_says_why_it_cannot(newswarc: Run) -> None:
    result = newswarc("index", "--site", "indebta")
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert "Read-only file system" in result.stderr
