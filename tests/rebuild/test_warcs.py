"""A rebuild reads what others stored, counts what it leaves, and is stopped by nothing that one record holds."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.writer import WarcWriter
from crawler.corpus.files import read_lines
from crawler.engine import engine_of
from crawler.errors import NotAWarcError, UsageError
from crawler.model import Exchange, Original, Truncation
from crawler.rebuild.warcs import WarcTally, WarcUnit, find_warcs, read_warc, rebuild, rebuild_warc
from crawler.site import Site
from crawler.spool import Spool
from tests.crawl.example import HOME, ExampleSpider, TwinSpider, article

DAY = "/2024/02/08"
SITES: Mapping[str, type[Site]] = {"example": ExampleSpider, "twin": TwinSpider}
TIME = datetime(2024, 2, 9, 10, tzinfo=UTC)


def exchange(
    path: str,
    body: bytes = article("One").body,
    *,
    status: int = 200,
    media: str = "text/html; charset=utf-8",
    truncated: Truncation | None = None,
    host: str = HOME,
    at: datetime = TIME,
) -> Exchange:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    request = f"GET {path} HTTP/1.1\r\nHost: news.example\r\n\r\n".encode()
    return Exchange(f"{host}{path}", at, 5, request, Spool(head + body), truncated=truncated)


def warc(folder: Path, *exchanges: Exchange, site: str = "example") -> Path:
    writer = WarcWriter(folder, site, "R1")
    for one in exchanges:
        writer.append(one)
    (finished,) = writer.close()
    return folder / finished.filename


def tally_of(unit: WarcUnit) -> WarcTally:
    tally = WarcTally()
    list(read_warc(unit, tally))
    assert tally.responses == tally.articles + sum(tally.skipped.values()) + len(tally.damaged)
    return tally


def test_it_counts_each_response_under_one_name(tmp_path: Path) -> None:
    path = warc(
        tmp_path,
        exchange(f"{DAY}/one/"),
        exchange("/"),
        exchange("/robots.txt", b"User-agent: *", media="text/plain"),
        exchange(f"{DAY}/gone/", status=404),
        exchange(f"{DAY}/moved/", status=301),
        exchange(f"{DAY}/cut/", truncated="length"),
        exchange(f"{DAY}/short/", b"<p>Short.</p>"),
        exchange(f"{DAY}/image/", b"GIF89a", media="image/gif"),
        exchange(f"{DAY}/explode/"),
    )
    tally = tally_of(WarcUnit(path, SITES))
    assert tally.articles == 1
    assert tally.skipped == {
        "not_article_url": 2,
        "http_404": 1,
        "http_301": 1,
        "truncated": 1,
        "no_layout": 1,
        "not_article": 1,
        "error": 1,
    }


def test_a_revisit_gives_no_second_record(tmp_path: Path) -> None:
    """And needs none of its original's bytes, which may be in a file that is elsewhere."""
    writer = WarcWriter(tmp_path, "example", "R1")
    entry = writer.write(exchange(f"{DAY}/one/"))
    writer.finish()
    original = Original(entry.url, entry.captured_at, entry.ref)
    writer.write(exchange(f"{DAY}/one/", at=TIME), lambda *_: original)
    writer.write(replace(exchange(f"{DAY}/one/", b"", status=304), validated=original))
    first, second = (tmp_path / warc.filename for warc in writer.close())
    assert tally_of(WarcUnit(first, SITES)).articles == 1
    first.unlink()
    tally = tally_of(WarcUnit(second, SITES))
    assert (tally.articles, tally.skipped, tally.damaged) == (0, {"revisit": 1, "http_304": 1}, [])


