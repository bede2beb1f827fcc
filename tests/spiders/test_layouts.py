"""What each site's layouts read beyond the seeds: the replica's own stories, and pages that are no articles."""

# ruff: noqa: RUF001 - the sites' own dashes and quotes

from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from importlib.resources import files

import pytest

from crawler.demo.served import Served
from crawler.demo.story import Story, parse_stories, plain
from crawler.errors import NoLayoutMatchesError, NotAnArticleError, PageSkippedError, StubError
from crawler.extract import read_article
from crawler.extract.article import MIN_TEXT
from crawler.model import Article
from spiders.business_live import BusinessLiveSpider
from spiders.dimsum_daily import DimsumDailySpider
from spiders.diplomat_so import DiplomatSoSpider
from spiders.indebta import IndebtaSpider
from spiders.news import AnyNewsSpider
from spiders.space_media_network import SpaceMediaNetworkSpider
from tests.captures import page_of
from tests.demo.seeds import RENDER, VARIANTS
from tests.spiders.test_seeds import spider_of

TEXT = (
    "The council of the harbour town agreed on Monday to deepen the port, after a long debate in which fishermen said "
    "that their nets would suffer and merchants that their ships would not come."
)
MORE = "Work begins in the spring, the mayor said, and will take two years if the storms of the autumn let it go on."


def served(site: str) -> list[Served]:
    stories = parse_stories((files("crawler.demo") / "stories" / f"{site}.txt").read_text(encoding="utf-8"))
    placed: list[Served] = import_module(f"crawler.demo.sites.{site}").place(stories)
    return placed


def pages() -> Iterator[tuple[str, str, Served]]:
    for site, variants in VARIANTS.items():
        yield from ((site, variant, one) for one in served(site) for variant in variants)


def is_stub(story: Story) -> bool:
    return sum(len(block.text) for block in story.blocks) < MIN_TEXT


PAGES = [(site, variant, one) for site, variant, one in pages() if not is_stub(one.story)]
STUBS = [(site, variant, one) for site, variant, one in pages() if is_stub(one.story)]
every_story = pytest.mark.parametrize(
    ("site", "variant", "one"), PAGES, ids=[f"{s}-{v}-{one.story.slug[:30]}" for s, v, one in PAGES]
)


def article_of(site: str, variant: str, one: Served) -> Article:
    return read_article(page_of(RENDER[site](one.story, one.around, variant), one.url), spider_of(site))


@pytest.mark.parametrize(("site", "variant", "one"), STUBS, ids=[f"{v}-{one.story.slug[:30]}" for _, v, one in STUBS])
def test_a_page_with_a_video_alone_is_a_stub(site: str, variant: str, one: Served) -> None:
    with pytest.raises(StubError):
        article_of(site, variant, one)


def expected(story: Story) -> list[str]:
    """The blocks as printed, standfirst first; a premium article stops early."""
    lead = [story.standfirst] if story.standfirst else []
    return [" ".join(text.split()) for text in [*lead, *(plain(block.text) for block in story.blocks)]]


@every_story
def test_a_story_is_read_whole_and_once(site: str, variant: str, one: Served) -> None:
    article = article_of(site, variant, one)
    got = [" ".join(block.text.split()) for block in article.blocks]
    want = expected(one.story)
    if one.story.premium:
        assert article.access in {"paywalled", "truncated"}
        want = want[: len(got)]
        got[-1], want[-1] = got[-1].rstrip("."), want[-1].rstrip(".")
    assert got == want


@every_story
def test_a_story_has_its_fields(site: str, variant: str, one: Served) -> None:
    article, story = article_of(site, variant, one), one.story
    assert article.headline == story.headline
    assert article.authors in {story.authors, ("Agency Staff",)}
    assert article.agency == story.agency
    assert article.republished_from == story.original
    if story.published and article.published_at:
        assert abs((datetime.fromisoformat(article.published_at).date() - story.published.date()).days) <= 1
    if story.image and story.image.caption:
        assert article.images[0].caption is not None
        assert article.images[0].caption.startswith(story.image.caption)


def test_most_demo_stories_are_read() -> None:
    assert len(PAGES) > 150


SMN = "https://www.spacedaily.com/reports/X_999.html"


def smn(body: str, url: str = SMN) -> Article:
    return read_article(page_of(body, url), SpaceMediaNetworkSpider)


