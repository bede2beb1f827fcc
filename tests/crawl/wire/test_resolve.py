"""Where names lead, and where they must not."""

import asyncio
import socket
from typing import Any

import pytest
import scrapy
from scrapy.exceptions import CannotResolveHostError

from crawler.crawl.wire.resolve import Resolver, Rule, is_public, parse_rules
from crawler.errors import RefusedAddressError, UsageError
from tests.crawl.wire.crawling import Crawl
from tests.crawl.wire.raw_server import RawServer, sends

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def resolve(resolver: Resolver, host: str, port: int = 80) -> list[tuple[Any, ...]]:
    return [info[4] for info in asyncio.run(resolver.addresses(host, port))]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("news.example:443:127.0.0.1", Rule("news.example", 443, "127.0.0.1", None)),
        ("News.Example:443:127.0.0.1:8443", Rule("news.example", 443, "127.0.0.1", 8443)),
        ("*:443:127.0.0.1:8443", Rule(None, 443, "127.0.0.1", 8443)),
        ("*:*:127.0.0.1:8443", Rule(None, None, "127.0.0.1", 8443)),
        ("a.example:*:[::1]", Rule("a.example", None, "::1", None)),
        ("a.example:80:[0:0::1]:81", Rule("a.example", 80, "::1", 81)),
        ("[2001:db8::1]:80:127.0.0.1", Rule("2001:db8::1", 80, "127.0.0.1", None)),
        (" a.example:80:127.0.0.1 ", Rule("a.example", 80, "127.0.0.1", None)),
    ],
)
def test_a_rule_reads_as_with_curl(text: str, rule: Rule) -> None:
    assert parse_rules([text]) == (rule,)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a:80", "a:80:", "a:b:127.0.0.1", "a:80:localhost", "a:80:::1", "a:80:127.0.0.1:", "a:80:127.0.0.1:x",
     "a:0:127.0.0.1", "a:70000:127.0.0.1", "a:80:127.0.0.1:70000", "a:80:999.1.1.1", "a:80:[1.2]", "a b:80:127.0.0.1",
     "*.a:80:127.0.0.1", "a:80:127.0.0.1:80:80"],
)  # fmt: skip
def test_a_bad_rule_is_told_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_rules(["ok:80:127.0.0.1", text])
    assert str(caught.value).startswith(f"--resolve {text}: ")
    assert "\n" not in str(caught.value)


def test_the_first_rule_that_matches_wins() -> None:
    rules = parse_rules(["a.example:443:127.0.0.2", "*:443:127.0.0.3:8443", "*:*:127.0.0.4"])
    resolver = Resolver(rules, allow_private=True)
    assert resolve(resolver, "A.example", 443) == [("127.0.0.2", 443)]
    assert resolve(resolver, "b.example", 443) == [("127.0.0.3", 8443)]
    assert resolve(resolver, "a.example", 80) == [("127.0.0.4", 80)]


def test_a_rule_changes_neither_url_nor_host_nor_sni(tls_server: RawServer, crawl: Crawl) -> None:
    tls_server.scripts["page"] = sends(OK)
    rule = f"news.example:443:127.0.0.1:{tls_server.port}"
    (outcome,) = crawl.fetch(scrapy.Request("https://news.example/page"), NEWSWARC_RESOLVE=[rule])
    assert outcome.response.url == "https://news.example/page"
    assert crawl.kept[0].exchange.url == "https://news.example/page"
    assert b"\r\nHost: news.example\r\n" in tls_server.log["page"][0].request
    assert tls_server.names == ["news.example"]


def test_a_last_dot_is_sent_but_not_certified(tls_server: RawServer, crawl: Crawl) -> None:
    tls_server.scripts["page"] = sends(OK)
    rule = f"*:*:127.0.0.1:{tls_server.port}"
    (outcome,) = crawl.fetch(scrapy.Request("https://news.example./page"), NEWSWARC_RESOLVE=[rule])
    assert outcome.response.body == b"ok"
    assert tls_server.names == ["news.example"]


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "240.0.0.1", "192.0.2.1", "::", "::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1",
     "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::"],
)  # fmt: skip
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "::1", "::ffff:127.0.0.1"])
def test_private_addresses_are_refused_however_they_are_written(host: str) -> None:
    with pytest.raises(RefusedAddressError, match="not a public address"):
        resolve(Resolver(), host)
    assert resolve(Resolver(allow_private=True), host)


def test_rules_do_not_open_the_private_network() -> None:
    with pytest.raises(RefusedAddressError):
        resolve(Resolver(parse_rules(["*:*:127.0.0.1"])), "news.example")


def found(*addresses: str) -> Any:
    async def getaddrinfo(_: object, __: str, port: int, **___: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


def test_a_name_with_private_and_public_addresses_leads_to_the_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", found("10.0.0.1", "8.8.8.8"))
    assert resolve(Resolver(), "mixed.example") == [("8.8.8.8", 80)]
    assert len(resolve(Resolver(allow_private=True), "mixed.example")) == 2


def test_a_name_without_addresses_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", found())
    with pytest.raises(CannotResolveHostError):
        resolve(Resolver(), "none.example")


@pytest.mark.parametrize("host", ["news.example", "1.2.3.4.example", "8.8.8.8"])
def test_names_are_left_to_the_proxy(host: str) -> None:
    Resolver().check_behind_proxy(host)
