"""A crawl ships what it has finished, at its end; what it cannot ship is told, and nothing of the crawl is lost."""

from pathlib import Path

from crawler.corpus.manifest import read_manifest
from tests.crawl.example import Server, article, feed
from tests.crawl.running import Crawl
from tests.ship.archives import assert_all_is_there

PATH = "/2024/02/08/ferry"
PAGES = {"/feed.xml": feed(PATH), PATH: article("ferry")}


def test_a_crawl_ships_at_its_end_and_the_next_run_ships_what_was_left(tmp_path: Path) -> None:
    archive, store = tmp_path / "archive", tmp_path / "store"
    store.write_text("a file where the folder should be")
    with Server(PAGES) as server:
        given = {**server.settings, "NEWSWARC_STORE": str(store), "NEWSWARC_STORE_REST": 0}
        failed = Crawl(("example",), archive, given).run()
        assert failed.exit_code == 4
        assert failed.report.sites[0].articles == 1
        assert "left for the next run" in failed.errors[0]
        (manifest,) = archive.glob("runs/*-example.json")
        assert len(read_manifest(manifest).files) >= 3
        store.unlink()
        done = Crawl(("example",), archive, given).run()
    assert (done.exit_code, done.errors) == (0, ())
    assert done.shipped is not None
    assert done.shipped.told.endswith("nothing left.")
    files = [path for path in store.rglob("*") if path.is_file() and not path.name.startswith(".")]
    stored = {path.relative_to(store).as_posix(): path.read_bytes() for path in files}
    assert_all_is_there(stored, archive)
    reports = list(archive.glob("runs/*.report.json"))
    assert len(reports) == 2
    for path in reports:
        name = f"reports/{path.name.removesuffix('.report.json')}"
        assert stored[f"{name}.json"] == path.read_bytes()
        assert b"<h1" in stored[f"{name}.html"]


def test_a_crawl_without_a_store_ships_nothing(tmp_path: Path) -> None:
    with Server(PAGES) as server:
        outcome = Crawl(("example",), tmp_path, server.settings).run()
    assert (outcome.exit_code, outcome.shipped) == (0, None)
