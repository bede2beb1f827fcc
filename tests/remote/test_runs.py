"""A lookup reads the manifests and indexes of the runs that captured the URL, and finds what reading all would find."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.lookup import read_row
from crawler.errors import NoCaptureError
from crawler.remote.catalogue import read_catalogue
from crawler.remote.lookup import RemoteArchive
from crawler.remote.runs import Runs
from crawler.ship.store import StoreOptions, open_store
from tests.archive.exchanges import STARTED
from tests.remote.archives import HOME, OLD, make_archive, shipped
from tests.remote.test_lookup import Counting
from tests.ship.archives import ship

PATHS = ("a", "b", "elsewhere", "none")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    shipped(tmp_path / "archive", str(tmp_path / "store"))
    return tmp_path / "store"


def opened(store: Path) -> tuple[RemoteArchive[Runs], Counting]:
    counting = Counting(open_store(str(store), StoreOptions()))
    return RemoteArchive(counting, Runs(counting)), counting


def found(remote: RemoteArchive[Any]) -> Iterator[tuple[str, str]]:
    for path in PATHS:
        for at in (None, *(STARTED + timedelta(days=day) for day in range(0, 14, 3))):
            try:
                row = remote.find_capture(HOME + path, at)
            except NoCaptureError:
                continue
            yield row.timestamp, row.fields["url"]


def read_whole(store: Path) -> RemoteArchive[Any]:
    far = open_store(str(store), StoreOptions())
    return RemoteArchive(far, read_catalogue(far))


def test_it_finds_what_reading_all_manifests_finds(store: Path) -> None:
    assert list(found(opened(store)[0])) == list(found(read_whole(store)))


def test_a_revisit_comes_with_its_original(store: Path, tmp_path: Path) -> None:
    remote, _ = opened(store)
    row = remote.find_capture(HOME + "elsewhere", None)
    remote.fetch(row, tmp_path / "got")
    assert read_row(tmp_path / "got", row).payload == OLD


def test_only_the_runs_that_captured_it_are_read(store: Path) -> None:
    remote, counting = opened(store)
    remote.find_capture(HOME + "b", None)
    assert len([path for path in counting.whole if path.startswith("runs/")]) == 1
    assert len({path for path in counting.ranges if path.startswith("index/cdxj/")}) == 1
    counting.whole.clear()
    with pytest.raises(NoCaptureError):
        remote.find_capture(HOME + "none", None)
    assert counting.whole == []


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, lambda path: path.write_bytes(b"no keys"), lambda path: path.write_bytes(path.read_bytes()[:-1])],
    ids=["gone", "none", "cut"],
)
def test_without_keys_all_is_read(store: Path, spoil: Any) -> None:
    """As of an archive that an earlier version shipped."""
    (keys,) = store.glob("index/keys/demo/*.keys")
    spoil(keys)
    assert list(found(opened(store)[0])) == list(found(read_whole(store)))


def test_keys_that_are_replaced_meanwhile_hide_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.remote.keys.TAIL_BYTES", 260)  # so that the rest is read later
    remote, _ = opened(store)
    (keys,) = store.glob("index/keys/demo/*.keys")
    keys.write_bytes(keys.read_bytes() + b"more")
    assert list(found(remote)) == list(found(read_whole(store)))


def test_the_keys_of_what_was_shipped_before_there_were_any_are_made(tmp_path: Path) -> None:
    archive, store = make_archive(tmp_path / "archive"), tmp_path / "store"
    later = max(archive.glob("runs/*.json"))
    later.rename(tmp_path / "later")
    assert ship(archive, str(store), site="demo").exit_code == 0
    (keys,) = store.glob("index/keys/demo/*.keys")
    keys.unlink()
    (tmp_path / "later").rename(later)
    for index in sorted(archive.glob("index/cdxj/demo/*.cdxj"))[:1]:
        index.unlink()  # pruned: it is read in the store
    assert ship(archive, str(store), site="demo").exit_code == 0
    remote, counting = opened(store)
    assert list(found(remote)) == list(found(read_whole(store)))
    assert len(counting.whole) == 3, "one manifest is read once, of each run that captured one of the URLs"
