"""Connections are kept while they are clean, and never carry one answer into another exchange."""

import asyncio

import pytest
import scrapy
from scrapy import signals
from scrapy.crawler import Crawler

from crawler.crawl.wire.connection import Connection
from crawler.crawl.wire.outgoing import Endpoint, Route
from crawler.crawl.wire.pool import MAX_IDLE_SECONDS, Pool
from tests.crawl.wire.crawling import Crawl, fetch
from tests.crawl.wire.raw_server import Line, RawServer, Script, sends

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"


def used(server: RawServer, *names: str) -> list[int]:
    """The connections that the requests came by."""
    return [entry.connection for name in names for entry in server.log[name]]


def urls(server: RawServer, names: str) -> list[scrapy.Request]:
    return [scrapy.Request(f"{server.origin}/{name}") for name in names]


def test_two_requests_share_a_connection(any_server: RawServer, crawl: Crawl) -> None:
    any_server.scripts = {"a": sends(OK), "b": sends(OK)}
    outcomes = crawl.fetch(*urls(any_server, "ab"))
    assert [outcome.response.body for outcome in outcomes] == [b"ok", b"ok"]
    assert used(any_server, "a", "b") == [1, 1]


@pytest.mark.parametrize("keep", [{"NEWSWARC_KEEP_ALIVE": False}, {}], ids=["setting", "meta"])
def test_no_connection_is_shared_where_that_is_not_wanted(
    any_server: RawServer, crawl: Crawl, keep: dict[str, bool]
) -> None:
    any_server.scripts = {"a": sends(OK), "b": sends(OK)}
    meta = {} if keep else {"keep_alive": False}
    requests = [scrapy.Request(f"{any_server.origin}/{name}", meta=meta) for name in "ab"]
    crawl.fetch(*requests, **keep)
    assert used(any_server, "a", "b") == [1, 2]
    assert b"\r\nConnection: close\r\n" in any_server.log["a"][0].request


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        OK.replace(b"1.1", b"1.0"),
        OK + b"\r\n",
        OK + POISON,
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\nbody",
    ],
)
def test_a_connection_is_dropped_when_it_may_not_carry_on(any_server: RawServer, crawl: Crawl, answer: bytes) -> None:
    any_server.scripts = {"a": sends(answer), "b": sends(OK)}
    outcomes = crawl.fetch(*urls(any_server, "ab"))
    assert outcomes[1].response.body == b"ok"
    assert used(any_server, "a", "b") == [1, 2]


def test_a_connection_with_idle_bytes_is_dropped(any_server: RawServer, crawl: Crawl) -> None:
    """The stray answer comes while no request is under way, and is on this machine before the next one goes out."""
    lines: list[Line] = []

    def keep_line(line: Line) -> bool:
        lines.append(line)
        line.send(OK)
        return True

    def poison_it(line: Line) -> bool:
        lines[0].sock.sendall(POISON)
        line.send(OK)
        return True

    any_server.scripts = {"a": keep_line, "trigger": poison_it, "b": sends(OK)}

    async def script(crawler: Crawler) -> None:
        await fetch(crawler, scrapy.Request(f"{any_server.origin}/a"))
        await fetch(crawler, scrapy.Request(f"{any_server.origin}/trigger", meta={"keep_alive": False}))
        outcome = await fetch(crawler, scrapy.Request(f"{any_server.origin}/b"))
        assert outcome.response.body == b"ok"

    crawl.run(script)
    assert used(any_server, "b") == [3]
    assert [kept.response for kept in crawl.kept] == [OK] * 3


def dies_on_the_second(how: bytes | None) -> Script:
    def script(line: Line) -> bool:
        if line.count == 1:
            line.send(OK)
            return True
        if how is None:
            line.reset()
        else:
            line.send(how)
        return False

    return script


@pytest.mark.parametrize("how", [b"", None, b"GARBAGE\r\n", b"\xff", POISON[:5]], ids=repr)
def test_a_dead_kept_connection_is_replaced_once(any_server: RawServer, crawl: Crawl, how: bytes | None) -> None:
    any_server.scripts = {"a": dies_on_the_second(how)}
    first, second = crawl.fetch(*urls(any_server, "aa"))
    assert first.response.body == b"ok"
    if how == POISON[:5]:  # the start of an answer: it is one, and it was cut
        assert type(second.error).__name__ == "DownloadFailedError"
        assert [kept.response for kept in crawl.kept] == [OK, POISON[:5]]
    else:
        assert second.response.body == b"ok"
        assert used(any_server, "a") == [1, 1, 2]
        assert [kept.response for kept in crawl.kept] == [OK, OK]
        assert crawl.stats["newswarc/stale_connections"] == 1