def test_a_glued_header_is_taken_apart() -> None:
    html = (
        "<title>Port to be deepened soon</title><td><span>Port to be deepened soon</span>"
        "<span>by AFP Staff Writers</span>"
        f"<span>Oslo (AFP) June 1, 2023</span>\r\n{TEXT}<p>{MORE}"
    )
    article = smn(html)
    assert [block.text for block in article.blocks] == [TEXT, MORE]
    assert (article.headline, article.authors, article.dateline, article.published_at) == (
        "Port to be deepened soon",
        ("AFP Staff Writers",),
        "Oslo (AFP) June 1, 2023",
        "2023-06-01",
    )


def test_a_headline_printed_twice_is_believed_over_a_templates_title() -> None:
    html = "<title>Latest news from the space industry</title><p>HARBOURS<p>Port to be deepened<p>Port to be deepened"
    article = smn(f"{html}<p>by Staff Writers<p>Oslo (AFP) June 1, 2023<p>{TEXT}<p>{MORE}")
    assert (article.headline, article.section) == ("Port to be deepened", "HARBOURS")


def test_a_dateline_in_one_run_with_the_text_is_parted_from_it() -> None:
    assert smn(f"<p>by Staff Writers<p>Pasadena CA (JPL) Apr 04, 2013 {TEXT}<p>{MORE}").text == f"{TEXT}\n\n{MORE}"


def test_a_boxed_story_above_the_byline_is_left_out() -> None:
    box = "<h3>Another port sinks</h3><p>" + MORE.replace("spring", "summer")
    article = smn(
        f"<title>Port to be deepened soon</title><h1>Port to be deepened soon</h1>{box}<p>by Staff Writers"
        f"<p>London (AFP) Aug 26, 2008<p>{TEXT}<p>{MORE}"
    )
    assert article.text == f"{TEXT}\n\n{MORE}"
    assert article.headline == "Port to be deepened soon"


def test_a_teaser_before_the_article_does_not_win() -> None:
    teaser = "<td>OTHER<br>Rome (AFP) Jan 1, 2024<br>A short teaser of another story that ends ... read more</td>"
    assert (
        smn(f"<table><tr>{teaser}<td>Oslo (AFP) June 1, 2023<p>{TEXT}<p>{MORE}</table>").dateline
        == "Oslo (AFP) June 1, 2023"
    )


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Issam AHMED", ("Issam AHMED",)),
        ("by Bruce Moomaw", ("Bruce Moomaw",)),
        ("By Ann LEE and Bo van ROE", ("Ann LEE", "Bo van ROE")),
        ("by Staff Writers", ("Staff Writers",)),
    ],
)
def test_bylines_are_read_as_printed(byline: str, authors: tuple[str, ...]) -> None:
    assert smn(f"<p>{byline}<p>Oslo (AFP) June 1, 2023<p>{TEXT}<p>{MORE}").authors == authors


@pytest.mark.parametrize(
    "dateline",
    [
        "Washington DC (UPI) Oct 14, 2021",
        "Munich, Germany (SPX) Apr 04, 2013",
        "Sacramento (SPX) Jun 08, 2004",
        "Moscow (RIA Novosti) Sept 9, 2010",
        "Tokyo (AFP) June 1, 2023",
    ],
)
def test_datelines_of_all_years_start_an_article(dateline: str) -> None:
    article = smn(f"<td>by Staff Writers<br>{dateline}<br>{TEXT}<br><br>{MORE}</td>")
    assert article.dateline == dateline
    assert article.published_precision == "day"
    assert f"({article.agency})" in dateline


def test_windows_quotes_without_a_charset_are_read() -> None:
    html = f"<p>Oslo (AFP) June 1, 2023<p>\u201cYes,\u201d she said. {TEXT}<p>{MORE}".encode("windows-1252")
    article = read_article(page_of(html, SMN), SpaceMediaNetworkSpider)
    assert article.text.startswith("\u201cYes,\u201d she said.")


def test_the_blog_of_2015_is_read_by_its_own_layout() -> None:
    html = (
        "<p>Custom Search<h1>Statement on the progress made</h1><p>By Tajuddin<p>In Local News<p>Jan 31st, 2015"
        f"<p>Mustafa Duhulow<p>Mustafa Duhulow<p>Mogadishu ( DIPLOMAT.SO) \u2013 {TEXT}<p>{MORE}"
    )
    article = read_article(page_of(html, "https://diplomat.so/2015/01/31/statement-14/"), DiplomatSoSpider)
    assert (article.layout, article.authors, article.published_at) == ("blog", ("Tajuddin",), "2015-01-31")
    assert article.dateline == "Mogadishu ( DIPLOMAT.SO)"
    assert len(article.blocks) == 2


