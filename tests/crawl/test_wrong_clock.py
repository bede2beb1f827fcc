"""A machine whose clock stands still, was set back for years, or is far ahead: runs neither clash nor lose anything."""

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from crawler.demo.replica import SITES
from tests.conftest import NEWSWARC
from tests.crawl.running import records

#: The clock stands still at each of these while a crawl runs.
TIMES = ("2026-11-22 10:00:00", "2026-11-22 10:00:00", "2021-03-01 10:00:00", "2038-03-01 10:00:00")
#: The loop's own clock goes on, as it does when somebody sets the wall clock.
ENVIRONMENT = {**os.environ, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1", "TZ": "UTC"}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed")
def test_runs_at_one_instant_in_the_past_and_in_the_future_leave_one_whole_archive(tmp_path: Path) -> None:
    for when in TIMES:
        command = ["faketime", "-f", when, NEWSWARC, "demo"]
        done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    archive = tmp_path / "newswarc-demo"

    verified = subprocess.run([NEWSWARC, "verify", "--archive", archive, "--json"], capture_output=True, check=True)
    assert json.loads(verified.stdout)["defects"] == 0
    assert len(list(archive.glob("runs/*.report.json"))) == len(TIMES)
    for site in SITES:
        urls = Counter(json.loads(line)["url"] for line in records(archive, site))
        assert urls, site
        assert set(urls.values()) == {1}  # what one run has stored, no other asks for
    years = {path.parent.parent.name for path in archive.rglob("*.warc.gz")}
    assert years == {when[:4] for when in TIMES}
