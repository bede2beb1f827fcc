import gzip
import shutil
from pathlib import Path

import pytest

from crawler.archive.cdxj import cdxj_line
from crawler.archive.conversion import Conversion
from crawler.archive.entries import IndexEntry
from crawler.archive.glance import read_entries
from crawler.archive.reader import read_captures
from crawler.archive.repair import RepairedWarc, adopt, repair
from crawler.archive.tree import cdxj_filename, open_path
from crawler.durable import Effect, observing
from crawler.errors import DamagedRecordError, MalformedMessageError
from tests.archive.exchanges import exchange, response, writer
from tests.durable.watching import Log


@pytest.fixture
def left_open(tmp_path: Path) -> tuple[Path, list[int], list[IndexEntry]]:
    """A file as a killed run leaves it, where each of its groups ends, and its entries."""
    writing = writer(tmp_path / "before")
    entries, ends = [], [0]
    for number in range(3):
        entries.append(writing.write(exchange(response(b"%d" % number * 50), url=f"https://news.example/{number}")))
        path = open_path(tmp_path / "before" / entries[0].ref.filename)
        ends.append(path.stat().st_size)
    writing.abandon()
    return path, ends, entries


def repaired(folder: Path, known: dict[str, int] | None = None) -> RepairedWarc:
    (one,) = repair(folder, "demo", known or {})
    return one


def copy(path: Path, folder: Path, size: int | None = None, tail: bytes = b"") -> Path:
    """The file, cut and with a tail, at its place in another archive folder."""
    target = folder.joinpath(*path.parts[-5:])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(path.read_bytes()[:size] + tail)
    return target


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.slow)])
def test_keeps_exactly_the_complete_groups_wherever_the_file_is_cut(
    tmp_path: Path, left_open: tuple[Path, list[int], list[IndexEntry]], step: int
) -> None:
    path, ends, entries = left_open
    near = {end + off for end in ends for off in range(-12, 13) if 0 <= end + off <= ends[-1]}
    for size in sorted(near | set(range(0, ends[-1], step))):
        folder = tmp_path / "after"
        copy(path, folder, size)
        groups = max(number for number, end in enumerate(ends) if end <= size)
        one = repaired(folder)
        assert one.cut == size - ends[groups]
        final = folder / entries[0].ref.filename
        if groups == 0:
            assert one.finished is None
            assert list(final.parent.iterdir()) == []
        else:
            assert one.finished is not None
            assert list(one.finished.entries) == entries[:groups] == read_entries(final)
            assert final.read_bytes() == path.read_bytes()[: ends[groups]]
            assert one.finished.run_id == "run-1"
            index = folder / cdxj_filename("demo", one.finished.filename)
            assert index.read_bytes().splitlines(keepends=True) == [cdxj_line(entry) for entry in entries[:groups]]
        assert list(repair(folder, "demo", {})) == []
        shutil.rmtree(folder)


def test_keeps_a_conversion_as_a_group_of_its_own(tmp_path: Path) -> None:
    writing = writer(tmp_path / "before")
    entry = writing.write(exchange())
    stored = writing.convert(Conversion(entry.ref.record_id, entry.url, entry.captured_at, "Text."))
    writing.abandon()
    path = open_path(tmp_path / "before" / entry.ref.filename)
    for size in range(stored.offset, stored.offset + stored.length + 1):
        copy(path, tmp_path / "after", size)
        kept = (stored,) if size == stored.offset + stored.length else ()
        finished = repaired(tmp_path / "after").finished
        assert finished is not None
        assert (finished.conversions, finished.bytes) == (kept, size if kept else stored.offset)
        assert next(iter(adopt(tmp_path / "after", "demo", (), pytest.fail))) == finished
        shutil.rmtree(tmp_path / "after")


@pytest.mark.parametrize("tail", [b"\0" * 5000, b"\x1f\x8b\x08garbage", b"WARC/1.1\r\n"])
def test_cuts_what_a_power_cut_left_at_the_end(
    tmp_path: Path, left_open: tuple[Path, list[int], list[IndexEntry]], tail: bytes
) -> None:
    path, _, entries = left_open
    copy(path, tmp_path, tail=tail)
    one = repaired(tmp_path)
    assert one.cut == len(tail)
    assert one.finished is not None
    assert list(one.finished.entries) == entries


