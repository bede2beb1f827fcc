"""A capture comes back from a store by a few ranges of its indexes and one of its WARC file."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.cdxj import offset_of, timestamp_of
from crawler.archive.lookup import read_row
from crawler.corpus.manifest import Manifest, ManifestFile
from crawler.crawl.keyed import add_keys
from crawler.errors import ArchiveError, NoCaptureError
from crawler.remote.catalogue import Catalogue, Listed, read_catalogue
from crawler.remote.lookup import RemoteArchive
from crawler.remote.runs import Runs
from crawler.ship.store import Store, Stored, StoreOptions, open_store
from tests.archive.exchanges import STARTED
from tests.conftest import NEWSWARC
from tests.remote.archives import HOME, NEW, OLD, OLD_PAGE, shipped


class Counting:
    """A store that counts what is read of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.bytes = 0
        self.ranges: list[str] = []
        self.whole: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def read(self, path: str) -> bytes:
        data = self._store.read(path)
        self.whole.append(path)
        self.bytes += len(data)
        return data

    def read_range(self, path: str, start: int, length: int, of: Stored | None = None) -> bytes:
        self.bytes += length
        self.ranges.append(path)
        return self._store.read_range(path, start, length, of)

    def pieces(self, path: str) -> Iterator[bytes]:
        raise AssertionError(f"{path} is read whole")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("remote")
    shipped(folder / "archive", str(folder / "store"))
    return folder / "store"


def get(store: Path, path: str, *options: str) -> tuple[int, bytes, str]:
    command = [NEWSWARC, "get", HOME + path, "--store", store, *options]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def opened(store: Path) -> tuple[RemoteArchive, Counting]:
    counting = Counting(open_store(str(store), StoreOptions()))
    return RemoteArchive(counting, read_catalogue(counting)), counting


def test_the_page_that_was_meant_comes_back(store: Path) -> None:
    assert get(store, "a", "--at", "2024-02-09") == (0, OLD, "")


def test_a_revisit_comes_with_its_originals_bytes(store: Path) -> None:
    code, raw, told = get(store, "elsewhere", "--raw")
    assert (code, raw) == (0, OLD_PAGE)
    assert "is a revisit" in told


@pytest.mark.parametrize(
    ("path", "days", "payload"),
    [("a", None, NEW), ("a", 1, OLD), ("a", 10, NEW), ("b", 9, NEW), ("elsewhere", 0, OLD)],
)
def test_the_newest_or_the_nearest_is_found(
    store: Path, tmp_path: Path, path: str, days: int | None, payload: bytes
) -> None:
    remote, _ = opened(store)
    row = remote.find_capture(HOME + path, None if days is None else STARTED + timedelta(days=days))
    remote.fetch(row, tmp_path)
    assert read_row(tmp_path, row).payload == payload


def test_what_is_not_there_is_one_line_and_exit_code_1(store: Path) -> None:
    assert get(store, "none") == (1, b"", f"newswarc: {HOME}none: {store.as_uri()} holds no capture of it\n")


def test_a_folder_without_manifests_is_no_archive(tmp_path: Path) -> None:
    code, _, told = get(tmp_path, "a")
    assert code == 2
    assert told.startswith(f"newswarc: {tmp_path.as_uri()}: no archive there")


def test_only_the_record_is_read_of_a_warc_file(store: Path, tmp_path: Path) -> None:
    remote, counting = opened(store)
    remote.fetch(remote.find_capture(HOME + "b", None), tmp_path)
    assert len([path for path in counting.ranges if path.startswith("warc/")]) == 2  # its first record, and the one


def test_indexes_of_other_times_are_not_searched(store: Path) -> None:
    remote, counting = opened(store)
    remote.find_capture(HOME + "a", STARTED)
    assert len(counting.ranges) == 1
    counting.ranges.clear()
    remote.find_capture(HOME + "a", None)
    assert len(counting.ranges) == 1


def test_what_no_manifest_names_is_not_seen(store: Path) -> None:
    remote, _ = opened(store)
    newest = max(one.path for one in remote.catalogue.listed)
    remote.catalogue = Catalogue(one for one in remote.catalogue.listed if one.path != newest)
    assert remote.find_capture(HOME + "a", None).timestamp == timestamp_of(STARTED)


def test_a_row_that_leads_out_of_its_file_is_refused(store: Path, tmp_path: Path) -> None:
    remote, _ = opened(store)
    row = remote.find_capture(HOME + "b", None)
    for field, value in (("length", "99999999"), ("length", "x"), ("filename", "../../etc/passwd")):
        row.fields[field], before = value, row.fields[field]  # type: ignore[index]
        with pytest.raises(ArchiveError):
            remote.fetch(row, tmp_path)
        row.fields[field] = before  # type: ignore[index]


