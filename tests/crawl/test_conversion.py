"""A crawl that stores texts stores each once, whatever interrupts it."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.conversion import Conversion
from crawler.archive.tree import open_paths, warc_paths
from crawler.archive.writer import WarcWriter
from crawler.crawl.archive_run import ArchiveRun
from crawler.crawl.ledger import Ledger, Settlement, UnknownLinkError
from crawler.crawl.verification import verify_archive
from crawler.demo.server import Replica
from crawler.engine import Inline
from crawler.model import Link, WarcRef
from crawler.rebuild.warcs import WarcUnit, rebuild_warc
from tests.archive.exchanges import exchange
from tests.crawl.example import ExampleSpider, Server, article, feed
from tests.crawl.running import Crawl, records

NOW = datetime(2024, 2, 8, tzinfo=UTC)
ONE, TWO = "/2024/02/08/one/", "/2024/02/08/two/"


def texts(archive: Path, site: str) -> list[tuple[str, str]]:
    """Record id of the page, and text, of each conversion, by another reader."""
    return sorted(found for path in warc_paths(archive, site) for found in conversions_in(path))


def conversions_in(path: Path) -> Iterator[tuple[str, str]]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "conversion":
                yield record.rec_headers.get_header("WARC-Refers-To"), record.content_stream().read().decode()


def defects(archive: Path) -> list[str]:
    return [str(defect) for _, tally in verify_archive(archive, Inline()) for defect in tally.told]


class TestACrawl:
    def test_stores_the_text_of_each_article_beside_its_page(self, tmp_path: Path) -> None:
        with Server({"/feed.xml": feed(ONE, TWO), ONE: article("One"), TWO: article("Two")}) as server:
            Crawl(("example",), tmp_path, {**server.settings, "NEWSWARC_CONVERSION": True}).run()
        told = [json.loads(line) for line in records(tmp_path, "example")]
        assert len(told) == 2
        assert texts(tmp_path, "example") == sorted((one["warc_record_id"], one["text"]) for one in told)
        assert defects(tmp_path) == []

    def test_stores_none_unless_it_is_asked_to(self, tmp_path: Path) -> None:
        with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
            Crawl(("example",), tmp_path, server.settings).run()
        assert texts(tmp_path, "example") == []

    def test_stores_no_second_text_of_a_page_that_came_again(self, tmp_path: Path) -> None:
        with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
            crawl = Crawl(("example",), tmp_path, {**server.settings, "NEWSWARC_CONVERSION": True})
            crawl.run()
            for path in tmp_path.glob("ledger.sqlite*"):
                path.unlink()
            crawl.run()  # without its ledger, which is made again of the files
        assert len(records(tmp_path, "example")) == 2
        assert len(texts(tmp_path, "example")) == 1

    def test_can_be_rebuilt_with_its_texts(self, tmp_path: Path) -> None:
        archive, out = tmp_path / "archive", tmp_path / "out"
        with Server({"/feed.xml": feed(ONE, TWO), ONE: article("One"), TWO: article("Two")}) as server:
            Crawl(("example",), archive, {**server.settings, "NEWSWARC_CONVERSION": True}).run()
        (warc,) = warc_paths(archive, "example")
        unit = WarcUnit(warc, {"example": ExampleSpider}, out=out, conversion=True)
        assert rebuild_warc(unit) == rebuild_warc(unit)  # twice is once
        assert records(out, "example") == records(archive, "example")
        (wet,) = out.glob("wet/example/*.warc.wet.gz")
        assert wet.name == warc.name.replace(".warc.gz", ".warc.wet.gz")
        assert sorted(conversions_in(wet)) == texts(archive, "example")


@pytest.mark.slow
@pytest.mark.parametrize("moment", [random.Random(n).random() for n in range(6)], ids=lambda moment: f"{moment:.2f}")
def test_a_crawl_that_is_killed_and_begun_again_stores_each_text_once(tmp_path: Path, moment: float) -> None:
    with Replica() as replica:
        settings = {"NEWSWARC_RESOLVE": replica.resolve, "NEWSWARC_CA_FILE": str(replica.ca_file)}
        settings["NEWSWARC_CONVERSION"] = "true"
        Crawl(("dimsum_daily",), tmp_path, settings, killed_after=0.15 + moment).attempt()
        assert Crawl(("dimsum_daily",), tmp_path, settings).run().exit_code == 0
    told = [json.loads(line) for line in records(tmp_path, "dimsum_daily")]
    assert len(told) > 20
    assert texts(tmp_path, "dimsum_daily") == sorted((one["warc_record_id"], one["text"]) for one in told)
    assert defects(tmp_path) == []


class Killed:
    """A link that is captured, and a run that settles it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = ArchiveRun(folder, "demo", "1")
        links = [("k", Link(exchange().url, "article"))]
        self.run.committer.run(lambda ledger: ledger.add_links("demo", "1", links, NOW)).result()
        self.ref = self.run.committer.record(exchange()).result()

    def settle(self, key: str = "k", text: str = "Text.") -> None:
        outcome = Settlement(key, "captured", None, "{}")
        effect = lambda ledger: ledger.settle("demo", "1", outcome)  # noqa: E731
        self.run.committer.run(effect, conversion_of(self.ref, text)).result()

    def again(self) -> None:
        """The process dies here, and another begins."""
        self.run.close()
        self.run = ArchiveRun(self.folder, "demo", "2")

    def end(self) -> list[str]:
        self.run.committer.finish_files().result()
        self.run.close()
        return [text for _, text in texts(self.folder, "demo")]


