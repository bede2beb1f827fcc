"""What an agency's or another site's article says of where it is from, and who may use it."""

import pytest

from crawler.extract import metadata, read_article
from crawler.site import Generic, Site
from tests.captures import page_of

PROSE = "The council of the harbour town agreed to deepen the port, after a long debate of {} hours. "
TEXT = "".join(f"<p>{PROSE.format(n)}{PROSE.format(n + 40)}" for n in range(3, 8))


class News(Site):
    name = "news"
    layouts = (Generic,)


@pytest.mark.parametrize(
    ("opening", "dateline", "agency"),
    [
        ("BERLIN (dpa) - ", "BERLIN (dpa)", "dpa"),
        ("NEW YORK, Feb 8 (Reuters) - ", "NEW YORK, Feb 8 (Reuters)", "Reuters"),
        ("Cape Town (AFP) — ", "Cape Town (AFP)", "AFP"),
        ("The port (once) - ", None, None),
    ],
)
def test_an_agencys_dateline_is_read_and_stays(opening: str, dateline: str | None, agency: str | None) -> None:
    article = read_article(page_of(f"<h1>A deeper port</h1><article><p>{opening}{TEXT[3:]}</article>"), News)
    assert (article.dateline, article.agency) == (dateline, agency)
    assert opening.strip() in article.text


def test_a_copy_names_its_original() -> None:
    page = page_of("<link rel=canonical href=https://other.test/a><p>x")
    assert (page.canonical_url, metadata.original_url(page)) == (None, "https://other.test/a")
    based = '<script type=application/ld+json>{"@type":"NewsArticle","isBasedOn":"https://other.test/b"}</script>'
    assert metadata.original_url(page_of(based)) == "https://other.test/b"
    assert metadata.original_url(page_of("<link rel=canonical href=https://www.example.com/a>")) is None


def test_the_legal_footer_is_kept_apart() -> None:
    html = f"<h1>A deeper port</h1><article>{TEXT}</article><footer><p>© 2025 The Daily. All rights reserved.</footer>"
    article = read_article(page_of(html), News)
    assert article.rights_notice == "© 2025 The Daily. All rights reserved."
    assert "rights" not in article.text


@pytest.mark.parametrize(
    ("html", "length", "access"),
    [
        ("<meta name=paywall content=true>", 9000, "paywalled"),
        ("<meta name=paywall content=true><div class=paywall-box>", 300, "truncated"),
        ("<div class=paywall-box>", 300, "free"),
        ("<meta property=article:content_tier content=metered>", 300, "metered"),
    ],
)
def test_access_is_told_by_what_is_declared_and_what_is_there(html: str, length: int, access: str) -> None:
    assert metadata.access(page_of(html), length) == access


def test_bread_crumbs_name_the_section() -> None:
    steps = ",".join(
        f'{{"@type":"ListItem","item":{{"name":"{name}"}}}}' for name in ("Home", "World", "Asia", "A port")
    )
    crumbs = f'{{"@type":"BreadcrumbList","itemListElement":[{steps}]}}'
    html = f"<script type=application/ld+json>{crumbs}</script><meta property=og:title content='A port'>"
    assert metadata.section(page_of(html)) == "Asia"
