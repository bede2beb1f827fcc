from collections.abc import Iterator

import pytest

from crawler.demo.server import Replica
from tests.demo.client import Client
from tests.demo.seeds import extras


@pytest.fixture(scope="session")
def replica() -> Iterator[Replica]:
    """The demo's sites with the five seeds among them."""
    with Replica(extra_stories=extras()) as served:
        yield served


@pytest.fixture
def client(replica: Replica) -> Iterator[Client]:
    opened = Client(replica)
    yield opened
    opened.close()
