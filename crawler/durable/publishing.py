"""Files that are there whole or not at all."""

import errno
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from crawler.durable.files import create_file, link, make_folder, rename, sync_file, sync_folder, unlink

NEW_SUFFIX = ".new"
PIECE = 2**20
BUFFER = 2**16
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, that gets the name `path` when it is complete and on disk.

    A file of that name and content may be there already: writing twice is writing once. Raises `FileExistsError` if it
    holds anything else, `BlockingIOError` while another process writes it, and other `OSError`s.
    """
    with _named_at_its_end(path, publish) as file:
        yield file


@contextmanager
def replaced_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, that takes the place of `path` when it is complete and on disk; raises `OSError`."""
    with _named_at_its_end(path, _replace) as file:
        yield file


@contextmanager
def _named_at_its_end(path: Path, give_name: Callable[[Path, Path], None]) -> Iterator[IO[bytes]]:
    make_folder(path.parent)
    new = path.with_name(path.name + NEW_SUFFIX)
    if new.exists():
        _remove_torn(new)
    raw = create_file(new)
    with ExitStack() as holding:
        holding.callback(raw.close)
        _hold(raw, new, holding)
        try:
            with io.BufferedWriter(raw, BUFFER) as file:
                yield file
                file.flush()
                raw.sync()
            give_name(new, path)
        finally:
            if new.exists():
                unlink(new)


def _remove_torn(new: Path) -> None:
    """Remove what a killed process had begun; raises `OSError` if it is another's that lives."""
    with new.open("rb") as file, ExitStack() as holding:
        _hold(file, new, holding)
        unlink(new)


def _hold(file: IO[bytes] | io.FileIO, new: Path, holding: ExitStack) -> None:
    """Let no other process take the file for a dead one's until `holding` ends, though it is closed before."""
    descriptor = os.dup(file.fileno())
    holding.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_held = os.path.samestat(os.fstat(descriptor), new.stat())  # it may have been removed just before
    except (BlockingIOError, FileNotFoundError):
        is_held = False
    if not is_held:
        raise BlockingIOError(errno.EWOULDBLOCK, "another process is writing it", str(new))


def _replace(new: Path, path: Path) -> None:
    rename(new, path)
    sync_folder(path.parent)


def publish(new: Path, final: Path) -> None:
    """Give a synced file its final name; durable when it returns.

    Raises `FileExistsError` rather than take a name that another content has.
    """
    try:
        link(new, final)
    except FileExistsError:
        _check_same(new, final)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _rename_if_free(new, final)
    # Before the other name goes, or a power cut could keep that and lose this.
    sync_folder(final.parent)
    if new.exists():
        unlink(new)


def _rename_if_free(new: Path, final: Path) -> None:
    """For a file system without hard links; the run lock keeps other writers of this folder away."""
    if final.exists():
        _check_same(new, final)
    else:
        rename(new, final)


def _check_same(new: Path, final: Path) -> None:
    if final.samefile(new):  # a crash before the other name was removed
        return
    if not same_content(new, final):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final))
    sync_file(final)  # whoever wrote it


def same_content(one: Path, other: Path) -> bool:
    """Whether two files are equal byte for byte."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        while piece := left.read(PIECE):
            if piece != right.read(len(piece)):
                return False
    return True
