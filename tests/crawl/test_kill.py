"""SIGKILL at any moment, then another run: the archive is as if nothing had happened."""

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from crawler.archive.reader import read_captures
from crawler.corpus.manifest import read_manifest, sha256_of
from crawler.demo.replica import SITES
from crawler.demo.server import Replica
from crawler.rebuild.warcs import find_warcs
from tests.crawl.running import Crawl, records
from tests.disks import small_disk
from tests.durable.watching import Counting, Dying, Full
from tests.soaking import first_of

#: Two kills a site, one of them among the slow tests; a fixed seed, so that a moment that breaks something can be had
#: again.
MOMENTS = [
    pytest.param(site, random.Random(f"{site} {n}").random(), marks=[pytest.mark.slow] * n)
    for site in SITES
    for n in range(2)
]
#: Site -> the archive of a crawl that nobody disturbed, and its seconds.
Undisturbed = Callable[[str], tuple[Path, float]]
#: What differs between two runs of the same crawl.
OF_THE_RUN = {
    *("captured_at", "run_id", "warc_filename", "warc_record_offset", "warc_record_length", "warc_record_id"),
}


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with Replica() as replica:
        yield replica


@pytest.fixture(scope="module")
def undisturbed(replica: Replica, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    @cache
    def crawl(site: str) -> tuple[Path, float]:
        archive = tmp_path_factory.mktemp(site)
        (report,) = crawl_of(replica, site, archive).run().report.sites
        return archive, report.seconds

    return crawl


def crawl_of(replica: Replica, site: str, archive: Path, killed_after: float | None = None) -> Crawl:
    settings = {"NEWSWARC_RESOLVE": replica.resolve, "NEWSWARC_CA_FILE": str(replica.ca_file)}
    return Crawl((site,), archive, settings, killed_after=killed_after)


def captured_urls(archive: Path) -> Counter[str]:
    warcs = find_warcs([str(archive / "warc")])
    return Counter(capture.url for path in warcs for capture in read_captures(path) if capture.status == 200)


def contents(archive: Path, site: str) -> list[str]:
    found = (json.loads(line) for line in records(archive, site))
    return sorted(json.dumps({k: v for k, v in article.items() if k not in OF_THE_RUN}) for article in found)


def states(archive: Path) -> set[tuple[str, str, str | None]]:
    with sqlite3.connect(archive / "ledger.sqlite") as database:
        rows = set(database.execute("SELECT key, state, reason FROM link"))
    database.close()
    return rows


@pytest.mark.parametrize(
    ("site", "moment"), MOMENTS, ids=lambda value: value if isinstance(value, str) else f"{value:.2f}"
)
def test_a_killed_run_and_its_successor_end_as_an_undisturbed_one(
    replica: Replica,
    undisturbed: Undisturbed,
    tmp_path: Path,
    site: str,
    moment: float,
) -> None:
    calm, seconds = undisturbed(site)
    crawl_of(replica, site, tmp_path, killed_after=0.15 + moment * seconds).attempt()
    assert crawl_of(replica, site, tmp_path).run().exit_code == 0
    check_same(tmp_path, calm, site)


@pytest.fixture(scope="module")
def effects(replica: Replica, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], int]:
    """How many effects on the disk a site's crawl has."""

    @cache
    def count(site: str) -> int:
        folder = tmp_path_factory.mktemp(site)
        replace(crawl_of(replica, site, folder / "archive"), observer=Counting(folder / "effects")).run()
        return int((folder / "effects").read_text())

    return count


@pytest.mark.slow
@pytest.mark.parametrize("number", first_of(30, 10))
def test_one_that_dies_at_any_effect_on_the_disk_ends_likewise(
    replica: Replica, undisturbed: Undisturbed, effects: Callable[[str], int], tmp_path: Path, number: int
) -> None:
    site, chance = SITES[number % len(SITES)], random.Random(number)
    observer = Dying(chance.randrange(effects(site)), chance.choice(["before", "half", "after"]))
    replace(crawl_of(replica, site, tmp_path), observer=observer).attempt()
    assert crawl_of(replica, site, tmp_path).run().exit_code == 0
    check_same(tmp_path, undisturbed(site)[0], site)


@pytest.mark.slow
@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize("number", first_of(12, 5))
def test_one_whose_disk_is_full_stops_in_one_line_and_goes_on_when_there_is_room(
    replica: Replica, undisturbed: Undisturbed, effects: Callable[[str], int], tmp_path: Path, number: int
) -> None:
    site, chance = SITES[number % len(SITES)], random.Random(number)
    ballast, archive = tmp_path / "ballast", tmp_path / "archive"
    with small_disk(tmp_path, "32m"):
        observer = Full(chance.randrange(effects(site) // 2), ballast)
        calm = crawl_of(replica, site, archive)
        crawl = replace(calm, settings={**calm.settings, "NEWSWARC_MIN_FREE": "0"})  # else it waits for more room
        outcome = replace(crawl, observer=observer).run()
        assert (outcome.exit_code, len(outcome.errors)) == (3, 1)
        assert len(outcome.errors[0].splitlines()) == 1
        ballast.unlink()
        assert crawl.run().exit_code == 0
        check_same(archive, undisturbed(site)[0], site)


def check_same(archive: Path, calm: Path, site: str) -> None:
    """The archive of a disturbed run and its successor is that of a calm one, and whole."""
    assert states(archive) == states(calm)
    assert contents(archive, site) == contents(calm, site)
    assert set(captured_urls(archive)) == set(captured_urls(calm))
    articles = {json.loads(line)["url"] for line in records(archive, site)}
    assert all(captured_urls(archive)[url] == 1 for url in articles)  # what was captured is not fetched again

    named = [file for path in archive.glob(f"runs/*-{site}.json") for file in read_manifest(path).files]
    files = [path for name in ("warc", "index", "articles") for path in (archive / name).rglob("*") if path.is_file()]
    assert sorted(file.path for file in named) == sorted(path.relative_to(archive).as_posix() for path in files)
    assert all(sha256_of(archive / file.path) == file.sha256 for file in named)
