"""The handler in a process of its own: with Scrapy's default reactor and without any, and with a body past memory."""

import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.crawl.wire.crawling import Crawl
from tests.crawl.wire.raw_server import Line, RawServer

PIECE = bytes(range(256)) * 4096
COUNT = 50
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % (len(PIECE) * COUNT)


def huge(line: Line) -> bool:
    line.sock.sendall(HEAD)
    for _ in range(COUNT):
        line.sock.sendall(PIECE)
    return True


def run(url: str, crawl: Crawl, *settings: str) -> dict[str, Any]:
    command = [sys.executable, "-W", "error", "-m", "tests.crawl.wire.crawl_process", url]
    ca_file = f"NEWSWARC_CA_FILE={crawl.settings['NEWSWARC_CA_FILE']}"
    done = subprocess.run([*command, ca_file, *settings], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr == ""
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("reactor", [True, False], ids=["reactor", "no reactor"])
def test_fifty_megabytes_pass_through_little_memory(any_server: RawServer, crawl: Crawl, reactor: bool) -> None:
    any_server.scripts["video"] = huge
    told = run(f"{any_server.origin}/video", crawl, f"TWISTED_REACTOR_ENABLED={reactor}")
    expected = hashlib.sha256(HEAD)
    for _ in range(COUNT):
        expected.update(PIECE)
    assert told["sha256"] == expected.hexdigest()
    assert (told["status"], told["body"], told["on_disk"]) == (200, 0, True)
    assert told["grown_kib"] < 30 * 1024
