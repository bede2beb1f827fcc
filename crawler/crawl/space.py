"""Free disk space: below a limit no request goes out, until there is enough again.

A full disk stops a run for good; one that is nearly full only lets it wait. What is under way is finished: the limit is
the room for it.
"""

import asyncio
import logging
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import ClassVar, NamedTuple, Self

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.crawl.capture import Recorder
from crawler.errors import LowSpaceError, UsageError

logger = logging.getLogger(__name__)

SECONDS = 1.0  # between two looks at a disk, which cost microseconds, but may hang where it is a network's
AGAIN = 1.1  # times the limit before the crawl goes on, so that it does not stop and go with every page
PAUSED = "newswarc/paused"
PAUSED_SECONDS = "newswarc/paused_seconds"


class Space(NamedTuple):
    """Of a file system, in bytes."""

    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Limit:
    """How much is to be free: so many bytes, or so many percent of the file system."""

    bytes: int = 0
    percent: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `1073741824` or `5%`; raises `UsageError` for anything else."""
        number = text.strip().removesuffix("%")
        try:
            if text.strip() == number and number.isascii() and number.isdigit():
                return cls(bytes=int(number))
            if text.strip().endswith("%") and 0 <= float(number) < 100:
                return cls(percent=float(number))
        except ValueError as error:
            raise UsageError(f"NEWSWARC_MIN_FREE={text}: give bytes, or percent such as 5%") from error
        raise UsageError(f"NEWSWARC_MIN_FREE={text}: give bytes, or percent such as 5%")

    def of(self, space: Space) -> int:
        """In bytes of that file system."""
        return max(self.bytes, int(space.total * self.percent / 100))


class SpaceWatch:
    """Scrapy extension; looks once a second, and lets the download handler wait."""

    #: Between two looks.
    seconds: ClassVar[float] = SECONDS

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._limit = Limit.parse(str(crawler.settings.get("NEWSWARC_MIN_FREE", "0")))
        self._enough = asyncio.Event()
        self._enough.set()
        self._since = 0.0
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make it."""
        watch = cls(crawler)
        crawler.signals.connect(watch.begin, signals.spider_opened)
        crawler.signals.connect(watch.end, signals.spider_closed)
        return watch

    async def begin(self) -> None:
        """Look for the first time, before anything is fetched."""
        if self._limit != Limit():
            await self._look()
            self._watching = asyncio.ensure_future(self._watch())

    async def end(self) -> None:
        """Look no more."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        self._count()

    async def room(self) -> None:
        """Return when there is enough; raise `LowSpaceError` where the run ends before that."""
        while not self._enough.is_set():
            if self._is_ending():
                raise LowSpaceError("the run ended while there was too little disk space; the rest is pending")
            with suppress(TimeoutError):  # a second at a time, so that a run that is told to stop does
                await asyncio.wait_for(self._enough.wait(), self.seconds)

    def _is_ending(self) -> bool:
        """Whether the process was told to stop, or something has begun to close the spider: that waits for us."""
        slot = self._crawler.engine._slot if self._crawler.engine is not None else None  # noqa: SLF001 - said nowhere else
        return not self._crawler.crawling or slot is None or slot.closing is not None

    def read(self, folder: Path) -> Space:
        """The space of the file system that holds `folder`; raises `OSError`."""
        found = os.statvfs(folder)
        return Space(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.seconds)
            await self._look()

    async def _look(self) -> None:
        factor = 1.0 if self._enough.is_set() else AGAIN
        low = await asyncio.to_thread(self._lowest, self._folders(), factor)
        if low is not None and self._enough.is_set():
            folder, space = low
            told = "%s: %d MB free, less than NEWSWARC_MIN_FREE (%d MB): the crawl waits until there is more"
            logger.warning(told, folder, space.free // 10**6, self._limit.of(space) // 10**6)
            self._enough.clear()
            self._since = monotonic()
            self._crawler.stats.inc_value(PAUSED)
        elif low is None and not self._enough.is_set():
            self._count()
            self._enough.set()
            logger.warning("there is enough disk space again: the crawl goes on")

    def _folders(self) -> Iterable[Path]:
        """Where a crawl writes: the archive, and what is too large for memory until it is in the archive."""
        recorder = self._crawler.get_extension(Recorder)
        return ([recorder.folder] if recorder is not None else []) + [Path(tempfile.gettempdir())]

    def _lowest(self, folders: Iterable[Path], factor: float) -> tuple[Path, Space] | None:
        """The first folder with less than `factor` times the limit; one that cannot be asked tells by its errors."""
        for folder in folders:
            with suppress(OSError):
                space = self.read(folder)
                if space.free < factor * self._limit.of(space):
                    return folder, space
        return None

    def _count(self) -> None:
        """Add the pause that ends now to those before."""
        if not self._enough.is_set():
            before = self._crawler.stats.get_value(PAUSED_SECONDS, 0.0)
            self._crawler.stats.set_value(PAUSED_SECONDS, round(before + monotonic() - self._since, 3))
            self._since = monotonic()
