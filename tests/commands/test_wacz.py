"""The package that the command writes, and what its own makers' tool says of it."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.commands.wacz import begin_of, end_of
from tests.commands.conftest import Run

WACZ = Path(__file__).parents[2] / ".venv-wacz" / "bin" / "wacz"


def test_packs_an_archive(newswarc: Run, demo_archive: Path, tmp_path: Path) -> None:
    result = newswarc("wacz", "--archive", demo_archive, "--out", tmp_path / "all.wacz", "--title", "Demo")
    assert result.returncode == 0, result.stderr
    assert "all.wacz" in result.stdout
    told = json.loads(newswarc("wacz", "--archive", demo_archive, "--out", tmp_path / "b.wacz", "--json").stdout)
    assert (told["warcs"], told["pages"], told["lost"]) == (5, 121, 0)
    assert told["bytes"] == (tmp_path / "b.wacz").stat().st_size


def test_takes_no_name_that_it_needs_meanwhile(newswarc: Run, demo_archive: Path, tmp_path: Path) -> None:
    out, mine = tmp_path / "a.wacz", tmp_path / "a.wacz.new"
    mine.write_bytes(b"mine")
    result = newswarc("wacz", "--archive", demo_archive, "--out", out)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.startswith(f"newswarc: {mine}: is there, a file of yours, or")
    assert mine.read_bytes() == b"mine"
    assert not out.exists()


@pytest.mark.skipif(not WACZ.exists(), reason="wacz is not installed in .venv-wacz (`make test` does it)")
@pytest.mark.parametrize("options", [(), ("indebta", "--url", "https://indebta.com/*"), ("--from", "2020")])
def test_is_valid_for_the_formats_own_tool(
    newswarc: Run, demo_archive: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    out = tmp_path / "demo.wacz"
    assert newswarc("wacz", *options, "--archive", demo_archive, "--out", out).returncode == 0
    told = subprocess.run([WACZ, "validate", "-f", out], capture_output=True, text=True, timeout=120, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Version detected as 1.1.1" in told.stdout
    assert told.stdout.endswith("Validation succeeded, the passed WACZ is valid\n")


@pytest.mark.parametrize(
    ("options", "code", "line"),
    [
        ((), 2, "wacz needs --out FILE.wacz (see --help)"),
        (("--out", "taken"), 2, "--out taken: is there already; move it away, or name another file"),
        (("--out", "a", "--from", "soon"), 2, "--from soon: no time such as 2024-02-08, 2024-02-08T12:00:00Z or 2024"),
        (
            ("--out", "a", "--run", "x"),
            2,
            "archive: no manifest of run x in archive/runs: only what a run has finished",
        ),
    ],
)
def test_says_what_is_wrong(newswarc: Run, tmp_path: Path, options: tuple[str, ...], code: int, line: str) -> None:
    (tmp_path / "taken").touch()
    result = newswarc("wacz", *options)
    assert result.returncode == code
    assert result.stderr.startswith(f"newswarc: {line}")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2024", "2024-01-01", "2025-01-01"),
        ("202412", "2024-12-01", "2025-01-01"),
        ("202402", "2024-02-01", "2024-03-01"),
        ("20240229", "2024-02-29", "2024-03-01"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
        ("2024022923", "2024-02-29T23:00", "2024-03-01"),
        ("202402292359", "2024-02-29T23:59", "2024-03-01"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59", "2024-03-01"),
        ("2024-02-29T23:59:59+01:00", "2024-02-29T22:59:59", "2024-02-29T23:00"),
    ],
)
def test_a_time_is_as_long_as_it_is_written(text: str, begin: str, end: str) -> None:
    assert begin_of(text, "--from") == datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert end_of(text, "--to") == datetime.fromisoformat(end).replace(tzinfo=UTC)
