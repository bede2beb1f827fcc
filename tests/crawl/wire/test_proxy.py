"""Behind a proxy the site's exchange is the same, and the proxy's own is nobody's business."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import scrapy

from crawler.errors import RefusedAddressError
from tests.crawl.wire.crawling import Crawl, Outcome
from tests.crawl.wire.proxy import Proxy
from tests.crawl.wire.raw_server import RawServer, sends

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as running:
        yield running


def through(crawl: Crawl, server: RawServer, proxy: str, *, times: int = 1, **settings: Any) -> list[Outcome]:
    server.scripts["page"] = sends(OK)
    requests = [scrapy.Request(f"{server.origin}/page", meta={"proxy": proxy}) for _ in range(times)]
    return crawl.fetch(*requests, **settings)


def test_a_plain_request_goes_to_the_proxy_in_absolute_form(server: RawServer, proxy: Proxy, crawl: Crawl) -> None:
    (outcome,) = through(crawl, server, proxy.origin.replace("http://", "http://me:secret@"))
    assert outcome.response.body == b"ok"
    (request,) = proxy.asked
    assert request.startswith(f"GET {server.origin}/page HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n".encode())
    assert b"\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n" in request
    assert [kept.exchange.request for kept in crawl.kept] == [request]


def test_a_tls_request_goes_through_a_tunnel(tls_server: RawServer, proxy: Proxy, crawl: Crawl) -> None:
    outcomes = through(crawl, tls_server, proxy.origin.replace("http://", "http://me:secret@"), times=2)
    assert [outcome.response.body for outcome in outcomes] == [b"ok", b"ok"]
    target = f"127.0.0.1:{tls_server.port}"
    assert proxy.asked == [
        f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n".encode()
    ]
    assert [kept.exchange.request for kept in crawl.kept] == [entry.request for entry in tls_server.log["page"]]
    assert [kept.response for kept in crawl.kept] == [OK, OK]
    assert b"Proxy-Authorization" not in tls_server.log["page"][0].request
    assert tls_server.alpn == ["http/1.1"]


def test_the_sites_address_is_unknown_behind_a_proxy(tls_server: RawServer, proxy: Proxy, crawl: Crawl) -> None:
    (outcome,) = through(crawl, tls_server, proxy.origin)
    assert crawl.kept[0].exchange.ip_address is None
    assert crawl.kept[0].exchange.protocols == ("http/1.1", "tls/1.3")
    assert str(outcome.response.ip_address) == "127.0.0.1"


@pytest.mark.parametrize("site", ["http", "https"])
def test_the_proxy_itself_may_speak_tls(
    site: str, authority: tuple[Path, ssl.SSLContext], crawl: Crawl, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("server" if site == "http" else "tls_server")
    with Proxy(tls=authority[1]) as proxy:
        (outcome,) = through(crawl, server, proxy.origin)
    assert outcome.response.body == b"ok"
    assert [kept.response for kept in crawl.kept] == [OK]
    assert crawl.kept[0].exchange.protocols == (("http/1.1",) if site == "http" else ("http/1.1", "tls/1.3"))


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "407 Proxy Authentication Required",
        ),
        (b"GARBAGE\r\n", "no HTTP status line"),
        (b"", "it closed the connection"),
    ],
)
def test_a_refused_tunnel_is_a_failed_download(
    tls_server: RawServer, proxy: Proxy, crawl: Crawl, refusal: bytes, why: str
) -> None:
    proxy.refusal = refusal
    (outcome,) = through(crawl, tls_server, proxy.origin)
    assert type(outcome.error).__name__ == "DownloadFailedError"
    assert why in str(outcome.error)
    assert crawl.kept == []


def test_a_proxy_without_scheme_is_understood(server: RawServer, proxy: Proxy, crawl: Crawl) -> None:
    (outcome,) = through(crawl, server, f"127.0.0.1:{proxy.port}", HTTPPROXY_ENABLED=False)
    assert outcome.response.body == b"ok"


def test_a_proxy_of_another_kind_is_refused(server: RawServer, crawl: Crawl) -> None:
    (outcome,) = through(crawl, server, "socks5://127.0.0.1:1", HTTPPROXY_ENABLED=False)
    assert type(outcome.error).__name__ == "UnsupportedURLSchemeError"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "[::1]", "[::ffff:10.0.0.1]"])
def test_a_private_address_is_refused_behind_a_proxy_too(proxy: Proxy, crawl: Crawl, host: str) -> None:
    request = scrapy.Request(f"http://{host}/", meta={"proxy": proxy.origin})
    (outcome,) = crawl.fetch(request, NEWSWARC_ALLOW_PRIVATE=False)
    assert type(outcome.error) is RefusedAddressError
    assert proxy.asked == []


def test_the_proxy_itself_may_be_private(proxy: Proxy, crawl: Crawl) -> None:
    proxy.refusal = OK
    request = scrapy.Request("http://site.example:80/page", meta={"proxy": proxy.origin, "keep_alive": False})
    (outcome,) = crawl.fetch(request, NEWSWARC_ALLOW_PRIVATE=False)
    assert outcome.response.body == b"ok"
