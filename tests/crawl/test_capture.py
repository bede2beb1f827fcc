"""The Recorder inside of real crawls."""

import asyncio
import gzip
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import scrapy
from scrapy.crawler import Crawler

from crawler.archive.reader import read_captures
from crawler.archive.tree import open_paths, warc_paths
from crawler.crawl import capture as capture_module
from crawler.crawl.capture import Recorder
from crawler.crawl.ledger import UnknownLinkError
from crawler.errors import ArchiveError, LockedError
from crawler.model import Capture, Link
from tests.crawl.appending import body_of, exchange_of, url_of
from tests.crawl.wire.crawling import Crawl, fetch
from tests.crawl.wire.raw_server import Line, RawServer

SITE = "script"  # the name of the spider that runs the scripts
Script = Callable[[Recorder, Crawler], Awaitable[None]]


def crawl(folder: Path, script: Script, **settings: Any) -> dict[str, Any]:
    """Run `script` in a crawl with a Recorder; the crawl's stats."""

    async def with_recorder(crawler: Crawler) -> None:
        recorder = crawler.get_extension(Recorder)
        assert recorder is not None
        await script(recorder, crawler)

    running = Crawl({"EXTENSIONS": {Recorder: 0}, "NEWSWARC_ARCHIVE": str(folder), **settings})
    running.run(with_recorder)
    return running.stats


def link(key: str) -> tuple[str, Link]:
    return key, Link(url_of(key), "article")


def test_keeps_what_crosses_the_wire(tmp_path: Path) -> None:
    """Request and response bytes in the WARC are the server's own log; the capture names the record."""
    captures: list[Capture] = []

    def answer(line: Line) -> bool:
        line.send(b"HTTP/1.1 200 Fine\r\nx-Odd:  a \r\nContent-Length: 2\r\n\r\nhi")
        return True

    with RawServer({"a": answer}) as server:

        async def script(_: Recorder, crawler: Crawler) -> None:
            outcome = await fetch(crawler, scrapy.Request(f"http://127.0.0.1:{server.port}/a", meta={"hops": "L"}))
            assert outcome.capture is not None
            captures.append(outcome.capture)

        crawl(tmp_path, script, NEWSWARC_RUN_ID="run-7", USER_AGENT="newswarc/test", NEWSWARC_OPERATOR="The Desk")
        (entry,) = server.log["a"]
    (path,) = warc_paths(tmp_path, SITE)
    assert list(read_captures(path)) == captures
    assert captures[0].run_id == "run-7"
    assert captures[0].payload == b"hi"
    stored = gzip.decompress(path.read_bytes())
    assert entry.request + b"\r\n\r\n" in stored
    assert entry.response + b"\r\n\r\n" in stored
    for told in (b"operator: The Desk", b"http-header-user-agent: newswarc/test", b"isPartOf: run-7", b"robots: "):
        assert told in stored


def test_leads_links_from_found_to_settled(tmp_path: Path) -> None:
    async def script(recorder: Recorder, _: Crawler) -> None:
        assert await recorder.add_links(link(key) for key in "abc") == 3
        assert await recorder.add_links([link("a")]) == 0
        assert [key for key, _, _ in await recorder.pending(2, exclude={"a"})] == ["b", "c"]
        ref = await recorder.record(exchange_of("a"))
        ((key, found, capture),) = await recorder.unsettled()
        assert (key, found, capture.ref, capture.payload) == (*link("a"), ref, body_of("a"))
        await recorder.settle("a", "captured", None, '{"a": 1}')
        await recorder.settle("b", "gone", "http_404")
        assert await recorder.unsettled() == []
        with pytest.raises(UnknownLinkError):
            await recorder.settle("nope", "gone")
        counts = await recorder.counts()
        assert (counts.found, counts.captures) == (3, 1)
        assert counts.outcomes == {("captured", None): 1, ("gone", "http_404"): 1, ("pending", None): 1}
        assert await recorder.counts(whole_site=True) == counts
        await recorder.finish()
        await recorder.finish()
        assert [path.name for path in warc_paths(tmp_path, SITE)] == [Path(ref.filename).name]
        assert await recorder.unexported_runs() == [recorder.run_id]
        assert await recorder.records(recorder.run_id) == ['{"a": 1}']
        await recorder.mark_exported(recorder.run_id)
        assert await recorder.unexported_runs() == []

    crawl(tmp_path, script)


