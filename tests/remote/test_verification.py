"""What is wrong in a store is told, whatever it is; what is being shipped is no error."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.corpus.manifest import sha256_of
from crawler.crawl.remote_verification import RemoteTally, verify_store
from crawler.remote.keys import Keys
from crawler.ship.store import StoreOptions, open_store
from tests.conftest import NEWSWARC
from tests.remote.archives import shipped


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    shipped(folder / "archive", str(folder / "store"))
    return folder / "store"


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "store"))


def verified(store: Path, *, full: bool = False) -> RemoteTally:
    total = RemoteTally()
    for tally in verify_store(open_store(str(store), StoreOptions()), full=full):
        total.include(tally)
        total.told += tally.told
        total.told_unnamed += tally.told_unnamed
    return total


@pytest.mark.parametrize("full", [False, True])
def test_a_whole_store_is_well(whole: Path, *, full: bool) -> None:
    tally = verified(whole, full=full)
    assert tally.told == []
    assert (tally.manifests, tally.files, tally.index_rows, tally.unnamed, tally.defects) == (3, 6, 4, 0, 0)
    assert tally.by_checksum + tally.read_whole == tally.files


def first(store: Path, pattern: str) -> Path:
    return min(store.glob(pattern))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def damage(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:300] + bytes([data[300] ^ 1]) + data[301:])


FAULTS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a WARC file is gone": ("warc/**/*.warc.gz", Path.unlink, "it is not there"),
    "an index is gone": ("index/**/*.cdxj", Path.unlink, "it is not there"),
    "a WARC file is cut": ("warc/**/*.warc.gz", cut, "bytes instead of"),
    "a WARC file is damaged": ("warc/**/*.warc.gz", damage, "it holds other bytes"),
    "an index is damaged": ("index/**/*.cdxj", damage, "it holds other bytes"),
    "a manifest is none": ("runs/*.json", lambda path: path.write_bytes(b"{"), "no run manifest"),
    "a pointer leads nowhere": (
        "runs/latest/*.json",
        lambda path: path.write_text('{"manifest": "runs/none.json"}'),
        "it leads to runs/none.json",
    ),
    "a list leads nowhere": (
        "warc/**/warc.paths.gz",
        lambda path: path.write_bytes(gzip.compress(b"warc/none.warc.gz\n")),
        "it leads to warc/none.warc.gz",
    ),
    "keys are none": ("index/keys/*/*.keys", lambda path: path.write_bytes(b"no keys"), "it is no file of keys"),
    "a list is none": ("warc/**/warc.paths.gz", lambda path: path.write_bytes(b"no list"), "it cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_it_tells_when(store: Path, fault: str) -> None:
    pattern, spoil, told = FAULTS[fault]
    path = first(store, pattern)
    spoil(path)
    tally = verified(store)
    assert any(defect.file == path.relative_to(store).as_posix() and told in defect.why for defect in tally.told)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("field", ["offset", "length", "digest", "filename"])
def test_a_row_that_does_not_lead_to_its_record_is_told(store: Path, field: str, *, full: bool) -> None:
    """The manifest names the wrong index: it was wrong when it was shipped."""
    index, manifest = first(store, "index/**/*.cdxj"), first(store, "runs/*.json")
    lines = index.read_text().splitlines()
    rows = [line.split(" ", 2) for line in lines]
    wrong = [[*row[:2], json.dumps(json.loads(row[2]) | {field: "7"})] for row in rows]
    index.write_text("".join(" ".join(row) + "\n" for row in wrong))
    named(manifest, index, store)
    tally = verified(store, full=full)
    own = [defect for defect in tally.told if defect.file == index.relative_to(store).as_posix()]
    assert len(own) == len(lines)
    assert tally.defects - len(own) == (field != "digest"), "nor is the way to the original of a later run's revisit"


@pytest.mark.parametrize("full", [False, True])
def test_a_revisit_whose_original_no_index_leads_to_is_told(store: Path, *, full: bool) -> None:
    """The first run has the original of the second one's only page."""
    index, manifest = first(store, "index/**/*.cdxj"), first(store, "runs/*.json")
    index.write_text("".join(line + "\n" for line in index.read_text().splitlines() if "/a " not in line))
    named(manifest, index, store)
    (defect,) = verified(store, full=full).told
    assert defect.file != index.relative_to(store).as_posix()
    assert "no index leads to the original urn:uuid:" in defect.why.replace("<", "")


@pytest.mark.parametrize("full", [False, True])
def test_a_row_that_no_lookup_finds_is_told(store: Path, *, full: bool) -> None:
    path = first(store, "index/keys/*/*.keys")
    keys = Keys.from_bytes(path.read_bytes())
    keys.captures.clear()
    path.write_bytes(keys.to_bytes())
    tally = verified(store, full=full)
    assert tally.defects == tally.index_rows == 4
    assert all("the month's file of keys has it not" in defect.why for defect in tally.told)
    path.unlink()
    assert verified(store, full=full).defects == 0, "an earlier version shipped none"


def named(manifest: Path, changed: Path, store: Path) -> None:
    """Let the manifest name the file as it is now."""
    values = json.loads(manifest.read_bytes())
    for file in values["files"]:
        if file["path"] == changed.relative_to(store).as_posix():
            file.update(size=changed.stat().st_size, sha256=sha256_of(changed))
    manifest.write_text(json.dumps(values))


def test_what_no_manifest_names_is_told_and_no_error(store: Path) -> None:
    max(store.glob("runs/*.json")).unlink()
    first(store, "runs/latest/*").unlink()
    first(store, "warc/**/warc.paths.gz").unlink()
    first(store, "index/keys/*/*").unlink()
    tally = verified(store)
    assert (tally.defects, tally.unnamed) == (0, 2)
    assert len(tally.told_unnamed) == 2


def test_the_command_says_so(store: Path) -> None:
    first(store, "warc/**/*.warc.gz").unlink()
    command = [NEWSWARC, "verify", "--store", store, "--json"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    told = json.loads(done.stdout)
    assert told["defects"] == len(told["told"]) > 0
    assert told["files"] == 6
