"""Small archives of real records, shipped to a store."""

import random
from datetime import timedelta
from pathlib import Path

from crawler.archive.tree import cdxj_filename
from crawler.archive.writer import WarcWriter
from crawler.corpus.manifest import Manifest, describe, write_manifest
from crawler.crawl.ledger import Ledger
from crawler.model import Exchange, Original, WarcRef
from tests.archive.exchanges import STARTED, chunked, exchange, response
from tests.ship.archives import ship

HOME = "https://news.example/"
OLD, NEW = (b"<html><body>%s" % random.Random(n).randbytes(900).hex().encode() for n in range(2))
FRAMES = b"Transfer-Encoding: chunked"
OLD_PAGE = response(chunked(OLD, 100), FRAMES, length=False)
SITE = "demo"


def page(path: str, answer: bytes, days: int) -> Exchange:
    return exchange(answer, url=HOME + path, started_at=STARTED + timedelta(days=days))


def make_archive(folder: Path) -> Path:
    """A run with two pages; ten days later one of them again, elsewhere; a day later a new page in its place."""
    folder.mkdir()
    Ledger(folder / "ledger.sqlite").close()
    first = run(folder, 0, [page("a", OLD_PAGE, 0), page("b", response(NEW), 0)])
    original = Original(HOME + "a", STARTED, first)
    run(folder, 10, [page("elsewhere", response(chunked(OLD, 77), FRAMES, length=False), 10)], original)
    run(folder, 11, [page("a", response(NEW), 11)])
    return folder


def run(folder: Path, days: int, pages: list[Exchange], original: Original | None = None) -> WarcRef:
    """One run with its manifest; the place of its first capture."""
    at = STARTED + timedelta(days=days)
    writer = WarcWriter(folder, SITE, f"{at:%Y%m%dT%H%M%S}000Z", clock=lambda: at)
    refs = [writer.write(one, lambda *_: original).ref for one in pages]
    names = [warc.filename for warc in writer.close()]
    files = describe(folder, [*names, *(cdxj_filename(SITE, name) for name in names)])
    told = at.isoformat()
    write_manifest(folder, Manifest(f"{at:%Y%m%dT%H%M%S}000Z", SITE, told, told, "newswarc/0", files, {}))
    return refs[0]


def shipped(folder: Path, store: str) -> Path:
    archive = make_archive(folder)
    assert ship(archive, store, site=SITE).exit_code == 0
    return archive
