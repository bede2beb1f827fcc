import gzip
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest

from crawler.demo.replica import SITES
from crawler.demo.server import Replica
from crawler.demo.sites import business_live, dimsum_daily, diplomat_so, indebta, space_media_network
from crawler.errors import UsageError
from tests.demo.client import Client
from tests.demo.seeds import URLS, extra, seed

LISTINGS = {
    "space_media_network": ["https://www.spacedaily.com/", "https://www.spacewar.com/superpowers.html"],
    "indebta": ["https://indebta.com/", "https://indebta.com/page/2/", "https://indebta.com/category/news/"],
    "diplomat_so": ["https://diplomat.so/", "https://diplomat.so/category/local-news/"],
    "business_live": ["https://www.businesslive.co.za/bd/", "https://www.businesslive.co.za/bd/companies/"],
    "dimsum_daily": ["https://www.dimsumdaily.hk/", "https://www.dimsumdaily.hk/category/local/"],
}
DEAD = {
    "space_media_network": space_media_network.DEAD,
    "indebta": indebta.DEAD,
    "diplomat_so": diplomat_so.DEAD,
    "business_live": business_live.DEAD,
    "dimsum_daily": dimsum_daily.DEAD,
}
ARTICLE = {
    "space_media_network": r"/reports/",
    "indebta": r"//indebta\.com/(?!category|tag|author|page|feed)[a-z-]+/[^/]+/$",
    "diplomat_so": r"/\d{4}/\d{2}/\d{2}/",
    "business_live": r"/\d{4}-\d{2}-\d{2}-",
    "dimsum_daily": r"//www\.dimsumdaily\.hk/[a-z0-9-]{15,}/$",
}
#: Where each site lists all its articles.
INDEXES = {
    "space_media_network": ["https://www.spacedaily.com/"],
    "indebta": ["https://indebta.com/sitemap_index.xml"],
    "diplomat_so": ["https://diplomat.so/sitemap.xml"],
    "business_live": [
        "https://www.businesslive.co.za/sitemap.xml",
        "https://www.businessday.co.za/arc/outboundfeeds/sitemap-index/",
        "https://www.businesslive.co.za/bd/",  # a seed without a section is in no section's sitemap
    ],
    "dimsum_daily": ["https://www.dimsumdaily.hk/wp-sitemap.xml"],
}
PICTURES = "//img[contains(@src, 'uploads/20') or contains(@src, '=s') or contains(@src, '-hg/')]/@src"
FEEDS = [
    "https://www.spacedaily.com/spacedaily.xml",
    "https://energy-daily.com/energydaily.xml",
    "https://indebta.com/feed/",
    "https://indebta.com/news/feed/",
    "https://www.dimsumdaily.hk/feed/",
    "https://www.businesslive.co.za/rss/?publication=bd",
    "https://www.businesslive.co.za/rss/?publication=bd&section=world",
    "https://www.businessday.co.za/arc/outboundfeeds/rss/",
]


def article_links(client: Client, site: str, url: str) -> set[str]:
    tree = lxml.html.document_fromstring(client.get(url).body)
    links = {urljoin(url, href) for href in tree.xpath("//a/@href")}
    return {link for link in links if re.search(ARTICLE[site], link)}


def locations(client: Client, url: str) -> Iterator[str]:
    """Every URL of a sitemap, through its index and through gzip; those of a listing otherwise."""
    body = client.get(url).body
    body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    if not body.startswith(b"<?xml"):
        yield from (urljoin(url, href) for href in lxml.html.document_fromstring(body).xpath("//a/@href"))
        return
    root = ET.fromstring(body)
    for location in root.findall("{*}*/{*}loc"):
        assert location.text
        yield from locations(client, location.text) if root.tag.endswith("index") else (location.text,)


@pytest.mark.parametrize("site", SITES)
def test_serves_every_article_that_it_expects(site: str, replica: Replica, client: Client) -> None:
    expected = replica.expected(site)
    assert len(expected) >= 11
    assert URLS[site] in expected
    for url, story in expected.items():
        page = client.get(url)
        assert page.status == 200
        assert story.headline.split()[0].encode() in page.body


@pytest.mark.parametrize("site", SITES)
def test_lists_every_article_in_its_indexes(site: str, replica: Replica, client: Client) -> None:
    listed = {url for index in INDEXES[site] for url in locations(client, index)}
    assert set(replica.expected(site)) <= listed


@pytest.mark.parametrize("site", SITES)
def test_links_from_listings_to_pages_that_are_there_but_one(site: str, client: Client) -> None:
    for listing in LISTINGS[site]:
        links = article_links(client, site, listing)
        assert links
        for link in links:
            reply = client.get(link)
            if reply.status == 301:
                reply = client.get(reply.headers["Location"])
            assert (reply.status == 404) == link.endswith(DEAD[site]), link


@pytest.mark.parametrize("site", SITES)
def test_leads_to_the_dead_link_from_the_first_listing(site: str, client: Client) -> None:
    links = article_links(client, site, LISTINGS[site][0])
    assert [client.get(link).status for link in links if link.endswith(DEAD[site])] == [404]


