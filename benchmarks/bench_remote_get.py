"""One capture out of a store's index of a million rows: found by ranges, beside reading all of the index.

    .venv/bin/python benchmarks/bench_remote_get.py [ROWS] [FILES...]

The store is a folder that answers as late as a bucket in the same region does; bytes and requests are counted. Reading
the manifests is part of each lookup. A record itself costs one more range, and one of its file's first record.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.archive.cdxj import timestamp_of
from crawler.corpus.manifest import Manifest, ManifestFile
from crawler.crawl.keyed import add_keys
from crawler.errors import NoCaptureError
from crawler.remote.catalogue import read_catalogue
from crawler.remote.lookup import RemoteArchive
from crawler.remote.runs import Runs
from crawler.ship.store import Store, Stored, StoreOptions, open_store

ROUND_TRIP = 0.03  # seconds: S3's first byte, within a region
BYTES_A_SECOND = 100e6  # of one connection, there
ROW = (
    'com,example)/%d/%07d/a-headline-of-some-length-as-they-are %s {"url": "https://example.com/%d/%07d/a-headline-of-'
    'some-length-as-they-are", "mime": "text/html", "status": "200", "digest": "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",'
    ' "length": "23456", "offset": "%d", "filename": "%s"}\n'
)


Work = Callable[["Far"], None]


class Far:
    """A store with a round trip, which counts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.bytes = self.requests = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def read(self, path: str) -> bytes:
        return self._told(self._store.read(path))

    def read_range(self, path: str, start: int, length: int, of: Stored | None = None) -> bytes:
        return self._told(self._store.read_range(path, start, length, of))

    def pieces(self, path: str) -> Iterator[bytes]:
        for piece in self._store.pieces(path):
            yield self._told(piece)

    def _told(self, data: bytes) -> bytes:
        self.bytes += len(data)
        self.requests += 1
        time.sleep(ROUND_TRIP + len(data) / BYTES_A_SECOND)
        return data


def make_store(folder: Path, rows: int, files: int) -> list[str]:
    """Indexes of so many rows, a file a day; a URL of each."""
    for name in ("runs", "index/cdxj/demo"):
        (folder / name).mkdir(parents=True)
    urls, manifests = [], {}
    for day in range(files):
        at = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)
        stamp = timestamp_of(at)
        warc = f"warc/demo/2024/01/NEWSWARC-demo-{stamp}-00000.warc.gz"
        index = f"index/cdxj/demo/NEWSWARC-demo-{stamp}-00000.cdxj"
        with (folder / index).open("w") as file:
            file.writelines(ROW % (day, n, stamp, day, n, n * 23456, warc) for n in range(rows // files))
        named = (ManifestFile(index, (folder / index).stat().st_size, ""), ManifestFile(warc, rows * 23456, ""))
        manifest = Manifest(stamp, "demo", at.isoformat(), at.isoformat(), "newswarc", named, {})
        manifests[f"runs/{stamp}-demo.json"] = manifest
        (folder / f"runs/{stamp}-demo.json").write_text(json.dumps(asdict(manifest)))
        urls.append(f"https://example.com/{day}/{rows // files // 3:07d}/a-headline-of-some-length-as-they-are")
    add_keys(open_store(str(folder), StoreOptions()), folder, manifests)
    return urls


def scan(store: Far, url: str) -> bytes:
    """The row by reading all rows, as one must of an index that cannot be searched."""
    rest, wanted = b"", url.encode()
    for path in [one.path for one in store.list("index/cdxj/")]:
        for piece in store.pieces(path):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if wanted in line:
                    return line
    raise AssertionError(url)


def lookup(store: Far, url: str, at: datetime | None) -> None:
    assert RemoteArchive(store, Runs(store)).find_capture(url, at).fields["url"] == url


def look_for_none(store: Far) -> None:
    try:
        RemoteArchive(store, Runs(store)).find_capture("https://example.com/none", None)
    except NoCaptureError:
        return
    raise AssertionError("there is none")


def lookup_without_keys(store: Far, url: str) -> None:
    remote = RemoteArchive(store, read_catalogue(store))
    assert remote.find_capture(url, None).fields["url"] == url


def measure(store: Store, work: Work) -> tuple[float, int, int]:
    far = Far(store)
    start = time.perf_counter()
    work(far)
    return time.perf_counter() - start, far.bytes, far.requests


def main() -> None:
    rows, *files = (int(word) for word in sys.argv[1:] or ["1000000", "20", "400"])
    for number in files or [400]:
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder) / "store", rows, number)


def compare(folder: Path, rows: int, files: int) -> None:
    urls = make_store(folder, rows, files)
    store = open_store(str(folder), StoreOptions())
    newest, oldest = urls[-1], urls[0]
    day = datetime(2024, 1, 1, tzinfo=UTC)
    whole = measure(store, lambda far: scan(far, newest))
    print(f"{rows:,} rows in {files} files")
    print(f"{'':34}{'seconds':>9}{'bytes':>14}{'requests':>10}{'of a scan':>11}")
    print(f"{'all rows read, in order':34}{whole[0]:9.2f}{whole[1]:14,}{whole[2]:10,}{1:11.3f}")
    cases: dict[str, Work] = {
        "the newest capture": lambda far: lookup(far, newest, None),
        "one, near to its time": lambda far: lookup(far, oldest, day),
        "the oldest, without a time": lambda far: lookup(far, oldest, None),
        "none": look_for_none,
        "the oldest, all indexes searched": lambda far: lookup_without_keys(far, oldest),
    }
    for name, work in cases.items():
        found = [measure(store, work) for _ in range(3)]
        seconds = statistics.median(one[0] for one in found)
        print(f"{name:34}{seconds:9.2f}{found[0][1]:14,}{found[0][2]:10,}{seconds / whole[0]:11.3f}")


if __name__ == "__main__":
    main()
