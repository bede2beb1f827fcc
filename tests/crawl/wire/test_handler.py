"""What a Scrapy user relies on works as with Scrapy's own handlers, and what failed is kept all the same."""

import asyncio
import functools
import gzip
import logging
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotSupported, StopDownload
from scrapy.http import HtmlResponse, XmlResponse
from twisted.internet.ssl import Certificate

from crawler.errors import ArchiveError, RefusedAddressError
from tests.crawl.wire.crawling import Crawl, Outcome, fetch
from tests.crawl.wire.raw_server import Line, RawServer, sends

BODY = b"<html>" + b"x" * 5000
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def one(crawl: Crawl, server: RawServer, answer: bytes = PAGE, *, settings: Any = (), **request: Any) -> Outcome:
    server.scripts["page"] = sends(answer)
    (outcome,) = crawl.fetch(scrapy.Request(f"{server.origin}/page", **request), **dict(settings))
    return outcome


def refused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def silent(_: Line) -> bool:
    return True


def partial(line: Line) -> bool:
    line.send(PAGE[:1000])
    return True


# --- Failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:{refused}/", "DownloadConnectionRefusedError"),
        ("https://127.0.0.1:{refused}/", "DownloadConnectionRefusedError"),
        ("http://no-such-host.invalid/", "CannotResolveHostError"),
        ("http://" + "x" * 64 + ".invalid/", "CannotResolveHostError"),
        ("http:///path", "UnsupportedURLSchemeError"),
        ("http://a:99999/", "UnsupportedURLSchemeError"),
    ],
)
def test_a_failure_has_scrapys_own_name(crawl: Crawl, url: str, error: str) -> None:
    full = url.format(refused=refused_port())
    (outcome,) = crawl.fetch(scrapy.Request(full, meta={"verbatim_url": True}))
    assert type(outcome.error).__name__ == error
    assert crawl.kept == []


@pytest.mark.parametrize("greeting", [b"", b"220 mail.example ESMTP\r\n"])
def test_a_server_without_tls_is_told_so(crawl: Crawl, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.sendall(greeting)
                sock.recv(10_000)

        thread = threading.Thread(target=greet)
        thread.start()
        (outcome,) = crawl.fetch(scrapy.Request(f"https://127.0.0.1:{listener.getsockname()[1]}/"))
        thread.join()
    assert type(outcome.error).__name__ == "DownloadFailedError"


def test_a_failed_page_is_tried_again_and_each_try_is_kept(any_server: RawServer, crawl: Crawl) -> None:
    answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
    outcome = one(crawl, any_server, answer, settings={"RETRY_ENABLED": True})
    assert outcome.response.status == 503
    assert [kept.response for kept in crawl.kept] == [answer] * 3


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server: RawServer, crawl: Crawl) -> None:
    outcome = one(crawl, tls_server, settings={"NEWSWARC_CA_FILE": None})
    assert type(outcome.error).__name__ == "DownloadFailedError"
    assert "certificate verify failed" in str(outcome.error)


def test_a_certificate_is_not_checked_where_that_is_not_wanted(tls_server: RawServer, crawl: Crawl) -> None:
    settings = {"NEWSWARC_CA_FILE": None, "DOWNLOAD_VERIFY_CERTIFICATES": False}
    assert one(crawl, tls_server, settings=settings).response.body == BODY


def test_a_certificate_for_another_name_is_refused(tls_server: RawServer, crawl: Crawl) -> None:
    rule = f"other.test:443:127.0.0.1:{tls_server.port}"
    (outcome,) = crawl.fetch(scrapy.Request("https://other.test/page"), NEWSWARC_RESOLVE=[rule])
    assert "Hostname mismatch" in str(outcome.error)


def test_a_private_address_is_refused_and_not_tried_again(server: RawServer, crawl: Crawl) -> None:
    settings = {"NEWSWARC_ALLOW_PRIVATE": False, "RETRY_ENABLED": True}
    outcome = one(crawl, server, settings=settings)
    assert type(outcome.error) is RefusedAddressError
    assert "127.0.0.1" in str(outcome.error)
    assert server.connections == 0
    assert "retry/count" not in crawl.stats


