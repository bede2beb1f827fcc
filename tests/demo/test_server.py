import asyncio
import socket
import ssl
from email.utils import parsedate_to_datetime

import pytest

from crawler.demo.resource import CHUNK_BYTES
from crawler.demo.server import ADDRESS, Replica
from crawler.errors import UsageError
from tests.demo.client import Client

HOME = "https://indebta.com/"
FRONTS = {
    "https://indebta.com/": {"br", "gzip"},
    "https://www.dimsumdaily.hk/": {"zstd", "br", "gzip"},
    "https://www.businesslive.co.za/": {"gzip"},
    "https://www.businessday.co.za/": {"br", "gzip"},
    "https://www.spacedaily.com/": {"gzip"},
    "https://diplomat.so/": set[str](),
}


def exchange(replica: Replica, *requests: bytes) -> bytes:
    """All that the plain port sends until it closes the connection."""
    with socket.create_connection((ADDRESS, replica.http_port), timeout=10) as connection:
        for request in requests:
            connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_speaks_tls_that_verifies_for_every_host(replica: Replica) -> None:
    context = ssl.create_default_context(cafile=str(replica.ca_file))
    for host in replica.hosts:
        with (
            socket.create_connection((ADDRESS, replica.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            assert secure.getpeercert()


def test_has_no_certificate_for_another_host(replica: Replica) -> None:
    context = ssl.create_default_context(cafile=str(replica.ca_file))
    with (
        socket.create_connection((ADDRESS, replica.port), timeout=10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(plain, server_hostname="example.org")


@pytest.mark.parametrize(("url", "offered"), FRONTS.items())
def test_encodes_as_the_client_accepts_and_the_site_offers(url: str, offered: set[str], client: Client) -> None:
    bare = client.get(url)
    assert bare.headers["Content-Encoding"] is None
    seen = set()
    for accepted in ("gzip", "br", "zstd", "gzip, deflate, br, zstd"):
        reply = client.get(url, {"Accept-Encoding": accepted})
        seen.add(reply.headers["Content-Encoding"])
        assert reply.body == bare.body
    assert seen - {None} == offered


@pytest.mark.parametrize("refusal", ["gzip;q=0", "br;q=0.0, gzip; q=0.000", "*;q=0.5, identity"])
def test_leaves_a_refused_encoding_alone(refusal: str, client: Client) -> None:
    assert client.get(HOME, {"Accept-Encoding": refusal}).headers["Content-Encoding"] is None


def test_sends_chunks_where_the_site_does(client: Client) -> None:
    page = client.get(HOME)
    assert page.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in page.headers
    assert len(page.body) > CHUNK_BYTES
    assert client.get("https://diplomat.so/").headers["Content-Length"]


def test_answers_304_to_a_tag_it_gave(client: Client) -> None:
    tag = client.get(HOME).headers["ETag"]
    for value in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        reply = client.get(HOME, {"If-None-Match": value})
        assert (reply.status, reply.raw, reply.headers["ETag"]) == (304, b"", tag)
    assert client.get(HOME, {"If-None-Match": '"other"'}).status == 200


def test_answers_304_to_a_time_not_before_the_last_change(replica: Replica, client: Client) -> None:
    url = next(served.url for served in replica.served("indebta") if served.modified_at)
    stamp = client.get(url).headers["Last-Modified"]
    assert parsedate_to_datetime(stamp).utcoffset() is not None
    assert client.get(url, {"If-Modified-Since": stamp}).status == 304
    assert client.get(url, {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}).status == 200
    assert client.get(url, {"If-Modified-Since": "yesterday"}).status == 200
    assert client.get(url, {"If-None-Match": '"other"', "If-Modified-Since": stamp}).status == 200


def test_does_not_answer_a_missing_page_with_304(client: Client) -> None:
    assert client.get(f"{HOME}nothing/", {"If-None-Match": "*"}).status == 404


def test_answers_head_without_a_body(client: Client) -> None:
    reply = client.get("https://diplomat.so/", method="HEAD")
    assert (reply.status, reply.raw) == (200, b"")
    assert int(reply.headers["Content-Length"]) == len(client.get("https://diplomat.so/").body)


def test_sends_plain_http_to_https(client: Client) -> None:
    reply = client.get("http://www.spacewar.com/reports/A_999.html?a=1")
    assert (reply.status, reply.headers["Location"]) == (301, "https://www.spacewar.com/reports/A_999.html?a=1")


def test_knows_no_other_host(client: Client) -> None:
    assert client.get("http://unknown.example/").status == 404


def test_ignores_a_query_that_it_does_not_know(client: Client) -> None:
    assert client.get(f"{HOME}?utm_source=x").body == client.get(HOME).body


def test_answers_pipelined_requests_in_order(replica: Replica) -> None:
    one = b"GET /%d HTTP/1.1\r\nHost: indebta.com\r\n\r\n"
    last = b"GET /3 HTTP/1.1\r\nHost: indebta.com:80\r\nConnection: close\r\n\r\n"
    answer = exchange(replica, one % 1 + one % 2 + last)
    positions = [answer.index(b"Location: https://indebta.com/%d" % number) for number in (1, 2, 3)]
    assert positions == sorted(positions)
    assert answer.count(b"HTTP/1.1 301") == 3
    assert answer.count(b"Connection: close") == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.0\r\nHost: indebta.com\r\n\r\n", b"301"),
        (b"POST / HTTP/1.1\r\nHost: indebta.com\r\nContent-Length: 2\r\n\r\nab", b"405"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000, b"431"),
    ],
)
def test_closes_the_connection_after_what_it_cannot_follow(replica: Replica, sent: bytes, status: bytes) -> None:
    assert exchange(replica, sent).startswith(b"HTTP/1.1 " + status)


def test_logs_host_target_and_status(replica: Replica, client: Client) -> None:
    before = len(replica.log)
    client.get(f"{HOME}missing/?page=2")
    client.get("http://indebta.com/x")
    assert replica.log[before:] == [("indebta.com", "/missing/?page=2", 404), ("indebta.com", "/x", 301)]


def test_gives_rules_that_send_every_connection_to_it(replica: Replica) -> None:
    assert replica.resolve == [f"*:443:127.0.0.1:{replica.port}", f"*:80:127.0.0.1:{replica.http_port}"]


@pytest.mark.parametrize("which", ["port", "http_port"])
def test_says_when_a_port_is_taken(which: str) -> None:
    with socket.create_server((ADDRESS, 0)) as taken:
        port = taken.getsockname()[1]
        replica = Replica(stories={}, **{which: port})
        with pytest.raises(UsageError, match=f"port {port} on 127.0.0.1 cannot be used"), replica:
            pass


def test_ends_open_connections_when_it_ends() -> None:
    with Replica(stories={}) as replica:
        connection = socket.create_connection((ADDRESS, replica.http_port), timeout=10)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: indebta.com\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 301"
        folder = replica.ca_file.parent
    with connection:
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass
    assert not folder.exists()
    assert not asyncio.all_tasks(replica._loop)
