import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import lxml.html
import pytest

from crawler.demo.pages import business_live, dimsum_daily, diplomat_so, indebta, space_media_network
from crawler.demo.replica import SITES, printed, serve_all
from crawler.demo.served import Served
from crawler.demo.story import Picture, Story
from crawler.demo.surroundings import Surroundings
from crawler.model import Block
from tests.demo.seeds import CASES, RENDER
from tests.demo.test_seed_pages import letters, shown

ALL = serve_all(None, {})
KINDS = tuple(Block(kind, f"The {kind}, with *stress* & <signs>.") for kind in ("paragraph", "heading", "quote"))
STORY = Story(
    slug="the-long-way-round",
    headline="The long “way” round",
    published=datetime(2024, 7, 3, 22, 30, 5, tzinfo=UTC),
    section="World",
    blocks=(*KINDS, Block("list_item", "One."), Block("list_item", "Two."), Block("preformatted", "a\n b")),
    modified=datetime(2024, 7, 4, 1, 0, tzinfo=UTC),
    authors=("Ada LUND", "Bo Ek"),
    agency="AFP",
    place="Oslo",
    standfirst="A standfirst.",
    tags=("roads",),
    image=Picture("road.jpg", "The road", "Handout"),
    original="https://example.com/original",
    overline="TRAVEL",
)
AROUND = Surroundings(url="https://example.com/here", pitch=("A pitch.",), rights_notice="All rights.")


def page_of(site: str, variant: str, story: Story = STORY, around: Surroundings = AROUND) -> str:
    text = RENDER[site](story, around, variant)
    return text.decode("windows-1252" if (site, variant) == ("space_media_network", "tables") else "utf-8")


def tree_of(page: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page)


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_prints_blocks_of_every_kind_in_order(site: str, variant: str) -> None:
    page = shown(page_of(site, variant).encode())
    at = 0
    for block in printed(site, STORY):
        at = page.index(letters(block.text), at)
    assert "The paragraph, with <em>stress</em> &amp; &lt;signs&gt;." in page_of(site, variant)


@pytest.mark.parametrize(
    "served", [served for site in SITES for served in ALL[site]], ids=lambda served: served.story.slug
)
def test_prints_every_story_of_the_demo_whole(served: Served) -> None:
    site = next(site for site in SITES if served in ALL[site])
    page = shown(page_of(site, served.variant, served.story, served.around).encode())
    at = 0
    for block in printed(site, served.story):
        at = page.find(letters(block.text), at)
        assert at >= 0, block.text


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_prints_the_same_bytes_every_time(site: str, variant: str) -> None:
    assert page_of(site, variant) == page_of(site, variant)


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_prints_a_story_of_which_little_is_known(site: str, variant: str) -> None:
    bare = Story("s", "Headline", None, None, (Block("heading", "Only a heading"),))
    assert "Only a heading" in page_of(site, variant, bare)


def test_makes_the_networks_path_from_the_headline() -> None:
    headline = (
        "N. Korea will 'correctly' put \N{LEFT DOUBLE QUOTATION MARK}100 Earth-Like\N{RIGHT DOUBLE QUOTATION MARK}"
    )
    story = replace(STORY, headline=f"{headline} up, Kim's sister says")
    path = "/reports/N_Korea_will_correctly_put_100_Earth_Like_up_Kims_sister_says_999.html"
    assert space_media_network.address(story) == f"https://www.spacedaily.com{path}"
    assert space_media_network.address(replace(story, sister="gpsdaily.com")) == f"https://www.gpsdaily.com{path}"


@pytest.mark.parametrize(
    ("agency", "day", "line"),
    [
        ("AFP", datetime(2023, 6, 1, tzinfo=UTC), "Oslo (AFP) June 1, 2023"),
        ("AFP", datetime(2024, 2, 8, tzinfo=UTC), "Oslo (AFP) Feb 8, 2024"),
        ("SPX", datetime(2013, 4, 4, tzinfo=UTC), "Oslo (SPX) Apr 04, 2013"),
        (None, datetime(2004, 6, 8, tzinfo=UTC), "Oslo (SPX) Jun 08, 2004"),
    ],
)
def test_writes_datelines_as_each_agency_does(agency: str | None, day: datetime, line: str) -> None:
    assert space_media_network.dateline(replace(STORY, agency=agency, published=day)) == line


@pytest.mark.parametrize(
    ("authors", "line"),
    [
        (("AFP Staff Writers",), "by AFP Staff Writers"),
        (("Issam AHMED",), "By Issam AHMED"),
        (("A Bee", "C Dee"), "by A Bee and C Dee"),
        ((), ""),
    ],
)
def test_writes_bylines_as_the_network_does(authors: tuple[str, ...], line: str) -> None:
    assert space_media_network.byline(replace(STORY, authors=authors)) == line


def test_writes_the_networks_tables_in_windows_1252() -> None:
    page = RENDER["space_media_network"](replace(STORY, headline="“A” \N{SNOWMAN}"), AROUND, "tables")
    assert b"\x93A\x94 &#9731;" in page


