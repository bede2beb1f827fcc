"""What no article comes near is refused by its count, before it costs minutes."""

from contextlib import nullcontext

import pytest

from crawler.bounds import FEW_PARTS, MAX_BYTES, MAX_DEPTH, MAX_DEPTHS, MAX_TAGS, MAX_TEXT, check_markup
from crawler.errors import OversizedPageError, UnreadablePageError
from tests.captures import page_of

ATTRIBUTES = " ".join(f"a{n}=x" for n in range(FEW_PARTS))
VALUES = ("'<b>'", "'>'", '"><b"', "'\"><'", "<b")  # what looks like tags, and ends none
TOO_MUCH = {
    "bytes": "<p>" + "x" * MAX_BYTES,
    "tags": "<b>" * (MAX_TAGS + 1),
    "depth": "<div>" * 3 * MAX_DEPTH,
    "depths": "<div>" * 200 + "<p>Text</p>" * (MAX_DEPTHS // 150),
    "text": "<p>" + "word " * (MAX_TEXT // 4),
    "attributes": f"<p {ATTRIBUTES}>",
    "attributes of a script": f"<script a='>' {ATTRIBUTES}>",
    **{f"attributes that are {v}": "<p " + " ".join(f"a{n}={v}" for n in range(FEW_PARTS)) for v in VALUES},
    "names with quotes in them": "<p a\" b='> " + ATTRIBUTES + "'>" + "<p a\" b='> ' " + ATTRIBUTES + ">",
    "attributes without end": f"<p {ATTRIBUTES}",
    "attributes behind a long text": f"<b>{'x' * 50_000}</b><p {ATTRIBUTES}>",
    "many attributes of many elements": ("<p " + "a b c d e f " * 40 + ">") * 2600,
    "attributes that nothing parts": "<p " + "".join(f'a{n}="x"' for n in range(2 * FEW_PARTS)) + ">",
    "attributes between slashes": "<p " + "/".join(f"a{n}" for n in range(2 * FEW_PARTS)) + ">",
    "bare attributes": "<p " + "a " * 2 * FEW_PARTS + ">",
}


@pytest.mark.parametrize("html", TOO_MUCH.values(), ids=TOO_MUCH)
def test_too_much_is_refused_by_name(html: str) -> None:
    with pytest.raises(OversizedPageError) as refused:
        _ = page_of(html).tree
    assert refused.value.reason == "oversized"
    assert isinstance(refused.value, UnreadablePageError)


ENOUGH = {
    "scripts": "<script>" + "if (a<b && c) { x = 1; }\n" * 20_000 + "</script><p>Text",
    "styles": "<style>" + "p { color: red }\n" * 100_000 + "</style><p>Text",
    "code that looks like a tag": "<script>if (a<b " + "and so on = 1 " * 5_000 + "</script><p>Text",
    "a picture in an address": "<p><img src='data:image/png;base64," + "A" * 3_000_000 + "'>Text",
    "a page of many paragraphs": "<p>Text " * 12_000,
    "depth": "<div>" * (MAX_DEPTH - 10) + "Text",
    "depths": "<div>" * 200 + "<p>Text</p>" * (MAX_DEPTHS // 300),
    "comments": "<!-- " + "word " * 100_000 + "--><p>Text",
}


@pytest.mark.parametrize("html", ENOUGH.values(), ids=ENOUGH)
def test_what_real_pages_have_much_of_is_read(html: str) -> None:
    assert any("Text" in line.text for line in page_of(html).lines)


SLOW = [
    ("<style x" * 20_000 + "a " * 500_000, True),
    ("<a b" + " " * 3_000_000 + "=", False),
    ("<p a='" * 25_000, True),
    ('<p a="' + "<p a=''" * 25_000, True),
    ("<b " + "<b a=''" * 29_000 + ">" * 29_000, True),
    ((("<b c" + " " * 250 + "d") * 149 + ">") * 200, True),
    ((("<b " + "c" * 250) * 149 + ">") * 200, True),
]


@pytest.mark.parametrize(("html", "refused"), SLOW, ids=range(len(SLOW)))
def test_the_check_itself_takes_no_endless_time(html: str, refused: bool) -> None:
    with pytest.raises(OversizedPageError) if refused else nullcontext():
        check_markup("https://example.com/a", html.encode())