@pytest.mark.parametrize("url", FEEDS)
def test_serves_feeds_that_parse_and_lead_somewhere(url: str, client: Client) -> None:
    channel = ET.fromstring(client.get(url).body).find("channel")
    assert channel is not None
    links = [item.findtext("link", "").strip() for item in channel.findall("item")]
    assert links
    assert {client.get(link).status for link in links} == {200}


def test_mixes_hosts_and_dates_in_the_networks_feed(client: Client) -> None:
    body = client.get("https://www.spacedaily.com/spacedaily.xml").body.decode()
    assert body.startswith('<?xml version="1.0"?>')
    dates = re.findall(r"<pubDate>(.*)</pubDate>", body)
    assert len(set(dates)) == 1
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d AEST", dates[0])
    assert len({urlsplit(link).hostname for link in re.findall(r"<link><!\[CDATA\[(.*?)\]\]>", body)}) > 3
    assert len(re.findall(r"CDATA\[\n[^()\n]+ \([A-Z]+\) [A-Z][a-z]+ \d{1,2}, \d{4}<br/>\n", body)) == len(dates)


def test_serves_an_article_on_every_sister_with_another_header(replica: Replica, client: Client) -> None:
    served = replica.served("space_media_network")[0]
    bodies = {client.get(f"https://{host}{served.path}").body for host in ("spacewar.com", "www.energy-daily.com")}
    assert len(bodies) == 2
    for host in (f"{prefix}{domain}" for domain in space_media_network.SISTERS for prefix in ("", "www.")):
        assert client.get(f"https://{host}{served.path}").status == 200


def test_declares_no_charset_on_the_network_and_sends_windows_1252_in_tables(replica: Replica, client: Client) -> None:
    for served in replica.served("space_media_network"):
        page = client.get(served.url)
        assert page.headers["Content-Type"] == "text/html"
        assert b"charset" not in page.body.lower()
        page.body.decode("windows-1252" if served.variant == "tables" else "utf-8")


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://www.indebta.com/feed/", "https://indebta.com/feed/"),
        ("https://dimsumdaily.hk/about/", "https://www.dimsumdaily.hk/about/"),
        ("https://businesslive.co.za/bd/", "https://www.businesslive.co.za/bd/"),
        ("https://businessday.co.za/", "https://www.businessday.co.za/"),
        ("https://www.diplomat.so/", "https://diplomat.so/"),
        (URLS["indebta"].rstrip("/"), URLS["indebta"]),
        (URLS["dimsum_daily"].rstrip("/"), URLS["dimsum_daily"]),
    ],
)
def test_redirects_to_the_canonical_address(url: str, location: str, client: Client) -> None:
    reply = client.get(url)
    assert (reply.status, reply.headers["Location"]) == (301, location)
    assert client.get(location).status == 200


def test_redirects_what_moved_on_businesslive(replica: Replica, client: Client) -> None:
    moved = [served for served in replica.served("business_live") if served.host == business_live.ARC_HOST]
    assert {served.variant for served in moved} == {"arc"}
    for served in moved:
        assert client.get(f"https://www.businesslive.co.za/bd{served.path}").headers["Location"] == served.url
    old = [link for link in article_links(client, "business_live", LISTINGS["business_live"][0]) if "--updated" in link]
    assert client.get(old[0]).headers["Location"] in replica.expected("business_live")


@pytest.mark.parametrize("site", SITES)
def test_serves_the_pictures_of_its_articles(site: str, replica: Replica, client: Client) -> None:
    for served in replica.served(site):
        tree = lxml.html.document_fromstring(client.get(served.url).body)
        for src in tree.xpath(PICTURES):
            reply = client.get(urljoin(served.url, src))
            assert reply.status == 200
            assert reply.headers["Content-Type"] in ("image/jpeg", "image/png")


def test_serves_robots_on_every_site(client: Client) -> None:
    for host in ("www.spacedaily.com", "indebta.com", "diplomat.so", "www.businesslive.co.za", "www.dimsumdaily.hk"):
        assert client.get(f"https://{host}/robots.txt").body.startswith(b"User-agent: *")


def test_serves_pages_that_look_like_articles_by_their_url(client: Client) -> None:
    pages = list(locations(client, "https://www.dimsumdaily.hk/wp-sitemap-posts-page-1.xml"))
    assert pages == ["https://www.dimsumdaily.hk/about/", "https://www.dimsumdaily.hk/contact-us/"]
    assert {client.get(url).status for url in pages} == {200}


def test_uses_every_markup_it_has(replica: Replica) -> None:
    for site in SITES:
        assert len({served.variant for served in replica.served(site)}) >= 2


def test_refuses_two_stories_at_one_address() -> None:
    twice = extra("indebta", "foxiz15")["indebta"] * 2
    with pytest.raises(UsageError, match=r"two stories at https://indebta\.com/news/"):
        Replica(stories={}, extra_stories={"indebta": twice})


def test_refuses_a_site_that_it_has_not() -> None:
    with pytest.raises(UsageError, match="no such site: elsewhere"):
        Replica(stories={}, extra_stories={"elsewhere": [(seed("indebta").story, seed("indebta").around, "foxiz2")]})
