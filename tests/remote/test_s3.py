"""The same of a bucket as of a folder: over HTTP, and what it costs there is counted by a man in the middle."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.archive.lookup import read_row
from crawler.crawl.remote_verification import RemoteTally, verify_store
from crawler.errors import UsageError
from crawler.rebuild.remote import remote_warcs
from crawler.rebuild.warcs import WarcUnit, rebuild_warc
from crawler.remote.catalogue import read_catalogue
from crawler.remote.lookup import RemoteArchive
from crawler.remote.pulling import Pulling
from crawler.ship.store import StoreOptions, open_store
from tests.rebuild.test_warcs import DAY, SITES, exchange, warc
from tests.remote.archives import HOME, OLD, shipped
from tests.ship.archives import files_of
from tests.ship.conftest import OPTIONS
from tests.ship.proxy import Proxy
from tests.ship.servers import Server, needs_servers

pytestmark = needs_servers


@pytest.fixture
def server(server_of: Callable[[str], Server], use: Callable[[Server], None]) -> Server:
    server = server_of("moto")
    use(server)
    return server


def test_an_archive_is_read_verified_and_pulled(server: Server, tmp_path: Path) -> None:
    url = f"s3://{server.make_bucket(f'b{uuid4().hex}')}/news"
    archive = shipped(tmp_path / "archive", url)
    store = open_store(url, OPTIONS)
    remote = RemoteArchive(store, read_catalogue(store))
    row = remote.find_capture(HOME + "elsewhere", None)
    remote.fetch(row, tmp_path / "got")
    assert read_row(tmp_path / "got", row).payload == OLD
    for full in (False, True):
        tally = RemoteTally()
        for one in verify_store(store, full=full):
            tally.include(one)
            assert one.told == []
        assert (tally.files, tally.by_checksum) == (6, 0 if full else 6)
    pulling = Pulling(remote, tmp_path / "back")
    pulling.pull(remote.catalogue.listed, with_originals=False)
    assert files_of(tmp_path / "back") == files_of(archive)


def test_a_capture_costs_ranges_and_nothing_is_written(server: Server, tmp_path: Path) -> None:
    url = f"s3://{server.make_bucket(f'b{uuid4().hex}')}/news"
    shipped(tmp_path / "archive", url)
    with Proxy(server.port) as proxy:
        store = open_store(url, StoreOptions(endpoint=proxy.endpoint, attempts=1))
        remote = RemoteArchive(store, read_catalogue(store))
        remote.fetch(remote.find_capture(HOME + "b", None), tmp_path / "got")
        assert {request.method for request in proxy.faults.seen} <= {"GET", "HEAD"}
        reads = [one for one in proxy.faults.seen if ".warc.gz" in one.target]
        assert all(one.header("Range") for one in reads)
        assert len(reads) == 2
        assert proxy.faults.down < 20_000


def test_records_are_made_again_of_a_bucket(server: Server, tmp_path: Path) -> None:
    """The same bytes as from the file itself."""
    path = warc(tmp_path / "archive", exchange(f"{DAY}/one"))
    bucket = server.make_bucket(f"b{uuid4().hex}")
    key = f"news/{path.relative_to(tmp_path / 'archive').as_posix()}"
    server.client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    server.client.put_object(Bucket=bucket, Key="news/warc/other.txt", Body=b"none")
    (found,) = remote_warcs(f"s3://{bucket}/news/warc", OPTIONS)
    assert found == remote_warcs(f"s3://{bucket}/{key}", OPTIONS)[0] == remote_warcs(f"s3://{bucket}", OPTIONS)[0]
    tally = rebuild_warc(WarcUnit(Path(found.key), SITES, out=tmp_path / "far", remote=found))
    assert tally.articles == 1
    rebuild_warc(WarcUnit(path, SITES, out=tmp_path / "near"))
    (name,) = tally.files
    assert (tmp_path / "far" / name).read_bytes() == (tmp_path / "near" / name).read_bytes()
    with pytest.raises(UsageError, match="no WARC file there"):
        remote_warcs(f"s3://{bucket}/new", OPTIONS)
