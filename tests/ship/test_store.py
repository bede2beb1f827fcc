"""What every store does, whatever it is: a folder, or a bucket of one server or another, over HTTP and over TLS."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.errors import ArchiveError, ConflictError, StoreError, UsageError
from crawler.ship.store import Store, StoreOptions, open_store
from tests.ship.conftest import CEPH, OPTIONS, slow
from tests.ship.servers import needs_servers

PATH = "warc/example/2024/02/NEWSWARC-example-20240208093000-00000.warc.gz"
#: Empty, one request, and three parts the last of which is short.
SIZES = (0, 1000, 2 * OPTIONS.part_bytes + 312345)

pytestmark = needs_servers


def local(folder: Path, size: int) -> tuple[Path, str]:
    """A file, and its SHA-256."""
    data = os.urandom(size)
    path = folder / f"{size}"
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", SIZES)
def test_it_has_what_it_was_sent(store: Store, tmp_path: Path, size: int) -> None:
    source, sha256 = local(tmp_path, size)
    sent = store.put_file(PATH, source, sha256)
    assert sent is not None
    assert store.check(PATH, source, sha256, sent)
    assert b"".join(store.pieces(PATH)) == source.read_bytes()
    stored = store.head(PATH)
    assert stored is not None
    assert stored.size == size


def test_the_same_bytes_again_are_no_error(store: Store, tmp_path: Path) -> None:
    source, sha256 = local(tmp_path, SIZES[2])
    store.put_file(PATH, source, sha256)
    assert store.put_file(PATH, source, sha256) is None
    assert store.check(PATH, source, sha256)


@pytest.mark.parametrize("size", SIZES[1:])
def test_other_bytes_never_take_a_name_that_is_taken(store: Store, tmp_path: Path, size: int) -> None:
    first, sha256 = local(tmp_path, size)
    store.put_file(PATH, first, sha256)
    before = first.read_bytes()
    second, other = local(tmp_path, size)
    assert store.put_file(PATH, second, other) is None
    with pytest.raises(ConflictError, match=PATH):
        store.check(PATH, second, other)
    assert store.read(PATH) == before


@pytest.mark.parametrize("size", SIZES[1:])
def test_a_file_that_is_damaged_here_gets_no_name_there(store: Store, tmp_path: Path, size: int) -> None:
    source, _ = local(tmp_path, size)
    with pytest.raises(ArchiveError, match=f"{source}: its SHA-256 is"):
        store.put_file(PATH, source, "0" * 64)
    assert store.head(PATH) is None
    assert store.abort_uploads(PATH) == 0


def test_it_gives_back_any_range(store: Store, tmp_path: Path) -> None:
    source, sha256 = local(tmp_path, SIZES[2])
    store.put_file(PATH, source, sha256)
    data = source.read_bytes()
    for start, length in ((0, 1), (OPTIONS.part_bytes - 5, 10), (len(data) - 7, 7), (12, 0)):
        assert store.read_range(PATH, start, length) == data[start : start + length]
    with pytest.raises(StoreError, match=PATH):
        store.read_range(PATH, len(data) - 7, 8)


def test_it_says_what_is_missing(store: Store, tmp_path: Path) -> None:
    source, sha256 = local(tmp_path, 1000)
    assert store.head(PATH) is None
    for ask in (
        lambda: store.read(PATH),
        lambda: store.read_range(PATH, 0, 1),
        lambda: store.check(PATH, source, sha256),
    ):
        with pytest.raises(StoreError, match=PATH):
            ask()


def test_it_lists_what_begins_so(store: Store, tmp_path: Path) -> None:
    source, sha256 = local(tmp_path, 1000)
    for path in ("runs/2-b.json", "runs/1-a.json", "runs/latest/a.json", "warc/a/x.warc.gz", "running"):
        store.put_file(path, source, sha256)
    assert [found.path for found in store.list("runs/")] == ["runs/1-a.json", "runs/2-b.json", "runs/latest/a.json"]
    assert {found.size for found in store.list("runs/1")} == {1000}
    assert list(store.list("nothing/")) == []


#: Between moto's look for a name and its keeping of it, another writer may come.
atomic = pytest.mark.parametrize("store", ["folder", "ministack-tls", slow("ministack"), CEPH], indirect=True)


@atomic
def test_many_writers_of_one_pointer_lose_nothing(store: Store) -> None:
    def add(name: str) -> None:
        store.replace("warc/list", lambda before: b"\n".join(sorted({*(before or b"").split(), name.encode()})))

    assert store.features.if_match  # asked once, and not by all
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, map(str, range(12))))
    assert store.read("warc/list").split() == sorted(str(number).encode() for number in range(12))


@atomic
def test_several_writers_of_one_name_agree_on_one(store: Store, tmp_path: Path) -> None:
    """One of them has sent it; all others find other bytes there and say so."""
    assert store.features
    files = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        files.append(local(tmp_path / str(number), 1000))

    def ship(file: tuple[Path, str]) -> bool:
        sent = store.put_file(PATH, *file)
        try:
            return bool(store.check(PATH, *file, sent))
        except ConflictError:
            return False

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(ship, files))
    assert sorted(outcomes) == [False, False, False, True]
    assert store.read(PATH) == files[outcomes.index(True)][0].read_bytes()


@pytest.mark.parametrize(
    "url", ["", "s3://", "http://example.org/x", "s3://key:secret@bucket/x", "s3://bucket/x?y", "ftp://x"]
)
def test_it_refuses_what_names_no_store(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(url, StoreOptions())
    assert "secret" not in str(caught.value)


def test_it_refuses_parameters_that_no_file_has(use: Callable[..., None]) -> None:
    del use
    with pytest.raises(UsageError, match="Body"):
        open_store("s3://bucket", StoreOptions(parameters={"Body": "x"}))
