"""What is found in the parts of a file is what one reading of it finds, or none of it counts."""

import gzip
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.archive.claims import Defect
from crawler.archive.glance import read_entries
from crawler.archive.parts import Part, SoundPart, agree, parts_of, read_part, verify_part
from crawler.archive.verify import verify_warc
from crawler.archive.warcfile import WarcFile
from tests.archive.exchanges import exchange, response, write
from tests.archive.test_reader import record

NAME = "x.warc.gz"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.archive.parts.LEAST", 100)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pages = [exchange(response(b"<p>%d" % number), url=f"https://a.example/{number}") for number in range(20)]
    return tmp_path / write(tmp_path, *pages).filename


def members(path: Path) -> list[int]:
    """Where the records of a file begin."""
    with WarcFile(path) as file:
        return [span.offset for span in file.each(lambda record: record.finish()) if span is not None]


def one_reading(path: Path) -> tuple[int, list[str]]:
    defects = list[Defect]()
    count = verify_warc(path, NAME, {}, defects.append, indexed=False)
    return count.records, [str(defect) for defect in defects]


def in_parts(path: Path, parts: list[Part]) -> tuple[int, list[str]] | None:
    """The same, if the parts can tell."""
    sound = [verify_part(path, NAME, part, {}, indexed=False, columns=None, is_elsewhere=str.isdigit) for part in parts]
    known = [part for part in sound if part is not None]
    return (sum(part.count.records for part in known), []) if len(known) == len(parts) and agree(known) else None


def test_begin_and_end_where_records_do(path: Path) -> None:
    parts = parts_of(path, path.stat().st_size, 4)
    assert len(parts) == 4
    assert {part.start for part in parts} < set(members(path))
    assert (parts[0].start, parts[-1].end) == (0, path.stat().st_size)
    assert all(one.end == other.start for one, other in pairwise(parts))


def test_are_none_of_a_file_that_is_small_or_has_no_members(path: Path, tmp_path: Path) -> None:
    size = path.stat().st_size
    assert parts_of(path, size, 1) == []
    assert parts_of(path, 150, 4) == []
    (tmp_path / "plain.warc").write_bytes(gzip.decompress(path.read_bytes()) + path.read_bytes())
    assert parts_of(tmp_path / "plain.warc", 9000, 4) == []
    assert parts_of(tmp_path / "nothere", 9000, 4) == []


def test_find_together_what_one_reading_finds(tmp_path: Path) -> None:
    """Wherever they are cut; between a response and its request, too."""
    path = tmp_path / write(tmp_path, *(exchange(url=f"https://a.example/{number}") for number in range(4))).filename
    entries, found = read_entries(path, filename=NAME), one_reading(path)
    assert found == (13, [])

    @settings(deadline=None, max_examples=40)
    @given(st.sets(st.sampled_from(members(path)[1:])))
    def check(cuts: set[int]) -> None:
        parts = [Part(*ends) for ends in pairwise([0, *sorted(cuts), path.stat().st_size])]
        assert in_parts(path, parts) == found
        read = [read_part(path, NAME, part) for part in parts]
        assert None not in read
        assert [entry for part in read if part for entry in part[0]] == entries

    check()


@pytest.mark.parametrize("shift", [-1, 1, 40])
def test_count_for_nothing_if_they_are_cut_elsewhere(path: Path, shift: int) -> None:
    cut = members(path)[10] + shift
    parts = [Part(0, cut), Part(cut, path.stat().st_size)]
    assert in_parts(path, parts) is None
    assert read_part(path, NAME, parts[0]) is None


def changed(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset + 30] ^= 0xFF
    path.write_bytes(data)


def twice(path: Path) -> None:
    path.write_bytes(path.read_bytes() + path.read_bytes())


def without(path: Path, number: int) -> None:
    starts = [*members(path), path.stat().st_size]
    data = path.read_bytes()
    path.write_bytes(data[: starts[number]] + data[starts[number + 1] :])


#: By what is wrong with the file.
WRONG: dict[str, Callable[[Path], None]] = {
    "a damaged record": lambda path: changed(path, members(path)[7]),
    "a damaged record at the beginning": lambda path: changed(path, 0),
    "the same ids again": twice,
    "a response is missing that others name": lambda path: without(path, 31),
    "a torn end": lambda path: path.write_bytes(path.read_bytes()[:-5]) and None,
    "garbage behind": lambda path: path.write_bytes(path.read_bytes() + b"garbage") and None,
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG.keys())
def test_leave_whatever_is_wrong_to_one_reading(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    parts = parts_of(path, path.stat().st_size, 4)
    assert len(parts) > 1
    assert one_reading(path)[1] != []
    assert in_parts(path, parts) is None


def test_index_what_is_sound_and_tell_of_the_rest_as_one_reading_does(path: Path) -> None:
    changed(path, members(path)[31])
    damaged = list[str]()
    entries = read_entries(path, filename=NAME, on_damage=lambda error: damaged.append(str(error)))
    read = [read_part(path, NAME, part) for part in parts_of(path, path.stat().st_size, 4)]
    assert [entry for part in read if part for entry in part[0]] == entries
    assert [line for part in read if part for line in part[1]] == damaged
    assert len(damaged) == 1


def test_do_not_tell_the_run_of_files_that_were_put_together(tmp_path: Path) -> None:
    """A part knows the run of the file's first record alone."""
    runs = []
    for run_id in ("1", "2"):
        info = record(b"isPartOf: " + run_id.encode(), kind="warcinfo")
        runs.append(gzip.compress(info, mtime=0) + gzip.compress(record(), mtime=0))
    path = tmp_path / NAME
    path.write_bytes(b"".join(runs))
    cut = members(path)[3]
    assert [entry.run_id for entry in read_entries(path)] == ["1", "2"]
    assert read_part(path, NAME, Part(0, cut)) is None


def part_with(*ids: str, infos: set[str] = frozenset(), **named: tuple[int, int]) -> SoundPart:  # type: ignore[assignment]
    return SoundPart(ids={one: number for number, one in enumerate(ids)}, infos=set(infos), named=named)


def test_agree_as_one_reading_does_about_what_is_far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.archive.parts.WINDOW", 3)
    assert agree([part_with("a", "b"), part_with("c", "d", a=(0, 0))])
    assert not agree([part_with("a", "b"), part_with("c", "d", a=(0, 1))])
    assert agree([part_with("a", "b", infos={"a"}), part_with("c", "d", a=(0, 1))])
    assert not agree([part_with("b", d=(0, 0)), part_with("c", "e", "a", "d", infos={"d"})])
    assert not agree([part_with("a"), part_with("b", nowhere=(0, 0))])
    assert not agree([part_with("a"), part_with("a")])
