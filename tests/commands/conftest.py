"""The console script as users run it: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

NEWSWARC = Path(sys.executable).parent / "newswarc"
ENVIRONMENT = {**os.environ, "NEWSWARC_CONTACT": "https://crawl.example/"}
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def newswarc(tmp_path: Path) -> Run:
    """Run `newswarc` with arguments in an empty folder."""

    def run(*arguments: str | Path, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        command = [NEWSWARC, *map(str, arguments)]
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=ENVIRONMENT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def demo_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that `newswarc demo` leaves."""
    folder = tmp_path_factory.mktemp("demo")
    subprocess.run([NEWSWARC, "demo"], cwd=folder, check=True, capture_output=True, timeout=300)
    return folder / "newswarc-demo"
