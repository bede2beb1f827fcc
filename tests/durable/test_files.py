"""Files and folders whose names and bytes survive a power cut."""

from pathlib import Path

import pytest

from crawler.durable import Effect, create_file, make_folder, observing, open_file
from tests.archive.exchanges import exchange, writer
from tests.durable.watching import Log


def synced(log: Log, folder: Path) -> list[str]:
    """The folders that were synced, of those in `folder`."""
    paths = [effect.path for effect in log.effects if effect.kind == "sync_folder"]
    return [path.relative_to(folder).as_posix() for path in paths if path.is_relative_to(folder)]


class TestFolders:
    def test_each_is_durable_in_its_parent(self, tmp_path: Path) -> None:
        log = Log()
        with observing(log):
            make_folder(tmp_path / "a" / "b")
        assert synced(log, tmp_path) == [".", "a"]

    def test_one_that_a_killed_process_made_is_made_durable_once(self, tmp_path: Path) -> None:
        (tmp_path / "a" / "b").mkdir(parents=True)
        log = Log()
        with observing(log):
            make_folder(tmp_path / "a" / "b")
            make_folder(tmp_path / "a" / "b")
        assert synced(log, tmp_path) == [".", "a"]

    def test_one_that_was_removed_is_made_again(self, tmp_path: Path) -> None:
        make_folder(tmp_path / "a")
        (tmp_path / "a").rmdir()
        log = Log()
        with observing(log):
            make_folder(tmp_path / "a")
        assert log.effects == [Effect("make", tmp_path / "a"), Effect("sync_folder", tmp_path)]

    def test_a_file_in_its_place_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("in the way")
        with pytest.raises(NotADirectoryError):
            make_folder(tmp_path / "a" / "b")

    def test_those_of_a_warc_file_are_durable_before_it_holds_anything(self, tmp_path: Path) -> None:
        log = Log()
        with observing(log):
            writing = writer(tmp_path / "a")
            writing.append(exchange())
            begun = len(synced(log, tmp_path))
            writing.close()
        assert synced(log, tmp_path)[:begun] == [
            ".", "a", "a/warc", "a/warc/demo", "a/warc/demo/2024", "a/warc/demo/2024/02",
        ]  # fmt: skip


class TestFiles:
    def test_each_write_tells_where_it_goes_and_what_it_is(self, tmp_path: Path) -> None:
        path, log = tmp_path / "a", Log()
        with observing(log), create_file(path) as file:
            file.write(b"one")
            file.write(memoryview(b"two"))
            file.truncate(4)
            file.sync()
        assert log.effects == [
            Effect("create", path),
            Effect("write", path, 0, b"one"),
            Effect("write", path, 3, b"two"),
            Effect("truncate", path, 4),
            Effect("sync", path),
        ]
        assert path.read_bytes() == b"onet"

    def test_no_two_are_created_under_one_name(self, tmp_path: Path) -> None:
        create_file(tmp_path / "a").close()
        with pytest.raises(FileExistsError):
            create_file(tmp_path / "a")

    def test_one_may_be_opened_whether_it_is_there_or_not(self, tmp_path: Path) -> None:
        for content in (b"", b"x"):
            with open_file(tmp_path / "a", create=True) as file:
                assert file.read() == content
                file.seek(0)
                file.write(b"x")
        with pytest.raises(FileNotFoundError):
            open_file(tmp_path / "b")