def nothing(_: Ledger) -> None:
    """An effect on the file alone."""


def conversion_of(ref: WarcRef, text: str) -> Conversion:
    return Conversion(ref.record_id, exchange().url, exchange().started_at, text)


class TestAKilledRun:
    def test_has_not_stored_a_text_twice_that_the_ledger_did_not_learn_of(self, tmp_path: Path) -> None:
        killed = Killed(tmp_path)
        killed.run.close()
        (path,) = open_paths(tmp_path, "demo")
        writer = WarcWriter(tmp_path / "beside", "demo", "1")
        writer.convert(conversion_of(killed.ref, "Text."))
        (beside,) = writer.close()
        (stored,) = beside.conversions
        record = (tmp_path / "beside" / beside.filename).read_bytes()[stored.offset :]
        path.write_bytes(path.read_bytes() + record)  # written, and killed before the ledger's commit
        killed.again()
        killed.settle(text="Text.")
        assert killed.end() == ["Text."]

    def test_stores_again_what_was_torn(self, tmp_path: Path) -> None:
        killed = Killed(tmp_path)
        (path,) = open_paths(tmp_path, "demo")
        before = path.read_bytes()
        killed.run.close()
        path.write_bytes(before + b"\x1f\x8b\x08torn")
        killed.again()
        killed.settle()
        assert killed.end() == ["Text."]

    def test_does_not_store_a_text_twice_in_a_batch(self, tmp_path: Path) -> None:
        killed = Killed(tmp_path)
        conversion = conversion_of(killed.ref, "Text.")
        waiting = [killed.run.committer.run(nothing, conversion) for _ in range(2)]
        for one in waiting:
            one.result()
        assert killed.end() == ["Text."]

    def test_keeps_a_text_whose_link_is_unknown(self, tmp_path: Path) -> None:
        killed = Killed(tmp_path)
        with pytest.raises(UnknownLinkError):
            killed.settle("nobody's")
        killed.settle()
        assert killed.end() == ["Text."]

    def test_never_cuts_an_acknowledged_text(self, tmp_path: Path) -> None:
        """Damage before it is told, and no reason to cut: the ledger knows how far the file was promised."""
        killed = Killed(tmp_path)
        killed.settle()
        killed.run.close()
        (path,) = open_paths(tmp_path, "demo")
        data = bytearray(path.read_bytes())
        data[killed.ref.offset + killed.ref.length + 30] ^= 0xFF  # in the request, which is no acknowledged capture
        path.write_bytes(data)
        killed.again()
        killed.run.close()
        assert killed.run.repairs.cut_bytes == 0
        (path,) = warc_paths(tmp_path, "demo")
        assert path.stat().st_size == len(data)
