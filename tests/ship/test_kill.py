"""SIGKILL of the shipper before and after each of its requests, that is at each state; then another run completes."""

import os
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event

import pytest

from tests.crawl.running import CONTEXT
from tests.ship.archives import ship
from tests.ship.conftest import slow
from tests.ship.proxy import Faults, Request
from tests.ship.servers import needs_servers
from tests.ship.test_faults import Bench
from tests.ship.test_faults import bench as bench  # noqa: PLC0414 - a fixture

pytestmark = needs_servers
SECONDS = 60


def life(archive: Path, url: str, settings: dict[str, object], environment: dict[str, str]) -> None:
    """A child's; what it forks from may have begun with another environment."""
    os.environ.update(environment)
    ship(archive, url, **{**settings, "NEWSWARC_STORE_TIMEOUT": SECONDS, "NEWSWARC_STORE_ATTEMPTS": 3})


def killed(bench: Bench, number: int, *, after: bool) -> bool:
    """Whether a shipper came to its request `number`, and was killed there."""
    process: BaseProcess = CONTEXT.Process(
        target=life, args=(bench.archive, bench.url, bench.settings, bench.server.environment)
    )
    count, gone = 0, Event()

    def kill(_: Request) -> None:
        nonlocal count
        if count == number:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            gone.wait(SECONDS)  # of two threads that join a process, one may be told that it ended with 255
        count += 1

    bench.proxy.faults = Faults(after=kill) if after else Faults(before=kill)
    process.start()
    process.join(SECONDS)
    gone.set()
    return process.exitcode == -signal.SIGKILL


def sweep(bench: Bench, wanted: Callable[[int], bool], *, after: bool) -> int:
    """Kill a shipper at each request that is wanted; how many there were."""
    number = 0
    while True:
        again = bench.again()
        if wanted(number):
            if not killed(again, number, after=after):
                return number
            again.assert_the_next_run_completes()
        number += 1


@pytest.mark.parametrize("number", [slow(2), 6, slow(10), slow(12)])
def test_a_killed_shipper_and_its_successor(bench: Bench, number: int) -> None:
    assert killed(bench, number, after=number % 4 == 0)
    bench.assert_the_next_run_completes()


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_shipper_that_is_killed_at_each_request(bench: Bench, after: bool) -> None:
    assert sweep(bench, lambda _: True, after=after) > 12
