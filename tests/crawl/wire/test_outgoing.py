"""What is sent is one well-formed request, whatever the Scrapy request holds."""

from typing import Any

import pytest
import scrapy
from scrapy.exceptions import UnsupportedURLSchemeError

from crawler.crawl.wire.outgoing import Endpoint, bind_address, compose


def sent(url: str = "http://a.example/", *, keep_alive: bool = True, **request: Any) -> bytes:
    return compose(scrapy.Request(url, **request), keep_alive=keep_alive).data


def verbatim(url: str) -> bytes:
    return sent(url, meta={"verbatim_url": True})


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("http://a.example", b"GET / HTTP/1.1", b"a.example"),
        ("http://a.example/p?q=1&r=%20#top", b"GET /p?q=1&r=%20 HTTP/1.1", b"a.example"),
        ("http://a.example?q", b"GET /?q HTTP/1.1", b"a.example"),
        ("http://A.Example:80/", b"GET / HTTP/1.1", b"a.example"),
        ("https://a.example:443/", b"GET / HTTP/1.1", b"a.example"),
        ("https://a.example:80/", b"GET / HTTP/1.1", b"a.example:80"),
        ("http://a.example:8080/", b"GET / HTTP/1.1", b"a.example:8080"),
        ("http://me:secret@a.example/", b"GET / HTTP/1.1", b"a.example"),
        ("http://[2001:db8::1]:8080/", b"GET / HTTP/1.1", b"[2001:db8::1]:8080"),
        ("http://bücher.example/ü?ü", b"GET /%C3%BC?%C3%BC HTTP/1.1", b"xn--bcher-kva.example"),
        ("http://a.example//x/../y", b"GET //x/../y HTTP/1.1", b"a.example"),
    ],
)
def test_the_request_line_and_host_follow_the_url(url: str, line: bytes, host: bytes) -> None:
    assert sent(url) == line + b"\r\nHost: " + host + b"\r\n\r\n"


def test_a_verbatim_url_is_sent_as_it_is() -> None:
    assert verbatim("http://a.example/%7e|{}^'\"<>[]").startswith(b"GET /%7e|{}^'\"<>[] HTTP/1.1\r\n")
    assert verbatim("http://bücher.example/ü").startswith(b"GET /\xc3\xbc HTTP/1.1\r\nHost: xn--bcher-kva.example\r\n")


@pytest.mark.parametrize(
    "url",
    ["http://a.example/a b", "http://a.example/a\r\nX: y", "http://a.example/\x00", "http://a example/",
     "http://a.example:x/", "http://:80/", "http://", "gopher://a.example/", "http://[::1/", "http://" + 70 * "ü"],
)  # fmt: skip
def test_a_url_that_cannot_be_asked_for_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedURLSchemeError):
        verbatim(url)


def test_a_method_that_is_none_is_refused() -> None:
    with pytest.raises(UnsupportedURLSchemeError):
        sent(method="GET / HTTP/1.1\r\nX:")


def test_headers_follow_in_their_order() -> None:
    data = sent(headers={"B": "1", "A": ["2", "3"], "Host": "other.example"})
    assert data == b"GET / HTTP/1.1\r\nHost: other.example\r\nB: 1\r\nA: 2\r\nA: 3\r\n\r\n"


def test_a_header_cannot_become_two() -> None:
    data = sent(headers={"A": "1\r\nEvil: 2", "B": b"x\n y\0z"})
    assert data == b"GET / HTTP/1.1\r\nHost: a.example\r\nA: 1 Evil: 2\r\nB: x y z\r\n\r\n"
    with pytest.raises(ValueError, match="no header name"):
        sent(headers={"A\r\nEvil": "1"})


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [("GET", b"", None), ("GET", b"x", b"1"), ("POST", b"", b"0"), ("PUT", b"ab", b"2"), ("DELETE", b"", None)],
)
def test_the_length_is_that_of_the_body(method: str, body: bytes, length: bytes | None) -> None:
    data = sent(method=method, body=body, headers={"Content-Length": "99", "Transfer-Encoding": "chunked"})
    field = b"" if length is None else b"\r\nContent-Length: " + length
    assert data == method.encode() + b" / HTTP/1.1\r\nHost: a.example" + field + b"\r\n\r\n" + body


def test_a_last_request_says_so() -> None:
    assert sent(keep_alive=False).endswith(b"\r\nConnection: close\r\n\r\n")
    told = compose(scrapy.Request("http://a.example/", headers={"Connection": "Close"}), keep_alive=True)
    assert not told.keep_alive
    assert told.data.count(b"Connection") == 1


def test_routes_are_apart_where_connections_must_be() -> None:
    def route(url: str, **meta: Any) -> object:
        return compose(scrapy.Request(url, meta=meta), keep_alive=True).route

    plain = route("http://a.example/x")
    assert plain == route("http://a.example/y")
    others = [
        route("https://a.example/x"),
        route("http://a.example:81/x"),
        route("http://a.example/x", bindaddress="127.0.0.2"),
        route("http://a.example/x", proxy="http://p.example:3128"),
        route("https://a.example/x", proxy="http://p.example:3128"),
        route("https://b.example/x", proxy="http://p.example:3128"),
    ]
    assert len({plain, *others}) == 7
    assert route("http://a.example/", proxy="http://p.example") == route("http://b.example/", proxy="http://p.example")


def test_the_site_is_told_apart_from_the_proxy() -> None:
    request = scrapy.Request("https://a.example/x", meta={"proxy": "https://p.example"})
    outgoing = compose(request, keep_alive=True, bind=bind_address("127.0.0.2"))
    assert outgoing.site == Endpoint("a.example", 443, tls=True)
    assert outgoing.route.first == Endpoint("p.example", 443, tls=True)
    assert outgoing.route.bind == ("127.0.0.2", 0)
