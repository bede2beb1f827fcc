"""Pages and a site to discover links with."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crawler.model import Capture
from crawler.page import Page
from crawler.site import Site

URL = "https://news.example/feed.xml"

MakePage = Callable[..., Page]


class Example(Site):
    name = "example"
    article_url = r"^https?://(?:www\.)?news\.example/\d{4}/[^/?]+$"


@pytest.fixture
def site() -> type[Site]:
    return Example


@pytest.fixture
def page() -> MakePage:
    def make(body: bytes | str, url: str = URL, **headers: str) -> Page:
        payload = body.encode() if isinstance(body, str) else body
        pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return Page(Capture(url, datetime(2024, 2, 8, tzinfo=UTC), 200, pairs, payload))

    return make