def test_leaves_paragraphs_of_the_networks_tables_open() -> None:
    page = page_of("space_media_network", "tables")
    assert "</p>" not in page.lower()
    assert "<BR>\nThe paragraph," in page.replace("\r", "")  # the first paragraph is text of the cell


def test_glues_byline_and_dateline_in_the_networks_divs() -> None:
    assert "<span>By Ada LUND and Bo Ek</span><span>Oslo (AFP) July 3, 2024</span>" in page_of(
        "space_media_network", "divs"
    )


def test_gives_indebtas_time_three_times_and_once_wrongly() -> None:
    tree = tree_of(page_of("indebta", "foxiz15"))
    assert tree.xpath("//meta[@property='article:published_time']/@content") == ["2024-07-03T22:30:05+00:00"]
    assert tree.xpath("//time[@class='published']/@datetime") == ["2024-07-03T17:30:05-05:00"]
    (updated,) = tree.xpath("//time[@class='updated-date']")
    assert (updated.get("datetime"), updated.text) == (
        "2024-07-03T20:00:00+00:00",
        "Last updated: 2024/07/03 at 8:00 PM",
    )


def test_prints_the_two_generations_of_foxiz() -> None:
    old, new = page_of("indebta", "foxiz15"), page_of("indebta", "foxiz2")
    assert "Share this Article" in old
    assert "Share This Article" in new
    assert 'class="single-updated-info' in old
    assert 'class="smeta-bottom' in new
    assert '<div class="ad-wrap ad-script-wrap">' in new


@pytest.mark.parametrize("variant", diplomat_so.VARIANTS)
def test_sets_the_diplomats_first_two_paragraphs_closer(variant: str) -> None:
    story = replace(STORY, blocks=tuple(Block("paragraph", text) for text in ("First.", "Second.", "Third.")))
    page = page_of("diplomat_so", variant, story).replace("\r\n", "")
    between = page[page.index("First.") + 6 : page.index("Second.")].replace("\n", "")
    assert between == {"tables": "<BR>", "semantic": "</p></div><p>", "divs": "</span><br>"}[variant]


def test_writes_the_diplomats_clock() -> None:
    assert diplomat_so.timestamp(STORY) == "Thursday July 04, 2024 - 01:30:05"
    assert diplomat_so.address(STORY) == "https://diplomat.so/2024/07/04/the-long-way-round/"


def test_puts_style_and_script_into_tagdivs_text() -> None:
    page = page_of("dimsum_daily", "tagdiv")
    content = page[page.index('class="td-post-content') :]
    assert content.index("<style>") < content.index("</article>")
    assert "adsbygoogle" in content


def test_addresses_dimsum_at_the_root() -> None:
    assert dimsum_daily.address(STORY) == "https://www.dimsumdaily.hk/the-long-way-round/"
    assert dimsum_daily.picture_url(STORY) == "https://cdn.dimsumdaily.hk/wp-content/uploads/2024/07/04063005/road.jpg"


def test_carries_cosmos_own_record() -> None:
    page = page_of("business_live", "cosmos")
    match = re.search(r'<meta name=cosmos:data content="([^"]+)">', page)
    assert match
    article = json.loads(html.unescape(match[1]))["article"]
    assert article["title"] == STORY.headline
    assert article["published"] == 1720045805000
    assert article["content_type"] == "free"
    linked = json.loads(tree_of(page).xpath("string(//script[@type='application/ld+json'])"))
    assert linked["datePublished"] == "2024-07-04T00:30:05+0200"
    assert "04 July 2024 - 00:30" in page


def test_cuts_a_premium_text_and_says_so() -> None:
    story = replace(STORY, premium=True, blocks=tuple(Block("paragraph", f"Number {n}.") for n in range(5)))
    assert [block.text for block in printed("business_live", story)] == ["A standfirst.", "Number 0.", "Number 1..."]
    cosmos, arc = page_of("business_live", "cosmos", story), page_of("business_live", "arc", story)
    for page in (cosmos, arc):
        assert "Number 1...<" in page
        assert "Number 2" not in page
        assert business_live.RESERVED in page
    assert '"isAccessibleForFree": false' in arc
    assert "&quot;content_type&quot;: &quot;premium&quot;" in cosmos


def test_moves_businesslive_to_arc_in_autumn_2025() -> None:
    late = replace(STORY, published=datetime(2025, 11, 10, tzinfo=UTC))
    assert business_live.address(late) == "https://www.businessday.co.za/world/2025-11-10-the-long-way-round/"
    assert business_live.address(STORY) == "https://www.businesslive.co.za/bd/world/2024-07-04-the-long-way-round/"
    assert "July 04, 2024 at 12:30 am" in page_of("business_live", "arc")


def test_links_back_to_the_original() -> None:
    tree = tree_of(page_of("indebta", "foxiz2"))
    assert tree.xpath("//a[text()='Read the full article here']/@href") == ["https://example.com/original"]
    assert indebta.address(STORY) == "https://indebta.com/world/the-long-way-round/"
