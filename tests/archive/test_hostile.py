"""No WARC file costs more than a line for each bad record, nor memory, nor the sound records around it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.warcfile import WarcFile
from crawler.errors import ArchiveError, NotAWarcError
from tests.archive.hostile import CASES, COMMANDS, MEGABYTE, build

ROOT = Path(__file__).parent.parent.parent
#: Megabytes. Beside a piece of the file there are the header and head at hand, of at most one megabyte each, as text,
#: as lines, and as fields.
BOUND = 150
#: The payload of a page that is rebuilt is held whole, up to `MAX_PAYLOAD`, and that of a page that is got.
PAYLOAD = 300
#: Of records that cannot be told apart, each may cost its line.
SEVERAL = {"records compressed together", "records compressed together, one broken", "many beginnings", "many names"}


def read(command: str, folder: Path) -> dict[str, dict[str, Any]]:
    """What a process of its own says of each file."""
    code = [sys.executable, "-m", "tests.archive.hostile", command, str(folder)]
    done = subprocess.run(code, capture_output=True, text=True, cwd=ROOT, env=os.environ, check=False, timeout=1500)
    assert done.returncode == 0, done.stderr[-2000:]
    return {one["name"]: one for one in map(json.loads, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name in CASES:
        build(folder / name, name, 300 * MEGABYTE)
    return folder


#: Those that read as one of the others does.
SLOW = {"adopt", "rebuild", "repair", "get"}


@pytest.fixture(
    scope="module", params=[pytest.param(one, marks=pytest.mark.slow) if one in SLOW else one for one in COMMANDS]
)
def told(request: pytest.FixtureRequest, files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp(request.param) / "files"
    shutil.copytree(files, folder)
    yield request.param, read(request.param, folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", CASES)
def test_costs_a_line_at_most_and_no_other_record(told: tuple[str, dict[str, dict[str, Any]]], name: str) -> None:
    command, cases = told
    case = cases[name]
    assert case["raised"] is None
    assert len(case["told"]) <= (4 if name in SEVERAL else 1), case["told"]
    assert case["found"] >= 4
    assert all("\n" not in line and len(line) < 700 for line in case["told"])
    assert case["grown"] < (PAYLOAD + BOUND if command in {"rebuild", "get"} else BOUND)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["index", "verify", "rebuild", "repair"])
@pytest.mark.parametrize("name", ["zeros", "zeros in a response", "zeros in a warcinfo", "zeros in a page"])
def test_ten_gigabytes_of_zeros_cost_no_more(tmp_path: Path, name: str, command: str) -> None:
    build(tmp_path / name, name, 10_000 * MEGABYTE)
    (case,) = read(command, tmp_path).values()
    assert case["raised"] is None
    assert case["found"] >= 4
    assert case["grown"] < (PAYLOAD + BOUND if command == "rebuild" else BOUND)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"filedesc://x.arc 0.0.0.0 20240208 text/plain 1\n", "it is an ARC file"),
        (b"\x28\xb5\x2f\xfd" + bytes(50), "compressed with zstd"),
        (b"PK\x03\x04" + bytes(50), "it is a ZIP file"),
        (b"\x1f\x8b\x08 and no more", "no WARC record is in this gzip file"),
        (bytes(100), "it begins with"),
        (b"<html>", "it begins with"),
    ],
)
def test_says_in_one_line_what_is_no_warc(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "x.warc.gz").write_bytes(content)
    with pytest.raises(NotAWarcError, match=why) as told:
        WarcFile(tmp_path / "x.warc.gz")
    assert "\n" not in str(told.value)


def test_refuses_what_is_no_file(tmp_path: Path) -> None:
    """A FIFO would wait for its writer for ever."""
    os.mkfifo(tmp_path / "fifo.warc.gz")
    (tmp_path / "folder.warc.gz").mkdir()
    (tmp_path / "loop.warc.gz").symlink_to(tmp_path / "loop.warc.gz")
    for name in ("fifo", "folder", "loop", "absent"):
        with pytest.raises(ArchiveError, match=r"it cannot be read|it is no file") as told:
            WarcFile(tmp_path / f"{name}.warc.gz")
        assert "\n" not in str(told.value)
