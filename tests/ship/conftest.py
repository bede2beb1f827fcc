"""The servers, started when a test first asks for them, and stores on them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from uuid import uuid4

import botocore.loaders
import pytest
from _pytest.mark import ParameterSet

from crawler.ship.store import Features, Store, StoreOptions, open_store
from tests.ship.radosgw import needs_radosgw, radosgw
from tests.ship.servers import Server, ministack, moto

KINDS = {
    "ministack": (ministack, False),
    "ministack-tls": (ministack, True),
    "moto": (moto, False),
    "moto-tls": (moto, True),
    "radosgw": (radosgw, False),
}
CEPH = pytest.param("radosgw", marks=(pytest.mark.slow, needs_radosgw))


def slow(*values: object) -> ParameterSet:
    """A case like others, which alone are in the quick suite."""
    return pytest.param(*values, marks=pytest.mark.slow)


#: One over TLS, one without; one that checks, and one that takes anything.
REAL_KINDS = ["ministack-tls", "moto", slow("ministack"), slow("moto-tls")]
#: Quick to give up.
OPTIONS = StoreOptions(attempts=3, timeout=10, threads=4, part_bytes=2**19)


@pytest.fixture(scope="session")
def server_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """The server called so; one that no test asks for is never started."""
    with ExitStack() as stack:

        @cache
        def start(name: str) -> Server:
            make, tls = KINDS[name]
            return stack.enter_context(make(tmp_path_factory.mktemp(name), tls=tls))

        yield start


#: The description of S3 that boto3 reads: a tenth of a second for each session, hundreds of times.
LOADER = botocore.loaders.create_loader()


@pytest.fixture(autouse=True)
def one_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all sessions share what boto3 knows of S3."""
    monkeypatch.setattr(botocore.loaders, "create_loader", lambda _=None: LOADER)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Server], None]:
    """Lead boto3 to a server."""

    def lead(server: Server) -> None:
        monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)

    return lead


@cache
def features_of(server: Server) -> Features:
    """What it honours; each is asked once. boto3 is to be led there."""
    return open_store(f"s3://{server.make_bucket('asked')}", OPTIONS).features


@pytest.fixture(params=["folder", *REAL_KINDS, CEPH])
def store(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    server_of: Callable[[str], Server],
    use: Callable[[Server], None],
) -> Store:
    """An empty store of each kind."""
    if request.param == "folder":
        return open_store(str(tmp_path / "store"), OPTIONS)
    server = server_of(request.param)
    use(server)
    opened = open_store(f"s3://{server.make_bucket(f'b{uuid4().hex}')}/archive", OPTIONS)
    opened.recall(features_of(server))
    return opened