def test_a_damaged_record_is_told_with_its_place_in_the_store(tmp_path: Path) -> None:
    shipped(tmp_path / "archive", str(tmp_path / "store"))
    warc = min((tmp_path / "store").glob("warc/*/*/*/*.warc.gz"))
    offset = offset_of(opened(tmp_path / "store")[0].find_capture(HOME + "b", None))
    with warc.open("r+b") as file:
        file.seek(offset + 200)
        file.write(b"damaged")
    code, _, told = get(tmp_path / "store", "b")
    assert code == 3
    assert f"{(tmp_path / 'store').as_uri()}/warc/demo/2024/02/{warc.name}: the record at byte {offset}" in told


def big_store(folder: Path, files: int, rows: int) -> tuple[Store, list[str]]:
    """Indexes of so many rows, each of a day, and a URL of each."""
    (folder / "runs").mkdir(parents=True)
    (folder / "index/cdxj/demo").mkdir(parents=True)
    urls, manifests = [], {}
    for day in range(files):
        at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)
        warc = f"warc/demo/2024/01/NEWSWARC-demo-{timestamp_of(at)}-00000.warc.gz"
        path = f"index/cdxj/demo/NEWSWARC-demo-{timestamp_of(at)}-00000.cdxj"
        row = (
            'com,example)/%d/%07d/%s %s {"url": "https://example.com/%d/%07d/%s", "mime": "text/html", "status": "200",'
            ' "digest": "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "length": "23456", "offset": "%d", "filename": "%s"}\n'
        )
        slug = "a-headline-of-some-length-as-they-are"
        with (folder / path).open("w") as file:
            for n in range(rows):
                file.write(row % (day, n, slug, timestamp_of(at), day, n, slug, n * 23456, warc))
        urls.append(f"https://example.com/{day}/{rows // 3:07d}/{slug}")
        named = (ManifestFile(path, (folder / path).stat().st_size, ""), ManifestFile(warc, rows * 23456, ""))
        told = at.isoformat()
        manifest = Manifest(f"{at:%Y%m%d}", "demo", told, told, "newswarc/0", named, {})
        (folder / f"runs/{at:%Y%m%d}-demo.json").write_text(json.dumps(asdict(manifest)))
        manifests[f"runs/{at:%Y%m%d}-demo.json"] = manifest
    store = open_store(str(folder), StoreOptions())
    add_keys(store, folder, manifests)
    return store, urls


def test_many_indexes_cost_little_more_than_one(tmp_path: Path) -> None:
    counted = []
    for files in (1, 80):
        store, urls = big_store(tmp_path / str(files), files, 4000 // files)
        counting = Counting(store)
        assert RemoteArchive(counting, Runs(counting)).find_capture(urls[0], None).fields["url"] == urls[0]
        counted.append(counting.bytes)
    assert counted[1] < counted[0] + 40_000


@pytest.mark.slow
@pytest.mark.parametrize("files", [1, 400])
def test_a_million_rows_cost_less_than_a_megabyte(tmp_path: Path, files: int) -> None:
    store, urls = big_store(tmp_path / "store", files, 1_000_000 // files)
    counting = Counting(store)
    remote = RemoteArchive(counting, Runs(counting))
    assert remote.find_capture(urls[0], None).fields["url"] == urls[0]  # in the oldest
    assert counting.bytes < 250_000
    with pytest.raises(NoCaptureError):
        remote.find_capture("https://example.com/0/none", None)


def test_a_long_index_costs_a_little_of_it(tmp_path: Path) -> None:
    store, urls = big_store(tmp_path / "store", 2, 20_000)
    counting = Counting(store)
    remote = RemoteArchive(counting, read_catalogue(counting))
    assert remote.find_capture(urls[0], None).fields["url"] == urls[0]
    assert counting.bytes < 200_000


def test_a_span_is_from_the_files_stamp_to_its_runs_end() -> None:
    def span(path: str, finished: str = "2024-02-08T10:00:00+00:00") -> Any:
        manifest = Manifest("r", "demo", "", finished, "", (ManifestFile(path, 1, ""),), {})
        return Catalogue([Listed("runs/r.json", manifest, 1, b"")]).files[path].span

    told = span("index/cdxj/demo/NEWSWARC-demo-20240208093000-00000.cdxj")
    assert told.gap(STARTED) == timedelta()
    assert told.gap(STARTED + timedelta(days=2)) > timedelta(days=1)
    assert span("index/cdxj/demo/other.cdxj").gap(datetime(1999, 1, 1, tzinfo=UTC)) == timedelta()
    assert span("index/cdxj/demo/x-20240208093000-0.cdxj", "never").gap(datetime(1999, 1, 1, tzinfo=UTC)) == timedelta()
