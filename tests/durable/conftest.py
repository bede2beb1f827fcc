import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

#: A process that is killed at any moment saves no coverage: a torn file of it would spoil all others.
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


class Nursery:
    """Makes trials, as `tests/durable/nursery.py` says."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.durable.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env=UNMEASURED,
        )
        self.describe = cache(self._describe)

    def attempt(self, **trial: Any) -> str | None:
        """What goes wrong in a trial, or nothing."""
        answer = self._ask(trial)
        assert answer is None or isinstance(answer, str)
        return answer

    def _describe(self, plan: str = "whole") -> dict[str, Any]:
        """The effects of a life that nothing befalls."""
        answer = self._ask({"describe": True, "plan": plan})
        assert isinstance(answer, dict)
        assert answer["error"] is None
        return answer

    def _ask(self, question: dict[str, Any]) -> object:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()
