"""Whatever a run stores, the index that is made again from its files is byte for byte the one that it wrote."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from crawler.archive.entries import IndexEntry
from crawler.archive.repair import repair
from crawler.crawl.archive_run import ArchiveRun, RunOptions
from crawler.crawl.indexing import index_site
from crawler.model import Exchange, Truncation
from crawler.spool import Spool
from tests.archive.exchanges import STARTED, chunked, exchange, response, writer

SITE = "demo"
URLS = st.one_of(
    st.sampled_from(["https://news.example/", "https://news.example/a?b=2&a=1", "http://[::1]:8080/%41"]),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=20).map(lambda text: f"https://news.example/{text}"),
)
VALUES = st.sampled_from(
    [b"text/html; charset=utf-8", b"TEXT/Plain", b"a b", b"", b"\xff\xfe", b"chunked", b"gzip", b"/elsewhere", b'W/"1"']
)
NAMES = st.sampled_from(
    [b"Content-Type", b"content-type", b"Location", b"ETag", b"Last-Modified", b"Transfer-Encoding", b"Set-Cookie"]
)
HEADERS = st.lists(st.tuples(NAMES, VALUES).map(b": ".join), max_size=4)
STATUSES = st.sampled_from([b"200 OK", b"200 OK", b"301 Moved", b"304 Not Modified", b"404 Gone", b"204 No", b"600 x"])
#: Long enough to be referred to when they come again, or empty, or anything.
BODIES = st.one_of(st.sampled_from([b"", b"the same page " * 60]), st.binary(max_size=900))
PLAIN = st.builds(lambda body, headers, status: response(body, *headers, status=status), BODIES, HEADERS, STATUSES)
IN_CHUNKS = BODIES.map(
    lambda body: response(chunked(body, 100), b"Transfer-Encoding: chunked", length=False) if body else response(body)
)
#: URL, bytes, why they were cut, when they came, and from which size on they lie on disk.
Drawn = tuple[str, bytes, Truncation | None, datetime, int]
EXCHANGES = st.lists(
    st.tuples(
        URLS,
        st.one_of(PLAIN, IN_CHUNKS, st.binary(max_size=50)),
        st.sampled_from([None, None, None, "length", "time", "disconnect"]),
        st.datetimes(datetime(1996, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.sampled_from([10, 10_000]),
    ),
    min_size=1,
    max_size=8,
)
#: Without shrinking, which takes minutes: what fails is short.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
THOROUGH = settings(max_examples=60, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])


def indexes(archive: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in archive.glob("index/cdxj/*/*")}


def made(drawn: Iterable[Drawn]) -> Iterator[Exchange]:
    for url, answer, truncated, at, limit in drawn:
        one = exchange(url=url, truncated=truncated, started_at=at, response=Spool(answer, limit=limit))
        yield one
        one.response.close()


def crawled(archive: Path, exchanges: Iterable[Drawn]) -> dict[str, bytes]:
    """The indexes that a run wrote."""
    with closing(ArchiveRun(archive, SITE, "run-1", RunOptions(max_bytes=3000))) as run:
        for one in made(exchanges):
            run.committer.record(one).result()
        run.committer.finish_files().result()
    return indexes(archive)


@THOROUGH
@given(EXCHANGES)
@example([("https://news.example/a>", response(), None, STARTED, 10)])  # WARC/1.0 put URLs in angle brackets
def test_by_command_or_by_adoption(exchanges: list[Drawn]) -> None:
    with TemporaryDirectory() as folder:
        archive = Path(folder)
        written = crawled(archive, exchanges)
        assert written
        shutil.rmtree(archive / "index")
        assert index_site(archive, SITE, 1).damaged == []
        assert indexes(archive) == written
        for path in (archive / "index", *archive.glob("ledger.sqlite*")):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        assert crawled(archive, []) == written


@THOROUGH
@given(EXCHANGES, st.data())
def test_by_the_repair_of_a_file_that_is_cut_anywhere(exchanges: list[Drawn], data: st.DataObject) -> None:
    """And it keeps exactly the complete groups, and tells of them what the writer told."""
    with TemporaryDirectory() as folder:
        writing = writer(Path(folder))
        entries: list[IndexEntry] = []
        ends = [0]
        for one in made(exchanges):
            entries.append(writing.write(one))
            ends.append(sum(path.stat().st_size for path in Path(folder).rglob("*.open")))
        writing.abandon()
        (path,) = Path(folder).rglob("*.open")
        whole = path.read_bytes()
        size = data.draw(st.one_of(st.integers(0, ends[-1]), st.sampled_from(ends)))
        path.write_bytes(whole[:size])
        groups = max(number for number, end in enumerate(ends) if end <= size)
        (one_file,) = repair(Path(folder), SITE, {})
        assert one_file.cut == size - ends[groups]
        assert (one_file.finished.entries if one_file.finished else ()) == tuple(entries[:groups])
        if groups:
            assert path.with_suffix("").read_bytes() == whole[: ends[groups]]
            (index,) = indexes(Path(folder)).values()
            assert index_site(Path(folder), SITE, 1).damaged == []
            assert list(indexes(Path(folder)).values()) == [index]
