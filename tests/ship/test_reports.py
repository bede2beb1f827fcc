"""Reports of runs are shipped once, as they are and as pages; they hold up nothing, and nothing replaces them."""

from pathlib import Path

import pytest

from crawler.crawl.remote_verification import RemoteTally, verify_store
from crawler.crawl.report import RunReport, SiteReport, save_report
from crawler.ship.store import StoreOptions, open_store
from tests.ship.archives import RUN, SITE, make_archive, ship


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    archive = make_archive(tmp_path / "archive")
    site = SiteReport(SITE, "finished", 1, 1, {}, 0, {}, {}, 0, 3, 10_000, 1.5)
    save_report(archive, RunReport(RUN, "2024-02-08T09:30:00+00:00", (site,)))
    return archive


def test_a_report_and_its_page_are_there(archive: Path, tmp_path: Path) -> None:
    outcome = ship(archive, str(tmp_path / "store"))
    assert (outcome.exit_code, outcome.reports) == (0, 1)
    there = tmp_path / "store" / f"reports/{RUN}.json"
    assert there.read_bytes() == (archive / f"runs/{RUN}.report.json").read_bytes()
    assert SITE in (tmp_path / "store" / f"reports/{RUN}.html").read_text()
    assert ship(archive, str(tmp_path / "store")).reports == 0
    tally = RemoteTally()
    for one in verify_store(open_store(str(tmp_path / "store"), StoreOptions()), full=False):
        tally.include(one)
    assert tally.unnamed == 0


def test_another_report_of_that_name_is_told_and_kept(archive: Path, tmp_path: Path) -> None:
    there = tmp_path / "store" / f"reports/{RUN}.json"
    there.parent.mkdir(parents=True)
    there.write_text("another machine's")
    outcome = ship(archive, str(tmp_path / "store"))
    assert outcome.exit_code == 4
    assert outcome.errors[0].startswith("run reports are left for the next run: ")
    assert there.read_text() == "another machine's"
    assert outcome.sites[0].left == 0, "the files are shipped all the same"


def test_a_report_that_cannot_be_read_goes_without_a_page(archive: Path, tmp_path: Path) -> None:
    (archive / "runs/odd.report.json").write_text("{}")
    outcome = ship(archive, str(tmp_path / "store"))
    assert (outcome.exit_code, outcome.reports) == (0, 2)
    assert (tmp_path / "store/reports/odd.json").read_text() == "{}"
    assert not (tmp_path / "store/reports/odd.html").exists()