def test_it_writes_records_by_site_and_day(tmp_path: Path) -> None:
    next_day = datetime(2024, 2, 10, 0, 30, tzinfo=UTC)
    path = warc(tmp_path, exchange(f"{DAY}/one/"), exchange(f"{DAY}/two/", at=next_day))
    tally = rebuild_warc(WarcUnit(path, SITES, out=tmp_path / "out"))
    assert [name.split("/")[1:3] for name in tally.files] == [
        ["site=example", "date=2024-02-09"],
        ["site=example", "date=2024-02-10"],
    ]
    (line,) = read_lines(tmp_path / "out" / tally.files[0])
    record = json.loads(line)
    assert record["url"] == f"{HOME}{DAY}/one/"
    assert record["run_id"] == "R1"
    assert record["warc_filename"] == path.relative_to(tmp_path).as_posix()


def test_it_takes_the_site_that_is_told_or_by_its_place_or_by_its_urls(tmp_path: Path) -> None:
    path = warc(tmp_path, exchange(f"{DAY}/one/"), site="twin")
    elsewhere = tmp_path / "stray.warc.gz"
    elsewhere.write_bytes(path.read_bytes())
    named = {
        where.name: {site.name for site, _, _ in read_warc(WarcUnit(where, SITES, told), WarcTally())}
        for where, told in ((path, None), (elsewhere, None))
    }
    assert named == {path.name: {"twin"}, elsewhere.name: {"example"}}
    told = WarcUnit(path, SITES, ExampleSpider)
    assert {site.name for site, _, _ in read_warc(told, WarcTally())} == {"example"}


def test_it_leaves_pages_of_sites_it_does_not_know(tmp_path: Path) -> None:
    path = warc(tmp_path, exchange("/x", host="http://other.example"), site="unknown")
    assert tally_of(WarcUnit(path, SITES)).skipped == {"no_site": 1}


def test_one_broken_record_costs_one(tmp_path: Path) -> None:
    path = warc(tmp_path, *(exchange(f"{DAY}/{n}/", article(f"Story {n}").body) for n in range(3)))
    members = path.read_bytes().split(b"\x1f\x8b\x08")
    # warcinfo, then response, request and metadata of each exchange: the second response loses its middle
    broken = [member[:30] + b"\xff" * 8 + member[38:] if at == 5 else member for at, member in enumerate(members)]
    path.write_bytes(b"\x1f\x8b\x08".join(broken))
    tally = tally_of(WarcUnit(path, SITES))
    assert tally.articles == 2
    assert len(tally.damaged) == 1


def test_a_file_that_is_no_warc_costs_its_unit(tmp_path: Path) -> None:
    good = warc(tmp_path, exchange(f"{DAY}/one/"))
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(gzip.compress(b"no records here"))
    with pytest.raises(NotAWarcError, match=r"bad\.warc\.gz"):
        rebuild_warc(WarcUnit(bad, SITES, out=tmp_path / "out"))
    units = [WarcUnit(path, SITES, out=tmp_path / "out") for path in (bad, good)]
    outcomes = list(rebuild(units, engine_of(1)))
    assert "bad.warc.gz" in (outcomes[0].error or "")
    assert outcomes[1].error is None


def test_the_output_is_the_same_whatever_the_number_of_workers(tmp_path: Path) -> None:
    paths = [warc(tmp_path, exchange(f"{DAY}/{n}/", article(f"Story {n}").body)) for n in range(3)]
    for workers in (1, 2):
        units = [WarcUnit(path, SITES, out=tmp_path / str(workers)) for path in paths]
        assert [outcome.error for outcome in rebuild(units, engine_of(workers))] == [None] * 3
    one, two = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*.zst")}
        for root in (tmp_path / "1", tmp_path / "2")
    )
    assert one == two
    assert len(one) == 3


def test_it_finds_files_folders_and_patterns_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.warc.gz", "a/c.warc", "a/d.warc.gz.open", "a/e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert find_warcs(["b.warc.gz", "a"]) == [Path("b.warc.gz"), Path("a/c.warc")]
    assert find_warcs(["**/*.warc*", "b.warc.gz"])[0] == Path("a/c.warc")
    assert find_warcs(["a/e.txt"]) == [Path("a/e.txt")]  # named outright, it is tried
    for nothing in ("absent.warc.gz", "x/*.warc", str(tmp_path / "empty")):
        with pytest.raises(UsageError, match="no WARC file there"):
            find_warcs([nothing])