def indebta(head: str, meta: str = "") -> Article:
    body = f'<div class="entry-content rbct"><p>{TEXT}<p>{MORE}</div>'
    html = f"<head>{head}</head><h1 class=s-title>Port</h1><p>Last updated: 2024/02/08 at 10:43 AM</p>{body}{meta}"
    return read_article(page_of(html, "https://indebta.com/news/port/"), IndebtaSpider)


def test_the_articles_own_meta_is_trusted_over_what_readers_see() -> None:
    hidden = (
        '<div class="article-meta is-hidden"><time class=published datetime="2024-02-08T10:43:03-05:00"></time></div>'
    )
    stated = '<meta property="article:published_time" content="2024-02-08T15:43:03+00:00">'
    assert indebta(stated, hidden).published_at == "2024-02-08T15:43:03+00:00"
    assert indebta("", hidden).published_at == "2024-02-08T10:43:03-05:00"
    assert indebta("").published_at == "2024-02-08T10:43:00"


def test_pitches_inside_the_body_are_dropped() -> None:
    html = (
        '<h1 class=s-title>Port</h1><div class="entry-content rbct"><h3>Unlock the Editor’s Digest for free</h3>'
        "<p>Roula Khalaf, Editor of the FT, selects her favourite stories in this weekly newsletter.</p>"
        f"<p>{TEXT}</p><div class=inline-single-ad><p>Buy now, this is a wonderful offer.</p></div><p>{MORE}</p></div>"
    )
    article = read_article(page_of(html, "https://indebta.com/news/port/"), IndebtaSpider)
    assert article.text == f"{TEXT}\n\n{MORE}"


def test_a_video_stub_is_one() -> None:
    html = (
        '<h1>W</h1><p>Last updated: 2024/02/08 at 10:43 AM<div class="entry-content rbct">Watch full video on YouTube'
    )
    with pytest.raises(StubError):
        read_article(page_of(html, "https://indebta.com/videos/w/"), IndebtaSpider)


LISTED = "".join(f"<h3><a href=/x{n}>Head {n}</a></h3><p>{n}th March 2024 – (Beijing) {TEXT}</p>" for n in range(4, 9))
TEASERS = "".join(
    f"<td>KICKER<br><a href=/r>Head {n}</a><br>Oslo (AFP) June {n}, 2023<br>{TEXT} ... read more" for n in range(1, 9)
)
NO_ARTICLES = [
    (SpaceMediaNetworkSpider, "https://www.gpsdaily.com/", TEASERS),
    (SpaceMediaNetworkSpider, "https://www.spacewar.com/about.html", f"<h1>About</h1><p>{TEXT}<p>{MORE}"),
    (IndebtaSpider, "https://indebta.com/category/news/", f"<h1>News</h1><p>4 Min Read<p>{TEXT}<p>{MORE}"),
    (IndebtaSpider, "https://indebta.com/contact/", f"<h1>Contact</h1><p>{TEXT}<p>{MORE}"),
    (DiplomatSoSpider, "https://diplomat.so/contact/", f"<h1>Contact</h1><p>{TEXT}<p>{MORE}<p>Leave a comment"),
    (DiplomatSoSpider, "https://diplomat.so/", f"<p>Custom Search<p>{TEXT}<p>{MORE}"),
    (BusinessLiveSpider, "https://www.businesslive.co.za/bd/world/", f"<h1>World</h1><p>{TEXT}<p>{MORE}"),
    (BusinessLiveSpider, "https://www.businesslive.co.za/authors/x/", f"<h1>X</h1><p>{TEXT}<p>{MORE}"),
    (DimsumDailySpider, "https://www.dimsumdaily.hk/", LISTED),
    (DimsumDailySpider, "https://www.dimsumdaily.hk/category/local/", LISTED),
    (DimsumDailySpider, "https://www.dimsumdaily.hk/latest/", LISTED),
    (DimsumDailySpider, "https://www.dimsumdaily.hk/contact-us/", f"<h1>Contact</h1><p>{TEXT}<p>{MORE}"),
    (AnyNewsSpider, "https://example.com/", f"<h1>Front</h1><p>{TEXT}<p>{MORE}"),
]  # fmt: skip


@pytest.mark.parametrize(("site", "url", "html"), NO_ARTICLES, ids=[url for _, url, _ in NO_ARTICLES])
def test_other_pages_give_no_article(site: type, url: str, html: str) -> None:
    with pytest.raises((NotAnArticleError, NoLayoutMatchesError, StubError)):
        read_article(page_of(html, url), site)


