"""Disks as tests want them: what the crawl reads of its free space, look by look."""

import os
import signal
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from time import monotonic
from typing import ClassVar

from crawler.crawl.space import Space, SpaceWatch

WATCHES = {"crawler.crawl.capture.Recorder": 0, "crawler.crawl.publish.Publisher": 1}
TOTAL = 10**9


class Scripted(SpaceWatch):
    """Plenty, until the file `low` is there; then as `script` says. Each of these looks goes into the file `looks`."""

    seconds: ClassVar[float] = 0.1
    #: Free at each look, in percent of what is to be free; with the last one, `low` is removed.
    script: ClassVar[Sequence[int]] = (50, 99, 105, 109, 111)
    numbers: "ClassVar[count[int]]" = count()

    def read(self, folder: Path) -> Space:
        control = Path(self._crawler.settings["CONTROL"])
        low = control / "low"
        if not low.exists() or folder != Path(self._crawler.settings["NEWSWARC_ARCHIVE"]):
            return Space(TOTAL, TOTAL)
        number = next(self.numbers)
        with (control / "looks").open("a") as file:
            file.write(f"{monotonic()}\n")
        if number == len(self.script) - 1:
            low.unlink()
        self.looked(number)
        return Space(self.script[number] * 10**6, TOTAL)

    def looked(self, number: int) -> None:
        """Something else that happens then."""


class Low(Scripted):
    """There is no more space for as long as any test waits."""

    script: ClassVar[Sequence[int]] = (50,) * 10_000


class Stopped(Low):
    """Tells the process to stop while it waits."""

    def looked(self, number: int) -> None:
        if number == 2:
            os.kill(os.getpid(), signal.SIGTERM)


class StoppedTwice(Low):
    """Tells it so again before it has had time to end."""

    def looked(self, number: int) -> None:
        if number == 2:
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)


class Cleared(SpaceWatch):
    """A real disk, from which somebody removes the file `ballast` while the crawl waits."""

    seconds: ClassVar[float] = 0.1
    looks: "ClassVar[count[int]]" = count()

    def read(self, folder: Path) -> Space:
        if next(self.looks) == 6:
            (Path(self._crawler.settings["CONTROL"]) / "ballast").unlink()
        return super().read(folder)
