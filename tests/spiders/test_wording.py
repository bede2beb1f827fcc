"""What layouts that go by the words make of lines round an article, whatever elements those are in."""

import pytest

from crawler.extract import read_article
from crawler.model import Article
from spiders.business_live import BusinessLiveSpider
from spiders.dimsum_daily import DimsumDailySpider
from spiders.diplomat_so import DiplomatSoSpider
from spiders.indebta import IndebtaSpider
from spiders.space_media_network import SpaceMediaNetworkSpider
from tests.captures import page_of

TEXT = (
    "The council of the harbour town agreed on Monday to deepen the port, after a long debate in which fishermen said "
    "that their nets would suffer and merchants that their ships would not come."
)
MORE = "Work begins in the spring, the mayor said, and will take two years if the storms of the autumn let it go on."
ORIGINAL = "<p><a href=/o>Read the full article here</a>"
STAMP = "<p>Thursday February 08, 2024 - 19:24:07</p>"


def live(html: str) -> Article:
    return read_article(page_of(html, "https://www.businesslive.co.za/bd/world/2024-02-08-port/"), BusinessLiveSpider)


def dimsum(html: str) -> Article:
    return read_article(page_of(html, "https://www.dimsumdaily.hk/port/"), DimsumDailySpider)


def diplomat(html: str) -> Article:
    return read_article(page_of(html, "https://diplomat.so/2024/02/08/port/"), DiplomatSoSpider)


def indebta(html: str) -> Article:
    return read_article(page_of(html, "https://indebta.com/news/port/"), IndebtaSpider)


def smn(html: str) -> Article:
    return read_article(page_of(html, "https://www.gpsdaily.com/reports/Port_999.html"), SpaceMediaNetworkSpider)


@pytest.mark.parametrize("tag", ["p", "li", "blockquote", "h3", "td", "x-y"])
def test_a_sign_off_under_the_last_paragraph_ends_the_article(tag: str) -> None:
    heads = ("ANN LEE: Ports to come", "Ships: where now?", "Bo said \u2018No\u2019")
    more = "".join(f"<{tag}>{head}</{tag}>" for head in heads)
    end = "<p>Would you like to comment on this article?"
    article = live(f"<h1>Port</h1><p>{TEXT}<p>{MORE}</p><{tag}>Reuters</{tag}>{more}{end}")
    assert article.text == f"{TEXT}\n\n{MORE}"
    assert article.agency == "Reuters"


def test_an_agency_above_a_paragraph_ends_nothing() -> None:
    assert live(f"<h1>Port</h1><p>Reuters<p>{TEXT}<p>Reuters<p>{MORE}").text == f"{TEXT}\n\n{MORE}"


@pytest.mark.parametrize("tag", ["h2", "h6", "li", "blockquote", "dd", "x-y"])
def test_a_last_paragraph_is_kept_in_any_element(tag: str) -> None:
    article = dimsum(f"<h1>Port</h1><p>11th February 2024 \u2013 (Beijing) {TEXT}</p><{tag}>{MORE}</{tag}>")
    assert [block.text for block in article.blocks][1:] == [MORE]
    assert article.blocks[-1].kind != "heading"


@pytest.mark.parametrize("box", ["<ul><li>{}</ul>", "<blockquote>{}</blockquote>", "<p>{}", "<dl><dd>{}</dl>"])
def test_a_link_between_paragraphs_is_left_out_in_any_element(box: str) -> None:
    ad = box.format("<a href=/ad>Save more than half on shoes today</a>")
    assert dimsum(f"<p>11th February 2024 \u2013 (Beijing) {TEXT}</p>{ad}<p>{MORE}").text.endswith(f"{TEXT}\n\n{MORE}")


def test_a_linked_teaser_under_a_linked_headline_is_left_out() -> None:
    teaser = (
        "<h4><a href=/r>Storm sinks nets</a></h4><p><a href=/r>A storm took all the nets of the town on Friday.</a>"
    )
    assert live(f"<h1>Port</h1><p>{TEXT}{teaser}<p>{MORE}").text == f"{TEXT}\n\n{MORE}"


