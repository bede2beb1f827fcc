"""Sitemaps, their indexes, and what is sent in their place."""

import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from crawler.discover import NewsSitemap, Sitemap, discover
from crawler.discover.sitemap import MAX_DEPTH, sitemap_links
from crawler.model import Link
from crawler.site import Site
from tests.discover.conftest import MakePage

URL = "https://news.example/sitemap.xml"
NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><image:image><image:loc>https://cdn.example/1.jpg</image:loc><image:title>Picture</image:title></image:image>
<loc> https://news.example/2024/one </loc><news:news><news:publication><news:name>N</news:name></news:publication>
<news:publication_date>2024-02-09T12:00:00+02:00</news:publication_date><news:title>One</news:title></news:news></url>
<url><loc>https://news.example/2024/two</loc><lastmod>2024-02-08</lastmod></url></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://news.example/post-sitemap.xml</loc></sitemap><sitemap><loc>/page-sitemap.xml</loc></sitemap>
<sitemap><loc>https://evil.example/post-sitemap.xml</loc></sitemap></sitemapindex>"""


def urls(found: Iterator[Link | Sitemap]) -> list[str]:
    return [one.url for one in found]


def test_it_reads_a_news_sitemap(page: MakePage) -> None:
    one, two = sitemap_links(page(NEWS, URL), NewsSitemap(URL))
    assert one == Link(
        "https://news.example/2024/one",
        "article",
        via=URL,
        hop="M",
        modified_at=datetime(2024, 2, 9, 10, tzinfo=UTC),
        title="One",
    )
    assert isinstance(two, Link)
    assert two.modified_at == datetime(2024, 2, 8, tzinfo=UTC)


def test_it_names_an_indexes_sitemaps_but_none_of_another_site(page: MakePage) -> None:
    found = list(sitemap_links(page(INDEX, URL), Sitemap(URL, probe=True)))
    assert found == [
        Sitemap("https://news.example/post-sitemap.xml", depth=1),
        Sitemap("https://news.example/page-sitemap.xml", depth=1),
    ]


def test_it_takes_only_the_sitemaps_that_are_wanted(page: MakePage) -> None:
    assert urls(sitemap_links(page(INDEX, URL), Sitemap(URL, only="post-"))) == [
        "https://news.example/post-sitemap.xml"
    ]


def test_it_ends_a_loop_of_indexes(page: MakePage) -> None:
    assert urls(sitemap_links(page(INDEX, URL), Sitemap(URL, depth=MAX_DEPTH))) == []


def test_it_does_without_namespaces_or_with_undeclared_ones(page: MakePage) -> None:
    body = "<s:URLSET><s:url><s:loc>/2024/one</s:loc></s:url><url><loc>/2024/two</loc></url></s:URLSET>"
    assert urls(sitemap_links(page(body, URL), Sitemap(URL))) == [
        "https://news.example/2024/one",
        "https://news.example/2024/two",
    ]


def test_it_reads_gzip_whatever_it_is_called(page: MakePage) -> None:
    assert len(urls(sitemap_links(page(gzip.compress(NEWS.encode()), URL + ".gz"), Sitemap(URL)))) == 2


def test_it_reads_a_cut_sitemap_as_far_as_it_goes(page: MakePage) -> None:
    cut = gzip.compress(NEWS.encode())[:-40]
    assert urls(sitemap_links(page(NEWS[:-30], URL), Sitemap(URL)))[0] == "https://news.example/2024/one"
    assert len(urls(sitemap_links(page(cut, URL), Sitemap(URL)))) <= 2


def test_it_reads_a_list_of_urls(page: MakePage) -> None:
    body = b"https://news.example/2024/one\r\nnot a url\r\nhttps://news.example/2024/two\r\n"
    assert urls(sitemap_links(page(body, URL), Sitemap(URL))) == [
        "https://news.example/2024/one",
        "https://news.example/2024/two",
    ]


def test_it_finds_nothing_in_what_is_no_sitemap(page: MakePage) -> None:
    for body in (b"", b"<html><a href='/2024/one'>x</a></html>", b"<", b"\x00" * 50, b"<urlset>&#0;"):
        assert urls(sitemap_links(page(body, URL), Sitemap(URL))) == []


def test_it_expands_no_entities(page: MakePage, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://news.example/2024/secret")
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE urlset [<!ENTITY a0 "ha">{bomb}<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    body = f"<?xml version='1.0'?>{doctype}<urlset><url><loc>&x;</loc></url><url><loc>/2024/&a11;</loc></url></urlset>"
    assert "secret" not in str(urls(sitemap_links(page(body, URL), Sitemap(URL))))


def test_it_holds_one_url_at_a_time(page: MakePage) -> None:
    body = page("<urlset>" + "".join(f"<url><loc>/2024/{n}</loc></url>" for n in range(4_000)) + "</urlset>", URL)
    assert body.content
    tracemalloc.start()
    assert sum(1 for _ in sitemap_links(body, Sitemap(URL))) == 4_000
    assert tracemalloc.get_traced_memory()[1] < 2 * 2**20
    tracemalloc.stop()


def test_it_keeps_the_sites_articles_and_follows_its_index(page: MakePage, site: type[Site]) -> None:
    assert len(list(discover(page(NEWS, URL), Sitemap(URL), site))) == 2
    assert len(list(discover(page(INDEX, URL), Sitemap(URL), site))) == 2
