"""A throw-away authority, servers over plain TCP and TLS, and crawls that trust them."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawl.wire.authority import make_authority
from tests.crawl.wire.crawling import Crawl
from tests.crawl.wire.raw_server import RawServer
from tests.crawl.wire.runs import Run, run_all


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as running:
        yield running


@pytest.fixture
def tls_server(authority: tuple[Path, ssl.SSLContext]) -> Iterator[RawServer]:
    with RawServer(tls=authority[1]) as running:
        yield running


@pytest.fixture(params=["http", "https"])
def any_server(request: pytest.FixtureRequest) -> RawServer:
    running: RawServer = request.getfixturevalue("server" if request.param == "http" else "tls_server")
    return running


@pytest.fixture
def crawl(authority: tuple[Path, ssl.SSLContext]) -> Crawl:
    return Crawl({"NEWSWARC_CA_FILE": str(authority[0])})


@pytest.fixture(scope="package", params=["http", "https"])
def run(request: pytest.FixtureRequest, authority: tuple[Path, ssl.SSLContext]) -> Run:
    return run_all(authority, tls=request.param == "https")
