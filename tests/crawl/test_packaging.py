"""What goes into a package: what is asked for, what that needs to be replayed, and nothing that is not finished."""

import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.cdxj import parse_row
from crawler.archive.entries import IndexEntry
from crawler.archive.tree import cdxj_filename
from crawler.archive.writer import WarcWriter
from crawler.corpus.files import articles_filename, write_lines
from crawler.corpus.manifest import Manifest, describe, write_manifest
from crawler.corpus.record import to_json
from crawler.crawl import packaging
from crawler.crawl.packaging import pack
from crawler.crawl.selection import Wanted
from crawler.errors import ArchiveError, NoCaptureError, UsageError
from crawler.model import Exchange, Original
from tests.archive.exchanges import STARTED, chunked, exchange, response
from tests.corpus.test_record import ARTICLE

HOME = "https://news.example/"
BODY = b"<html><body><article><h1>A headline</h1>" + b"<p>Some words that make a paragraph.</p>" * 40
LATER = STARTED + timedelta(days=1)
OTHER = response(BODY + b"another")


def page(path: str, answer: bytes | None = None, **changes: Any) -> Exchange:
    whole = response(chunked(BODY, 100), b"Transfer-Encoding: chunked", length=False)
    return exchange(whole if answer is None else answer, **({"url": HOME + path, "hops": "L"} | changes))


def run(
    archive: Path, run_id: str, articles: str, *exchanges: Exchange, known: Mapping[str, Original] | None = None
) -> list[IndexEntry]:
    """Store what one run finds, with the records of these articles and its manifest."""
    at = exchanges[0].started_at
    writer = WarcWriter(archive, "demo", run_id, clock=lambda: at)
    entries = [writer.write(one, lambda url, *_: (known or {}).get(url)) for one in exchanges]
    (warc,) = writer.close()
    name = articles_filename("demo", at.date(), run_id)
    write_lines(archive / name, [line_of(one) for one in entries if one.url.removeprefix(HOME) in articles.split()])
    files = describe(archive, [warc.filename, cdxj_filename("demo", warc.filename), name])
    write_manifest(archive, Manifest(run_id, "demo", at.isoformat(), at.isoformat(), "newswarc", files, {}))
    return entries


