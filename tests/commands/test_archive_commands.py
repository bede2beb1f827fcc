"""The commands that read an archive and mend it, as users run them."""

import json
import shutil
from pathlib import Path

from tests.commands.conftest import Run


def test_verify_tells_that_all_is_well(newswarc: Run, demo_archive: Path) -> None:
    result = newswarc("verify", "--archive", demo_archive)
    assert result.returncode == 0, result.stdout
    assert "All is well." in result.stdout
    assert result.stderr == ""
    told = json.loads(newswarc("verify", "--archive", demo_archive, "--json", "--workers", "1").stdout)
    assert told["defects"] == 0
    assert told["captures"] == told["index_rows"] == told["ledger_rows"] > 200


def test_verify_prints_one_line_a_defect(newswarc: Run, demo_archive: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_archive / "warc", tmp_path / "archive" / "warc")
    path = next((tmp_path / "archive" / "warc").rglob("*.warc.gz"))
    path.write_bytes(path.read_bytes()[:-5])
    filename = path.relative_to(tmp_path / "archive").as_posix()
    result = newswarc("verify")
    assert result.returncode == 3
    lines = [line for line in result.stdout.splitlines() if line.startswith("warc/")]
    assert len(lines) == 6  # five files without an index, and the torn tail
    assert len([line for line in lines if line.startswith(f"{filename}, byte ") and "cut off" in line]) == 1
    assert "Something is wrong with this archive." in result.stdout
    told = json.loads(newswarc("verify", "--json").stdout)
    assert told["defects"] == len(told["told"]) == 6


def test_verify_needs_an_archive(newswarc: Run) -> None:
    result = newswarc("verify")
    assert result.returncode == 2
    assert result.stderr == "newswarc: archive: no archive there; name its folder with --archive\n"
