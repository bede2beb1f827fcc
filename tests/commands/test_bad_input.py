"""Bad input gets one clear line, a non-zero exit, and loses nothing."""

import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands.conftest import Run

CASES = {
    "an unknown command": (["fly"], 2, "no such command: fly"),
    "an unknown site": (["crawl", "nosuch"], 2, "no such site: nosuch"),
    "no site": (["crawl"], 2, "crawl takes sites, or --all"),
    "an unknown option": (["crawl", "indebta", "--limt", "3"], 2, "no such option: --limt"),
    "a resolve rule that is none": (["crawl", "indebta", "--resolve", "xx"], 2, "--resolve xx"),
    "a date that is none": (["crawl", "indebta", "--since", "2024-13-01"], 2, "2024-13-01"),
    "an authority that is not there": (["crawl", "indebta", "--cacert", "nothere.pem"], 2, "nothere.pem"),
    "a source for a site that has its own": (["crawl", "indebta", "--url", "https://a.example/"], 2, "--url belongs"),
    "the generic site without a source": (["crawl", "news"], 2, "news: name what to fetch"),
    "an address that is none": (["crawl", "news", "--url", "example"], 2, "example: no web address"),
    "a page that is not there": (["extract", "nothere.html", "--url", "https://a.example/"], 2, "nothere.html"),
    "a page without its address": (["extract", "nothere.html"], 2, "--url"),
    "a time that is none": (["extract", "text", "--url", "https://a.example/", "--captured-at", "noon"], 2, "noon"),
    "a WARC that is not there": (["rebuild", "nothere"], 2, "nothere: no WARC file there"),
    "a WARC that is none": (["rebuild", "text.warc.gz"], 3, "text.warc.gz: this is not a WARC file"),
    "workers with one output": (["rebuild", "text.warc.gz", "--workers", "2"], 2, "--workers needs --out"),
    "no workers": (["rebuild", "text.warc.gz", "--workers", "0", "--out", "x"], 2, "--workers 0: give a whole number"),
    "a port that is none": (["demo", "--port", "99999"], 2, "--port 99999: give a whole number from 0 to 65535"),
    "a budget that is none": (["crawl", "indebta", "--requisites-number", "0"], 2, "--requisites-number 0: give"),
    "a limit that is none": (["crawl", "indebta", "--limit", "many"], 2, "--limit many: give a whole number from 1"),
    "a limit below one": (["crawl", "indebta", "--limit", "-1"], 2, "--limit -1: give a whole number from 1"),
    "no report": (["report", "--archive", "nothere"], 2, "nothere: no report"),
    "an archive that is a file": (["crawl", "indebta", "--archive", "text"], 3, "the archive cannot be written"),
    "an archive for several sites that is a file": (["demo", "--archive", "text"], 3, "the archive cannot be written"),
    "a folder below a file": (["crawl", "indebta", "--archive", "text/below"], 3, "the archive cannot be written"),
    "arguments where none belong": (["demo", "now"], 2, "demo takes no argument"),
}


@pytest.mark.parametrize(("arguments", "code", "line"), CASES.values(), ids=CASES.keys())
def test_it_is_told_in_one_line(newswarc: Run, tmp_path: Path, arguments: list[str], code: int, line: str) -> None:
    for name in ("text", "text.warc.gz"):
        (tmp_path / name).write_text("no archive of anything\n")
    result = newswarc(*arguments)
    told = result.stderr.strip().splitlines()
    assert result.returncode == code, result.stderr
    assert len(told) == 1, result.stderr
    assert told[0].startswith("newswarc: ")
    assert line in told[0]
    assert (tmp_path / "text").read_text() == "no archive of anything\n"


def overwrite(ledger: Path) -> None:
    ledger.write_bytes(b"no database" * 1000)


def scramble(ledger: Path) -> None:
    data = ledger.read_bytes()
    ledger.write_bytes(data[:4096] + bytes(byte ^ 0xA5 for byte in data[4096:]))


def make_newer(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as database:
        database.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (overwrite, "the ledger is damaged: file is not a database; if its disk is sound, move it away"),
        (scramble, "the ledger is damaged: "),
        (make_newer, "the ledger was made by a newer newswarc (its schema is 99"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_told_in_one_line(
    newswarc: Run, demo_archive: Path, tmp_path: Path, damage: Callable[[Path], None], line: str
) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(demo_archive, archive)
    damage(archive / "ledger.sqlite")
    nowhere = ("--allow-private", "--resolve", "*:*:127.0.0.1:1")
    for result in (newswarc("sites"), newswarc("crawl", "indebta", "dimsum_daily", *nowhere)):
        assert result.returncode == 3, result.stderr
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
        assert line in result.stderr
    before, after = (
        {path.relative_to(root): path.read_bytes() for path in (root / "warc").rglob("*.gz")}
        for root in (demo_archive, archive)
    )
    assert after == before


def test_a_taken_port_is_told_in_one_line(newswarc: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = newswarc("demo", "--port", str(port))
    assert result.returncode == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert f"port {port}" in result.stderr


def test_a_page_without_an_article_is_told_in_one_line(newswarc: Run, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<title>Contact us</title><p>Write to us.")
    result = newswarc("extract", "page.html", "--url", "https://indebta.com/contact/", "--site", "indebta")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("newswarc: https://indebta.com/contact/: ")
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_server_that_answers_garbage_costs_its_link_and_is_kept(newswarc: Run, tmp_path: Path) -> None:
    """The bytes are no HTTP; they are in the archive all the same, and the run says that the page failed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_garbage, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/article"
        result = newswarc("crawl", "news", "--url", url, "--allow-private", "-s", "DOWNLOAD_DELAY=0", "-L", "ERROR")
        listener.shutdown(socket.SHUT_RDWR)
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    warcs = list((tmp_path / "archive" / "warc").rglob("*.warc.gz"))
    assert len(warcs) == 1


def answer_garbage(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(65536)
            connection.sendall(b"\x00\x01garbage from no known protocol\r\n\r\n")