def test_a_linked_sentence_between_paragraphs_is_kept() -> None:
    linked = "<p><a href=/r>The nets of the town were lost to a storm on Friday.</a>"
    assert live(f"<h1>Port</h1><p>{TEXT}{linked}<p>{MORE}").text.count("nets of the town") == 1


def test_an_anchor_that_is_never_closed_links_nothing() -> None:
    assert live(f"<h1>Port</h1><div><a name=top><p>{TEXT}<p>{MORE}</div>").text == f"{TEXT}\n\n{MORE}"


def test_days_under_links_to_other_articles_are_left_out() -> None:
    more = "".join(f"<li><p><a href=/{n}>Ships of the {n}th</a></p>August {n}, 2025" for n in range(4, 9))
    article = indebta(
        f"<p>Last updated: 2024/02/08 at 10:43 AM<p>{TEXT}<p>{MORE}<h3>More</h3><ul>{more}</ul>{ORIGINAL}"
    )
    assert article.text == f"{TEXT}\n\n{MORE}"


def test_a_list_that_ends_an_article_is_kept() -> None:
    items = "<ul><li>Salt<li>Nets and <a href=/r>rope</a></ul>"
    ad = "<p><a href=/ad>Save more than half on shoes today</a>"
    article = indebta(f"<p>Last updated: 2024/02/08 at 10:43 AM<p>{TEXT}<p>{MORE}{items}{ad}{ORIGINAL}")
    assert [block.text for block in article.blocks] == [TEXT, MORE, "Salt", "Nets and rope"]


NOISE = "<p>Share<p>Tweet<div><a href=/ad>Save more than half on shoes today</a></div>"


@pytest.mark.parametrize(
    "name", ["Staff Reporter", "<a href=/a>Staff Reporter</a>", "By Staff Reporter", "<a>World</a><p>Staff Reporter"]
)
def test_noise_above_a_byline_is_not_the_author(name: str) -> None:
    article = diplomat(f"<h1>Port deep</h1>{STAMP}{NOISE}<p>{name}<p>Moscow (diplomat.so) - {TEXT}<p>{MORE}")
    assert article.authors == ("Staff Reporter",)


def test_no_line_below_the_dateline_is_the_author() -> None:
    article = diplomat(f"<h1>Port deep</h1>{STAMP}<p>Moscow (diplomat.so) - {TEXT}<p>Staff Canteen<p>{MORE}")
    assert article.authors == ()


def test_the_longest_name_is_the_byline_where_a_mark_cuts_it() -> None:
    article = smn(f"<p>Port deepened<p>by AFP <b>Staff Writers</b><p>Oslo (AFP) June 1, 2023<p>{TEXT}<p>{MORE}")
    assert article.authors == ("AFP Staff Writers",)


def test_a_header_is_found_through_noise() -> None:
    head = f"<p>HARBOURS{NOISE * 3}<p>Port to be deepened{NOISE * 3}<p>by Ann Lee{NOISE}<p>Oslo (AFP) June 1, 2023"
    article = smn(f"{head}{NOISE}<p>{TEXT}<p>{MORE}")
    assert (article.headline, article.section, article.authors) == ("Port to be deepened", "HARBOURS", ("Ann Lee",))
    assert article.dateline == "Oslo (AFP) June 1, 2023"


def test_a_menu_is_no_headline() -> None:
    menu = "<p><a href=/>Home</a> | <a href=/w>World</a> | <a href=/s>Sport and leisure</a>"
    assert live(f"<p>Port to be deepened{menu}<p>{TEXT}<p>{MORE}").headline == "Port to be deepened"


def test_a_headline_with_a_name_linked_is_one() -> None:
    html = f"<p>Ann Lee and <a href=/p>Port to be</a> deepened<p>{TEXT}<p>{MORE}"
    assert live(html).headline == "Ann Lee and Port to be deepened"


def test_a_label_in_the_title_does_not_outdo_a_declared_headline() -> None:
    head = '<meta property="og:title" content="Port to be deepened"><title>News</title>'
    assert indebta(f"{head}<h6>• News</h6><p>Last updated: 2024/02/08 at 10:43 AM<p>{TEXT}<p>{MORE}").headline == (
        "Port to be deepened"
    )
