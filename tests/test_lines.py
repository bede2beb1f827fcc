"""The lines of a page are what a reader sees as lines, in any markup."""

import pytest

from crawler.lines import Line, flatten
from crawler.page import parse_html
from crawler.shown import Listed
from crawler.text import is_sentence, normalised

LONG = "The council met on Monday and agreed to repair all of the bridges over the river before the winter comes."
NEXT = "Work starts next week, the mayor said, and will take five months if the weather stays as mild as it has been."


def lines(html: str) -> tuple[Line, ...]:
    elements = list(parse_html(html).iter())
    return flatten(elements, Listed(elements))


def texts(html: str) -> list[str]:
    return [line.text for line in lines(html)]


SAME = {
    "paragraphs": f"<p>Head<p>{LONG}<p>{NEXT}",
    "breaks": f"<div>Head<br>{LONG}<br><br>{NEXT}</div>",
    "cell-text": f"<table><tr><td>Head<p>{LONG}<p>{NEXT}</table>",
    "cells": f"<table><tr><td>Head<tr><td>{LONG}<td>{NEXT}</table>",
    "spans": f"<div><span>Head</span> <span>{LONG}</span>\n<span>{NEXT}</span></div>",
    "unknown-elements": f"<x-a><x-b>Head</x-b><x-b>{LONG}</x-b><x-b>{NEXT}</x-b></x-a>",
    "block-spans": f"<p><span style='display : block'>Head</span><span style='display:block'>{LONG}</span>{NEXT}",
    "pre": f"<pre>Head\n{LONG}\n\n{NEXT}\n</pre>",
    "nested": f"<div>Head<div><div>{LONG}</div><section>{NEXT}</section></div></div>",
    "list": f"<ul><li>Head<li>{LONG}<li><p>{NEXT}</p></ul>",
    "comments": f"<p>He<!-- x -->ad</p><?php echo ?><p>{LONG}</p><script>var x='<p>'</script><p>{NEXT}</p>",
    "custom-elements": f"<div><p>Head</p><x-b>{LONG}</x-b><x-b>{NEXT}</x-b></div>",
    "custom-elements-in-items": f"<ul><li>Head<li><x-b>{LONG}</x-b><x-b>{NEXT}</x-b></ul>",
    "custom-and-inline": f"<div><p>Head</p><x-b>{LONG}</x-b> <font>{NEXT}</font></div>",
    "uppercase": f"<P>Head<P>{LONG}<P>{NEXT}",
    "white-space": f"<p>\n Head\t</p>\r\n<p>&nbsp;{LONG.replace(' ', '  ')}</p><p></p><p>{NEXT}",
}


@pytest.mark.parametrize("html", SAME.values(), ids=SAME)
def test_it_gives_the_same_lines_for_any_markup(html: str) -> None:
    assert texts(html) == ["Head", LONG, NEXT]


def test_it_joins_inline_elements_as_they_are_written() -> None:
    assert texts("<p>A <b>bold</b>ly <a href=x>linked</a>, <i>word</i>.") == ["A boldly linked, word."]


def test_it_keeps_custom_elements_of_a_sentence_in_it() -> None:
    assert texts("<div>He paid <x-sum>$5</x-sum> for it.</div>") == ["He paid $5 for it."]
    assert texts("<div><b>By</b> <x-name>Ann Lee</x-name></div>") == ["By Ann Lee"]
    assert texts(f"<p><x-b>{LONG}</x-b> <x-b>{NEXT}</x-b></p>") == [f"{LONG} {NEXT}"]


def test_it_keeps_sentences_in_spans_of_a_paragraph_together() -> None:
    assert texts(f"<p><span>{LONG}</span> <span>{NEXT}</span></p>") == [f"{LONG} {NEXT}"]
    assert texts(f"<div><span>{LONG[:60]}</span><span>{LONG[60:]}</span> <span>and so on it goes.</span></div>") == [
        f"{LONG} and so on it goes."
    ]


def test_it_mends_a_sentence_that_a_break_cuts() -> None:
    at = LONG.index("over the river")
    assert texts(f"<p>{LONG[:at]}<br>{LONG[at:]}") == [LONG]
    assert texts(f"<p>{LONG[:at]}<br>By a reporter") == [LONG[:at].strip(), "By a reporter"]


def test_it_tells_the_kinds_of_blocks() -> None:
    html = "<h2>Head</h2><p>Text</p><ul><li>Item</ul><blockquote><p>Said</blockquote><pre>a  b\n  c</pre>"
    assert [(line.kind, line.text) for line in lines(html)] == [
        ("heading", "Head"),
        ("paragraph", "Text"),
        ("list_item", "Item"),
        ("quote", "Said"),
        ("preformatted", "a  b\n  c"),
    ]


