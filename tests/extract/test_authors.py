"""The authors: declared people first, the printed by-line where only the site is declared, the site itself at last."""

# ruff: noqa: RUF001 - the pages' own letters

import pytest

from crawler.extract.authors import declared_authors, find_authors
from crawler.extract.bylines import agency_in, is_name, split_byline
from tests.captures import page_of


def data(html: str) -> str:
    return f'<script type="application/ld+json">{html}</script>'


DECLARED = [
    ('{"@type":"NewsArticle","author":{"@type":"Person","name":"Ann Lee"}}', ("Ann Lee",)),
    ('{"@type":"NewsArticle","author":[{"name":"Ann Lee"},{"name":"Bo Roe"}]}', ("Ann Lee", "Bo Roe")),
    ('{"@type":["Article","NewsArticle"],"author":"By Ann Lee and Bo Roe"}', ("Ann Lee", "Bo Roe")),
    ('{"@type":"NewsArticle","author":{"@type":"Person"}}', ()),
    ('{"@type":"NewsArticle","author":[null, 3, {"name":["Ann Lee"]}]}', ("Ann Lee",)),
    ('{"@type":"NewsArticle","author":{"url":"https://x.test/ann"}}', ()),
    ('{"@type":"NewsArticle","author":"https://facebook.test/daily"}', ()),
    ('{"@type":"NewsArticle","author":"a.lee@daily.test"}', ()),
    ('{"@type":"NewsArticle","author":"105092"}', ()),
    ('{"@type":"NewsArticle","creator":["Ann Lee","Ann Lee"]}', ("Ann Lee",)),
    ('[{"@type":"NewsArticle","author":{"@id":"#a"}},{"@type":"Person","@id":"#a","name":"Ann Lee"}]', ("Ann Lee",)),
    ('{"@type":"Organization","author":"Nobody"}', ()),
    ('{"@type":7,"author":"Nobody"}', ()),
]


@pytest.mark.parametrize(("script", "authors"), DECLARED, ids=range(len(DECLARED)))
def test_linked_authors_are_read_as_they_are_written(script: str, authors: tuple[str, ...]) -> None:
    assert declared_authors(page_of(data(script))) == authors


def test_authors_come_from_metas_too() -> None:
    html = "<meta name=author content='Ann Lee'><meta property=article:author content='https://fb.test/x'>"
    assert declared_authors(page_of(html)) == ("Ann Lee",)


SITE = data(
    '{"@type":"NewsArticle","author":{"@type":"Organization","name":"The Daily"},"publisher":{"name":"The Daily"}}'
)
FOUND = [
    (SITE + "<h1>A port</h1><p class=byline>By Ann Lee, senior reporter</p><p>Text", ("Ann Lee",)),
    (SITE + "<h1>A port</h1><p class=x>Von: Ann Lee und Bo Roe</p><p>Text", ("Ann Lee", "Bo Roe")),
    (SITE + "<h1>A port</h1><div class=authors><a>Ann Lee</a><a>Bo Roe</a></div>", ("Ann Lee", "Bo Roe")),
    (SITE + "<h1>A port</h1><a href=/authors/ann-lee>Ann Lee</a>", ("Ann Lee",)),
    (SITE + "<h1>A port</h1><a rel=author href=/x>Ann Lee</a>", ("Ann Lee",)),
    (SITE + "<h1>A port</h1><p data-testid=story-byline>By Ann Lee", ("Ann Lee",)),
    (SITE + "<p class=byline>By Ann Lee<p>Bo Roe", ("Ann Lee",)),
    (SITE + "<h1>A port</h1><meta itemprop=author content='Ann Lee'>", ("Ann Lee",)),
    (SITE + "<h1>A port</h1><p>（责编：牛镛、岳弘彬）", ("牛镛", "岳弘彬")),
    (SITE + "<h1>A port</h1><button class=author-follow>Follow Us</button>", ("The Daily",)),
    (SITE + "<h1>A port</h1><aside><p class=author>Cy Poe</p></aside>", ("The Daily",)),
    (SITE + "<h1>A port</h1><div class=comment-list><b class=author>Cy Poe</b></div>", ("The Daily",)),
    (SITE + "<h1>A port</h1><div class=author>Ann Lee has written of ports for years. " + "x" * 200, ("The Daily",)),
    (data('{"@type":"NewsArticle","author":"AFP"}') + "<h1>A</h1><p class=byline>By Ann Lee", ("AFP",)),
    ("<h1>A port</h1><p>Byron was here.", ()),
    ("", ()),
]


@pytest.mark.parametrize(("html", "authors"), FOUND, ids=range(len(FOUND)))
def test_people_are_found_before_the_site(html: str, authors: tuple[str, ...]) -> None:
    assert find_authors(page_of(html, "https://thedaily.test/a")) == authors


BYLINES = [
    ("Von Anna Müller", ("Anna Müller",)),
    ("Felix Schröder und Jörg Soldwisch, dpa", ("Felix Schröder", "Jörg Soldwisch", "dpa")),
    ("Trine Jørgensen og Tôrtia Johansen", ("Trine Jørgensen", "Tôrtia Johansen")),
    ("Ana López y Juan Pérez", ("Ana López", "Juan Pérez")),
    ("José Ortega y Gasset", ("José Ortega y Gasset",)),
    ("Jan Novák a Petr Svoboda", ("Jan Novák", "Petr Svoboda")),
    ("Ann Lee, Mayor of the port's quarter, Bo Roe", ("Ann Lee", "Bo Roe")),
    ("Ann Lee, Frankfurt", ("Ann Lee",)),
    ("Ann Lee (obe)", ("Ann Lee",)),
    ("Ann Lee - Senior Editor", ("Ann Lee",)),
    ("By Ann Lee | @ann_lee | ann@lee.test", ("Ann Lee",)),
    ("Text: Ann Lee / Foto: Bo Roe", ("Ann Lee",)),
    ("(Image: Getty Images)", ()),
    ("By Ann Lee with agencies", ("Ann Lee",)),
    ("記者 松岡大地", ("松岡大地",)),
    ("박준석 기자", ("박준석",)),
    ("Автор: Иван Петров", ("Иван Петров",)),
    ("admin", ()),
    ("x, " * 100_000, ("x",)),
]


@pytest.mark.parametrize(("text", "names"), BYLINES, ids=range(len(BYLINES)))
def test_bylines_of_many_languages_are_split(text: str, names: tuple[str, ...]) -> None:
    assert split_byline(text) == names


@pytest.mark.parametrize("text", ["Ann Lee", "Ludwig van der Rohe", "AFP", "dpa", "松岡大地"])
def test_names_are_told_from_other_words(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", "28 April 2023", "was here", "The port is to be made deeper soon", "Who?", "--"])
def test_other_words_are_no_names(text: str) -> None:
    assert not is_name(text)


def test_agencies_have_one_name() -> None:
    assert [agency_in(t) for t in ("mit Material der dpa", "REUTERS", "Associated Press")] == ["DPA", "Reuters", "AP"]
    assert agency_in("Mapper") is None
