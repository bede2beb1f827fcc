"""The row of a URL is found by halving, and many indexes become one as `sort -m` would make it."""

import io
import os
import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.archive import lookup
from crawler.archive.cdxj import CdxjRow, lines_from, parse_row
from crawler.archive.lookup import merge_cdxj, moment_of, nearest, read_row, rows_of, write_block, write_head
from crawler.archive.tree import cdxj_filename
from crawler.errors import ArchiveError, DamagedRecordError
from tests.archive.exchanges import chunked, exchange, response, write

LINES = st.lists(st.binary(max_size=6).map(lambda raw: raw.replace(b"\n", b"") + b"\n"), max_size=40).map(sorted)


class Opened(io.BytesIO):
    """A file in memory that tells its size as files do, and how often it was read."""

    def __init__(self, path: Path, data: bytes) -> None:
        super().__init__(data)
        path.write_bytes(data)
        self._file = path.open("rb")
        self.reads = 0

    def fileno(self) -> int:
        return self._file.fileno()

    def readline(self, size: int | None = -1) -> bytes:
        self.reads += 1
        return super().readline(size)

    def close(self) -> None:
        self._file.close()
        super().close()


@example(lines=[b"\n", b"\x00\n"], prefix=b"\x00")
@example(lines=[b"\xff\xff\n"], prefix=b"\xff\xff")
@given(lines=LINES, prefix=st.binary(max_size=3).map(lambda raw: raw.replace(b"\n", b"")))
def test_finds_all_lines_with_a_prefix_and_no_others(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], prefix: bytes
) -> None:
    lines.sort(key=lambda line: line.rstrip(b"\n"))
    with Opened(tmp_path_factory.mktemp("index") / "i", b"".join(lines)) as file:
        assert list(lines_from(file, prefix)) == [line for line in lines if line.startswith(prefix)]


def test_reads_little_of_a_long_index(tmp_path: Path) -> None:
    lines = [b"key%06d value\n" % number for number in range(100_000)]
    with Opened(tmp_path / "i", b"".join(lines)) as file:
        assert list(lines_from(file, b"key077777 ")) == [lines[77777]]
        assert file.reads < 100


@pytest.mark.parametrize("most", [200, 3])
def test_merges_as_sort_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(lookup, "MAX_OPEN", most)
    chance = random.Random(5)
    paths = [tmp_path / str(number) for number in range(11)]
    for path in paths:
        lines = sorted(bytes(chance.choices(b"ab !{~\xff", k=chance.randrange(5))) for _ in range(40))
        path.write_bytes(b"".join(line + b"\n" for line in lines))
    target = tmp_path / "below" / "merged"
    assert merge_cdxj(paths, target) == 440
    wanted = subprocess.run(
        ["sort", "-m", *paths], env={**os.environ, "LC_ALL": "C"}, capture_output=True, check=True
    ).stdout
    assert target.read_bytes() == wanted
    assert [path.name for path in target.parent.iterdir()] == ["merged"]


def row(timestamp: str, url: str = "https://a.example/") -> CdxjRow:
    return CdxjRow("example,a)/", timestamp, {"url": url})


@pytest.mark.parametrize(
    ("at", "found"),
    [(None, "2024"), ("2021", "20220101"), ("19", "2020"), ("2023", "2024"), ("202212", "20220101"), ("2999", "2024")],
)
def test_chooses_the_nearest_capture(at: str | None, found: str) -> None:
    rows = [row("2020"), row("2024"), row("20220101"), row("2023", "http://a.example/")]
    moment = None if at is None else moment_of(at.ljust(4, "0"))
    chosen = nearest(rows, "https://a.example/#part", moment)
    assert chosen is not None
    assert chosen.timestamp == found


def test_takes_another_form_of_the_url_where_there_is_no_other() -> None:
    assert nearest([row("2020")], "http://www.a.example", None) == row("2020")
    assert nearest([], "http://a.example", None) is None


@pytest.mark.parametrize("at", [None, "20240208"])
def test_prefers_a_whole_capture_to_one_that_was_cut(at: str | None) -> None:
    whole, cut = row("2023"), row("20240208")
    cut = CdxjRow(cut.key, cut.timestamp, {**cut.fields, "truncated": "disconnect"})
    moment = moment_of(at) if at else None
    assert nearest([cut, whole], "https://a.example/", moment) == whole
    assert nearest([cut], "https://a.example/", moment) == cut


def test_reads_times_of_every_length() -> None:
    assert moment_of("2024") == datetime(2024, 1, 1, tzinfo=UTC)
    assert moment_of("20240208093001") == datetime(2024, 2, 8, 9, 30, 1, tzinfo=UTC)
    for wrong in ("", "202", "20241301", "2024020809300112", "\uff12\uff10\uff12\uff14", "now!"):
        with pytest.raises(DamagedRecordError, match="no time of"):
            moment_of(wrong)


def test_gives_back_the_page_and_its_exact_bytes(tmp_path: Path) -> None:
    answers = {
        "https://news.example/a": response(chunked(b"<p>Hello" * 9, 10), b"Transfer-Encoding: chunked", length=False),
        "https://news.example/b": response(b"other"),
    }
    finished = write(tmp_path, *(exchange(answer, url=url) for url, answer in answers.items()))
    index = tmp_path / cdxj_filename("demo", finished.filename)
    for url, answer in answers.items():
        (found,) = rows_of([index], url)
        raw, head = bytearray(), bytearray()
        write_block(tmp_path, found, raw.extend)
        write_head(tmp_path, found, head.extend)
        assert raw == answer
        assert head == answer[: answer.index(b"\r\n\r\n") + 4]
        assert read_row(tmp_path, found).payload in {b"<p>Hello" * 9, b"other"}


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"filename": "', b'"filename": "../', "no place in the archive"),
        (b'"filename": "', b'"filename": "x', "cannot be read"),
        (b'"offset": "', b'"offset": "-', "offset"),
        (b'"offset": "', b'"offset": "9999', "no record begins|damaged"),
        (b'"length": "', b'"length": "9', "no response record of"),
        (b'"length": "', b'"length": "' + b"9" * 5000, "no response record of"),
        (b'"filename": "', rb'"filename": "\ud800', "no place in the archive"),
        (b'"filename": "', b'"filename": "' + b"x" * 5000, "no place in the archive"),
    ],
)
def test_says_what_is_wrong_with_a_row(tmp_path: Path, old: bytes, new: bytes, why: str) -> None:
    finished = write(tmp_path, exchange())
    line = (tmp_path / cdxj_filename("demo", finished.filename)).read_bytes()
    with pytest.raises(ArchiveError, match=why):
        read_row(tmp_path, parse_row(line.replace(old, new)))


def test_says_which_index_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "i.cdxj"
    path.write_bytes(b"example,a)/ no json\n")
    with pytest.raises(ArchiveError, match=r"i\.cdxj: no index line: .*`newswarc index` makes it again"):
        list(rows_of([path], "http://a.example/"))
    with pytest.raises(ArchiveError, match="cannot be read"):
        list(rows_of([tmp_path / "gone"], "http://a.example/"))
