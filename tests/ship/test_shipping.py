"""Finished files on their way: each step, once, in order, whatever comes between."""

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.crawl.lock import RunLock
from crawler.crawl.pruning import pruned_files
from tests.ship.archives import (
    SITE,
    assert_all_is_there,
    files_of,
    make_archive,
    remember,
    ship,
    states,
)
from tests.ship.conftest import features_of
from tests.ship.servers import Server, needs_servers


def contents(store: Path) -> dict[str, bytes]:
    return {
        p.relative_to(store).as_posix(): p.read_bytes() for p in store.rglob("*") if p.is_file() and p.name[0] != "."
    }


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "archive")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_all_that_a_manifest_names_is_shipped(archive: Path, store: Path) -> None:
    outcome = ship(archive, str(store))
    assert (outcome.exit_code, outcome.errors) == (0, ())
    (site,) = outcome.sites
    assert (site.sent, site.found, site.manifests, site.left) == (4, 0, 1, 0)
    assert_all_is_there(contents(store), archive)
    assert set(states(archive).values()) == {"listed"}


def test_what_is_shipped_is_not_shipped_again(archive: Path, store: Path) -> None:
    ship(archive, str(store))
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    (site,) = ship(archive, str(store)).sites
    assert (site.sent, site.found, site.manifests) == (0, 0, 0)
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before


def test_what_is_there_already_is_found_by_a_new_ledger(archive: Path, store: Path) -> None:
    ship(archive, str(store))
    (archive / "ledger.sqlite").unlink()
    make_archive(archive)
    (site,) = ship(archive, str(store)).sites
    assert (site.sent, site.found, site.left) == (0, 4, 0)


def test_each_run_adds_its_files_and_moves_the_pointers(archive: Path, store: Path) -> None:
    ship(archive, str(store))
    make_archive(archive, run="20240209T093000000Z", seed=2)
    ship(archive, str(store))
    assert_all_is_there(contents(store), archive)
    latest = json.loads((store / "runs/latest/example.json").read_bytes())
    assert latest["manifest"] == "runs/20240209T093000000Z-example.json"
    paths = gzip.decompress((store / "warc/example/2024/02/warc.paths.gz").read_bytes()).decode().splitlines()
    assert paths == sorted(path for path in files_of(archive) if path.endswith(".warc.gz"))


def test_an_older_run_that_is_shipped_late_does_not_become_the_latest(tmp_path: Path, store: Path) -> None:
    newer = make_archive(tmp_path / "one", run="20240209T093000000Z", seed=2)
    older = make_archive(tmp_path / "two")
    for archive in (newer, older):
        assert ship(archive, str(store)).exit_code == 0
    assert json.loads((store / "runs/latest/example.json").read_bytes())["run_id"] == "20240209T093000000Z"


def test_other_bytes_under_a_name_are_told_and_kept(archive: Path, store: Path) -> None:
    taken = next(path for path in files_of(archive) if path.endswith(".cdxj"))
    (store / taken).parent.mkdir(parents=True)
    (store / taken).write_bytes(b"another's")
    outcome = ship(archive, str(store))
    assert outcome.exit_code == 4
    assert taken in outcome.errors[0]
    assert "other bytes" in outcome.errors[0]
    assert (store / taken).read_bytes() == b"another's"
    assert not list(store.glob("runs/*.json"))  # no manifest names what is not there
    (store / taken).unlink()
    assert ship(archive, str(store)).exit_code == 0
    assert_all_is_there(contents(store), archive)


def test_a_file_that_was_damaged_here_is_not_shipped(archive: Path, store: Path) -> None:
    warc = next(path for path in files_of(archive) if path.endswith(".warc.gz"))
    (archive / warc).write_bytes(b"rotten" + (archive / warc).read_bytes()[6:])
    outcome = ship(archive, str(store))
    assert outcome.exit_code == 4
    assert "damaged, and not shipped" in outcome.errors[0]
    assert not (store / warc).exists()
    assert not list(store.glob("runs/*.json"))


def test_a_broken_manifest_costs_the_others_nothing(archive: Path, store: Path) -> None:
    (archive / "runs" / "20240101T000000000Z-example.json").write_text("{")
    outcome = ship(archive, str(store))
    assert outcome.exit_code == 4
    assert "no run manifest" in outcome.errors[0]
    assert outcome.sites[0].manifests == 1


def test_a_manifest_that_leads_out_of_the_archive_is_refused(archive: Path, store: Path) -> None:
    path = next(archive.glob("runs/*.json"))
    path.write_text(path.read_text().replace("index/cdxj", "../../cdxj"))
    outcome = ship(archive, str(store))
    assert "no place in the archive" in outcome.errors[0]
    assert contents(store) == {}


def test_a_file_that_failed_rests_for_a_run_but_not_for_who_asks(archive: Path, store: Path) -> None:
    store.write_text("a file where the folder should be")
    assert ship(archive, str(store), patient=True).exit_code == 4
    store.unlink()
    outcome = ship(archive, str(store), patient=True)
    assert outcome.exit_code == 4
    assert "rest" in outcome.errors[0]
    assert ship(archive, str(store), patient=False).exit_code == 0