def test_never_cuts_what_was_acknowledged(tmp_path: Path, left_open: tuple[Path, list[int], list[IndexEntry]]) -> None:
    """A sector that went bad in the middle costs its record, not those that were promised after it."""
    path, ends, entries = left_open
    target = copy(path, tmp_path)
    data = bytearray(target.read_bytes())
    data[entries[1].ref.offset + 30] ^= 0xFF
    target.write_bytes(data)
    last = entries[2].ref
    one = repaired(tmp_path, {last.filename: last.offset + last.length})
    assert one.cut == 0
    assert one.finished is not None
    assert list(one.finished.entries) == [entries[0], entries[2]]
    damages: list[object] = []
    urls = [capture.url for capture in read_captures(tmp_path / last.filename, on_damage=damages.append)]
    assert urls == ["https://news.example/0", "https://news.example/2"]
    assert len(damages) == 1
    assert ends[-1] == one.finished.bytes


def test_keeps_records_that_are_whole_and_not_understood(
    tmp_path: Path, left_open: tuple[Path, list[int], list[IndexEntry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stricter parser of another version is no reason to cut what an earlier one has promised."""

    def refuse(*_: object, **__: object) -> None:
        raise MalformedMessageError("not any more")

    copy(left_open[0], tmp_path)
    monkeypatch.setattr("crawler.archive.inspection.parse_response", refuse)
    one = repaired(tmp_path)
    assert one.cut == 0
    assert one.finished is not None
    assert one.finished.entries == ()


def test_cuts_at_records_that_were_compressed_together(tmp_path: Path) -> None:
    """We write none such; what follows one was appended by something else."""
    target = tmp_path / "warc/demo/2024/02/NEWSWARC-demo-20240208093000-00000.warc.gz.open"
    target.parent.mkdir(parents=True)
    one = b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    target.write_bytes(gzip.compress(one * 2))
    assert repaired(tmp_path).finished is None


def test_keeps_bytes_that_are_no_http(tmp_path: Path) -> None:
    writing = writer(tmp_path)
    entry = writing.write(exchange(b"\0garbage"))
    writing.abandon()
    one = repaired(tmp_path)
    assert one.finished is not None
    assert one.finished.entries == (entry,)


def test_goes_on_after_a_crash_between_link_and_unlink(
    tmp_path: Path, left_open: tuple[Path, list[int], list[IndexEntry]]
) -> None:
    target = copy(left_open[0], tmp_path)
    final = target.with_name(target.name.removesuffix(".open"))
    final.hardlink_to(target)
    assert repaired(tmp_path).finished is not None
    assert [path.name for path in final.parent.iterdir()] == [final.name]


def test_leaves_other_sites_alone(tmp_path: Path, left_open: tuple[Path, list[int], list[IndexEntry]]) -> None:
    target = copy(left_open[0], tmp_path)
    assert list(repair(tmp_path, "other", {})) == []
    assert target.exists()


class TestAdoption:
    def test_tells_what_is_in_files_that_nobody_knows(self, tmp_path: Path) -> None:
        writing = writer(tmp_path)
        entry = writing.write(exchange())
        (finished,) = writing.close()
        index = tmp_path / cdxj_filename("demo", finished.filename)
        lines = index.read_bytes()
        index.unlink()
        damages: list[DamagedRecordError] = []
        (warc,) = adopt(tmp_path, "demo", (), damages.append)
        assert warc == finished
        assert warc.entries == (entry,)
        assert index.read_bytes() == lines
        assert list(adopt(tmp_path, "demo", {finished.filename}, damages.append)) == []
        assert damages == []

    def test_makes_a_file_durable_before_anybody_knows_it(self, tmp_path: Path) -> None:
        """Its name may be that of a run which was killed before it synced the folder."""
        writing = writer(tmp_path)
        writing.append(exchange())
        (finished,) = writing.close()
        path, log = tmp_path / finished.filename, Log()
        with observing(log):
            next(adopt(tmp_path, "demo", (), lambda _: None))
        assert log.effects[:2] == [Effect("sync", path), Effect("sync_folder", path.parent)]
