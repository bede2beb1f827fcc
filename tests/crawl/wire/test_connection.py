"""Bytes that belong to no exchange end a connection, however late anybody looks."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import scrapy
from scrapy.crawler import Crawler

from crawler.crawl.wire.connection import Connection
from crawler.crawl.wire.limits import Limits
from crawler.crawl.wire.transfer import Transfer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LIMITS = Limits(max_bytes=0, warn_bytes=0, fail_on_dataloss=True, spool_bytes=None)

Check = Callable[[Connection, socket.socket], Awaitable[None]]


def connected(check: Check) -> None:
    async def run() -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        connection = Connection(ours)
        with theirs:
            await asyncio.get_running_loop().create_connection(lambda: connection, sock=ours)
            await check(connection, theirs)
            connection.drop()
            await connection.lost

    asyncio.run(run())


def transfer() -> Transfer:
    return Transfer(scrapy.Request("http://a.example/"), LIMITS, Crawler(scrapy.Spider))


def test_a_silent_connection_is_quiet() -> None:
    async def check(connection: Connection, _: socket.socket) -> None:
        assert connection.is_quiet()
        connection.drop()
        assert not connection.is_quiet()

    connected(check)


@pytest.mark.parametrize("late", [b"x", b""], ids=["a byte", "a close"])
def test_what_the_loop_has_not_seen_yet_counts(late: bytes) -> None:
    async def check(connection: Connection, theirs: socket.socket) -> None:
        theirs.sendall(late)
        if not late:
            theirs.close()
        assert not connection.is_quiet()

    connected(check)


def test_a_byte_that_nobody_waits_for_ends_the_connection() -> None:
    async def check(connection: Connection, theirs: socket.socket) -> None:
        theirs.sendall(b"x")
        await connection.lost
        assert not connection.usable

    connected(check)


def test_nothing_can_be_sent_on_a_lost_connection() -> None:
    async def check(connection: Connection, theirs: socket.socket) -> None:
        theirs.close()
        await connection.lost
        answer = transfer()
        connection.send(b"GET / HTTP/1.1\r\n\r\n", answer)
        assert answer.done.done()
        assert answer.stale

    connected(check)


def test_bytes_right_behind_the_end_are_noticed() -> None:
    """They come before the waiting task has had its turn."""

    async def check(connection: Connection, _: socket.socket) -> None:
        answer = transfer()
        connection.send(b"GET / HTTP/1.1\r\n\r\n", answer)
        answer.received(OK)
        assert answer.reusable
        answer.received(b"H")
        answer.closed(None)
        answer.expire()
        assert not answer.reusable
        assert answer.truncated is None

    connected(check)
