"""Index keys are `surt`'s, whichever way they are made."""

import json
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
import surt
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.archive import keys
from crawler.archive.cdxj import cdxj_line, timestamp_of
from crawler.archive.entries import IndexEntry
from crawler.archive.keys import MAX_KEYED, surt_key
from crawler.model import WarcRef

PIECES = [
    *("http://", "https://", "HTTP://", "www.", "www2.", "www", "a", "A", "b-c", "example", ".", "..", "com", "1", "0"),
    *("/", "//", "./", "../", ".html", "%20", "%2E", "%25", ":", ":80", ":443", "@", "?", "&", "=", "a=1", "B=2", "#"),
    *("sid=", "jsessionid=", "cfid=1&cftoken=2", "0123456789abcdef" * 2, ".aspx", "(", ")", " ", "\t", "é", "_", "~"),
]
HOSTS = st.lists(st.sampled_from(["www", "www1", "news", "example", "b-c", "com", "x9"]), min_size=2).map(".".join)
TAILS = st.lists(st.sampled_from([*PIECES[15:], "a", "Bc", "d.e"])).map("".join)
URLS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.builds("https://{}/{}".format, HOSTS, TAILS)


@settings(max_examples=1500, deadline=None)
@given(URLS)
@example("http://www.com/")
@example("https://www.www.x.com/A/./b/../c//?B=2&a&a=&=")
@example("http://a.com/x?")
@example("http://a.com/x?&&")
@example("http://a.com./..")
def test_is_what_the_library_says_of_any_url(url: str) -> None:
    with patch.object(keys, "_plain_key", return_value=None):
        by_the_library = surt_key(url)
    assert surt_key(url) == by_the_library


@pytest.mark.parametrize(
    "url",
    ["https://www.news.example/2024/02/Story-1/", "http://a.co/x.html?b=1&A=2", "https://indebta.com/feed/?paged=2"],
)
def test_asks_the_library_for_nothing_about_plain_urls(url: str) -> None:
    with patch.object(keys.surt, "surt", side_effect=AssertionError):
        key = surt_key(url)
    assert key == surt.surt(url)


@pytest.mark.parametrize("tail", ["%" + "25" * 500_000, "cfid=" * 200_000, "(" * 500_000, "(a(" * 200_000 + ".aspx"])
def test_gives_an_endless_url_its_own_text_as_key(tail: str) -> None:
    """The library would take hours for the first of them."""
    url = f"http://a.example/?{tail}"
    assert len(url) > MAX_KEYED
    assert surt_key(url) == url.lower()


@pytest.mark.parametrize(
    "url",
    [
        "http://999.999/",
        "256.1",
        "http://0777.1/",
        "http://a@1.2:80/",
        "http://\uff11.\uff12/",
        "http://http:///1.2",
        "a:1.2",
    ],
)
def test_asks_no_name_server(url: str) -> None:
    """`surt` takes such hosts for addresses that the machine's resolver is to complete."""
    with patch("socket.gethostbyname_ex", side_effect=AssertionError) as lookup:
        key = surt_key(url)
    assert key
    assert not lookup.called


def test_keys_an_address() -> None:
    assert surt_key("http://192.0.2.1:8080/A") == "1,2,0,192:8080)/a"
    assert surt_key("http://[2001:db8::1]/") == surt.surt("http://[2001:db8::1]/")


@pytest.mark.parametrize("url", ["", " ", "http://", "http://a:b:c/", "//", "?", "\ud800", "a" * 9000])
def test_keys_what_is_no_url(url: str) -> None:
    key = surt_key(url)
    assert isinstance(key, str)
    key.encode()


@settings(max_examples=300, deadline=None)
@given(
    url=st.text(),
    mime=st.none() | st.text(min_size=1),
    at=st.datetimes(),
    truncated=st.sampled_from([None, "length"]),
    digest=st.none() | st.text(),
)
def test_an_index_line_holds_json_as_the_library_writes_it(
    url: str, mime: str | None, at: datetime, truncated: str | None, digest: str | None
) -> None:
    ref = WarcRef('warc/ü"x.warc.gz', 5, 7, "<urn:uuid:1>", digest)
    entry = IndexEntry(url, at.replace(tzinfo=UTC), 200, mime, None, ref, truncated)  # type: ignore[arg-type]
    with patch.object(keys.surt, "surt", return_value="key"), patch.object(keys, "_plain_key", return_value="key"):
        key, timestamp, told = cdxj_line(entry).decode().rstrip("\n").split(" ", 2)
    assert (key, timestamp) == ("key", timestamp_of(at))
    assert len(timestamp) == 14
    assert told == json.dumps(json.loads(told))
    assert json.loads(told)["url"] == url
