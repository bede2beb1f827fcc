"""The console script as users run it: a process of its own, in a folder of its own."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import NEWSWARC

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
