"""Feeds as they really are, and as an attacker would write them."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.discover import Feed, discover
from crawler.discover.feed import feed_links
from crawler.discover.urls import bare_host
from crawler.model import Link
from crawler.site import Site
from spiders.space_media_network import SpaceMediaNetworkSpider
from tests.discover.conftest import MakePage

RSS = """<?xml version="1.0"?><rss version="{version}"><channel><title>News</title><link>https://news.example/</link>
<item><title>One</title><link>https://news.example/2024/one</link>
<pubDate>Fri, 09 Feb 2024 10:00:00 GMT</pubDate></item>
<item><title><![CDATA[Two &amp; more]]></title><link><![CDATA[ /2024/two?utm_source=rss ]]></link></item>
</channel></rss>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><item rdf:about="https://news.example/2024/one"><title>One</title>
<link>https://news.example/2024/one</link><dc:date>2024-02-09T10:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title><id>tag:news.example,2024:1</id>
<link rel="self" href="https://news.example/api/1"/><link rel="alternate" href="/2024/one"/>
<published>2024-02-01T00:00:00Z</published><updated>2024-02-09T10:00:00Z</updated></entry></feed>"""
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    + b']><rss version="2.0"><channel><item><title>&a11;</title><link>https://news.example/2024/one</link></item></channel></rss>'
)


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0"])
def test_it_reads_rss_of_every_version(page: MakePage, version: str) -> None:
    one, two = feed_links(page(RSS.format(version=version)))
    assert one == Link(
        "https://news.example/2024/one",
        "article",
        via="https://news.example/feed.xml",
        modified_at=datetime(2024, 2, 9, 10, tzinfo=UTC),
        title="One",
    )
    assert two.url == "https://news.example/2024/two"


@pytest.mark.parametrize("feed", [RDF, ATOM])
def test_it_reads_rdf_and_atom(page: MakePage, feed: str) -> None:
    (one,) = feed_links(page(feed))
    assert one.url == "https://news.example/2024/one"
    assert one.modified_at == datetime(2024, 2, 9, 10, tzinfo=UTC)


def test_it_reads_the_space_media_networks_feed_with_its_sister_hosts_and_its_own_shape_of_date(page: MakePage) -> None:
    body = (Path(__file__).parent / "feed_rss2_spacedaily_2013.xml").read_bytes()
    source = Feed("https://www.spacedaily.com/spacedaily.xml")
    found = [
        link for link in discover(page(body, source.url), source, SpaceMediaNetworkSpider) if isinstance(link, Link)
    ]
    assert len(found) == 15
    assert {bare_host(link.url) for link in found} >= {
        "spacedaily.com",
        "terradaily.com",
        "saturndaily.com",
        "marsdaily.com",
    }
    assert {link.modified_at for link in found} == {datetime(2013, 4, 4, 10, 37, 27, tzinfo=UTC)}
    assert found[0].title == "Collision Course? A Comet Heads for Mars"


def test_it_takes_a_permanent_id_where_there_is_no_link(page: MakePage) -> None:
    feed = "<rss version='2.0'><channel><item><guid>https://news.example/2024/one</guid></item></channel></rss>"
    assert [link.url for link in feed_links(page(feed))] == ["https://news.example/2024/one"]


def test_it_reads_a_broken_feed_as_far_as_it_goes(page: MakePage) -> None:
    links = feed_links(page(RSS.format(version="2.0").replace("&amp;", "& <b>").removesuffix("</channel></rss>")))
    assert [link.url for link in links] == ["https://news.example/2024/one", "https://news.example/2024/two"]


def test_it_finds_nothing_in_what_is_no_feed(page: MakePage) -> None:
    for body in (b"", b"<html><body><a href='/2024/one'>x</a></body></html>", b"\x00\xff" * 100, b"{}"):
        assert list(feed_links(page(body))) == []


def test_it_never_opens_a_file_whose_name_the_bytes_spell(page: MakePage, tmp_path: Path) -> None:
    trap = tmp_path / "trap.xml"
    trap.write_text(RSS.format(version="2.0"))
    assert list(feed_links(page(str(trap)))) == []


def test_it_survives_a_bomb_of_entities(page: MakePage) -> None:
    before = time.process_time()
    for link in feed_links(page(BOMB)):
        assert len(link.title or "") < 1000
    assert time.process_time() - before < 20


def test_it_reads_no_outside_entity(page: MakePage, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("treasure")
    feed = RSS.format(version="2.0").replace("<rss", f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]><rss', 1)
    assert "treasure" not in str(list(feed_links(page(feed.replace("One", "&x;")))))


def test_it_decodes_a_feed_by_its_header_where_the_feed_names_no_charset(page: MakePage) -> None:
    feed = RSS.format(version="2.0").replace("One", "Café").encode("windows-1252")
    one, _ = feed_links(page(feed, Content_Type="application/xml; charset=windows-1252"))
    assert one.title == "Café"


def test_it_keeps_the_sites_articles_once_each(page: MakePage, site: type[Site]) -> None:
    again = "<item><link>https://www.news.example/2024/one?utm_medium=x</link></item>"
    elsewhere = "<item><link>https://other.example/2024/one</link></item>"
    feed = RSS.format(version="2.0").replace("</channel>", again + elsewhere + "</channel>")
    found = list(discover(page(feed), Feed("https://news.example/feed.xml"), site))
    assert [link.url for link in found] == ["https://news.example/2024/one", "https://news.example/2024/two"]
