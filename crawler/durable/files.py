"""Files and folders, their bytes and names: each function is one effect, or says of which it is made."""

import errno
import io
import os
from pathlib import Path
from typing import Any

from crawler.durable.effects import Effect, observed, watch

#: Folders that a power cut can't take any more, because this process has synced their names.
_durable_folders: set[Path] = set()


class OutFile(io.FileIO):
    """A file to write. Unbuffered: its size is what it holds, and no close can fail on bytes that were held back."""

    def __init__(self, path: Path, mode: str, *, create: bool = False) -> None:
        super().__init__(path, mode, opener=_create if create else None)
        self.path = path

    def write(self, data: Any, /) -> int:
        """Write as much as there is room for; how much that is."""
        observer = watch.observer
        if observer is None:
            return super().write(data)
        offset, whole = self.tell(), bytes(data)
        observer.before(Effect("write", self.path, offset, whole))
        written = super().write(data)
        observer.after(Effect("write", self.path, offset, whole[:written]))
        return written

    def truncate(self, size: int | None = None, /) -> int:
        """Cut or extend it to `size` bytes."""
        size = self.tell() if size is None else size
        with observed(Effect("truncate", self.path, size)):
            return super().truncate(size)

    def sync(self) -> None:
        """Make its bytes durable; its name is durable only if its folder is."""
        with observed(Effect("sync", self.path)):
            os.fsync(self.fileno())


def create_file(path: Path) -> OutFile:
    """A new file; raises `FileExistsError`."""
    with observed(Effect("create", path)):
        return OutFile(path, "xb")


def open_file(path: Path, *, create: bool = False) -> OutFile:
    """A file that is there, or with `create` perhaps not, to be read and changed."""
    if not create or path.exists():
        return OutFile(path, "r+b", create=create)
    with observed(Effect("create", path)):
        return OutFile(path, "r+b", create=True)


def unlink(path: Path) -> None:
    """Remove a name; raises `FileNotFoundError`."""
    with observed(Effect("unlink", path)):
        path.unlink()


def link(path: Path, target: Path) -> None:
    """Give a file a second name; raises `FileExistsError`."""
    with observed(Effect("link", path, target=target)):
        os.link(path, target)


def rename(path: Path, target: Path) -> None:
    """Give a file another name, in the place of whatever has it."""
    with observed(Effect("rename", path, target=target)):
        path.replace(target)


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable that somebody else wrote."""
    with observed(Effect("sync", path)):
        _sync(path)


def sync_folder(folder: Path) -> None:
    """Make creations, renames and removals in `folder` durable."""
    with observed(Effect("sync_folder", folder)):
        _sync(folder)


def make_folder(folder: Path) -> None:
    """Make `folder` if it is not there, and make it durable with its parents: a file survives only if its folder does.

    A folder that is there may have been made by a process that was killed before it synced the name; so it is synced
    too, once a process, up to the root of the disk or to a folder in which nobody like us can have made anything.
    """
    folder = folder.absolute()
    is_there = folder.is_dir()
    if is_there and (folder in _durable_folders or not _may_be_ours(folder)):
        return
    make_folder(folder.parent)
    if not is_there:
        _make(folder)
    sync_folder(folder.parent)
    _durable_folders.add(folder)


def _make(folder: Path) -> None:
    with observed(Effect("make", folder)):
        try:
            folder.mkdir(exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error


def _may_be_ours(folder: Path) -> bool:
    return not folder.is_mount() and os.access(folder.parent, os.R_OK | os.W_OK)


def _create(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
