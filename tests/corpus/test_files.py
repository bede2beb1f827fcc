"""Record files are there whole or not at all, and never overwrite anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from crawler.corpus.files import articles_filename, read_lines, write_lines
from crawler.errors import ArchiveError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / articles_filename("example", "2024-02-08", "RUN")


def test_it_names_a_hive_partition() -> None:
    assert articles_filename("s", "2024-02-08", "R", 7) == "articles/site=s/date=2024-02-08/R-007.jsonl.zst"


def test_it_gives_the_lines_back(path: Path) -> None:
    lines = ["{}", '{"text":"“é”\u2028"}', '{"text":"\\n"}']
    assert write_lines(path, lines) == 3
    assert list(read_lines(path)) == lines


def test_it_is_a_plain_zstd_file(path: Path) -> None:
    write_lines(path, ["{}", "[]"])
    with zstandard.open(path, "rt", encoding="utf-8") as file:
        assert file.read() == "{}\n[]\n"


def test_writing_twice_is_writing_once(path: Path) -> None:
    write_lines(path, ["{}"])
    before = path.stat()
    write_lines(path, ["{}"])
    assert path.stat().st_ino == before.st_ino
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_it_overwrites_no_other_content(path: Path) -> None:
    write_lines(path, ["{}"])
    with pytest.raises(ArchiveError, match="is there already, with another content"):
        write_lines(path, ["[]"])
    assert list(read_lines(path)) == ["{}"]


def test_it_leaves_nothing_behind_when_it_fails(path: Path) -> None:
    def failing() -> Iterator[str]:
        yield "{}"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_lines(path, failing())
    assert list(path.parent.iterdir()) == []


def test_it_says_in_one_line_that_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "articles").write_text("in the way")
    with pytest.raises(ArchiveError, match="cannot be written"):
        write_lines(tmp_path / "articles" / "x.jsonl.zst", ["{}"])


def test_it_says_in_one_line_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl.zst").write_bytes(b"no zstd")
    for name in ("x.jsonl.zst", "absent.jsonl.zst"):
        with pytest.raises(ArchiveError, match=f"{name}: cannot be read"):
            list(read_lines(tmp_path / name))
