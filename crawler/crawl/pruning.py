"""Local files that readers of the store see, and that may go here."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.archive.tree import LEDGER_NAME
from crawler.crawl.claims import reading_ledger
from crawler.crawl.ledger import Ledger
from crawler.crawl.shipments import Shipment, ShipState
from crawler.crawl.shipping import SiteShipment
from crawler.durable import sync_folder, unlink
from crawler.errors import StoreError
from crawler.ship.store import Store


def prune(archive: Path, site: str, store: Store, ledger: Ledger, older_than: timedelta) -> SiteShipment:
    """Remove what was listed so long ago, once the store has said again that it has it; raises `sqlite3.Error`.

    Manifests stay: by them the next run knows what is published.
    """
    told = SiteShipment(site)
    shipments, before = ledger.shipments, datetime.now(UTC) - older_than
    listed = [file for file in shipments.in_state(store.url, site, "listed", before=before) if not file.is_manifest]
    with ledger.transaction():
        for file in listed:
            shipments.advance(store.url, file.path, "prunable", datetime.now(UTC))
    for file in shipments.in_state(store.url, site, "prunable"):
        try:
            state: ShipState = "pruned" if _is_there(file, store) else "sealed"
        except StoreError as error:
            told.errors.append(str(error))
            return told
        if state == "pruned":
            _remove(archive / file.path)
            told.pruned += 1
            told.pruned_bytes += file.size
        else:  # it is sent again, or found to be in conflict
            told.errors.append(f"{store.url}/{file.path}: is no longer there as it was shipped; the local file is kept")
            told.left += 1
        with ledger.transaction():
            shipments.advance(store.url, file.path, state, datetime.now(UTC))
    return told


def pruned_files(archive: Path) -> frozenset[str]:
    """The files that are in a store and need not be here any more; raises `ArchiveError`."""
    if not (archive / LEDGER_NAME).exists():
        return frozenset()
    with reading_ledger(archive) as database:
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'shipment'").fetchone():
            return frozenset()  # a ledger of before there were stores
        return frozenset(
            row[0] for row in database.execute("SELECT path FROM shipment WHERE state IN ('prunable', 'pruned')")
        )


def is_pruned(archive: Path, record_id: str) -> bool:
    """Whether a response is in a file that need not be here any more; raises `ArchiveError`."""
    with reading_ledger(archive) as database:
        row = database.execute(
            "SELECT 1 FROM capture JOIN shipment ON shipment.path = capture.filename"
            " WHERE record_id = ? AND shipment.state IN ('prunable', 'pruned')",
            (record_id,),
        ).fetchone()
        return row is not None


def _is_there(file: Shipment, store: Store) -> bool:
    stored = store.head(file.path)
    return stored is not None and stored.size == file.size


def _remove(path: Path) -> None:
    if path.exists():
        unlink(path)
        sync_folder(path.parent)
