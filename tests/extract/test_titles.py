"""Of several titles the headline is the one written for readers, without the site's name and in the words printed."""

# ruff: noqa: RUF001 - quotes and dashes as printed

import pytest

from crawler.extract.naming import bare_title, own_names
from crawler.extract.titles import find_title
from tests.captures import page_of

URL = "https://www.dailyport.test/a"


def page(*, linked: str = "", shared: str = "", title: str = "", head: str = "", site: str = "The Daily Port") -> str:
    script = f'<script type=application/ld+json>{{"@type":"NewsArticle","headline":"{linked}"}}</script>'
    metas = f'<meta property=og:site_name content="{site}">' + (f'<meta property=og:title content="{shared}">')
    return (script if linked else "") + metas + f"<title>{title}</title>" + (f"<h1>{head}</h1>" if head else "")


A = "A port is to be deepened for bigger ships"
B = "Why the council wants a deeper port after all"
CASES = [
    (page(linked=A, shared=A, title=A + " | The Daily Port"), A),
    (page(linked=A, shared=B, title=A + " - The Daily Port"), B),
    (page(linked=B, shared=A, title=A + " - The Daily Port", head=A), B),
    (page(linked="Ports", shared=A, title=A, head=A), A),
    (page(shared=A + " | The Daily Port", title=A), A),
    (page(title="The Daily Port: " + A), "The Daily Port: " + A),
    (page(title="The Daily Port - " + A), A),
    (page(title=A + " - Port News", head=""), A + " - Port News"),
    (page(title=A + " - World", head=A), A),
    (page(shared="A port is to be deep...", head=A), A),
    (
        page(linked="Tom&#39;s &quot;port&quot; in the north"),
        'Tom\'s "port" in the north',
    ),
    (page(shared="Crisis in the north: " + A, head="Ports of the world - " + A), A),
    (page(shared="A port: " + A, head="The port - " + A), "A port: " + A),
    (
        page(shared="It's a port for everybody here", head="It’s a port for everybody here"),
        "It’s a port for everybody here",
    ),
    (page(title="The Daily Port", head=A), A),
    (page(head=A), A),
    (page(title="The Daily Port"), None),
    ("", None),
]


@pytest.mark.parametrize(("html", "headline"), CASES, ids=range(len(CASES)))
def test_the_headline_is_the_one_for_readers(html: str, headline: str | None) -> None:
    assert find_title(page_of(html, URL)) == headline


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        (A + " | dailyport.test", A),
        (A + " - DP Daily Port Online", A),
        (A + " – dailyport", A),
        ("Is it a port - or a hope", "Is it a port - or a hope"),
        ("Ships | Ports | " + A, "Ships | Ports | " + A),
        ("dailyport", None),
        ("", None),
    ],
)
def test_only_the_sites_name_is_cut(title: str, bare: str | None) -> None:
    page = page_of("", URL)
    assert bare_title(title, page, own_names(page)) == bare


def test_a_title_without_end_takes_no_endless_time() -> None:
    assert find_title(page_of(f"<title>{'a | ' * 100_000}</title><h1>{'b - ' * 100_000}</h1>", URL))
