"""What the servers of pictures are told, and how the bytes of a page are shared out."""

import pytest

from crawler.crawl.embedding import PageAllowance, Share, referer

PAGE = "https://news.example/2024/story?x=1"


@pytest.mark.parametrize(
    ("url", "via", "told"),
    [
        ("https://news.example/a.png", PAGE, PAGE),
        ("https://cdn.example/a.png", PAGE, "https://news.example/"),
        ("https://news.example:8443/a.png", PAGE, "https://news.example/"),
        ("http://cdn.example/a.png", PAGE, None),
        ("https://cdn.example/a.png", "http://news.example/a", "http://news.example/"),
        ("http://cdn.example/a.png", "http://news.example/a", "http://news.example/"),
    ],
)
def test_the_referer_is_what_a_browser_would_send(url: str, via: str, told: str | None) -> None:
    assert referer(url, via) == told


def test_the_bytes_of_a_page_are_shared_by_all_that_it_needs() -> None:
    page = PageAllowance(100)
    one, two = Share(page), Share(page)
    assert one.take(60)
    assert two.take(40)
    assert not one.take(1)
    assert (one.taken, two.taken) == (61, 40)  # what came has come
    assert (one.refused, two.refused) == (True, False)
    assert not two.has(1)
