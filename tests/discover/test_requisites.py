"""What pages and style sheets need to be shown."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discover.requisites import MAX_FOUND, Requisite, page_requisites, sheet_requisites
from crawler.model import Capture, Resource
from crawler.page import Page
from tests.discover.conftest import MakePage

URL = "https://news.example/2024/story"
HOME = "https://news.example"


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<img src="/a.jpg">', [("/a.jpg", "image")]),
        ("<IMG SRC=a.gif BORDER=0>", [("/2024/a.gif", "image")]),
        ('<img src="/a.jpg?utm_source=x&w=1">', [("/a.jpg?utm_source=x&w=1", "image")]),
        ('<img srcset="/s.jpg 300w, /l.jpg 1200w, /m.jpg 600w">', [("/l.jpg", "image")]),
        ('<img src="/1.jpg" srcset="/2.jpg 2x, /1.jpg">', [("/1.jpg", "image"), ("/2.jpg", "image")]),
        ('<img srcset="/w_1,h_2/a.jpg 1x, /w_3,h_4/a.jpg 2.5x">', [("/w_3,h_4/a.jpg", "image")]),
        ('<img srcset="/a.jpg, /b.jpg 2x">', [("/b.jpg", "image")]),
        ('<img srcset="/a.jpg">', [("/a.jpg", "image")]),
        (
            '<picture><source srcset="/a.webp 1x"><img src="/a.jpg"></picture>',
            [("/a.webp", "image"), ("/a.jpg", "image")],
        ),
        ('<img src="data:image/gif;base64,R0" data-src="/late.jpg">', [("/late.jpg", "image")]),
        (
            '<img data-lazy-src="/late.jpg" data-srcset="/s.jpg 1w, /l.jpg 9w">',
            [("/late.jpg", "image"), ("/l.jpg", "image")],
        ),
        ('<img data-original="late.jpg">', [("/2024/late.jpg", "image")]),
        ('<div data-bg="/back.jpg" data-image="true"></div>', [("/back.jpg", "image")]),
        ('<img data-src="{{ image.url }}">', []),
        ('<noscript><img src="/plain.jpg"></noscript>', [("/plain.jpg", "image")]),
        ('<div style="background-image: url(/b.png)">x</div>', [("/b.png", "image")]),
        ('<div style="background:url(&quot;/b.png&quot;)">x</div>', [("/b.png", "image")]),
        ('<table><tr><td background="/td.gif">x</td></tr></table>', [("/td.gif", "image")]),
        ('<video poster="/p.jpg" src="/film.mp4"></video>', [("/p.jpg", "image")]),
        ('<input type="image" src="/go.gif"><input src="/no.gif">', [("/go.gif", "image")]),
        ('<svg><image href="/a.svg"/></svg>', [("/a.svg", "image")]),
        ('<svg><image xlink:href="/a.svg"/></svg>', [("/a.svg", "image")]),
        ('<link rel="stylesheet" href="/a.css">', [("/a.css", "stylesheet")]),
        ('<link rel="shortcut ICON" href="/favicon.ico">', [("/favicon.ico", "image")]),
        ('<link rel="preload" as="font" href="/f.woff2">', [("/f.woff2", "font")]),
        ('<link rel="preload" as="image" imagesrcset="/a.jpg 1x, /b.jpg 2x">', [("/b.jpg", "image")]),
        ('<link rel="preload" as="fetch" href="/data.json">', []),
        ('<link rel="modulepreload" href="/m.js">', [("/m.js", "script")]),
        ('<link rel="canonical" href="/2024/story"><link rel="next" href="/2">', []),
        ('<script src="/a.js"></script><script>var a = "/b.js"</script>', [("/a.js", "script")]),
        ("<style>@import '/i.css'; a{b:url(/b.png)}</style>", [("/i.css", "stylesheet"), ("/b.png", "image")]),
        ('<iframe src="/frame"></iframe><embed src="/e"><audio src="/a.mp3"></audio><a href="/next">x</a>', []),
        ('<base href="https://cdn.example/x/"><img src="a.jpg">', [("https://cdn.example/x/a.jpg", "image")]),
        ('<img src="//cdn.example/a.jpg">', [("https://cdn.example/a.jpg", "image")]),
        ('<img src="/a.jpg#1"><img src="/a.jpg">', [("/a.jpg", "image")]),
    ],
)
def test_it_finds_what_a_browser_would_fetch(page: MakePage, html: str, found: list[tuple[str, Resource]]) -> None:
    expected = [Requisite(url if "://" in url else HOME + url, kind) for url, kind in found]
    assert list(page_requisites(page(html, URL))) == expected


def test_what_a_reader_misses_most_comes_first(page: MakePage) -> None:
    html = '<script src="/a"></script><link rel=preload as=font href="/f"><img src="/b"><link rel=stylesheet href="/c">'
    assert [each.kind for each in page_requisites(page(html, URL))] == ["stylesheet", "image", "font", "script"]


def test_a_sheets_urls_are_relative_to_the_sheet(page: MakePage) -> None:
    sheet = page("@import 'b.css';@font-face{src:url(../f.woff)}a{b:url(i.png)}", "https://cdn.example/css/a.css")
    assert list(sheet_requisites(sheet)) == [
        Requisite("https://cdn.example/css/b.css", "stylesheet"),
        Requisite("https://cdn.example/f.woff", "font"),
        Requisite("https://cdn.example/css/i.png", "image"),
    ]


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVa\tScript:alert(1)",
        "data:image/png;base64," + "A" * 100_000,
        "about:blank",
        "blob:https://news.example/1",
        "file:///etc/passwd",
        "ftp://news.example/a.jpg",
        "mailto:a@b.example",
        "http://[::1",
        "http://news.example:99999/a.jpg",
        "http:///a.jpg",
        "/" + "x" * 3000,
        "",
    ],
)
def test_what_leads_to_no_web_address_is_none(page: MakePage, href: str) -> None:
    html = f'<img src="{href}"><link rel=stylesheet href="{href}"><div style="background:url({href})"></div>'
    assert list(page_requisites(page(html, URL))) == []


def test_ten_thousand_pictures_are_bounded(page: MakePage) -> None:
    html = "".join(f'<img src="/{n}.jpg">' for n in range(10_000))
    assert len(list(page_requisites(page(html, URL)))) == MAX_FOUND


def test_ten_thousand_pictures_within_their_addresses_are_none(page: MakePage) -> None:
    html = f'<img src="data:image/png;base64,{"A" * 500}">' * 10_000
    assert list(page_requisites(page(html, URL))) == []


@given(st.text(alphabet="abc./, \t123wx()", max_size=200))
def test_a_srcset_of_anything_gives_at_most_one_picture(text: str) -> None:
    page = Page(Capture(URL, datetime(2024, 2, 8, tzinfo=UTC), 200, (), f'<img srcset="{text}">'.encode()))
    assert len(list(page_requisites(page))) <= 1


@pytest.mark.parametrize("piece", [",", " ", "a,", "a ", "a 1w,", "( "])
def test_a_megabyte_of_srcset_is_read_once(page: MakePage, piece: str) -> None:
    assert len(list(page_requisites(page(f'<img srcset="{piece * 300_000}">', URL)))) <= 1
