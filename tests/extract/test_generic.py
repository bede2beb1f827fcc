"""Pages without a layout: the text is found whole, in order and once, and there is a reason for each drop."""

import json

import pytest

from crawler.errors import NotAnArticleError
from crawler.extract import explain, read_article
from crawler.extract.generic import MOST_LINES
from crawler.page import Page
from tests.captures import page_of
from tests.extract.anything import TEXT, URL, Anything

CROSS_HEAD = "What the fishermen say"
MENU = "".join(
    f"<li><a href=/{word.lower()}>{word}</a></li>" for word in ("Home", "Politics", "Economy", "Sports", "Culture")
)
TEASERS = "".join(
    f"<div class=teaser><h3><a href=/t{n}>Another story of that week, number {n}</a></h3></div>" for n in range(6)
)
PAGE = f"""<html lang=en><head><title>Port to be deepened | Example</title>
<meta property=og:title content="Port to be deepened"></head><body>
<nav><ul>{MENU}</ul></nav><header><a href=/>Example</a></header>
<main><article class=story><h1>Port to be deepened</h1><div class=byline>By Ann Lee</div>
<time class=date>8 February 2024, 10:43</time>
<div class=share-bar><a href=/f>Facebook</a> <a href=/x>Share on X</a></div>
<div class=article-body><p>{TEXT[0]}</p><p>{TEXT[1]}</p>
<figure><img src=/a.jpg><figcaption>The port in 2019. Photo: Example</figcaption></figure>
<div class=newsletter-signup><p>Subscribe to our newsletter and get the news of the harbour every morning.</p></div>
<h2>{CROSS_HEAD}</h2><p>{TEXT[2]}</p><p>{TEXT[3]}</p></div>
<div class=author-box><p>Ann Lee is a reporter at Example. She writes about ships and the sea.</p></div>
</article><aside class=related><h2>Read more</h2>{TEASERS}</aside>
<section class=comments><h3>Comments (2)</h3>
<p>I think that the port is deep enough, and my boat does too.</p></section></main>
<footer><p>© Example 2024. All rights reserved.</p></footer></body></html>"""


def blocks(html: str) -> list[str]:
    return [block.text for block in read_article(page_of(html, URL), Anything).blocks]


def reasons(html: str) -> dict[str, str]:
    return {verdict.line.text: verdict.reason for verdict in explain(page_of(html, URL), Anything)}


def test_the_text_is_found_whole_and_in_order() -> None:
    assert blocks(PAGE) == [*TEXT[:2], CROSS_HEAD, *TEXT[2:]]


def test_cross_heads_keep_their_kind() -> None:
    article = read_article(page_of(PAGE, URL), Anything)
    assert [block.kind for block in article.blocks] == ["paragraph", "paragraph", "heading", "paragraph", "paragraph"]


def test_every_line_of_the_page_has_a_verdict() -> None:
    page = page_of(PAGE, URL)
    assert [verdict.line for verdict in explain(page, Anything)] == list(page.lines)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("The port in 2019", "caption"),
        ("Subscribe to our newsletter", "newsletter or subscription"),
        ("Port to be deepened", "outside the article"),
        ("© Example 2024", "outside the article"),
        ("Another story", "outside the article"),
    ],
)
def test_a_drop_has_a_named_reason(start: str, reason: str) -> None:
    assert {why for text, why in reasons(PAGE).items() if text.startswith(start)} == {reason}


def test_a_doubled_body_is_read_once() -> None:
    body = "".join(f"<p>{text}</p>" for text in TEXT)
    twice = PAGE.replace("</article>", f"<div class=article-body>{body}</div></article>")
    assert len(set(blocks(twice))) == len(blocks(twice))


def test_a_page_that_has_its_text_in_linked_data_alone_is_read_from_there() -> None:
    script = json.dumps({"@type": "NewsArticle", "headline": "Port", "articleBody": "\n".join(TEXT)})
    assert blocks(f"<script type=application/ld+json>{script}</script><div id=app><p>Loading</p></div>") == list(TEXT)


def test_a_page_of_thousands_of_lines_is_read_by_its_prose() -> None:
    many = "".join(f"<p>{number}: {TEXT[0]}</p><p>label</p>" for number in range(MOST_LINES // 2 + 1))
    assert len(blocks(f"<nav>{MENU}</nav>{many}")) == MOST_LINES // 2 + 1


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("ja", "気象庁は十三日夜、宮崎県で震度五弱の地震があったと発表し、住民に注意を呼びかけた。"),
        ("ar", "وافق مجلس المدينة يوم الاثنين على تعميق الميناء بعد نقاش طويل ومرير بين الصيادين والتجار."),
        ("ru", "Городской совет в понедельник согласился углубить порт после долгих и ожесточённых споров."),
    ],
)
def test_scripts_of_all_kinds_are_read(language: str, sentence: str) -> None:
    texts = [f"{sentence} {number}{sentence}" for number in range(5)]
    body = "".join(f"<p>{text}</p>" for text in texts)
    page = f"<html lang={language}><body><nav><ul>{MENU}</ul></nav><article><h1>2024</h1><div>{body}</div></article>"
    assert blocks(page) == texts


def test_the_same_page_is_read_the_same_after_others() -> None:
    alone = explain(Page(page_of(PAGE, URL).capture), Anything)
    for number in range(3):
        explain(page_of(PAGE.replace("harbour", f"town {number}"), URL), Anything)
    again = explain(Page(page_of(PAGE, URL).capture), Anything)
    assert [(v.line.text, v.reason) for v in again] == [(v.line.text, v.reason) for v in alone]


FRONT = "https://example.com/"


@pytest.mark.parametrize(
    "said",
    [
        "<meta property=og:type content=article>",
        '<meta property=article:published_time content="2024-02-08T10:43:00Z">',
        "<link rel=canonical href=https://example.com/news/port>",
    ],
)
def test_a_page_at_the_root_of_its_site_that_says_it_is_an_article_is_read(said: str) -> None:
    page = page_of(PAGE.replace("<title>", f"{said}<title>", 1), FRONT)

    assert read_article(page, Anything).blocks[0].text == TEXT[0]


def test_a_front_page_is_no_article() -> None:
    with pytest.raises(NotAnArticleError, match="a front page"):
        read_article(page_of(PAGE, FRONT), Anything)


@pytest.mark.parametrize("url", ["https://example.com/?p=123", "", "page.html"])
def test_an_address_with_a_query_or_without_a_host_is_no_front_page(url: str) -> None:
    assert read_article(page_of(PAGE, url), Anything).blocks[0].text == TEXT[0]
