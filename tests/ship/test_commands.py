"""`newswarc ship` and `newswarc store doctor`, as users run them."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.errors import UsageError
from tests.conftest import NEWSWARC
from tests.ship.archives import assert_all_is_there, make_archive, ship
from tests.ship.conftest import slow
from tests.ship.servers import KEYS, Server, needs_servers


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [NEWSWARC, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "archive")


@needs_servers
@pytest.mark.parametrize("kind", ["ministack-tls"])
def test_ship_sends_an_archive_and_says_so(
    archive: Path, kind: str, server_of: Callable[[str], Server], use: Callable[[Server], None]
) -> None:
    server = server_of(kind)
    use(server)
    bucket = server.make_bucket(f"b{uuid4().hex}")
    result = run("ship", "--archive", archive, "--store", f"s3://{bucket}/a", "--json")
    assert result.returncode == 0, result.stderr
    (site,) = json.loads(result.stdout)["sites"]
    assert (site["site"], site["sent"], site["manifests"], site["left"]) == ("example", 4, 1, 0)
    stored = {key.removeprefix("a/"): data for key, data in server.objects(bucket).items()}
    assert_all_is_there(stored, archive)
    for place in (archive, archive.parent):
        for path in place.rglob("*"):
            assert not path.is_file() or KEYS["AWS_SECRET_ACCESS_KEY"].encode() not in path.read_bytes()


def test_what_is_left_is_told_in_one_line(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    result = run("ship", "example", "--archive", archive, "--store", tmp_path / "store")
    assert result.returncode == 4
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("newswarc: example: 4 files are left for the next run")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ship",), "no store is named"),
        slow(("ship", "nowhere", "--store", "x"), "no WARC file of nowhere"),
        slow(("ship", "--store", "x", "--prune-after", "soon"), "prune after soon"),
        (("ship", "--store", "s3://key:word@x/y"), "must not hold credentials"),
        slow(("store",), "takes the word doctor"),
    ],
)
def test_wrong_usage_is_told(archive: Path, arguments: tuple[str, ...], told: str) -> None:
    result = run(*arguments, "--archive", archive)
    assert (result.returncode, told in result.stderr, "Traceback" in result.stderr) == (2, True, False), result.stderr
    assert "word@" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("NEWSWARC_STORE", "http://x", "no store: http://x"),
        ("NEWSWARC_STORE_PARAMETERS", ["StorageClass"], "StorageClass has no value"),
        ("NEWSWARC_STORE_PARAMETERS", ["Body=x"], "Body"),
        ("NEWSWARC_STORE_ADDRESSING", "odd", "give auto, path or virtual"),
        ("NEWSWARC_PRUNE_AFTER", "-1", "prune after -1"),
    ],
)
def test_wrong_settings_are_told(archive: Path, name: str, value: object, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ship(archive, "s3://x", **{name: value})


@needs_servers
@pytest.mark.parametrize(
    ("kind", "evidence"), [slow("ministack", "its checksum is ours"), ("moto", "its ETag is ours")]
)
def test_the_doctor_says_what_counts_as_evidence(
    kind: str, evidence: str, tmp_path: Path, server_of: Callable[[str], Server], use: Callable[[Server], None]
) -> None:
    server = server_of(kind)
    use(server)
    url = f"s3://{server.make_bucket(f'b{uuid4().hex}')}/a"
    result = run("store", "doctor", "--store", url, "--archive", tmp_path, "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["features"]["exclusive"]
    assert told["features"]["refuses_damage"] is (kind == "ministack")
    assert [row["answer"] for row in told["findings"]][-1] == evidence


@pytest.mark.slow
def test_what_was_pruned_is_no_defect_and_what_was_not_still_is(demo_archive: Path, tmp_path: Path) -> None:
    """Half of the sites are pruned; a file of another is lost."""
    archive = tmp_path / "copy"
    shutil.copytree(demo_archive, archive)
    pruned = ("indebta", "dimsum_daily")
    result = run("ship", *pruned, "--archive", archive, "--store", tmp_path / "store", "--prune-after", "0", "--json")
    assert all(site["pruned"] > 2 for site in json.loads(result.stdout)["sites"])
    assert not list(archive.glob("warc/indebta/**/*.warc.gz"))
    assert json.loads(run("verify", "--archive", archive, "--json").stdout)["defects"] == 0
    next(archive.glob("warc/diplomat_so/**/*.warc.gz")).unlink()
    assert json.loads(run("verify", "--archive", archive, "--json").stdout)["defects"] > 0


def test_the_doctor_prints_a_table(tmp_path: Path) -> None:
    result = run("store", "doctor", "--store", tmp_path / "store", "--archive", tmp_path)
    assert result.returncode == 0
    assert "refuses a second creation" in result.stdout
    assert "all of it was read back" in result.stdout


def test_a_store_that_cannot_be_reached_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    result = run("store", "doctor", "--store", "s3://x", "--archive", tmp_path, "-s", "NEWSWARC_STORE_ATTEMPTS=1")
    assert (result.returncode, result.stderr.count("\n")) == (4, 1)
    assert "127.0.0.1:9" in result.stderr
