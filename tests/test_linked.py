"""Linked data is read as pages write it, and takes no endless time."""

import json

import pytest

from crawler.linked import MAX_ENTRIES, MAX_SCRIPT, Linked, json_values, kinds_of, tolerant_json

MENDED = [
    ('{"n": "He said "no" today", "m": 3}', {"n": 'He said "no" today', "m": 3}),
    ('{"n": "a "quoted"", "m": 1}', {"n": 'a "quoted"', "m": 1}),
    ('{"n": 1,}', {"n": 1}),
    ('{"n": [1, 2, ], }', {"n": [1, 2]}),
    ('{"n": 1,, "m": 2}', {"n": 1, "m": 2}),
    ('[{"n": 1},,{"n": 2}]', [{"n": 1}, {"n": 2}]),
    ('{"n":, "m": 2}', {"n": None, "m": 2}),
    ('{"n": }', {"n": None}),
    ('{"a": 1\n"b": 2}', {"a": 1, "b": 2}),
    ('{"n": "it\\\'s"}', {"n": "it's"}),
    ('{"n": "C:\\path"}', {"n": "C:\\path"}),
    ('{"n": "x\\u12"}', {"n": "x\\u12"}),
    ('{\n// what it is\n"n": 1}', {"n": 1}),
    ('{"n": 1 // one\n}', {"n": 1}),
    ("{&quot;n&quot;: &quot;x&quot;}", {"n": "x"}),
    ('{"n": "a\x00b\x1fc\nd"}', {"n": "a\x00b\x1fc\nd"}),
    ('//<![CDATA[\n{"n": 1}\n//]]>', {"n": 1}),
    ('<!--\n{"n": 1}\n//-->', {"n": 1}),
    ('\ufeff{"n": 1};', {"n": 1}),
]


@pytest.mark.parametrize(("text", "value"), MENDED, ids=range(len(MENDED)))
def test_it_mends_what_pages_get_wrong(text: str, value: object) -> None:
    assert tolerant_json(text) == value


def test_it_reads_several_values_in_a_row() -> None:
    assert list(json_values('{"n": 1}\n{"n": 2},\n{"n": 3};')) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_numbers_that_are_none_break_nothing() -> None:
    assert str(tolerant_json('{"n": NaN, "m": -Infinity}')) == "{'n': nan, 'm': -inf}"


@pytest.mark.parametrize("text", ["", "{'a': 1}", '{"n": ', "not json", "{", '"', ",", "}", "<p>"])
def test_what_is_beyond_help_is_none(text: str) -> None:
    assert tolerant_json(text) is None


BOMBS = {
    "brackets": "[" * 1_000_000,
    "objects": '{"a":' * 200_000,
    "quotes": '{"n": "' + 'a" b ' * 200_000,
    "values": '{"x":1},' * 120_000,
    "empty": "[" + "{}," * 300_000 + "{}]",
    "digits": '{"n": ' + "9" * 1_000_000 + "}",
    "comments": "/*" * 500_000,
    "ends": "-->;" * 250_000,
    "blanks": " " * 1_000_000,
    "graphs": '{"@graph":[' * 900 + "]}" * 900,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_takes_no_endless_time(bomb: str) -> None:
    assert len(Linked([bomb]).entries) <= MAX_ENTRIES


def test_a_script_without_end_is_left_out() -> None:
    assert Linked(['{"n": "' + "x" * MAX_SCRIPT + '"}', '{"n": 2}']).entries == ({"n": 2},)


def test_references_lead_to_what_they_mean() -> None:
    person = {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}
    article = {"@type": "NewsArticle", "author": {"@id": "#ann"}}
    linked = Linked([json.dumps({"@graph": [article, person]})])
    assert linked.resolved(linked.articles[0]["author"]) == person
    assert linked.resolved({"@id": "#nobody"}) == {"@id": "#nobody"}
    assert linked.resolved("Ann Lee") == "Ann Lee"


def test_the_article_that_is_told_most_of_comes_first() -> None:
    teaser, article = {"@type": "Article", "headline": "B"}, {"@type": "Article", "headline": "A", "author": "x"}
    assert [e["headline"] for e in Linked([json.dumps([teaser, article])]).articles] == ["A", "B"]


def test_a_pages_main_entity_is_an_entry_too() -> None:
    page = {"@type": "WebPage", "mainEntity": {"@type": "NewsArticle", "headline": "A"}}
    assert [e["headline"] for e in Linked([json.dumps(page)]).articles] == ["A"]


def test_kinds_are_told_without_their_vocabulary() -> None:
    assert kinds_of({"@type": ["http://schema.org/NewsArticle", "schema:Report", 3]}) == {"NewsArticle", "Report"}
    assert kinds_of({}) == frozenset()
