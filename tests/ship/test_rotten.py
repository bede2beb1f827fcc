"""A store that keeps other bytes than it was sent is caught, and what is here is kept, whatever is asked."""

from pathlib import Path

import pytest

from crawler.ship.store import Features
from tests.ship.archives import files_of, make_archive, remember, ship, states
from tests.ship.rotten import Kind, RottenStore
from tests.ship.servers import KEYS

BLIND = Features(exclusive=True, tells_crc32=True, refuses_damage=False, etag_is_md5=True, ranges=True)
LARGE = 3 * 2**20


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("kind", ["honest", "echo"])
def test_a_store_that_keeps_nothing_as_it_is_gets_nothing(tmp_path: Path, kind: Kind) -> None:
    """It shows when it is asked what it honours."""
    archive = make_archive(tmp_path)
    with RottenStore(kind) as store:
        outcome = ship(archive, "s3://news", NEWSWARC_STORE_ENDPOINT=store.endpoint, NEWSWARC_PRUNE_AFTER="0")
        assert outcome.exit_code == 4
        assert "does not keep what it is sent" in outcome.errors[0] or "checksum" in outcome.errors[0]
        assert not [name for name in store.kept if ".newswarc" not in name]
    assert len(files_of(archive)) == 4


@pytest.mark.parametrize("size", [10_000, LARGE])
def test_a_store_that_went_bad_is_caught_by_what_it_tells_or_by_what_it_gives_back(tmp_path: Path, size: int) -> None:
    archive = make_archive(tmp_path, warc_bytes=size)
    part_bytes = 2**20
    with RottenStore("honest") as store:
        given = {"NEWSWARC_STORE_ENDPOINT": store.endpoint, "NEWSWARC_STORE_PART_BYTES": part_bytes}
        remember(archive, "s3://news", BLIND, **given)
        outcome = ship(archive, "s3://news", NEWSWARC_PRUNE_AFTER="0", **given)
        assert outcome.exit_code == 4
        assert "other bytes" in outcome.errors[0]
        assert not [name for name in store.kept if "/runs/" in name]
    assert "listed" not in states(archive).values()
    assert len(files_of(archive)) == 4


def test_a_store_that_spoils_what_it_has_checked_is_caught_by_reading_all_of_it(tmp_path: Path) -> None:
    """Nothing that it tells differs; only its bytes do."""
    archive = make_archive(tmp_path, warc_bytes=LARGE)
    with RottenStore("late") as store:
        given = {"NEWSWARC_STORE_ENDPOINT": store.endpoint, "NEWSWARC_STORE_PART_BYTES": 2**20}
        outcome = ship(archive, "s3://news", NEWSWARC_STORE_READ_BACK=True, NEWSWARC_PRUNE_AFTER="0", **given)
        assert outcome.exit_code == 4
        assert "other bytes" in outcome.errors[0]
        assert not [name for name in store.kept if "/runs/" in name]
    assert len(files_of(archive)) == 4
