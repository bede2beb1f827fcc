"""Connections that wait for the next request to the same place."""

import asyncio
from collections import OrderedDict, deque

from crawler.crawl.wire.connection import Connection
from crawler.crawl.wire.outgoing import Route

MAX_IDLE_SECONDS = 60.0  # most servers close sooner; firewalls forget silent connections later
_CLOSE_SECONDS = 1.0  # as Scrapy's own handler waits


class Pool:
    """Idle connections by route, at most `per_route` for one and `total` in all; the oldest have to go first."""

    def __init__(self, per_route: int, total: int) -> None:
        self._per_route = max(per_route, 1)
        self._total = max(total, 1)
        self._idle: OrderedDict[Route, deque[Connection]] = OrderedDict()
        self._count = 0
        self._open: set[Connection] = set()

    def __len__(self) -> int:
        """The number of idle connections."""
        return self._count

    def adopt(self, connection: Connection) -> None:
        """Know of a new connection until it is lost, so that `close` misses none."""
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))

    def take(self, route: Route) -> Connection | None:
        """The connection that was used last and is still quiet; the others found on the way are dropped."""
        waiting = self._idle.get(route)
        now = asyncio.get_running_loop().time()
        while waiting:
            connection = waiting.pop()
            self._count -= 1
            if connection.is_quiet() and now - connection.idle_since < MAX_IDLE_SECONDS:
                return connection
            connection.drop()
        return None

    def give(self, route: Route, connection: Connection) -> None:
        """Keep `connection` for the next request by `route`."""
        connection.idle_since = asyncio.get_running_loop().time()
        waiting = self._idle.setdefault(route, deque())
        self._idle.move_to_end(route)
        waiting.append(connection)
        self._count += 1
        if len(waiting) > self._per_route:
            self._evict(waiting)
        if self._count > self._total:
            self._evict(self._oldest())

    async def close(self) -> None:
        """Drop every connection, idle or not, and see them gone."""
        self._idle.clear()
        self._count = 0
        leaving = [connection.lost for connection in self._open]
        for connection in list(self._open):
            connection.drop()
        if leaving:
            await asyncio.wait(leaving, timeout=_CLOSE_SECONDS)

    def _evict(self, waiting: deque[Connection]) -> None:
        waiting.popleft().drop()
        self._count -= 1

    def _oldest(self) -> deque[Connection]:
        """The idle connections of the route that was used longest ago; routes without any are forgotten."""
        while True:
            route, waiting = next(iter(self._idle.items()))
            if waiting:
                return waiting
            del self._idle[route]