def line_of(entry: IndexEntry) -> str:
    ref = entry.ref
    where = replace(ARTICLE, warc_filename=ref.filename, warc_record_offset=ref.offset, warc_record_id=ref.record_id)
    return to_json(replace(where, url=entry.url, captured_at=entry.captured_at))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two runs of a site; the second one finds a page of the first again, elsewhere."""
    folder = tmp_path / "archive"
    moved = page("old", response(b"", b"Location: /a", status=b"301 Moved"))
    style = page("a.css", response(b"p {}").replace(b"html", b"css"), hops="LRE", via=HOME + "a")
    first = run(folder, "1", "a", moved, page("a", hops="LR", via=HOME + "old"), style, page("b"))
    known = {HOME + "again": Original(first[1].url, first[1].captured_at, first[1].ref)}
    run(folder, "2", "c", page("c", OTHER, started_at=LATER), page("again", started_at=LATER), known=known)
    return folder


class Package:
    """A package as others read it."""

    def __init__(self, archive: Path, **wanted: Any) -> None:
        out = archive.parent / "package.wacz"
        out.unlink(missing_ok=True)
        self.told = pack(archive, Wanted(**wanted), out, "Title")
        with ZipFile(out) as zipped:
            self.files = {name: zipped.read(name) for name in zipped.namelist()}
        self.warcs = {name.partition("/")[2]: data for name, data in self.files.items() if name.startswith("archive/")}
        lines = gzip.decompress(self.files["indexes/index.cdx.gz"]).splitlines(keepends=True)
        assert lines == sorted(lines)
        self.rows = [parse_row(line) for line in lines]

    @property
    def urls(self) -> list[str]:
        """Of the index, without their beginning."""
        return [row.fields["url"].removeprefix(HOME) for row in self.rows]

    def records(self) -> list[tuple[str, str]]:
        """Kind and path of each record of all WARC files, by warcio."""
        found = []
        for data in self.warcs.values():
            for record in ArchiveIterator(io.BytesIO(data)):
                url = record.rec_headers.get_header("WARC-Target-URI") or ""
                found.append((record.rec_type, url.removeprefix(HOME)))
        return found

    def record_at(self, number: int) -> bytes:
        """The record that a row of the index points to."""
        fields = self.rows[number].fields
        at, length = int(fields["offset"]), int(fields["length"])
        return gzip.decompress(self.warcs[fields["filename"]][at : at + length])

    @property
    def pages(self) -> list[str]:
        """Of the list, without their beginning."""
        listed = [json.loads(line) for line in self.files["pages/pages.jsonl"].splitlines()[1:]]
        return [one["url"].removeprefix(HOME) for one in listed]


def group(path: str, kind: str = "response") -> list[tuple[str, str]]:
    return [(kind, path), ("request", path), ("metadata", path)]


def test_holds_each_finished_file_as_it_is(archive: Path) -> None:
    package = Package(archive)
    assert package.warcs == {path.name: path.read_bytes() for path in archive.glob("warc/demo/*/*/*.warc.gz")}
    assert package.urls == ["a", "a.css", "again", "b", "c", "old"]
    for number, url in enumerate(package.urls):
        assert f"WARC-Target-URI: {HOME}{url}\r\n".encode() in package.record_at(number)
    assert (package.told.warcs, package.told.captures, package.told.lost) == (2, 6, ())


def test_offers_the_articles_as_pages(archive: Path) -> None:
    package = Package(archive)
    assert (package.pages, package.told.pages) == (["a", "c"], 2)
    first = json.loads(package.files["pages/pages.jsonl"].splitlines()[1])
    assert f"WARC-Record-ID: <urn:uuid:{first.pop('id')}>\r\n".encode() in package.record_at(0)
    told = {"url": HOME + "a", "ts": "2024-02-08T09:30:00.123Z", "title": ARTICLE.headline, "text": ARTICLE.text}
    assert first == told


def test_is_the_same_each_time(archive: Path) -> None:
    assert Package(archive).files == Package(archive).files
    assert json.loads(Package(archive).files["datapackage.json"])["created"] == "2024-02-09T09:30:00.123Z"


def test_makes_the_rows_of_a_file_whose_index_is_gone(archive: Path) -> None:
    whole = Package(archive).files
    for index in archive.glob("index/cdxj/demo/*"):
        index.unlink()
    assert Package(archive).files == whole


def test_a_page_alone_comes_with_its_records_and_what_it_embeds(archive: Path) -> None:
    package = Package(archive, urls=(HOME + "a",))
    assert package.records() == [("warcinfo", ""), *group("a"), *group("a.css")]
    assert (package.urls, package.pages) == (["a", "a.css"], ["a"])
    (name,) = package.warcs
    assert name.endswith("-00000.part.warc.gz")
    assert package.record_at(1).endswith(b"p {}\r\n\r\n")


def test_a_page_comes_with_what_it_was_redirected_to(archive: Path) -> None:
    assert Package(archive, urls=(HOME + "old",)).urls == ["a", "a.css", "old"]


def test_a_page_comes_with_what_it_shares_with_another(tmp_path: Path) -> None:
    """Fetched once, for the first page that names it; found by what the page itself names, through sheets and moves."""
    folder = tmp_path / "archive"

    def story(slug: str) -> bytes:
        return b"<html><head><link rel=stylesheet href=/s.css></head><body><p>" + slug.encode() + b"</body></html>"

    css = response(b"@import '/t.css'; p {background: url(/moved.png)}").replace(b"text/html", b"text/css")
    shared = {"hops": "LE", "via": HOME + "one"}
    run(
        folder,
        "1",
        "one",
        page("one", response(story("one"))),
        page("s.css", css, **shared),
        page("t.css", response(b"q {}").replace(b"text/html", b"text/css"), hops="LEE", via=HOME + "s.css"),
        page("moved.png", response(b"", b"Location: /i.png", status=b"301 Moved"), hops="LEE", via=HOME + "s.css"),
        page("i.png", response(b"picture").replace(b"text/html", b"image/png"), hops="LEER", via=HOME + "moved.png"),
        page("j.png", response(b"another").replace(b"text/html", b"image/png"), **shared),
    )
    run(folder, "2", "two", page("two", response(story("two")), started_at=LATER))
    assert Package(folder, urls=(HOME + "two",)).urls == ["i.png", "moved.png", "s.css", "t.css", "two"]
    for other in ({"since": LATER}, {"run_id": "2"}):
        assert "i.png" in Package(folder, urls=(HOME + "two",), **other).urls


def test_a_star_at_the_end_takes_all_that_begins_so(archive: Path) -> None:
    assert Package(archive, urls=(HOME + "a*",)).urls == ["a", "a.css", "again"]


def test_a_revisit_brings_its_original_along_from_another_file(archive: Path) -> None:
    package = Package(archive, urls=(HOME + "again",))
    assert package.records() == [("warcinfo", ""), *group("a"), ("warcinfo", ""), *group("again", "revisit")]
    assert package.told.lost == ()


def test_a_run_is_whole_files_and_what_its_revisits_refer_to(archive: Path) -> None:
    package = Package(archive, run_id="2")
    assert package.urls == ["a", "again", "c"]
    names = sorted(name.partition("-00000")[2] for name in package.warcs)
    assert names == [".part.warc.gz", ".warc.gz"]
    assert package.pages == ["a", "c"]


def test_a_time_takes_what_was_captured_in_it(archive: Path) -> None:
    assert Package(archive, until=LATER).urls == ["a", "a.css", "b", "old"]
    assert Package(archive, since=LATER, until=LATER + timedelta(seconds=1)).urls == ["a", "again", "c"]


def test_tells_of_a_revisit_whose_original_is_gone(archive: Path) -> None:
    first, second = sorted(archive.glob("warc/demo/*/*/*"))
    first.unlink()
    package = Package(archive, run_id="2")
    assert package.urls == ["again", "c"]
    (line,) = package.told.lost
    assert line.startswith(f"warc/demo/2024/02/{second.name}, byte ")


def test_leaves_out_what_no_manifest_names(archive: Path) -> None:
    writer = WarcWriter(archive, "demo", "3")
    writer.append(page("unfinished"))
    writer.close()
    assert "unfinished" not in Package(archive).urls


def test_refuses_a_file_that_is_not_what_its_manifest_says(archive: Path) -> None:
    path = next(archive.glob("warc/demo/*/*/*"))
    path.write_bytes(path.read_bytes() + path.read_bytes())
    with pytest.raises(ArchiveError, match="not what its manifest says"):
        Package(archive)
    assert not list(archive.parent.glob("package*"))


def test_says_what_is_not_there(archive: Path) -> None:
    with pytest.raises(UsageError, match="no WARC file of other there"):
        Package(archive, sites=("other",))
    with pytest.raises(UsageError, match="no manifest of run 9"):
        Package(archive, run_id="9")
    with pytest.raises(NoCaptureError, match="no capture there is as asked for"):
        Package(archive, urls=(HOME + "nothing",))
    assert not list(archive.parent.glob("package*"))


def test_never_overwrites(archive: Path) -> None:
    out = archive.parent / "mine.wacz"
    out.write_bytes(b"mine")
    with pytest.raises(ArchiveError, match="cannot be written: File exists"):
        pack(archive, Wanted(), out, None)
    assert out.read_bytes() == b"mine"


def test_never_has_many_files_open(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Package(archive).rows
    monkeypatch.setattr(packaging, "MAX_OPEN", 1)
    assert Package(archive).rows == whole