@pytest.mark.parametrize("listing", ["if a:\n  b()", "Oslo  3\nRome  12", "Oslo\t3", "int a;\nint b;"])
def test_it_keeps_a_listing_in_one_block(listing: str) -> None:
    assert [(line.kind, line.text) for line in lines(f"<p>Text</p><pre>{listing}</pre>")][1:] == [
        ("preformatted", listing)
    ]


def test_it_takes_preformatted_lines_of_words_apart() -> None:
    assert texts("<pre>Port to be deepened\nby Ann Lee\n</pre><pre>Related Links</pre>") == [
        "Port to be deepened",
        "by Ann Lee",
        "Related Links",
    ]


def test_it_takes_short_bold_lines_for_headings() -> None:
    assert [line.kind for line in lines(f"<p><b>Two roads</b></p><p><b>{LONG}</b></p><p><b>Yes,</b> he said")] == [
        "heading",
        "paragraph",
        "paragraph",
    ]


def test_it_takes_a_statement_for_a_paragraph_though_it_is_set_as_a_heading() -> None:
    assert [line.kind for line in lines(f"<h4>{LONG}</h4><h4>Head</h4><h2>{LONG[:-1]}</h2><h2>{LONG[:-1]}?</h2>")] == [
        "paragraph",
        "heading",
        "heading",
        "heading",
    ]


def test_a_hidden_element_ends_no_other() -> None:
    (line,) = lines("<p><b>Head <b hidden>x</b>of it</b></p>" + f"<p>{LONG}</p>")[:1]
    assert (line.kind, line.text) == ("heading", "Head of it")


def test_it_keeps_a_table_of_data_in_one_block() -> None:
    html = "<table><tr><th>Year<th>Tonnes<tr><td>2023<td>12<tr><td>2024<td>15</table>"
    assert [(line.kind, line.text) for line in lines(html)] == [("table", "Year | Tonnes\n2023 | 12\n2024 | 15")]


def test_it_takes_a_table_of_layout_apart() -> None:
    assert texts("<table><tr><th>Menu<td><table><tr><td>One<td>Two</table></table>") == ["Menu", "One", "Two"]
    assert texts("<table><tr><th>Only</table>") == ["Only"]


def test_it_measures_links_and_zones() -> None:
    nav, text, caption = lines("<nav><a>Home</a></nav><p>See <a>this one</a><figure><img><figcaption>Cap</figure>")
    assert (nav.linked, nav.zone) == (1.0, "nav")
    assert 0 < text.linked < 1
    assert text.zone is None
    assert caption.zone == "figcaption"


def test_it_leaves_out_what_no_reader_sees() -> None:
    html = "<head><title>t</title></head><style>p{}</style><p>a</p><template>b</template><noscript>c</noscript>d"
    assert texts(html) == ["a", "d"]


@pytest.mark.parametrize(
    "html", ["", " ", "<!-- -->", "\0\0", "<", "<p", "</p>", "<html><head>", "&#0;", "\ufeff", "<?xml version='1.0'?>"]
)
def test_it_survives_empty_and_broken_documents(html: str) -> None:
    assert isinstance(texts(html), list)


def test_it_reads_pages_without_a_body_element() -> None:
    assert texts("<title>t</title><td>a<p>b") == ["a", "b"]


def test_it_survives_deep_nesting() -> None:
    assert texts("<p>first</p>" + "<div>" * 1000 + "core" + "</div>" * 1000 + "<p>last") == ["first", "core", "last"]
    assert texts("<p>first</p>" + "<div>" * 50_000 + "core")[0] == "first"
    assert texts("<p>first</p>" + "<span>" * 50_000 + "core")[0] == "first"


def test_it_survives_ten_megabytes_in_one_line() -> None:
    assert len(texts("<p>" + "word " * 2_000_000)[0]) == 9_999_999


def test_nul_bytes_do_not_end_the_page() -> None:
    assert texts("<p>be\0fore</p><p>after</p>") == ["before", "after"]


def test_it_splits_between_pieces() -> None:
    (line,) = lines("<td>Head<b>by A</b>rest</td>")
    first, second = line.split(1)
    assert (first.text, second.text) == ("Head", "by Arest")


@pytest.mark.parametrize("text", ["End.", "“End.”", "What?", "said:", "end.)", "完。", "…"])
def test_it_knows_the_ends_of_sentences(text: str) -> None:
    assert is_sentence(text)


def test_it_knows_what_is_no_sentence() -> None:
    assert not is_sentence("A headline")


def test_it_normalises_only_white_space() -> None:
    assert normalised(" a\u00a0\u200bb \n c­") == "a b c­"