@pytest.mark.parametrize(
    ("mark", "error"),
    [
        ("<body>", NotAnArticleError),
        ("<body class='page page-id-2'>", NotAnArticleError),
        ("<body class='single single-post postid-7'>", NoLayoutMatchesError),
        ("<meta property=article:published_time content=2026-02-11T09:00:00+08:00>", NoLayoutMatchesError),
    ],
)
def test_a_redesigned_post_is_an_alarm_and_a_contact_page_is_none(mark: str, error: type[PageSkippedError]) -> None:
    """On Dimsum Daily both have an address of the same shape."""
    page = page_of(f"{mark}<h1>Us</h1><p>{TEXT}<p>{MORE}", "https://www.dimsumdaily.hk/us/")
    with pytest.raises(error):
        read_article(page, DimsumDailySpider)


@pytest.mark.parametrize("site", sorted(VARIANTS))
def test_the_replicas_listings_give_no_articles(site: str) -> None:
    articles = served(site)
    module, known = import_module(f"crawler.demo.sites.{site}"), {one.url for one in articles}
    read = []
    for service in module.services(articles):
        for host in service.hosts[:2]:
            for path, resource in service.resources(host).items():
                url = f"https://{host}{path}"
                if "html" not in resource.content_type or resource.status != 200 or url in known:
                    continue
                try:
                    article = read_article(page_of(resource.body, url), spider_of(site))
                except PageSkippedError:
                    continue
                if spider_of(site).key(article.canonical_url or url) not in {spider_of(site).key(u) for u in known}:
                    read.append(url)
    assert read == []


URLS = [
    (SpaceMediaNetworkSpider, "https://www.gpsdaily.com/reports/Xi_and_Putin_999.html", True),
    (SpaceMediaNetworkSpider, "http://energy-daily.com/reports/N_Korea_will_correctly_put_999.html", True),
    (SpaceMediaNetworkSpider, "https://www.marsdaily.com/news/mars-mers-04zzzzx.html", True),
    (SpaceMediaNetworkSpider, "https://www.spacewar.com/afp/260303115101.76yp06cs.html", True),
    (SpaceMediaNetworkSpider, "https://www.spacewar.com/dragonspace.html", False),
    (SpaceMediaNetworkSpider, "https://www.example.com/reports/X_999.html", False),
    (IndebtaSpider, "https://indebta.com/news/xi-and-putin-reject", True),
    (IndebtaSpider, "https://indebta.com/category/news/", False),
    (IndebtaSpider, "https://indebta.com/author/newsroom/", False),
    (BusinessLiveSpider, "https://www.businesslive.co.za/bd/world/europe/2024-02-08-putin-and-xi/", True),
    (BusinessLiveSpider, "https://www.businesslive.co.za/bd/world/", False),
    (DimsumDailySpider, "https://www.dimsumdaily.hk/russo-chinese-leaders-condemn/", True),
    (DimsumDailySpider, "https://www.dimsumdaily.hk/category/local/", False),
    (DimsumDailySpider, "https://www.dimsumdaily.hk/", False),
    (DiplomatSoSpider, "https://diplomat.so/2024/02/08/putin-and-xi/", True),
    (DiplomatSoSpider, "https://diplomat.so/category/world/", False),
]


@pytest.mark.parametrize(("site", "url", "is_article"), URLS, ids=[url for _, url, _ in URLS])
def test_urls_are_told_apart(site: type[SpaceMediaNetworkSpider], url: str, is_article: bool) -> None:
    assert site.is_article_url(url) == is_article


def test_one_article_on_many_hosts_has_one_key() -> None:
    path = "/reports/Xi_and_Putin_999.html"
    urls = [f"https://www.gpsdaily.com{path}", f"http://energy-daily.com{path}", f"https://www.spacewar.com{path}?x#y"]
    assert len({SpaceMediaNetworkSpider.key(url) for url in urls}) == 1


def test_one_article_in_many_forms_has_one_key() -> None:
    slug = "2025-05-21-2025-budget-30-sars-gets-r4bn"
    urls = [
        f"https://www.businesslive.co.za/bd/world/{slug}/",
        f"https://www.businesslive.co.za/amp/bd/world/{slug}/",
        f"https://www.businessday.co.za/news/{slug.replace('30-', '30--')}/?device=mobile",
    ]
    assert len({BusinessLiveSpider.key(url) for url in urls}) == 1
    assert BusinessLiveSpider.key("https://www.businesslive.co.za/bd/") == "businesslive.co.za/bd"
