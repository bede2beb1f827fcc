"""A page that only scripts print is read from what it hands to them; one that prints its text is not."""

import json

import pytest

from crawler.errors import StubError
from crawler.extract import read_article
from tests.captures import page_of
from tests.extract.anything import TEXT, URL, Anything

MARKUP = "<div>" + "".join(f"<p>{text}</p>" for text in TEXT) + "</div>"


def scripted(*sources: str, head: str = "") -> str:
    scripts = "".join(f"<script>{source}</script>" for source in sources)
    return (
        f"<html><head><title>Port to be deepened</title>{head}</head><body><div id=root></div>{scripts}</body></html>"
    )


def literal(text: str) -> str:
    return json.dumps(text).replace("<", "\\u003c")


def pushed(text: str) -> str:
    return f"self.__next_f.push([1,{literal(text)}])"


STATE = f'window.__STATE__ = {{\'a\': 1, "id": 7, "content": {literal(MARKUP)}}}'
ROW = f'24:T{len(MARKUP.encode()):x},{MARKUP}5:["$",null]\n'


@pytest.mark.parametrize(
    "sources",
    [
        (STATE,),
        (pushed('1:["$","p",{"text":"x"}]\n'), pushed(ROW)),
        (pushed(ROW[:200]), pushed(ROW[200:])),
        (pushed(f'9:{{"body":{json.dumps(MARKUP)}}}'),),
    ],
    ids=["a state in a variable", "a row of React's stream", "a row in two pieces", "a literal in the stream"],
)
def test_the_text_is_read_from_what_scripts_would_print(sources: tuple[str, ...]) -> None:
    article = read_article(page_of(scripted(*sources), URL), Anything)
    assert [block.text for block in article.blocks] == list(TEXT)
    assert article.headline == "Port to be deepened"


def test_what_is_not_free_to_read_is_not_taken_from_a_script() -> None:
    closed = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
    with pytest.raises(StubError):
        read_article(page_of(scripted(STATE, head=closed), URL), Anything)


def test_a_page_that_prints_its_text_keeps_it() -> None:
    other = MARKUP.replace("harbour", "mountain")
    page = page_of(
        f"<html><body><article>{MARKUP}</article><script>x = {literal(other * 3)}</script></body></html>", URL
    )
    assert [block.text for block in read_article(page, Anything).blocks] == list(TEXT)


@pytest.mark.parametrize(
    "source",
    [
        'x = "short"',
        '"' * 7,
        '"\\x41"' * 99,
        '"' + '\\"' * 200_000,
        "1:Tfffffff,<p>" * 9_000,
        '"<p>' + "\\u003cdiv>" * 90_000 + '"',
    ],
)
def test_scripts_without_a_text_have_none(source: str) -> None:
    with pytest.raises(StubError):
        read_article(page_of(scripted(source, pushed(source)), URL), Anything)
