import scrapy

from tests.crawl.wire.crawling import Crawl
from tests.crawl.wire.raw_server import RawServer, sends

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def connections(server: RawServer, *names: str) -> list[int]:
    return [entry.connection for name in names for entry in server.log[name]]


def test_two_requests_share_a_connection(any_server: RawServer, crawl: Crawl) -> None:
    any_server.scripts = {"a": sends(OK), "b": sends(OK)}
    outcomes = crawl.fetch(*(scrapy.Request(f"{any_server.origin}/{name}") for name in "ab"))
    assert [outcome.response.body for outcome in outcomes] == [b"ok", b"ok"]
    assert connections(any_server, "a", "b") == [1, 1]
