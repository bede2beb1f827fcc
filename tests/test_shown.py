"""What readers are not shown is told apart from an article that waits behind a button."""

import pytest

from crawler.lines import flatten
from crawler.page import parse_html
from crawler.shown import Listed, has_text, text_length

TEXT = "The council met on Monday and agreed to repair all of the bridges over the river before the winter comes."


def texts(html: str) -> list[str]:
    elements = list(parse_html(html).iter())
    return [line.text for line in flatten(elements, Listed(elements))]


@pytest.mark.parametrize(
    "mark", ["hidden", "style='display:none'", "style='color: red; DISPLAY : None'", "style=visibility:hidden"]
)
def test_a_little_that_is_hidden_is_left_out(mark: str) -> None:
    hidden = f"<div {mark}><p>Sign in</p><p hidden>now</p></div>"
    assert texts(f"<p>{TEXT}</p>{hidden}<p>More</p>tail") == [TEXT, "More", "tail"]


@pytest.mark.parametrize(
    "name", ["sr-only", "x u-visually-hidden", "screen-reader-text", "Screenreader_root__f4a", "a11y-hidden"]
)
def test_labels_for_screen_readers_are_left_out(name: str) -> None:
    label = f"<span class='{name}'> (opens in a new tab)</span>"
    assert texts(f"<p>{TEXT} See <a href=/a>here{label}</a> and there.</p>") == [f"{TEXT} See here and there."]


@pytest.mark.parametrize(
    "html", ["<h1 class=sr-only>A headline</h1>", f"<div class=sr-only><p>{TEXT}</p><p>{TEXT}</p></div>"]
)
def test_a_headline_or_an_article_is_no_label_for_screen_readers(html: str) -> None:
    assert texts(html)


def test_what_follows_a_hidden_word_stays_in_its_line() -> None:
    assert texts(f"<p>{TEXT} It <span style=display:none>never</span>rained.</p>") == [f"{TEXT} It rained."]


@pytest.mark.parametrize("style", ["display:block", "max-display:none", "background:url(display:none.png)"])
def test_other_styles_hide_nothing(style: str) -> None:
    assert texts(f"<p>{TEXT}</p><p style='{style}'>Seen</p>") == [TEXT, "Seen"]


def test_an_article_that_a_button_unfolds_is_kept() -> None:
    folded = f"<div style=display:none><p>{TEXT}</p><p>{TEXT}</p></div>"
    assert texts(f"<p>{TEXT}</p>{folded}").count(TEXT) == 3


def test_scripts_do_not_outweigh_a_folded_article() -> None:
    assert texts(f"<script>{'x' * 9999}</script><p>{TEXT}</p><p hidden>{TEXT}</p>") == [TEXT, TEXT]


def test_a_long_folded_text_is_kept_on_a_page_of_many_words() -> None:
    menu = f"<p>{TEXT}</p>" * 99
    assert texts(f"{menu}<div hidden>{TEXT * 9}</div>")[-1] == TEXT * 9


def test_many_hidden_elements_cost_no_more_than_the_page() -> None:
    assert texts("<p>first</p>" + "<div hidden>" * 20_000 + "x")[0] == "first"


def test_lengths_leave_out_scripts_and_white_space() -> None:
    assert text_length(parse_html("<p>a b<script>no</script> c</p>d")) == 4


@pytest.mark.parametrize(
    "html",
    ["<p>a b<script>no</script> c</p>d", "<div>a<svg><b>no</b>no</svg>b<select><option>no</select></div>", "<title>no"],
)
def test_text_is_counted_no_farther_than_is_asked(html: str) -> None:
    tree = parse_html(html)
    length = text_length(tree)
    assert has_text(tree, length)
    assert not has_text(tree, length + 1)


def test_attributes_are_listed_by_name_in_document_order() -> None:
    tree = parse_html("<div class=a><p class=b id=x>1</p></div><p class=a hidden>2</p>")
    found = Listed(list(tree.iter()))
    assert [(element.tag, value) for element, value in found["class"]] == [("div", "a"), ("p", "b"), ("p", "a")]
    assert [element.text for element, _ in found["hidden"]] == ["2"]
    assert "style" not in found


def test_a_button_without_an_end_holds_the_page() -> None:
    assert texts(f"<header><button>Menu<i></i></header><main><p>{TEXT}</p></main>")[-1] == TEXT
    assert texts(f"<button><p>Press</p></button><main><p>{TEXT}</p></main>") == [TEXT]
