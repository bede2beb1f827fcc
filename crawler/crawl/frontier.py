"""The work in hand: sources to read, and windows of the ledger's pending links and requisites.

The ledger is the frontier; only what is in a window is in memory, however much waits.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from crawler.crawl.requisites import Needed
from crawler.discover import Source
from crawler.model import Link

MAX_SOURCES = 4  # at a time; links are fetched beside them


class Task(NamedTuple):
    """A link to fetch."""

    key: str
    link: Link
    attempts: int = 0


class Keyed(Protocol):
    """What waits in the ledger."""

    @property
    def key(self) -> str:
        """What it is told from others by."""
        ...


Item = TypeVar("Item", bound=Keyed)
Item_co = TypeVar("Item_co", bound=Keyed, covariant=True)


class Pending(Protocol[Item_co]):
    """Asks the ledger what waits."""

    def __call__(self, limit: int, *, exclude: Collection[str]) -> Awaitable[Sequence[Item_co]]:
        """At most `limit` that are pending, oldest first, without those whose keys are in `exclude`."""
        ...


class Window(Generic[Item]):
    """Some of what is pending, from when it is taken from the ledger until it is out of hand."""

    def __init__(self, pending: Pending[Item], size: int) -> None:
        self._pending = pending
        self._size = size
        self._ready: deque[Item] = deque()
        self._in_work: set[str] = set()
        self._left: set[str] = set()

    @property
    def idle(self) -> bool:
        """Whether nothing is in hand."""
        return not (self._ready or self._in_work)

    async def next(self, most: int) -> Item | None:
        """One to fetch now, while no more than `most` are in hand; `None` where there is no room or nothing waits."""
        # Half a window at a time: a query for each would cost more than it finds, and the other half keeps the
        # downloader busy meanwhile.
        room = self._size - len(self._in_work)
        if not self._ready and room >= self._size // 2:
            await self._refill(min(room, most - len(self._in_work)))
        return self._ready.popleft() if self._ready else None

    def done(self, key: str, *, settled: bool) -> None:
        """One is out of hand; if it could not be settled it is left for the next run."""
        self._in_work.discard(key)
        if not settled:
            self._left.add(key)

    async def _refill(self, limit: int) -> None:
        if limit > 0:
            found = await self._pending(limit, exclude=self._in_work | self._left)
            self._ready.extend(found)
            self._in_work.update(item.key for item in found)


async def none_pending(limit: int, *, exclude: Collection[str]) -> Sequence[Needed]:  # noqa: ARG001 - the interface
    """For runs that fetch no requisites."""
    return ()


class Frontier:
    """Hands out sources, links and requisites one by one, and knows when there is nothing left to wait for."""

    def __init__(
        self,
        pending: Pending[Task],
        *,
        window: int,
        budget: Callable[[], int],
        requisites: Pending[Needed] = none_pending,
    ) -> None:
        self._links = Window(pending, window)
        self._requisites = Window(requisites, window)
        self._window = window
        #: How many articles the run may still make.
        self._budget = budget
        self._sources: deque[Source] = deque()
        self._known_sources: set[str] = set()
        self._open_sources = 0
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
        self._links.done(key, settled=settled)
        self._changed.set()

    def requisite_done(self, key: str, *, settled: bool = True) -> None:
        """The requisite is out of hand, and the ledger may have new ones."""
        self._requisites.done(key, settled=settled)
        self._changed.set()

    async def tasks(self) -> AsyncIterator[Source | Task | Needed]:
        """Work as there is room for it; ends when all is done that this run may do."""
        while True:
            self._changed.clear()
            if (source := self._next_source()) is not None:
                yield source
            elif (task := await self._links.next(self._budget())) is not None:
                yield task
            elif (needed := await self._requisites.next(self._window)) is not None:
                yield needed
            elif self._idle() and not self._changed.is_set():
                return
            else:
                await self._changed.wait()

    def _next_source(self) -> Source | None:
        if not self._sources or self._open_sources >= MAX_SOURCES or self._budget() <= 0:
            return None
        self._open_sources += 1
        return self._sources.popleft()

    def _idle(self) -> bool:
        sources = self._open_sources or (self._sources and self._budget() > 0)
        return not sources and self._links.idle and self._requisites.idle
