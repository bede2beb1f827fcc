"""What all tests share: no test reaches the internet."""

import socket

import pytest


@pytest.fixture(autouse=True)
def no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to any address but this machine's own fails the test that tries it."""
    connect = socket.socket.connect

    def guarded(sock: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not is_loopback(str(address[0])):
            pytest.fail(f"a test tried to reach {address}")
        connect(sock, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    return host in {"localhost", "::1"} or host.startswith("127.")