def test_a_rest_is_over_after_its_time(archive: Path, store: Path) -> None:
    store.write_text("a file where the folder should be")
    ship(archive, str(store), patient=True, NEWSWARC_STORE_REST=0)
    store.unlink()
    assert ship(archive, str(store), patient=True).exit_code == 0


def test_only_one_process_ships_a_site(archive: Path, store: Path) -> None:
    lock = RunLock(archive, f"{SITE}.ship")
    outcome = ship(archive, str(store))
    lock.release()
    assert outcome.exit_code == 4
    assert "another run" in outcome.errors[0]


def test_listed_files_are_pruned_when_their_time_has_come(archive: Path, store: Path) -> None:
    files = set(files_of(archive))
    (site,) = ship(archive, str(store), NEWSWARC_PRUNE_AFTER="1").sites
    assert site.pruned == 0  # listed today
    (site,) = ship(archive, str(store), NEWSWARC_PRUNE_AFTER="0").sites
    assert site.pruned == 3
    assert {path for path in files if (archive / path).exists()} == {"runs/20240208T093000000Z-example.json"}
    assert pruned_files(archive) == {path for path in files if not path.startswith("runs/")}
    assert ship(archive, str(store), NEWSWARC_PRUNE_AFTER="0").exit_code == 0


def test_nothing_is_pruned_that_the_store_has_lost(archive: Path, store: Path) -> None:
    ship(archive, str(store))
    lost = next(store.glob("warc/**/NEWSWARC*"))
    lost.unlink()
    outcome = ship(archive, str(store), NEWSWARC_PRUNE_AFTER="0")
    assert outcome.exit_code == 4
    assert "no longer there" in outcome.errors[0]
    assert (archive / lost.relative_to(store)).exists()
    outcome = ship(archive, str(store), NEWSWARC_PRUNE_AFTER="0")  # it is sent again, and goes then
    assert (outcome.exit_code, outcome.sites[0].sent, outcome.sites[0].pruned) == (0, 1, 1)
    assert lost.exists()


def test_nothing_is_pruned_before_its_manifest_is_there(archive: Path, store: Path) -> None:
    (store / "runs").mkdir(parents=True)
    (store / "runs/20240208T093000000Z-example.json").write_text("another's")
    outcome = ship(archive, str(store), NEWSWARC_PRUNE_AFTER="0")
    assert outcome.exit_code == 4
    assert all((archive / path).exists() for path in files_of(archive))


def test_what_was_pruned_is_known_again_when_the_ledger_is_lost(archive: Path, store: Path) -> None:
    ship(archive, str(store), NEWSWARC_PRUNE_AFTER="0")
    (archive / "ledger.sqlite").unlink()
    assert ship(archive, str(store)).exit_code == 0
    assert set(states(archive).values()) == {"listed"}
    next(store.glob("warc/**/NEWSWARC*")).write_bytes(b"something else")
    (archive / "ledger.sqlite").unlink()
    assert ship(archive, str(store)).exit_code == 4


@needs_servers
def test_several_machines_ship_to_one_prefix(
    tmp_path: Path, server_of: Callable[[str], Server], use: Callable[[Server], None]
) -> None:
    """Different runs of one site, from archives that know nothing of each other, at the same time."""
    server = server_of("ministack")
    use(server)
    bucket = server.make_bucket(f"b{uuid4().hex}")
    url = f"s3://{bucket}/archive"
    runs = [f"2024020{day}T093000000Z" for day in range(1, 4)]
    archives = [make_archive(tmp_path / run, run=run, seed=seed) for seed, run in enumerate(runs)]
    for archive in archives:
        remember(archive, url, features_of(server))
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda archive: ship(archive, url), archives))
    assert [outcome.exit_code for outcome in outcomes] == [0] * 3
    stored = {key.removeprefix("archive/"): data for key, data in server.objects(bucket).items()}
    for archive in archives:
        expected = files_of(archive)
        assert {path: stored[path] for path in expected} == expected
    listed = gzip.decompress(stored["warc/example/2024/02/warc.paths.gz"]).decode().split()
    assert listed == sorted(path for path in stored if path.startswith("warc/") and "NEWSWARC" in path)
    assert json.loads(stored["runs/latest/example.json"])["run_id"] == runs[-1]


@needs_servers
def test_two_machines_with_one_run_id_are_told_apart(
    tmp_path: Path, server_of: Callable[[str], Server], use: Callable[[Server], None]
) -> None:
    """The first has the names; of the second nothing is listed, and nothing of the first is touched."""
    server = server_of("ministack")
    use(server)
    bucket = server.make_bucket(f"b{uuid4().hex}")
    first, second = (make_archive(tmp_path / str(seed), seed=seed) for seed in (1, 2))
    assert ship(first, f"s3://{bucket}").exit_code == 0
    outcome = ship(second, f"s3://{bucket}")
    assert outcome.exit_code == 4
    assert "other bytes" in outcome.errors[0]
    assert_all_is_there(server.objects(bucket), first)
    assert server.uploads(bucket) == []
