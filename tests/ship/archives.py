"""Small archives to ship, and what of them is in a store."""

import hashlib
import json
import random
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from scrapy.settings import Settings

from crawler.corpus.manifest import Manifest, describe, read_manifest, write_manifest
from crawler.crawl.ledger import Ledger
from crawler.crawl.ship_run import ShipOutcome, options_of, ship_sites
from crawler.durable import make_folder
from crawler.ship.store import Features, open_store

SITE = "example"
RUN = "20240208T093000000Z"
#: Small enough for a file in parts to be sent hundreds of times.
PART_BYTES = 4096
QUICK: Mapping[str, object] = {
    "NEWSWARC_STORE_ATTEMPTS": 1,
    "NEWSWARC_STORE_TIMEOUT": 10,
    "NEWSWARC_STORE_THREADS": 2,
    "NEWSWARC_STORE_PART_BYTES": PART_BYTES,
}


def make_archive(folder: Path, *, site: str = SITE, run: str = RUN, seed: int = 1, warc_bytes: int = 10_000) -> Path:
    """An archive of one finished run: a WARC file in parts, an index, articles, a manifest."""
    noise = random.Random(seed)
    files = {
        f"warc/{site}/2024/02/NEWSWARC-{site}-{run[:8]}{run[9:15]}-00000.warc.gz": noise.randbytes(warc_bytes),
        f"index/cdxj/{site}/NEWSWARC-{site}-{run[:8]}{run[9:15]}-00000.cdxj": noise.randbytes(700),
        f"articles/site={site}/date=2024-02-08/{run}-000.jsonl.zst": noise.randbytes(1300),
    }
    for path, data in files.items():
        make_folder((folder / path).parent)
        (folder / path).write_bytes(data)
    finished_at = f"{run[:4]}-{run[4:6]}-{run[6:8]}T{run[9:11]}:{run[11:13]}:{run[13:15]}+00:00"
    write_manifest(folder, Manifest(run, site, finished_at, finished_at, "newswarc/0", describe(folder, files), {}))
    Ledger(folder / "ledger.sqlite").close()
    return folder


def settings_of(url: str, **given: object) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    for name, value in {**QUICK, "NEWSWARC_STORE": url, **given}.items():
        settings.set(name, value, priority="cmdline")
    return settings


def ship(archive: Path, url: str, *, patient: bool = False, site: str = SITE, **given: object) -> ShipOutcome:
    return ship_sites(archive, [site], settings_of(url, **given), patient=patient)


def remember(archive: Path, url: str, features: Features, **given: object) -> None:
    """Let the ledger know what the store honours, so that it is not asked."""
    server = open_store(url, options_of(settings_of(url, **given))).server
    with Ledger(archive / "ledger.sqlite") as ledger, ledger.transaction():
        ledger.shipments.remember(server, features.to_json(), datetime.now(UTC))


def files_of(archive: Path) -> dict[str, bytes]:
    """What is to be in the store, pointers left out: all that manifests name, and themselves."""
    manifests = [path for path in archive.glob("runs/*.json") if not path.name.endswith(".report.json")]
    named = {file.path for path in manifests for file in read_manifest(path).files}
    named |= {path.relative_to(archive).as_posix() for path in manifests}
    return {path: (archive / path).read_bytes() for path in named}


def states(archive: Path) -> dict[str, str]:
    """How far each file has come."""
    database = sqlite3.connect(archive / "ledger.sqlite")
    rows = dict(database.execute("SELECT path, state FROM shipment"))
    database.close()
    return rows


def is_pointer(path: str) -> bool:
    """Whether it is there without any manifest's word: what leads to manifests, and reports."""
    return path.startswith(("runs/latest/", "index/keys/", "reports/")) or path.endswith("warc.paths.gz")


def assert_nothing_is_wrong(stored: Mapping[str, bytes], archive: Path, *, torn: bool = False) -> None:
    """What is in the store is what is here, and no manifest there names what is not.

    With `torn`, the store takes a request that is cut for a whole one; no manifest names what came of that, either.
    """
    expected = files_of(archive)
    for path, data in stored.items():
        if torn and not is_pointer(path):
            assert expected[path].startswith(data) or len(expected[path]) == len(data), path
        else:
            assert is_pointer(path) or data == expected[path], path
        if path.startswith("runs/") and not is_pointer(path) and data == expected[path]:
            for file in json.loads(data)["files"]:
                assert hashlib.sha256(stored[file["path"]]).hexdigest() == file["sha256"], file["path"]


def assert_all_is_there(stored: Mapping[str, bytes], archive: Path) -> None:
    assert {path: data for path, data in stored.items() if not is_pointer(path)} == files_of(archive)
    assert f"runs/latest/{SITE}.json" in stored