def test_a_redirect_into_the_private_network_is_refused(server: RawServer, crawl: Crawl) -> None:
    """The public page is stood in for by a rule that the check does not know of: its own address is let through."""
    server.scripts["page"] = sends(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")

    async def script(crawler: Crawler) -> None:
        assert crawler.engine is not None
        handler: Any = crawler.engine.downloader.handlers._handlers["http"]
        resolver = handler._dialer._resolver
        resolver._allow_private = True
        refuse = functools.partial(setattr, resolver, "_allow_private", False)
        crawler.signals.connect(lambda: refuse(), signals.headers_received, weak=False)  # noqa: PLW0108
        outcome = await fetch(crawler, scrapy.Request(f"{server.origin}/page"))
        assert type(outcome.error) is RefusedAddressError

    crawl.run(script, NEWSWARC_ALLOW_PRIVATE=False)


def test_an_archive_that_fails_fails_the_request(any_server: RawServer, crawl: Crawl) -> None:
    outcome = one(crawl, any_server, settings={"ARCHIVE_FAILURE": ArchiveError("disk full")})
    assert type(outcome.error) is ArchiveError
    assert outcome.capture is None


def test_a_full_disk_fails_the_request_alone(server: RawServer, crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crawler.spool.Spool._move_to_disk", full)
    outcome = one(crawl, server, settings={"NEWSWARC_SPOOL_BYTES": 100})
    assert isinstance(outcome.error, OSError)


# --- Limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [silent, partial])
def test_time_runs_out(any_server: RawServer, crawl: Crawl, script: Any) -> None:
    any_server.scripts["slow"] = script
    (outcome,) = crawl.fetch(scrapy.Request(f"{any_server.origin}/slow", meta={"download_timeout": 0.2}))
    assert type(outcome.error).__name__ == "DownloadTimeoutError"
    assert [(kept.response, kept.exchange.truncated) for kept in crawl.kept] == (
        [(PAGE[:1000], "time")] if script is partial else []
    )


def test_time_runs_out_while_connecting(crawl: Crawl) -> None:
    """A listener whose queue is full answers no more connections."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        crowd = [socket.socket() for _ in range(4)]
        for sock in crowd:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        request = scrapy.Request(f"http://127.0.0.1:{port}/", meta={"download_timeout": 0.2})
        (outcome,) = crawl.fetch(request)
        for sock in crowd:
            sock.close()
    assert type(outcome.error).__name__ == "DownloadTimeoutError"


def test_time_runs_out_in_the_handshake(crawl: Crawl) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}/"
        (outcome,) = crawl.fetch(scrapy.Request(url, meta={"download_timeout": 0.2}))
    assert type(outcome.error).__name__ == "DownloadTimeoutError"


LIMITED = [
    ({"DOWNLOAD_MAXSIZE": 1000}, {}),
    ({}, {"download_maxsize": 1000}),
]


@pytest.mark.parametrize(("settings", "meta"), LIMITED, ids=["setting", "meta"])
@pytest.mark.parametrize("told", [True, False], ids=["told", "chunked"])
def test_a_body_past_the_maximum_is_cut(
    any_server: RawServer, crawl: Crawl, settings: Any, meta: Any, told: bool
) -> None:
    answer = PAGE if told else CHUNKED + b"%x\r\n%b\r\n" % (len(BODY), BODY) + b"0\r\n\r\n"
    outcome = one(crawl, any_server, answer, settings=settings, meta=meta)
    assert type(outcome.error).__name__ == "DownloadCancelledError"
    (kept,) = crawl.kept
    assert kept.exchange.truncated == "length"
    assert answer.startswith(kept.response)
    assert b"\r\n\r\n" in kept.response
    assert outcome.capture is not None
    assert outcome.capture.truncated == "length"


def test_a_head_request_is_not_measured_by_the_body_it_does_not_get(server: RawServer, crawl: Crawl) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"
    outcome = one(crawl, server, answer, method="HEAD", settings={"DOWNLOAD_MAXSIZE": 1000})
    assert outcome.response.status == 200


def test_a_large_body_is_warned_of_once(server: RawServer, crawl: Crawl, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "crawler.crawl.wire.transfer"):
        one(crawl, server, settings={"DOWNLOAD_WARNSIZE": 1000})
    assert len([record for record in caplog.records if "a lot" in record.getMessage()]) == 1


def test_archive_only_keeps_the_body_from_memory(any_server: RawServer, crawl: Crawl) -> None:
    answer = PAGE.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1)
    outcome = one(crawl, any_server, answer, meta={"archive_only": True})
    assert outcome.response.body == b""
    assert outcome.capture is not None
    assert outcome.capture.payload == b""
    assert crawl.kept[0].response == answer


def test_archive_only_keeps_the_body_where_there_is_no_archive(server: RawServer, crawl: Crawl) -> None:
    server.scripts["page"] = sends(PAGE)
    request = scrapy.Request(f"{server.origin}/page", meta={"archive_only": True})
    (outcome,) = crawl.fetch(request, archive=False)
    assert outcome.response.body == BODY


# --- Signals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal", [signals.headers_received, signals.bytes_received])
@pytest.mark.parametrize("fail", [True, False])
def test_a_component_may_stop_the_download(any_server: RawServer, crawl: Crawl, signal: object, fail: bool) -> None:
    any_server.scripts["page"] = partial
    outcomes = []

    def stop(**_: Any) -> None:
        raise StopDownload(fail=fail)

    async def script(crawler: Crawler) -> None:
        crawler.signals.connect(stop, signal, weak=False)
        outcomes.append(await fetch(crawler, scrapy.Request(f"{any_server.origin}/page")))

    crawl.run(script, DOWNLOAD_MAXSIZE=10 if signal is signals.headers_received else 0)  # who stops has the last word
    (outcome,) = outcomes
    response: Any = outcome.error.response if isinstance(outcome.error, StopDownload) else outcome.response
    assert isinstance(outcome.error, StopDownload) == fail
    assert response.flags == ["download_stopped"]
    assert (response.body == b"") == (signal is signals.headers_received)
    (kept,) = crawl.kept
    assert kept.exchange.truncated == "unspecified"
    assert PAGE.startswith(kept.response)


def test_a_download_stopped_by_its_last_byte_is_whole(server: RawServer, crawl: Crawl) -> None:
    server.scripts["page"] = sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def stop(**_: Any) -> None:
        raise StopDownload(fail=False)

    async def script(crawler: Crawler) -> None:
        crawler.signals.connect(stop, signals.bytes_received, weak=False)
        outcome = await fetch(crawler, scrapy.Request(f"{server.origin}/page"))
        assert outcome.response.body == b"ok"

    crawl.run(script)
    assert crawl.kept[0].exchange.truncated is None


def test_the_signals_tell_head_and_payload(server: RawServer, crawl: Crawl) -> None:
    told: list[tuple[str, Any]] = []
    server.scripts["page"] = sends(CHUNKED.replace(b"200 OK", b"200 OK\r\nX-A: 1"), b"5\r\nhello\r\n0\r\n\r\n")

    def heads(headers: Any, body_length: Any, **_: Any) -> None:
        told.append((headers["X-A"], body_length))

    def bodies(data: bytes, **_: Any) -> None:
        told.append(("data", data))

    async def script(crawler: Crawler) -> None:
        crawler.signals.connect(heads, signals.headers_received, weak=False)
        crawler.signals.connect(bodies, signals.bytes_received, weak=False)
        await fetch(crawler, scrapy.Request(f"{server.origin}/page"))

    crawl.run(script)
    assert told == [(b"1", None), ("data", b"hello")]


# --- Responses --------------------------------------------------------------------------------------------------------


def test_the_response_tells_its_origin(any_server: RawServer, crawl: Crawl) -> None:
    outcome = one(crawl, any_server, PAGE)
    response = outcome.response
    assert str(response.ip_address) == "127.0.0.1"
    assert response.protocol == "HTTP/1.1"
    assert isinstance(response.certificate, Certificate) == (any_server.tls is not None)
    assert 0 < outcome.request.meta["download_latency"] < 10
    assert type(response) is HtmlResponse


def test_a_fragment_is_neither_sent_nor_told(server: RawServer, crawl: Crawl) -> None:
    server.scripts["page"] = sends(PAGE)
    (outcome,) = crawl.fetch(scrapy.Request(f"{server.origin}/page?a=b#top"))
    assert outcome.response.url == f"{server.origin}/page?a=b"
    assert server.log["page"][0].request.startswith(b"GET /page?a=b HTTP/1.1\r\n")


def test_repeated_headers_stay_repeated(server: RawServer, crawl: Crawl) -> None:
    answer = PAGE.replace(b"\r\n\r\n", b"\r\nset-cookie: a\r\nSet-Cookie: b\r\n\r\n", 1)
    outcome = one(crawl, server, answer)
    assert outcome.response.headers.getlist("Set-Cookie") == [b"a", b"b"]
    assert outcome.capture is not None
    assert [pair for pair in outcome.capture.headers if "ookie" in pair[0]] == [
        ("set-cookie", "a"),
        ("Set-Cookie", "b"),
    ]


@pytest.mark.parametrize("path", ["page", "page.html", "page.xml"])
def test_no_charset_is_guessed_from_compressed_bytes(
    server: RawServer, crawl: Crawl, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scrapy's decoder asks a text response for its encoding before it replaces the body."""
    asked: list[bytes] = []
    monkeypatch.setattr(scrapy.http.TextResponse, "_auto_detect_fun", lambda _, text: asked.append(bytes(text)))
    body = gzip.compress("<html><p>Grüße</p></html>".encode("latin-1"))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    server.scripts[path] = sends(head % len(body) + body)
    (outcome,) = crawl.fetch(scrapy.Request(f"{server.origin}/{path}"))
    assert type(outcome.response) is HtmlResponse
    assert outcome.response.body.startswith(b"<html>")
    assert body not in asked


def test_an_unknown_encoding_stays_as_it_is(server: RawServer, crawl: Crawl) -> None:
    answer = PAGE.replace(b"\r\n\r\n", b"\r\nContent-Encoding: odd\r\n\r\n", 1)
    outcome = one(crawl, server, answer)
    assert outcome.response.headers["Content-Encoding"] == b"odd"
    assert outcome.response.body == BODY


def test_the_class_follows_the_type(server: RawServer, crawl: Crawl) -> None:
    assert type(one(crawl, server, PAGE.replace(b"text/html", b"text/xml")).response) is XmlResponse


def test_pages_come_without_an_archive_too(any_server: RawServer, crawl: Crawl) -> None:
    any_server.scripts["page"] = sends(PAGE)
    (outcome,) = crawl.fetch(scrapy.Request(f"{any_server.origin}/page"), archive=False)
    assert outcome.response.body == BODY
    assert outcome.capture is not None
    assert outcome.capture.ref is None


def test_via_and_hops_reach_the_archive(server: RawServer, crawl: Crawl) -> None:
    one(crawl, server, meta={"via": "http://x/", "hops": "LM"})
    (kept,) = crawl.kept
    assert (kept.exchange.via, kept.exchange.hops) == ("http://x/", "LM")
    assert kept.exchange.fetch_ms >= 0


def test_robots_txt_is_kept_as_well(server: RawServer, crawl: Crawl) -> None:
    server.scripts["robots.txt"] = sends(b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\nUser-agent: *\r\nDisallow:")
    one(crawl, server, settings={"ROBOTSTXT_OBEY": True})
    assert [kept.exchange.url for kept in crawl.kept] == [f"{server.origin}/robots.txt", f"{server.origin}/page"]


def test_the_way_by_ipv6_is_the_same(authority: tuple[Path, ssl.SSLContext], crawl: Crawl) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    for tls in (None, authority[1]):
        with RawServer({"page": sends(PAGE)}, tls=tls, host="::1") as server:
            outcome = one(crawl, server)
            assert outcome.response.body == BODY
            assert f"\r\nHost: [::1]:{server.port}\r\n".encode() in server.log["page"][0].request
    assert [kept.exchange.ip_address for kept in crawl.kept] == ["::1", "::1"]


def test_a_dead_address_does_not_hide_a_living_one(
    server: RawServer, crawl: Crawl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Happy eyeballs: the name has an IPv6 address where nobody listens, and an IPv4 address where the server is."""

    async def both(_: object, __: str, port: int, **___: object) -> list[Any]:
        tcp = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [
            (socket.AF_INET6, *tcp, ("::1", port, 0, 0)),
            (socket.AF_INET, *tcp, ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", both)
    server.scripts["page"] = sends(PAGE)
    (outcome,) = crawl.fetch(scrapy.Request(f"http://both.example:{server.port}/page"))
    assert outcome.response.body == BODY


@pytest.mark.parametrize("bind", ["127.0.0.2", ("127.0.0.2", 0)])
@pytest.mark.parametrize("by", ["setting", "meta"])
def test_the_own_address_can_be_chosen(server: RawServer, crawl: Crawl, bind: Any, by: str) -> None:
    peers: list[str] = []

    def note(line: Line) -> bool:
        peers.append(line.sock.getpeername()[0])
        line.send(PAGE)
        return True

    server.scripts["peer"] = note
    meta = {"bindaddress": bind} if by == "meta" else {}
    settings = {"DOWNLOAD_BIND_ADDRESS": bind} if by == "setting" else {}
    crawl.fetch(scrapy.Request(f"{server.origin}/peer", meta=meta), **settings)
    assert peers == ["127.0.0.2"]


def test_tls_is_told_on_request(tls_server: RawServer, crawl: Crawl, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "crawler.crawl.wire.handler"):
        one(crawl, tls_server, settings={"DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING": True})
    assert "tls/1.3 with TLS_" in caplog.text


def test_a_bad_setting_is_told_and_no_page_is_fetched(server: RawServer, crawl: Crawl) -> None:
    outcome = one(crawl, server, settings={"NEWSWARC_RESOLVE": ["nonsense"]})
    assert isinstance(outcome.error, NotSupported)
    assert "--resolve nonsense: give HOST:PORT:ADDRESS" in str(outcome.error)
