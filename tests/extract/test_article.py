"""Page -> Article: what makes a record, and what gives none."""

from datetime import date

import pytest

from crawler import __version__
from crawler.errors import NotAnArticleError, OversizedPageError, StubError, TruncatedPageError, UnreadablePageError
from crawler.extract import explain, read_article
from crawler.extract.article import payload_digest, text_digest
from crawler.model import Block
from crawler.page import Page
from crawler.site import Layout, Site
from tests.captures import REF, capture_of, page_of
from tests.extract.anything import URL, Anything

ONE = "The council of the harbour town agreed on Monday to deepen the port, after a long and bitter debate."
TWO = "Work begins in the spring, the mayor said, and will take two years if the storms of autumn allow it."
THREE = "Fishermen said their nets would suffer; merchants said their ships would otherwise not come at all."


class Boxed(Layout):
    body = ("div.body",)
    drop = (".ad", "script")
    drop_text = (r"^Buy now$",)
    sign_off = (r"^(?P<agency>Reuters)$",)
    headline_css = ("h1",)
    standfirst_css = ("h2.lead",)
    section_css = (".section",)
    tags_css = (".tag",)
    authors_css = (".by",)
    published_css = ("time",)
    figure_css = ("figure",)
    caption_css = ("figcaption",)
    credit_css = (".credit",)
    rights = r"^© Example"
    origin = r"^Original$"


class Example(Site):
    name = "example"
    layouts = (Boxed,)


PAGE = f"""<html lang=en><head><title>Port | Example</title><link rel=canonical href=/news/port/>
<script type=application/ld+json>{{"@type":"NewsArticle","dateModified":"2024-02-09"}}</script></head><body>
<nav><a>Home</a></nav><b class=section>Harbour</b><h1>Port to be deepened</h1><h2 class=lead>A debate ends.</h2>
<p class=by>By Ann Lee and Bo Roe</p><time datetime=2024-02-08T10:00:00+02:00>8 Feb</time>
<div class=body><p>{ONE}</p><div class=ad>Wonderful things for sale in our shop today, come and see them all now.</div>
<p>Buy now</p><h3>Cross-head</h3><p>Port to be deepened</p><ul><li>First item</li><li>Second item</li></ul>
<figure><img data-src=/a.jpg><figcaption>A port. <i class=credit>Picture: (AP)</i></figcaption></figure>
<blockquote>{TWO}</blockquote><p>{THREE}</p><p><a href=/other>READ: another story of ours</a></p><p>Reuters</p>
<p><a href=https://origin.test/a>Original</a></p><h3>More</h3></div>
<a class=tag>port</a><a class=tag>sea</a><p>© Example 2024, all of it.</p></body></html>"""


def test_a_record_has_every_field() -> None:
    article = read_article(Page(capture_of(PAGE, URL, ref=REF)), Example)
    assert [(block.kind, block.text) for block in article.blocks] == [
        ("paragraph", "A debate ends."),
        ("paragraph", ONE),
        ("heading", "Cross-head"),
        ("list_item", "First item"),
        ("list_item", "Second item"),
        ("quote", TWO),
        ("paragraph", THREE),
    ]
    assert article.text == "\n\n".join(block.text for block in article.blocks)
    assert (article.site, article.layout, article.url, article.canonical_url) == ("example", "boxed", URL, f"{URL}/")
    assert (article.headline, article.section, article.tags) == ("Port to be deepened", "Harbour", ("port", "sea"))
    assert (article.authors, article.agency, article.dateline) == (("Ann Lee", "Bo Roe"), "Reuters", None)
    assert (article.published_at, article.published_precision) == ("2024-02-08T10:00:00+02:00", "second")
    assert article.modified_at == "2024-02-09"
    assert [(i.url, i.caption, i.credit) for i in article.images] == [
        ("https://example.com/a.jpg", "A port. Picture: (AP)", "AP")
    ]
    assert (article.republished_from, article.rights_notice) == ("https://origin.test/a", "© Example 2024, all of it.")
    assert (article.language, article.access, article.word_count) == ("en", "free", len(article.text.split()))
    assert (article.warc_filename, article.warc_record_offset, article.warc_record_id) == (
        REF.filename,
        REF.offset,
        REF.record_id,
    )
    assert (article.payload_digest, article.extractor) == ("sha1:AAAA", f"newswarc/{__version__}")


def test_each_line_is_told_why_it_is_not_the_article() -> None:
    reasons = {verdict.line.text: verdict.reason for verdict in explain(page_of(PAGE, URL), Example)}
    assert reasons["Home"] == "outside the article"
    assert reasons["Buy now"] == "boilerplate wording"
    assert reasons["Reuters"] == "sign-off"
    assert reasons["Original"] == "link to the original"
    assert reasons["READ: another story of ours"] == "only a link"
    assert reasons["More"] == "heading of nothing"
    assert reasons["A port. Picture: (AP)"] == "caption"
    assert [reason for text, reason in reasons.items() if text.startswith("Wonderful")] == ["in a dropped element"]


