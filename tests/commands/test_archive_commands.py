"""The commands that read an archive and mend it, as users run them."""

import json
import shutil
import subprocess
from pathlib import Path

from crawler.corpus.files import read_lines
from crawler.crawl.lock import RunLock
from tests.archive.exchanges import chunked, exchange, response, write
from tests.commands.conftest import Run
from tests.conftest import NEWSWARC


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


def test_index_makes_what_verify_misses(newswarc: Run, demo_archive: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_archive / "warc", tmp_path / "archive" / "warc")
    assert newswarc("verify").returncode == 3
    result = newswarc("index")
    assert result.returncode == 0, result.stderr
    assert "space_media_network" in result.stdout
    assert newswarc("verify").returncode == 0
    told = json.loads(newswarc("index", "--site", "indebta", "--json").stdout)
    assert told["rows"] == (tmp_path / "archive/index/merged/indebta.cdxj").read_bytes().count(b"\n") > 20
    warc = next((tmp_path / "archive/warc/indebta").rglob("*.warc.gz"))
    warc.write_bytes(warc.read_bytes()[:-5])
    again = newswarc("index", "--site", "indebta")
    assert again.returncode == 3
    assert again.stderr.count("\n") == 1
    assert "is damaged" in again.stderr


def test_get_prints_a_capture(newswarc: Run, demo_archive: Path) -> None:
    path = next(demo_archive.glob("articles/site=indebta/*/*.zst"))
    record = json.loads(next(iter(read_lines(path))))
    where = (record["url"], "--archive", demo_archive)
    page = newswarc("get", *where)
    assert page.returncode == 0, page.stderr
    assert page.stderr == ""
    assert "</html>" in page.stdout
    headers = newswarc("get", *where, "--headers").stdout
    assert headers.startswith("HTTP/1.1 200 OK\n")
    assert headers.endswith("\n\n")
    row = json.loads(newswarc("get", *where, "--json").stdout)
    assert int(row["offset"]) == record["warc_record_offset"]
    assert json.loads(newswarc("get", *where, "--json", "--at", "1999").stdout) == row


def test_get_prints_the_bytes_as_they_were_received(tmp_path: Path) -> None:
    answer = response(chunked(b"\x00\xff\r\n" * 50, 7), b"Transfer-Encoding: chunked", length=False)
    write(tmp_path / "archive", exchange(answer))
    command = [str(NEWSWARC), "get", exchange().url, "--raw"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, timeout=60).stdout == answer


def test_get_says_that_there_is_none(newswarc: Run, demo_archive: Path) -> None:
    result = newswarc("get", "https://nothere.example/", "--archive", demo_archive)
    assert result.returncode == 1
    assert result.stderr == f"newswarc: https://nothere.example/: {demo_archive} holds no capture of it\n"
    assert newswarc("get").returncode == 2
    assert "--at noon: no time such as" in newswarc("get", "https://a.example/", "--at", "noon").stderr


def test_repair_finishes_what_a_killed_run_left(newswarc: Run, demo_archive: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_archive, tmp_path / "archive")
    warc = next((tmp_path / "archive/warc/indebta").rglob("*.warc.gz"))
    warc.rename(f"{warc}.open")
    with Path(f"{warc}.open").open("ab") as file:
        file.write(b"\x1f\x8b\x08torn")
    result = newswarc("repair", "indebta", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {"site": "indebta", "files": 1, "cut_bytes": 7, "adopted": 0}
    assert newswarc("verify").returncode == 0
    (tmp_path / "archive" / "ledger.sqlite").unlink()
    told = newswarc("repair")
    assert told.returncode == 0, told.stderr
    assert "dimsum_daily" in told.stdout
    assert newswarc("verify").returncode == 0
    assert newswarc("repair", "nosuch").returncode == 2


def test_repair_leaves_a_site_alone_while_a_run_holds_it(newswarc: Run, demo_archive: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_archive, tmp_path / "archive")
    lock = RunLock(tmp_path / "archive", "indebta")
    result = newswarc("repair", "--json")
    lock.release()
    assert result.returncode == 5
    assert "another run" in result.stderr
    assert len(result.stdout.splitlines()) == 4


def test_each_is_in_the_overview_and_has_help(newswarc: Run) -> None:
    overview = newswarc("--help").stdout
    for command in ("verify", "repair", "index", "get"):
        assert f"newswarc {command} " in overview
        assert f"newswarc {command} " in newswarc(command, "--help").stdout
