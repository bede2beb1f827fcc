"""What boto3 makes of answers that a cut has left little of."""

import socket
import threading
import warnings
from collections.abc import Iterator

import pytest

from crawler.ship.client import make_client
from crawler.ship.stored import StoreOptions

HEAD = b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nETag: "e"\r\nLast-Modified: %s'


@pytest.fixture(params=[b"Sun, 22 Nov 2026 11:00:00 GM", b"Sun, 22 Nov 2026 11:0", b"Su"])
def endpoint(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server whose answer ends in the middle of its date, and with it the connection."""

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(HEAD % request.param)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_a_date_that_was_cut_is_neither_an_error_nor_a_word_on_the_terminal(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody asks when a file was stored; whether the rest is as it should be is what counts."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    client = make_client(StoreOptions(endpoint=endpoint, attempts=1, timeout=5))
    with warnings.catch_warnings(record=True) as warned:
        answer = client.head_object(Bucket="bucket", Key="key")
    assert answer["ETag"] == '"e"'
    assert ([str(one.message) for one in warned], caplog.records) == ([], [])
