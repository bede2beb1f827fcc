"""What a new capture may refer to: whole pages of the same site that can be read, and nothing else."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.digests import digest_of
from crawler.archive.entries import IndexEntry
from crawler.crawl import originals
from crawler.crawl.ledger import Ledger
from crawler.model import Original, WarcRef

NOW = datetime(2024, 2, 8, 9, 30, tzinfo=UTC)
SITE = "demo"
OFFSETS = itertools.count(1, 10)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def stored(name: str, at: int = 0, refers_to: str | None = None, **changes: Any) -> IndexEntry:
    """A whole page with the payload A, but for the `changes`; each at an offset of its own."""
    offset = next(OFFSETS)
    ref = WarcRef("warc/demo/f.warc.gz", offset, 10, f"<urn:uuid:{offset}>", "sha1:A", refers_to)
    entry = IndexEntry(f"https://news.example/{name}", NOW + timedelta(seconds=at), 200, None, None, ref)
    return replace(entry, **changes)


class TestOriginals:
    def test_are_found_by_their_payload(self, ledger: Ledger) -> None:
        entry = stored("a")
        ledger.add_capture(SITE, entry)
        found = ledger.originals.identical(SITE, "sha1:A", False)
        assert found == Original(entry.url, entry.captured_at, entry.ref)
        assert ledger.originals.identical(SITE, "sha1:B", False) is None

    def test_are_of_one_site(self, ledger: Ledger) -> None:
        ledger.add_capture("other", stored("a"))
        assert ledger.originals.identical(SITE, "sha1:A", False) is None
        assert ledger.originals.validators(SITE, "https://news.example/a") is None

    def test_are_the_oldest(self, ledger: Ledger) -> None:
        """So that all revisits of a payload refer to one record."""
        first = stored("a")
        for entry in (first, stored("b", at=-5), stored("a", at=9)):
            ledger.add_capture(SITE, entry)
        found = ledger.originals.identical(SITE, "sha1:A", False)
        assert found is not None
        assert found.ref == first.ref

    def test_can_be_asked_for_by_url(self, ledger: Ledger) -> None:
        ledger.add_capture(SITE, stored("a"))
        ledger.add_capture(SITE, mine := stored("b%20c"))
        found = ledger.originals.identical(SITE, "sha1:A", False, "https://news.example/b c#part")
        assert found is not None
        assert found.ref == mine.ref
        assert ledger.originals.identical(SITE, "sha1:A", False, "https://news.example/d") is None

    @pytest.mark.parametrize(
        "changes",
        [
            *({"status": 404}, {"status": 206}, {"truncated": "length"}, {"truncated": "disconnect"}),
            *({"refers_to": "<urn:uuid:0>"}, {"chunked": True}),
        ],
        ids=str,
    )
    def test_are_whole_pages_and_no_revisits(self, ledger: Ledger, changes: dict[str, Any]) -> None:
        ledger.add_capture(SITE, stored("a", **changes))
        assert ledger.originals.identical(SITE, "sha1:A", False) is None

    def test_may_be_in_chunks_where_the_revisit_is(self, ledger: Ledger) -> None:
        ledger.add_capture(SITE, stored("a", chunked=True))
        assert ledger.originals.identical(SITE, "sha1:A", True) is not None

    def test_are_none_once_they_cannot_be_read(self, ledger: Ledger) -> None:
        first, again = stored("a", etag='"1"'), stored("a", at=5, etag='"1"')
        again = replace(again, ref=replace(again.ref, refers_to=first.ref.record_id))
        ledger.add_capture(SITE, first)
        ledger.add_capture(SITE, again)
        assert ledger.originals.validators(SITE, first.url) is not None
        ledger.originals.mark_unreadable(SITE, again.ref)
        assert ledger.originals.identical(SITE, "sha1:A", False) is None
        assert ledger.originals.validators(SITE, first.url) is None
        assert ledger.originals.of_revisit(SITE, again.ref) is None

    def test_use_an_index(self, ledger: Ledger) -> None:
        plan = ledger._database.execute(f"EXPLAIN QUERY PLAN {originals._IDENTICAL} ORDER BY id", (SITE, "sha1:A"))
        assert "capture_by_digest" in str(plan.fetchall())


class TestValidators:
    def test_are_those_of_the_last_whole_capture(self, ledger: Ledger) -> None:
        old, last = stored("a", etag='"old"'), stored("a", at=5, etag='W/"n\xe9w"', last_modified="Thu, 08 Feb 2024")
        ignored = (stored("a", at=7, status=304, etag='"x"'), stored("a", at=8, truncated="time", etag='"x"'))
        for entry in (last, old, *ignored):
            ledger.add_capture(SITE, entry)
        found = ledger.originals.validators(SITE, last.url)
        assert found is not None
        assert found.original.ref == last.ref
        assert found.headers == {b"If-None-Match": b'W/"n\xe9w"', b"If-Modified-Since": b"Thu, 08 Feb 2024"}

    def test_of_a_revisit_lead_to_its_original(self, ledger: Ledger) -> None:
        first, again = stored("a", etag='"1"'), stored("a", at=5, etag='"2"')
        again = replace(again, ref=replace(again.ref, refers_to=first.ref.record_id))
        ledger.add_capture(SITE, first)
        ledger.add_capture(SITE, again)
        found = ledger.originals.validators(SITE, first.url)
        assert found is not None
        assert (found.original.ref, found.headers) == (first.ref, {b"If-None-Match": b'"2"'})

    @pytest.mark.parametrize("etag", [None, "", "line\r\nbreak", "\u20ac"])
    def test_are_none_where_no_header_can_carry_them(self, ledger: Ledger, etag: str | None) -> None:
        ledger.add_capture(SITE, stored("a", etag=etag))
        assert ledger.originals.validators(SITE, "https://news.example/a") is None

    def test_are_none_where_the_payload_is_another_urls_or_empty(self, ledger: Ledger) -> None:
        other, mine, empty = stored("a"), stored("b", etag='"1"'), stored("c", etag='"1"')
        ledger.add_capture(SITE, other)
        ledger.add_capture(SITE, replace(mine, ref=replace(mine.ref, refers_to=other.ref.record_id)))
        ledger.add_capture(SITE, replace(empty, ref=replace(empty.ref, payload_digest=digest_of(()))))
        assert ledger.originals.validators(SITE, mine.url) is None
        assert ledger.originals.validators(SITE, empty.url) is None
