"""The work in hand: sources to read, and a window of the ledger's pending links.

The ledger is the frontier; only the links of the window are in memory, however many wait.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from crawler.discover import Source
from crawler.model import Link

MAX_SOURCES = 4  # at a time; links are fetched beside them


class Task(NamedTuple):
    """A link to fetch."""

    key: str
    link: Link
    attempts: int = 0


class Pending(Protocol):
    """Asks the ledger which links wait."""

    def __call__(self, limit: int, *, exclude: Collection[str]) -> Awaitable[Sequence[tuple[str, Link, int]]]:
        """At most `limit` pending links, oldest first, without those whose keys are in `exclude`."""
        ...


class Frontier:
    """Hands out sources and links one by one, and knows when there is nothing left to wait for."""

    def __init__(self, pending: Pending, *, window: int, budget: Callable[[], int]) -> None:
        self._pending = pending
        self._window = window
        #: How many articles the run may still make.
        self._budget = budget
        self._sources: deque[Source] = deque()
        self._known_sources: set[str] = set()
        self._open_sources = 0
        self._ready: deque[Task] = deque()
        self._in_work: set[str] = set()
        self._left: set[str] = set()
        self._changed = asyncio.Event()

    def add_sources(self, sources: Iterable[Source]) -> None:
        """Sources to read; each URL once a run."""
        for source in sources:
            if source.url not in self._known_sources:
                self._known_sources.add(source.url)
                self._sources.append(source)
        self._changed.set()

    def source_done(self) -> None:
        """One source was read, or could not be."""
        self._open_sources -= 1
        self._changed.set()

    def links_added(self) -> None:
        """The ledger has new links."""
        self._changed.set()

    def done(self, key: str, *, settled: bool = True) -> None:
        """The link is out of hand; one that could not be settled is left for the next run."""
        self._in_work.discard(key)
        if not settled:
            self._left.add(key)
        self._changed.set()

    async def tasks(self) -> AsyncIterator[Source | Task]:
        """Work as there is room for it; ends when all is done that this run may do."""
        while True:
            self._changed.clear()
            if (source := self._next_source()) is not None:
                yield source
            elif (task := await self._next_link()) is not None:
                yield task
            elif self._idle() and not self._changed.is_set():
                return
            else:
                await self._changed.wait()

    def _next_source(self) -> Source | None:
        if not self._sources or self._open_sources >= MAX_SOURCES or self._budget() <= 0:
            return None
        self._open_sources += 1
        return self._sources.popleft()

    async def _next_link(self) -> Task | None:
        # Half a window at a time: a query for each link would cost more than it finds, and the other half keeps
        # the downloader busy meanwhile.
        room = self._window - len(self._in_work)
        if not self._ready and room >= self._window // 2:
            await self._refill(min(room, self._budget() - len(self._in_work)))
        if not self._ready:
            return None
        return self._ready.popleft()

    async def _refill(self, limit: int) -> None:
        if limit > 0:
            found = await self._pending(limit, exclude=self._in_work | self._left)
            self._ready.extend(Task(*entry) for entry in found)
            self._in_work.update(task.key for task in self._ready)

    def _idle(self) -> bool:
        sources = self._open_sources or (self._sources and self._budget() > 0)
        return not (sources or self._ready or self._in_work)
