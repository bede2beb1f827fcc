"""What all tests share: no test reaches the internet."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.disks import small_disk

#: The console script, as users run it.
NEWSWARC = Path(sys.executable).parent / "newswarc"


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


@pytest.fixture(scope="session")
def demo_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that `newswarc demo` leaves."""
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([NEWSWARC, "demo"], cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "newswarc-demo"


@pytest.fixture(scope="session")
def can_mount(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where this machine lets us have no small disk."""
    try:
        with small_disk(tmp_path_factory.mktemp("disk"), "1m"):
            pass
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small disk can be mounted here: {error}")