def test_the_id_stands_for_site_url_and_payload() -> None:
    first = read_article(page_of(PAGE, URL), Example)
    assert first.id == read_article(page_of(PAGE, f"{URL}?utm_source=x"), Example).id
    assert first.id != read_article(page_of(PAGE + " ", URL), Example).id
    assert first.id != read_article(page_of(PAGE.replace("/news/port/", "/news/p/"), URL), Example).id
    assert len(first.id) == 32


def test_digests_have_their_algorithms() -> None:
    assert payload_digest(b"") == "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
    assert text_digest([Block("paragraph", "e\u0301")]) == text_digest([Block("heading", "\u00e9")])
    assert text_digest([Block("paragraph", "a")]).startswith("sha256:")


def test_a_record_does_not_depend_on_what_was_read_before() -> None:
    alone = read_article(page_of(PAGE, URL), Example)
    for text in (ONE, TWO, THREE) * 3:
        read_article(page_of(f"<div class=body><p>{text}<p>{ONE * 3}</div>", URL), Example)
    assert read_article(page_of(PAGE, URL), Example) == alone


def test_a_doubled_body_is_read_once() -> None:
    twice = f"<div class=body><p>{ONE}<h3>Short</h3><p>{TWO}<p>{ONE}<h3>Short</h3><p>{TWO}<p>{THREE}</div>"
    assert read_article(page_of(twice, URL), Example).text == f"{ONE}\n\nShort\n\n{TWO}\n\n{THREE}"


def test_short_lines_may_recur() -> None:
    html = f"<div class=body><p>{ONE}<p>“No.”<p>{TWO}<p>“No.”<p>{THREE}</div>"
    assert read_article(page_of(html, URL), Example).text.count("“No.”") == 2


def test_a_short_text_is_a_stub() -> None:
    hidden = f"<div class=ad>{ONE * 3}</div>"
    with pytest.raises(StubError, match=r"https://example\.com/news/port: only 3 characters"):
        read_article(page_of(f"<div class=body><p>Hi!{hidden}</div>", URL), Example)


@pytest.mark.parametrize(
    ("capture", "error"),
    [
        (capture_of(PAGE, URL, truncated="length"), TruncatedPageError),
        (capture_of(PAGE, URL, status=404), NotAnArticleError),
        (capture_of(PAGE, URL, headers=(("Content-Type", "image/png"),)), NotAnArticleError),
        (capture_of(b"", URL), NotAnArticleError),
        (capture_of(b"\1", URL, headers=(("Content-Encoding", "x"),)), UnreadablePageError),
    ],
    ids=["cut", "404", "image", "empty", "unreadable"],
)
def test_what_is_no_page_is_refused_by_name(capture: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_article(Page(capture), Example)  # type: ignore[arg-type]


def test_a_page_without_a_content_type_is_read() -> None:
    assert read_article(Page(capture_of(PAGE, URL, headers=())), Example).headline == "Port to be deepened"


GENERIC = f"""<html><head><title>Port to be deepened</title>
<meta property=og:title content="Port to be deepened"><meta name=author content="Ann Lee"></head><body>
<nav><a href=/>Home</a></nav><article><h1>Port to be deepened</h1><p>{ONE}</p><p>{TWO}</p><p>Share</p><p>{ONE}</p>
<p>{THREE}</p><h2>Two roads</h2><p>{ONE.replace("port", "road")}</p></article><footer>© 2024</footer></body></html>"""


def test_the_generic_cascade_reads_any_page() -> None:
    article = read_article(page_of(GENERIC, URL), Anything)
    assert (article.layout, article.headline, article.authors) == ("generic", "Port to be deepened", ("Ann Lee",))
    assert article.text.split("\n\n")[:3] == [ONE, TWO, THREE]


def test_the_generic_cascade_finds_a_printed_day_but_none_after_the_capture() -> None:
    dated = GENERIC.replace("<p>Share</p>", '<p class="date">Published on 8 February 2024</p>')
    article = read_article(page_of(dated, URL), Anything)
    assert article.published_at is not None
    assert date.fromisoformat(article.published_at) == date(2024, 2, 8)
    future = read_article(page_of(dated.replace("2024", "2031"), URL), Anything)
    assert future.published_at is None


def test_the_generic_cascade_keeps_kinds_and_tables() -> None:
    rows = "".join(f"<tr><td>Ship {n}</td><td>{n} tonnes</td></tr>" for n in range(4))
    html = GENERIC.replace(
        "<h2>",
        f"<blockquote>{TWO[::-1]}</blockquote><ul><li>For the port: {len(ONE)} of the members</li>"
        f"<li>Against it: {len(TWO)} of them</li></ul><table>{rows}</table><h2>",
    )
    kinds = {block.kind for block in read_article(page_of(html, URL), Anything).blocks}
    assert {"paragraph", "list_item"} <= kinds


@pytest.mark.parametrize("body", ["<p>", "\0", "<html><body></body></html>", "<div>" * 3000, "[]", "x" * 100_000])
def test_a_page_of_nothing_gives_nothing(body: str) -> None:
    with pytest.raises((StubError, NotAnArticleError, OversizedPageError)):
        read_article(page_of(body, URL), Anything)


def test_trafilatura_keeps_no_memory_of_pages() -> None:
    assert len({read_article(page_of(GENERIC, URL), Anything).text for _ in range(5)}) == 1