def test_leaves_to_the_next_run_what_this_one_did_not_settle(tmp_path: Path) -> None:
    async def first(recorder: Recorder, _: Crawler) -> None:
        await recorder.add_links([link("a"), link("b")])
        await recorder.record(exchange_of("a"))

    async def second(recorder: Recorder, _: Crawler) -> None:
        assert [key for key, _, _ in await recorder.unsettled()] == ["a"]
        assert [key for key, _, _ in await recorder.pending(9)] == ["a", "b"]

    crawl(tmp_path, first)
    crawl(tmp_path, second)


def test_fetches_again_what_it_cannot_read(tmp_path: Path) -> None:
    async def first(recorder: Recorder, _: Crawler) -> None:
        await recorder.add_links([link("a")])
        await recorder.record(exchange_of("a"))

    async def second(recorder: Recorder, _: Crawler) -> None:
        assert await recorder.unsettled() == []
        assert [key for key, _, _ in await recorder.pending(9)] == ["a"]

    crawl(tmp_path, first)
    (path,) = warc_paths(tmp_path, SITE)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    crawl(tmp_path, second)


def test_notes_the_run_and_what_it_mended(tmp_path: Path) -> None:
    async def script(recorder: Recorder, _: Crawler) -> None:
        await recorder.record(exchange_of("a"))

    stats = crawl(tmp_path, script, NEWSWARC_RUN_ID="run-1")
    assert not any(name.startswith("newswarc/") for name in stats)
    (path,) = warc_paths(tmp_path, SITE)
    path.rename(path.with_name(path.name + ".open"))
    database = sqlite3.connect(tmp_path / "ledger.sqlite")
    assert database.execute("SELECT run_id, outcome FROM run").fetchall() == [("run-1", "finished")]
    with database:
        database.execute("DELETE FROM warc")
        database.execute("DELETE FROM capture")
    database.close()
    stats = crawl(tmp_path, script)
    assert stats["newswarc/repaired_files"] == 1
    assert stats["newswarc/adopted_captures"] == 1
    assert list(open_paths(tmp_path, SITE)) == []


def test_names_a_run_that_has_no_name(tmp_path: Path) -> None:
    async def script(recorder: Recorder, crawler: Crawler) -> None:
        assert recorder.run_id == crawler.settings["NEWSWARC_RUN_ID"] != ""

    crawl(tmp_path, script)


def test_stops_the_spider_when_the_archive_cannot_be_written(tmp_path: Path) -> None:
    async def script(recorder: Recorder, _: Crawler) -> None:
        await recorder.record(exchange_of("a"))
        recorder._run._ledger._database.execute("PRAGMA query_only = 1")
        for _ in range(2):
            with pytest.raises(ArchiveError, match="the archive cannot be written"):
                await recorder.record(exchange_of("b"))
        assert isinstance(recorder.failure, ArchiveError)

    stats = crawl(tmp_path, script)
    assert stats["finish_reason"] == "archive_error"
    assert "the archive cannot be written" in stats["newswarc/archive_error"]
    crawl(tmp_path, nothing)
    (path,) = warc_paths(tmp_path, SITE)
    assert url_of("a") in [capture.url for capture in read_captures(path)]


async def nothing(_: Recorder, __: Crawler) -> None:
    """A crawl that does nothing."""


def test_lets_fetching_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many exchanges are in the air, the bytes that wait are bounded."""
    monkeypatch.setattr(capture_module, "MAX_QUEUED_BYTES", 5000)
    most = 0

    async def script(recorder: Recorder, _: Crawler) -> None:
        submit = recorder._run.committer.record

        def counted(exchange: Any, **how: Any) -> Any:
            nonlocal most
            most = max(most, recorder._queued)
            return submit(exchange, **how)

        monkeypatch.setattr(recorder._run.committer, "record", counted)
        await asyncio.gather(*(recorder.record(exchange_of(f"k{number}")) for number in range(40)))
        assert recorder._queued == 0

    crawl(tmp_path, script)
    assert 0 < most <= 9200  # the limit, or one exchange that is larger
    (path,) = warc_paths(tmp_path, SITE)
    assert len(list(read_captures(path))) == 40


def test_archives_an_exchange_that_nobody_waits_for(tmp_path: Path) -> None:
    async def script(recorder: Recorder, _: Crawler) -> None:
        waiting = asyncio.ensure_future(recorder.record(exchange_of("a")))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await recorder.counts()).captures == 1

    crawl(tmp_path, script)


class TestTheStart:
    def test_is_refused_while_another_run_holds_the_site(self, tmp_path: Path) -> None:
        async def script(_: Recorder, __: Crawler) -> None:
            with pytest.raises(LockedError, match="another run"):
                await asyncio.to_thread(crawl, tmp_path, nothing)

        crawl(tmp_path, script)

    def test_is_refused_where_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(ArchiveError, match="file: the archive cannot be written"):
            crawl(tmp_path / "file", nothing)
