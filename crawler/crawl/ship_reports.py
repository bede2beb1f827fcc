"""Run reports -> the store: each as it is, and as a page. They belong to no site; no manifest names them.

They have a folder of their own there: who reads `runs/*.json` reads manifests.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.corpus.manifest import sha256_of
from crawler.crawl.ledger import Ledger
from crawler.crawl.report import SUFFIX, load_report, reports_in
from crawler.crawl.report_view import render_html
from crawler.crawl.shipments import Shipment
from crawler.errors import UsageError
from crawler.ship.store import Store

logger = logging.getLogger(__name__)

JSON, PAGE = ".json", ".html"
NO_SITE = ""  # reports are about several


def shipped_filename(run_id: str, suffix: str) -> str:
    """Where a run's report is in the store, as JSON or as a page."""
    return f"reports/{run_id}{suffix}"


def ship_reports(archive: Path, store: Store, ledger: Ledger) -> int:
    """Send the reports that the ledger does not know to be there; how many. Raises `StoreError`, `ArchiveError`."""
    there = {shipment.path for shipment in ledger.shipments.in_state(store.url, NO_SITE, "listed")}
    number = 0
    for path in sorted(reports_in(archive)):
        run_id = path.name.removesuffix(SUFFIX)
        if shipped_filename(run_id, JSON) in there:
            continue
        with TemporaryDirectory(prefix="newswarc-") as scratch:
            files = list(_files(archive, path, run_id, Path(scratch)))
            for name, source in files:
                sha256 = sha256_of(source)
                sent = store.put_file(name, source, sha256)
                if sent is not None or source == path:  # a page that another version has made may look otherwise
                    store.check(name, source, sha256, sent)
            _remember(store, ledger, files)
        number += 1
    return number


def _files(archive: Path, path: Path, run_id: str, scratch: Path) -> Iterator[tuple[str, Path]]:
    """The page first: where the report is, all is."""
    try:
        page = render_html(load_report(archive, run_id))
    except UsageError as error:
        logger.warning("%s", error)
    else:
        (scratch / "page.html").write_text(page, encoding="utf-8")
        yield shipped_filename(run_id, PAGE), scratch / "page.html"
    yield shipped_filename(run_id, JSON), path


def _remember(store: Store, ledger: Ledger, files: Sequence[tuple[str, Path]]) -> None:
    now = datetime.now(UTC)
    shipped = [Shipment(name, name, path.stat().st_size, sha256_of(path), "listed") for name, path in files]
    with ledger.transaction():
        ledger.shipments.add(store.url, NO_SITE, shipped, now)
