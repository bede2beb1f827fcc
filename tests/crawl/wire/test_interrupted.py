"""A transfer that breaks off is kept as far as it came, under its own token, and tried again."""

import contextlib
import os
import socket
import ssl
from collections.abc import Callable

import pytest
import scrapy

from tests.crawl.wire.crawling import Crawl
from tests.crawl.wire.raw_server import Line, RawServer, Script, sends

BODY = b"<html>" + b"Some news of the day. " * 100 + b"</html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
COUNTED = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY)
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSE = HEAD + b"\r\n"
WHOLE = COUNTED + BODY
PART = BODY[:1000]

Ending = Callable[[Line], None]


def close(line: Line) -> None:
    """FIN, and over TLS its goodbye before."""
    line.sock.settimeout(1)
    if isinstance(line.sock, ssl.SSLSocket):
        with contextlib.suppress(OSError):
            line.sock.unwrap()


def reset(line: Line) -> None:
    line.reset()


def cut_tls(line: Line) -> None:
    """FIN without the goodbye that TLS has for it: as a cut cable looks, or an attacker."""
    descriptor = line.sock.detach()
    with socket.socket(fileno=descriptor) as raw:
        raw.shutdown(socket.SHUT_RDWR)


def stall(line: Line) -> None:
    """Nothing more, until the crawler hangs up."""
    with contextlib.suppress(OSError):
        line.sock.recv(1)


def one_by_one(*scripts: Script) -> Script:
    left = list(scripts)

    def script(line: Line) -> bool:
        return left.pop(0)(line)

    return script


def broken(sent: bytes, ending: Ending) -> Script:
    def script(line: Line) -> bool:
        line.send(sent)
        ending(line)
        return False

    return script


BREAKS = {
    "counted-close": (COUNTED + PART, close, "disconnect"),
    "counted-reset": (COUNTED + PART, reset, "disconnect"),
    "counted-stall": (COUNTED + PART, stall, "time"),
    "chunked-close": (CHUNKED + b"%x\r\n" % len(BODY) + PART, close, "disconnect"),
    "chunked-reset": (CHUNKED + b"%x\r\n" % len(BODY) + PART, reset, "disconnect"),
    "chunked-without-last": (CHUNKED + b"%x\r\n%b\r\n" % (len(PART), PART), close, "disconnect"),
    "until-close-reset": (UNTIL_CLOSE + PART, reset, "disconnect"),
    "until-close-stall": (UNTIL_CLOSE + PART, stall, "time"),
    "head-close": (HEAD + b"Content-Le", close, "disconnect"),
    "head-reset": (HEAD + b"Content-Le", reset, "disconnect"),
    "head-stall": (HEAD + b"Content-Le", stall, "time"),
    "garbage-in-a-chunk": (CHUNKED + b"5\r\nhello\r\nzz\r\n", close, "unspecified"),
}
TLS_BREAKS = {
    "counted-cut": (COUNTED + PART, cut_tls, "disconnect"),
    "chunked-cut": (CHUNKED + b"%x\r\n" % len(BODY) + PART, cut_tls, "disconnect"),
    "until-close-cut": (UNTIL_CLOSE + PART, cut_tls, "disconnect"),
    "head-cut": (HEAD + b"Content-Le", cut_tls, "disconnect"),
}


def check(crawl: Crawl, server: RawServer, sent: bytes, ending: Ending, token: str) -> None:
    server.scripts["page"] = one_by_one(broken(sent, ending), sends(WHOLE))
    request = scrapy.Request(f"{server.origin}/page", meta={"download_timeout": 0.5})
    (outcome,) = crawl.fetch(request, RETRY_ENABLED=True, RETRY_TIMES=1)
    assert outcome.response is not None, outcome.error
    assert outcome.response.body == BODY
    assert outcome.response.meta["capture"].truncated is None
    cut, whole = crawl.kept
    assert (cut.response, cut.exchange.truncated) == (sent, token)
    assert (whole.response, whole.exchange.truncated) == (WHOLE, None)


@pytest.mark.parametrize("name", BREAKS)
def test_a_transfer_that_breaks_off_is_kept_and_tried_again(any_server: RawServer, crawl: Crawl, name: str) -> None:
    check(crawl, any_server, *BREAKS[name])


@pytest.mark.parametrize("name", TLS_BREAKS)
def test_a_cut_that_tls_was_not_told_of_is_none_of_the_servers_ends(
    tls_server: RawServer, crawl: Crawl, name: str
) -> None:
    check(crawl, tls_server, *TLS_BREAKS[name])


def test_a_body_that_ends_with_the_connection_is_whole(any_server: RawServer, crawl: Crawl) -> None:
    any_server.scripts["page"] = broken(UNTIL_CLOSE + PART, close)
    (outcome,) = crawl.fetch(scrapy.Request(f"{any_server.origin}/page"))
    assert outcome.response.body == PART
    assert [kept.exchange.truncated for kept in crawl.kept] == [None]


def test_it_gives_up_after_its_attempts_and_keeps_each(any_server: RawServer, crawl: Crawl) -> None:
    parts = [COUNTED + os.urandom(50 * number) for number in (1, 2, 3)]
    any_server.scripts["page"] = one_by_one(*(broken(part, close) for part in parts))
    (outcome,) = crawl.fetch(scrapy.Request(f"{any_server.origin}/page"), RETRY_ENABLED=True, RETRY_TIMES=2)
    assert type(outcome.error).__name__ == "ResponseDataLossError"
    assert [(kept.response, kept.exchange.truncated) for kept in crawl.kept] == [(p, "disconnect") for p in parts]


def test_what_is_too_long_is_kept_and_not_tried_again(any_server: RawServer, crawl: Crawl) -> None:
    any_server.scripts["page"] = sends(WHOLE)
    settings = {"RETRY_ENABLED": True, "DOWNLOAD_MAXSIZE": 100}
    (outcome,) = crawl.fetch(scrapy.Request(f"{any_server.origin}/page"), **settings)
    assert type(outcome.error).__name__ == "DownloadCancelledError"
    assert [kept.exchange.truncated for kept in crawl.kept] == ["length"]
