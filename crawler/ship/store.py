"""What a store can do, and how one is opened.

A file is known by its path below the archive folder, with forward slashes (`warc/SITE/2024/02/NAME.warc.gz`); the
store's own prefix is before it and never seen. A store may be used by several threads at a time.

To read:

    store = open_store("s3://bucket/prefix", StoreOptions())     # or "/a/folder", or "file:///a/folder"
    store.head(path)                  -> Stored(path, size, etag, ...), or None if there is no such file
    store.read(path)                  -> its bytes; for small files: manifests, pointers
    store.read_range(path, 100, 50)   -> exactly these bytes, in one ranged request
    store.pieces(path)                -> its bytes from begin to end, piece by piece, in bounded memory
    store.list("runs/")               -> Stored of each file whose path begins so, in the order of their paths

A file that is not there is `None` for `head`, and a `StoreError` for the others.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from crawler.errors import UsageError
from crawler.ship.bucket import Bucket
from crawler.ship.features import Features
from crawler.ship.folder import FolderStore
from crawler.ship.probe import examine
from crawler.ship.s3 import S3Store
from crawler.ship.stored import How, Sent, Stored, StoreOptions

__all__ = ["Features", "How", "Sent", "Store", "StoreOptions", "Stored", "examine_store", "open_bucket", "open_store"]


class Store(Protocol):
    """A bucket or a folder; every method raises `StoreError`."""

    #: As it was asked for.
    url: str
    #: By which what it honours is remembered: the same bucket may be spoken to by another address, or otherwise.
    server: str

    @property
    def features(self) -> Features:
        """What it honours; a bucket is asked, once."""

    def recall(self, features: Features) -> None:
        """Go by what is remembered of it; a bucket is not asked then."""

    def head(self, path: str) -> Stored | None:
        """What it says of a file."""

    def put_file(self, path: str, source: Path, sha256: str, instead_of: str | None = None) -> Sent | None:
        """Send the local file `source`; `None` if the name is taken, by the same bytes or by others.

        Only what was to be this very file and was damaged on its way, known by its ETag `instead_of`, is ever
        replaced. A small file is sent in one request, a larger one in parts. Raises `ArchiveError` if its SHA-256 is
        not `sha256`; nothing has the name then.
        """

    def check(self, path: str, source: Path, sha256: str, sent: Sent | None = None) -> How:
        """How it was shown that what it holds is `source`; raises `ConflictError` if it is something else."""

    def confirm(self, path: str, size: int, sha256: str) -> None:
        """Read all of a file; raises `ConflictError` if it is not the one of that size and SHA-256."""

    def in_parts(self, size: int) -> bool:
        """Whether an upload of that size which is interrupted may leave something behind."""

    def replace(self, path: str, update: Callable[[bytes | None], bytes]) -> None:
        """Give a small file the content that `update` makes of the one it has; several writers lose nothing."""

    def read(self, path: str) -> bytes:
        """A small file's bytes."""

    def read_range(self, path: str, start: int, length: int, of: Stored | None = None) -> bytes:
        """Exactly these bytes; with `of`, raises `ChangedError` if it is another file by now than that one."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """A file's bytes, piece by piece."""

    def list(self, prefix: str) -> Iterator[Stored]:
        """The files whose path begins with `prefix`."""

    def abort_uploads(self, path: str) -> int:
        """Remove what interrupted uploads of a file have left; how many those were."""


def open_store(url: str, options: StoreOptions) -> Store:
    """The store at `url`, which need not exist yet; raises `UsageError`."""
    if url.startswith("s3:"):
        return S3Store(open_bucket(url, options))
    return FolderStore(_folder(url))


def examine_store(url: str, options: StoreOptions) -> tuple[str, Features]:
    """A store's `server`, and what it honours now; raises `StoreError` if files can be neither written nor read."""
    if not url.startswith("s3:"):
        folder = FolderStore(_folder(url))
        return folder.server, folder.features
    bucket = open_bucket(url, options)
    return bucket.server, examine(bucket)


def open_bucket(url: str, options: StoreOptions) -> Bucket:
    """The place in a bucket that `s3://BUCKET/PREFIX` names; raises `UsageError`."""
    parts = urlsplit(url)
    if parts.username or parts.password or "@" in parts.netloc:
        raise UsageError("the store's URL must not hold credentials: boto3 finds them where AWS's own tools do")
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise UsageError(f"no store: {url}; give s3://BUCKET/PREFIX, file:///FOLDER or a folder")
    return Bucket.opened(parts.netloc, parts.path.strip("/"), options)


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path:
        return Path(unquote(parts.path))
    if not url or "://" in url:
        raise UsageError(f"no store: {url}; give s3://BUCKET/PREFIX, file:///FOLDER or a folder")
    return Path(url)
