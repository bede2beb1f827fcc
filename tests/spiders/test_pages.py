"""Every saved page gives the record that is beside it, field by field, and every layout has a page."""

from functools import cache
from pathlib import Path

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings

from crawler.pages import FIELDS, SavedPage, expected_of, page_of, record_of, saved_pages, unproven
from crawler.pages.expected import SKIPPED, Record
from crawler.site import Site
from tests.spiders.test_seeds import spider_of

FOLDER = Path(__file__).parent.parent / "pages"
SITES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
PAGES = [page for site in SITES for page in saved_pages(FOLDER, site)]
IDS = [f"{page.site}-{page.name}" for page in PAGES]
ARTICLES = [page for page in PAGES if SKIPPED not in expected_of(page)]


@cache
def read(page: SavedPage) -> Record:
    return record_of(page, spider_of(page.site))


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("page", ARTICLES, ids=[f"{page.site}-{page.name}" for page in ARTICLES])
def test_a_field_is_as_expected(page: SavedPage, field: str) -> None:
    assert read(page).get(field) == expected_of(page)[field]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_nothing_else_is_expected_or_found(page: SavedPage) -> None:
    assert read(page).keys() == expected_of(page).keys()


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_a_page_is_of_its_site(page: SavedPage) -> None:
    assert spider_of(page.site).is_article_url(page_of(page).url)


def test_every_layout_has_a_page() -> None:
    """A layout without one would stop to work unseen; a site's first pages come from `newswarc new-site`."""
    loader = SpiderLoader.from_settings(get_project_settings())
    sites = [site for site in map(loader.load, loader.list()) if issubclass(site, Site)]
    bare = {site.name: unproven(site, map(expected_of, saved_pages(FOLDER, site.name))) for site in sites}
    assert {name: layouts for name, layouts in bare.items() if layouts} == {}


def test_a_layout_without_a_page_is_told() -> None:
    """Else the test above would pass whatever is missing."""
    records = [expected_of(page) for page in PAGES if page.site == "business_live"]
    arc = [record for record in records if record.get("layout") == "arc_xp"]
    assert unproven(spider_of("business_live"), arc) == ["cosmos", "printed"]
