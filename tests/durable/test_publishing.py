"""A name is given to what is complete and durable, and never taken from anything else."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.durable import Effect, new_file, observing, publish, replaced_file
from tests.durable.watching import Failing, Log

NO_LINKS = Failing("link", OSError(errno.EPERM, "no hard links here"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a" / "b"


def write(path: Path, data: bytes) -> None:
    with new_file(path) as file:
        file.write(data)


def test_it_syncs_the_bytes_then_the_name_and_only_then_drops_the_other_name(path: Path) -> None:
    write(path, b"before")
    log = Log()
    with observing(log):
        write(path.with_name("c"), b"data")
    assert log.kinds == ["create", "write", "sync", "link", "sync_folder", "unlink"]


def test_writing_twice_is_writing_once(path: Path) -> None:
    write(path, b"x")
    before = path.stat()
    write(path, b"x")
    assert path.stat().st_ino == before.st_ino
    assert [file.name for file in path.parent.iterdir()] == ["b"]


def test_it_syncs_the_same_content_that_somebody_else_wrote(path: Path) -> None:
    write(path.with_name("c"), b"x")
    path.write_bytes(b"x")
    log = Log()
    with observing(log):
        publish(path.with_name("c"), path)
    assert Effect("sync", path) in log.effects


@pytest.mark.parametrize("links", [True, False])
def test_it_overwrites_no_other_content(path: Path, links: bool) -> None:
    write(path, b"x")
    with observing(Log() if links else NO_LINKS), pytest.raises(FileExistsError):
        write(path, b"y")
    assert path.read_bytes() == b"x"
    assert [file.name for file in path.parent.iterdir()] == ["b"]


def test_it_renames_where_there_are_no_hard_links(path: Path) -> None:
    with observing(NO_LINKS):
        write(path, b"x")
        write(path, b"x")
    assert path.read_bytes() == b"x"
    assert [file.name for file in path.parent.iterdir()] == ["b"]


def test_it_finishes_what_a_crash_between_its_steps_left(path: Path) -> None:
    write(path, b"x")
    other = path.with_name("b.open")
    other.hardlink_to(path)
    publish(other, path)
    assert [file.name for file in path.parent.iterdir()] == ["b"]


def test_it_passes_other_errors_on(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        publish(tmp_path / "missing", tmp_path / "a")


@pytest.mark.parametrize("make", [new_file, replaced_file])
def test_it_leaves_alone_what_another_process_is_writing(path: Path, make: Callable[[Path], Any]) -> None:
    with make(path) as file:
        file.write(b"first")
        with pytest.raises(BlockingIOError, match="another process is writing it"), make(path):
            pass
    assert path.read_bytes() == b"first"
    assert [file.name for file in path.parent.iterdir()] == ["b"]


def test_it_begins_again_where_a_killed_process_stopped(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("b.new").write_bytes(b"a long beginning")
    write(path, b"x")
    assert path.read_bytes() == b"x"


def test_it_leaves_nothing_behind_when_it_fails(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_file(path):
        raise ZeroDivisionError
    assert list(path.parent.iterdir()) == []


def test_what_is_made_of_other_files_takes_the_place_of_what_was_there(path: Path) -> None:
    write(path, b"old")
    log = Log()
    with observing(log), replaced_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert log.kinds == ["create", "write", "sync", "rename", "sync_folder"]
