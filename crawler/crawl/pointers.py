"""What leads readers of a store to its newest files: `runs/latest/SITE.json`, and a `warc.paths.gz` a month.

They alone are ever replaced, by conditional requests. Each says nothing that manifests do not say, and is made right
again by the next run where a store without such requests lets two writers overtake each other.
"""

import gzip
import json
from collections.abc import Iterable
from functools import partial

from crawler.corpus.manifest import Manifest
from crawler.crawl.shipments import Shipments
from crawler.errors import StoreError
from crawler.ship.store import Store

PATHS_NAME = "warc.paths.gz"
FIELDS = ("run_id", "site", "started_at", "finished_at", "manifest")


def latest_filename(site: str) -> str:
    """Where the newest manifest of a site is named."""
    return f"runs/latest/{site}.json"


def point(store: Store, shipments: Shipments, manifest: Manifest, path: str) -> None:
    """Let everything lead to the manifest at `path` and to its WARC files; raises `StoreError`."""
    for folder in sorted({file.path.rsplit("/", 1)[0] for file in manifest.files if file.path.endswith(".warc.gz")}):
        warcs = [name for name in shipments.listed_below(store.url, folder) if name.endswith(".warc.gz")]
        store.replace(f"{folder}/{PATHS_NAME}", partial(with_paths, paths=warcs, folder=folder))
    newest = {"manifest": path} | {name: getattr(manifest, name) for name in FIELDS if name != "manifest"}
    store.replace(latest_filename(manifest.site), partial(newer, newest=newest))


def with_paths(before: bytes | None, paths: Iterable[str], folder: str) -> bytes:
    """A list of paths with these added, one a line, sorted; raises `StoreError` if it is no list."""
    try:
        known = set(gzip.decompress(before).decode().split()) if before else set()
    except (OSError, EOFError, UnicodeError, ValueError) as error:
        raise StoreError(f"{folder}/{PATHS_NAME}: is no list of paths: {error}; move it away") from error
    if before is not None and known.issuperset(paths):
        return before  # whatever packed it
    return gzip.compress("".join(f"{path}\n" for path in sorted(known.union(paths))).encode(), mtime=0)


def newer(before: bytes | None, newest: dict[str, str]) -> bytes:
    """What names the newest of two runs; raises `StoreError` if the one that is there cannot be read."""
    after = (json.dumps(newest, indent=1) + "\n").encode()
    if before is None:
        return after
    try:
        there = json.loads(before)
        is_newer = (there["finished_at"], there["run_id"]) >= (newest["finished_at"], newest["run_id"])
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(f"{latest_filename(newest['site'])}: names no run: {error}; move it away") from error
    return before if is_newer else after
