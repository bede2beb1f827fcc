"""pywb as an independent reader of an archive folder: its WARC files and its index."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PYWB = Path(__file__).parent.parent / ".venv-pywb" / "bin" / "wayback"
START_SECONDS = 60

needs_pywb = pytest.mark.skipif(not PYWB.exists(), reason="pywb is not installed in .venv-pywb (`make test` does it)")


@contextmanager
def replayed(archive: Path, sites: list[str], folder: Path) -> Iterator[str]:
    """The address of a pywb that serves these sites of an archive; it keeps its own files in `folder`."""
    index = "".join(f"      {site}: {archive}/index/cdxj/{site}/\n" for site in sites)
    told = f"collections:\n  c:\n    index_group:\n{index}    archive_paths: {archive}/\n"
    (folder / "config.yaml").write_text(told)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "pywb.log").open("wb")
    command = [str(PYWB), "-p", str(port), "-b", "127.0.0.1"]
    with log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server:
        try:
            wait_for(port, server, folder / "pywb.log")
            yield f"http://127.0.0.1:{port}/c"
        finally:
            server.terminate()


def wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return when the server answers; fail with its log if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)  # for another process to start; there is nothing else to wait on
        else:
            return
    pytest.fail(f"pywb did not start: {log.read_text()[-2000:]}")
