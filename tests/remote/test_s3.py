"""The same of a bucket as of a folder: over HTTP, and what it costs there is counted by a man in the middle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.archive.lookup import read_row
from crawler.crawl.remote_verification import RemoteTally, verify_store
from crawler.errors import ChangedError, UsageError
from crawler.rebuild.remote import remote_warcs
from crawler.rebuild.warcs import WarcUnit, rebuild_warc
from crawler.remote.catalogue import read_catalogue
from crawler.remote.lookup import RemoteArchive
from crawler.remote.pulling import Pulling
from crawler.remote.runs import Runs
from crawler.ship.store import StoreOptions, open_store
from tests.rebuild.test_warcs import DAY, SITES, exchange, warc
from tests.remote.archives import HOME, OLD, shipped
from tests.remote.test_lookup import big_store
from tests.ship.archives import files_of
from tests.ship.conftest import OPTIONS
from tests.ship.proxy import Proxy
from tests.ship.radosgw import needs_radosgw
from tests.ship.servers import Server, needs_servers

pytestmark = needs_servers


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("ministack", "moto-tls")]
WITH_CEPH = pytest.param("radosgw", marks=(pytest.mark.slow, needs_radosgw))


@pytest.fixture(params=["moto", "ministack-tls", *SLOW, WITH_CEPH])
def server(request: pytest.FixtureRequest, server_of: Callable[[str], Server], use: Callable[[Server], None]) -> Server:
    server = server_of(request.param)
    use(server)
    return server


@pytest.fixture(params=["moto", pytest.param("ministack", marks=pytest.mark.slow), WITH_CEPH])
def open_server(
    request: pytest.FixtureRequest, server_of: Callable[[str], Server], use: Callable[[Server], None]
) -> Server:
    """One whose bytes a man in the middle can count."""
    server = server_of(request.param)
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


def test_a_capture_costs_ranges_and_nothing_is_written(open_server: Server, tmp_path: Path) -> None:
    url = f"s3://{open_server.make_bucket(f'b{uuid4().hex}')}/news"
    shipped(tmp_path / "archive", url)
    with Proxy(open_server.port) as proxy:
        store = open_store(url, StoreOptions(endpoint=proxy.endpoint, attempts=1))
        remote = RemoteArchive(store, Runs(store))
        remote.fetch(remote.find_capture(HOME + "b", None), tmp_path / "got")
        assert {request.method for request in proxy.faults.seen} <= {"GET", "HEAD"}
        reads = [one for one in proxy.faults.seen if ".warc.gz" in one.target]
        assert all(one.header("Range") for one in reads)
        assert len(reads) == 2
        assert proxy.faults.down < 20_000


@pytest.mark.slow
@pytest.mark.parametrize("open_server", ["moto", pytest.param("radosgw", marks=needs_radosgw)], indirect=True)
def test_a_capture_among_a_million_in_400_files_costs_less_than_a_megabyte(open_server: Server, tmp_path: Path) -> None:
    """Lists and manifests, answers' heads and the requests themselves are counted."""
    _, urls = big_store(tmp_path / "store", 400, 2500)
    bucket = open_server.make_bucket(f"b{uuid4().hex}")
    with ThreadPoolExecutor(4) as pool:
        files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
        keys = [path.relative_to(tmp_path / "store").as_posix() for path in files]
        list(pool.map(lambda path, key: open_server.client.upload_file(str(path), bucket, key), files, keys))
    with Proxy(open_server.port) as proxy:
        for url in (urls[0], urls[200], urls[-1]):
            proxy.faults.down = proxy.faults.up = 0
            store = open_store(f"s3://{bucket}", StoreOptions(endpoint=proxy.endpoint, attempts=1))
            assert RemoteArchive(store, Runs(store)).find_capture(url, None).fields["url"] == url
            assert proxy.faults.down + proxy.faults.up < 600_000


def test_keys_that_were_replaced_are_known_by_their_etag(server: Server, tmp_path: Path) -> None:
    del tmp_path
    bucket = server.make_bucket(f"b{uuid4().hex}")
    store = open_store(f"s3://{bucket}", OPTIONS)
    server.client.put_object(Bucket=bucket, Key="a", Body=b"one")
    before = store.head("a")
    assert store.read_range("a", 0, 3, before) == b"one"
    server.client.put_object(Bucket=bucket, Key="a", Body=b"two")
    with pytest.raises(ChangedError, match="was replaced while it was read"):
        store.read_range("a", 0, 3, before)


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
