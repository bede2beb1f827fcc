"""What comes back from a store is the archive that was shipped; nothing else takes a name here."""

import hashlib
import json
import os
import shutil
import subprocess
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.lookup import find_capture, read_row
from crawler.corpus.manifest import Manifest, ManifestFile
from crawler.crawl.tally import Tally
from crawler.crawl.verification import verify_archive
from crawler.engine import Inline
from crawler.errors import StoreError
from crawler.remote.catalogue import Catalogue, Listed, Span, read_catalogue
from crawler.remote.lookup import RemoteArchive
from crawler.remote.pulling import Pulled, Pulling, choose
from crawler.ship.store import Store, StoreOptions, open_store
from tests.archive.exchanges import STARTED
from tests.conftest import NEWSWARC
from tests.remote.archives import HOME, OLD, SITE, shipped
from tests.ship.archives import files_of


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    shipped(folder / "archive", str(folder / "store"))
    return folder


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole / "store", tmp_path / "store"))


def pull(store: Store | Path, archive: Path, span: Span | None = None) -> Pulled:
    opened = open_store(str(store), StoreOptions()) if isinstance(store, Path) else store
    remote = RemoteArchive(opened, read_catalogue(opened))
    pulling = Pulling(remote, archive)
    pulling.pull(choose(remote.catalogue, [SITE], span), with_originals=span is not None)
    return pulling.told


def defects(archive: Path) -> list[Any]:
    total = Tally()
    for _, tally in verify_archive(archive, Inline()):
        total.include(tally)
        total.told += tally.told
    return total.told


def test_a_site_comes_back_as_it_was_shipped(whole: Path, tmp_path: Path) -> None:
    told = pull(whole / "store", tmp_path / "back")
    assert (told.runs, told.files, told.found, told.failed) == (3, len(files_of(whole / "archive")) - 3, 0, [])
    assert files_of(tmp_path / "back") == files_of(whole / "archive")
    assert defects(tmp_path / "back") == []


def test_pulling_again_takes_nothing(whole: Path, tmp_path: Path) -> None:
    first = pull(whole / "store", tmp_path / "back")
    again = pull(whole / "store", tmp_path / "back")
    assert (again.files, again.found, again.failed) == (0, first.files, [])


def test_a_span_of_time_comes_with_what_its_revisits_refer_to(whole: Path, tmp_path: Path) -> None:
    """The run of the tenth day has a revisit of the first one's page; the one of the day after is left out."""
    day = STARTED + timedelta(days=10)
    told = pull(whole / "store", tmp_path / "back", Span(day - timedelta(hours=2), day + timedelta(hours=2)))
    assert (told.runs, told.failed) == (2, [])
    assert defects(tmp_path / "back") == []
    row = find_capture(tmp_path / "back", HOME + "elsewhere", None)
    assert read_row(tmp_path / "back", row).payload == OLD


def test_a_run_that_stored_nothing_is_chosen_by_its_own_time() -> None:
    def run(day: int) -> Listed:
        told = (STARTED + timedelta(days=day)).isoformat()
        file = ManifestFile(f"articles/site=demo/date=2024-02-08/{day}-000.jsonl.zst", 1, "")
        return Listed(f"runs/{day}.json", Manifest(f"{day}", SITE, told, told, "", (file,), {}), 1, b"")

    catalogue = Catalogue(run(day) for day in range(4))
    chosen = choose(catalogue, [SITE], Span(STARTED + timedelta(days=1), STARTED + timedelta(days=2)))
    assert [one.path for one in chosen] == ["runs/1.json", "runs/2.json"]


def test_what_it_finds_under_a_name_is_never_replaced(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "back" / min(name for name in files_of(whole / "archive") if name.startswith("warc/"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")
    told = pull(whole / "store", tmp_path / "back")
    assert told.failed == [f"{path}: is there already, with another content; move it away"]
    assert path.read_bytes() == b"mine"
    assert told.runs == 2


def test_a_file_that_differs_from_its_manifest_is_not_taken(store: Path, tmp_path: Path) -> None:
    path = min(store.glob("warc/**/*.warc.gz"))
    path.write_bytes(os.urandom(path.stat().st_size))
    told = pull(store, tmp_path / "back")
    assert len(told.failed) == 1
    assert "holds other bytes than its manifest says" in told.failed[0]
    names = {file.relative_to(tmp_path / "back").as_posix() for file in (tmp_path / "back").rglob("*")}
    assert path.relative_to(store).as_posix() not in names
    assert len([name for name in names if name.endswith(".json")]) == 2, "of a run with a hole there is no manifest"


def test_a_manifest_that_leads_out_of_the_archive_takes_nothing(store: Path, tmp_path: Path) -> None:
    manifest = min(store.glob("runs/*.json"))
    values = json.loads(manifest.read_bytes())
    values["files"].append({"path": "../evil", "size": 4, "sha256": hashlib.sha256(b"evil").hexdigest()})
    manifest.write_text(json.dumps(values))
    (store.parent / "evil").write_bytes(b"evil")
    told = pull(store, tmp_path / "deep" / "back")
    assert told.failed == [f"runs/{manifest.name}: it names '../evil', which is no place in the archive"]
    assert not (tmp_path / "deep" / "evil").exists()
    assert told.runs == 2


class Cut:
    """A store that breaks off in the middle of its n-th file."""

    def __init__(self, store: Store, whole: int) -> None:
        self._store = store
        self._number, self._whole = count(1), whole

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def pieces(self, path: str) -> Any:
        number = next(self._number)  # several are read at a time
        data = self._store.read(path)
        if number <= self._whole:
            yield data
            return
        yield data[:100]
        raise StoreError(f"{path}: the connection is lost")


@pytest.mark.parametrize("whole_files", range(6))
def test_a_pull_that_broke_off_is_completed_by_the_next(whole: Path, tmp_path: Path, whole_files: int) -> None:
    told = pull(Cut(open_store(str(whole / "store"), StoreOptions()), whole_files), tmp_path / "back")
    assert told.files == whole_files
    assert len(told.failed) == 6 - whole_files
    there = {path: data for path, data in files_of(whole / "archive").items() if (tmp_path / "back" / path).exists()}
    assert all((tmp_path / "back" / path).read_bytes() == data for path, data in there.items())
    assert pull(whole / "store", tmp_path / "back").failed == []
    assert files_of(tmp_path / "back") == files_of(whole / "archive")


def test_the_command_says_so(whole: Path, tmp_path: Path) -> None:
    command = [NEWSWARC, "pull", SITE, "--store", whole / "store", "--archive", tmp_path / "back", "--json"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["runs"] == 3
    done = subprocess.run([*command[:2], "none", *command[3:]], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"nothing of none there (there are: demo)" in done.stderr
