"""A folder as a store: another disk, or a file server."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from crawler.durable import NEW_SUFFIX, create_file, make_folder, open_file, publish, replaced_file, sync_folder, unlink
from crawler.errors import ArchiveError, ChangedError, ConflictError, StoreError
from crawler.ship.digests import PART_BYTES, Reading, part_of, read_parts
from crawler.ship.features import Features
from crawler.ship.stored import How, Sent, Stored

LOCK_NAME = ".newswarc.lock"


class FolderStore:
    """Every write is synced before it returns; see `crawler.ship.store.Store` for the methods."""

    features = Features(exclusive=True, exclusive_parts=True, if_match="quoted", ranges=True)

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self.url = self.server = self._folder.as_uri()

    def recall(self, features: Features) -> None:
        """All folders are alike."""

    def head(self, path: str) -> Stored | None:
        """Its size."""
        with self._told(path):
            try:
                return Stored(path, (self._folder / path).stat().st_size)
            except FileNotFoundError:
                return None

    def put_file(self, path: str, source: Path, sha256: str, instead_of: str | None = None) -> Sent | None:
        """Copy it, sync it, then give it its name."""
        del instead_of  # a folder keeps what it is given, or says so
        if self.head(path) is not None:
            return None
        final = self._folder / path
        with self._told(path):
            make_folder(final.parent)
            new = final.with_name(f"{final.name}.{uuid4().hex}{NEW_SUFFIX}")  # another machine may send the same name
            try:
                sent = _copy(source, new, sha256)
                publish(new, final)
            except FileExistsError:
                return None
            finally:
                if new.exists():
                    unlink(new)
            return sent

    def check(self, path: str, source: Path, sha256: str, sent: Sent | None = None) -> How:
        """Read it again, and compare."""
        del sent
        self.confirm(path, source.stat().st_size, sha256)
        return "read back"

    def confirm(self, path: str, size: int, sha256: str) -> None:
        """Hash all of it."""
        found, digest = 0, hashlib.sha256()
        for piece in self.pieces(path):
            found += len(piece)
            digest.update(piece)
        if (found, digest.hexdigest()) != (size, sha256):
            raise ConflictError(f"{self.url}/{path}: holds other bytes than the archive; nothing was overwritten")

    def in_parts(self, size: int) -> bool:
        """A copy has a name of its own until it is complete."""
        return size >= 0

    def replace(self, path: str, update: Callable[[bytes | None], bytes]) -> None:
        """Under a lock that all writers of the folder take."""
        with self._told(path), self._locked():
            file = self._folder / path
            before = file.read_bytes() if file.exists() else None
            after = update(before)
            if after != before:
                with replaced_file(file) as new:
                    new.write(after)

    def read(self, path: str) -> bytes:
        """All of it."""
        with self._told(path):
            return (self._folder / path).read_bytes()

    def read_range(self, path: str, start: int, length: int, of: Stored | None = None) -> bytes:
        """Exactly these bytes; that it is another file by now is known by its size."""
        with self._told(path), (self._folder / path).open("rb") as file:
            if of is not None and os.fstat(file.fileno()).st_size != of.size:
                raise ChangedError(f"{self.url}/{path}: was replaced while it was read")
            file.seek(start)
            found = file.read(length)
        if len(found) != length:
            raise StoreError(f"{self.url}/{path}: ends before byte {start + length}")
        return found

    def pieces(self, path: str) -> Iterator[bytes]:
        """All of it, piece by piece."""
        with self._told(path), (self._folder / path).open("rb") as file:
            while piece := file.read(PART_BYTES):
                yield piece

    def list(self, prefix: str) -> Iterator[Stored]:
        """What is there, unfinished files left out."""
        with self._told(prefix):
            start = (self._folder / prefix).parent if not prefix.endswith("/") else self._folder / prefix
            found = (path for path in start.rglob("*") if path.is_file() and not _is_ours_alone(path))
            paths = sorted((path.relative_to(self._folder).as_posix(), path) for path in found)
            yield from (Stored(name, path.stat().st_size) for name, path in paths if name.startswith(prefix))

    def abort_uploads(self, path: str) -> int:
        """Remove unfinished copies."""
        torn = list((self._folder / path).parent.glob(f"{Path(path).name}.*{NEW_SUFFIX}"))
        with self._told(path):
            for new in torn:
                unlink(new)
        return len(torn)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_folder(self._folder)
        with open_file(self._folder / LOCK_NAME, create=True) as file:
            sync_folder(self._folder)
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self.url}/{path}: {error.strerror or error}") from error


def _copy(source: Path, new: Path, sha256: str) -> Sent:
    reading = Reading()
    parts = []
    with create_file(new) as file:
        for piece in read_parts(source, PART_BYTES):
            parts.append(part_of(reading.add(piece), md5=False))
            left = memoryview(piece)
            while left:
                left = left[file.write(left) :]
        file.sync()
    digests = reading.digests(parts)
    check_source(source, digests.sha256, sha256)
    return Sent(None, digests)


def check_source(source: Path, found: str, sha256: str) -> None:
    """Raise `ArchiveError` if a local file is not what its manifest says: it must not be shipped as if it were."""
    if found != sha256:
        raise ArchiveError(f"{source}: its SHA-256 is {found}, its manifest says {sha256}: damaged, and not shipped")


def _is_ours_alone(path: Path) -> bool:
    return path.name.endswith(NEW_SUFFIX) or path.name == LOCK_NAME