@pytest.mark.parametrize("answer", [b"", b"GARBAGE\r\n"])
def test_a_fresh_connection_is_not_replaced(any_server: RawServer, crawl: Crawl, answer: bytes) -> None:
    any_server.scripts = {"a": sends(answer, close=True)}
    (outcome,) = crawl.fetch(*urls(any_server, "a"))
    assert type(outcome.error).__name__ == "DownloadFailedError"
    assert used(any_server, "a") == [1]
    assert [kept.response for kept in crawl.kept] == ([answer] if answer else [])


def test_a_post_is_never_sent_twice(any_server: RawServer, crawl: Crawl) -> None:
    any_server.scripts = {"a": sends(OK), "b": sends(OK)}
    requests = [*urls(any_server, "a"), scrapy.Request(f"{any_server.origin}/b", method="POST", body=b"x")]
    crawl.fetch(*requests, *urls(any_server, "a"))
    assert used(any_server, "a", "b") == [1, 2, 2]


def test_redirects_and_errors_keep_the_connection(any_server: RawServer, crawl: Crawl) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 3\r\n\r\n302"
    any_server.scripts = {"a": sends(moved), "b": sends(OK)}
    (outcome,) = crawl.fetch(*urls(any_server, "a"))
    assert outcome.response.url == f"{any_server.origin}/b"
    assert used(any_server, "a", "b") == [1, 1]
    assert [kept.response for kept in crawl.kept] == [moved, OK]


def test_a_cancelled_request_leaves_no_connection(any_server: RawServer, crawl: Crawl) -> None:
    def silent(line: Line) -> bool:
        line.send(POISON[:-1])  # its start is on disk already, by the limit below
        return True

    any_server.scripts = {"silent": silent, "b": sends(OK)}

    async def script(crawler: Crawler) -> None:
        assert crawler.engine is not None
        handlers = crawler.engine.downloader.handlers
        request = scrapy.Request(f"{any_server.origin}/silent", meta={"download_timeout": 50})
        task = asyncio.create_task(handlers.download_request_async(request))
        received = asyncio.Event()
        crawler.signals.connect(received.set, signals.bytes_received, weak=False)
        await received.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        outcome = await fetch(crawler, scrapy.Request(f"{any_server.origin}/b"))
        assert outcome.response.body == b"ok"

    crawl.run(script, NEWSWARC_SPOOL_BYTES=10)
    assert used(any_server, "silent", "b") == [1, 2]
    assert len(crawl.kept) == 1


class Idle(Connection):
    """A connection that needs no server."""

    def __init__(self) -> None:
        self.dropped = False
        self.quiet = True
        self.idle_since = 0.0
        self.lost = asyncio.get_running_loop().create_future()

    def drop(self) -> None:
        self.dropped = True

    def is_quiet(self) -> bool:
        return self.quiet


def route(host: str) -> Route:
    return Route(Endpoint(host, 80, tls=False))


def in_loop(check: object) -> None:
    async def run() -> None:
        check()  # type: ignore[operator]

    asyncio.run(run())


def test_the_pool_keeps_no_more_than_it_may() -> None:
    def check() -> None:
        pool = Pool(2, 3)
        idle = [Idle() for _ in range(6)]
        for connection, host in zip(idle, "aaabcb", strict=True):
            pool.give(route(host), connection)
        assert [each.dropped for each in idle] == [True, True, True, False, False, False]
        assert len(pool) == 3

    in_loop(check)


def test_the_pool_gives_back_the_newest_quiet_connection() -> None:
    def check() -> None:
        pool = Pool(4, 4)
        idle = [Idle() for _ in range(4)]
        for connection in idle:
            pool.give(route("a"), connection)
        idle[3].quiet = False
        idle[2].idle_since -= MAX_IDLE_SECONDS + 1
        assert pool.take(route("b")) is None
        assert pool.take(route("a")) is idle[1]
        assert [each.dropped for each in idle] == [False, False, True, True]

    in_loop(check)
