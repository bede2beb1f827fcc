"""WARC files in a bucket or a store's folder, each on this machine's disk only while it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.tree import is_below
from crawler.errors import UsageError
from crawler.remote.pulling import fetch
from crawler.ship.store import StoreOptions, open_store

WARC_SUFFIXES = (".warc.gz", ".warc")
REMOTE = "s3://"


@dataclass(frozen=True, slots=True)
class RemoteWarc:
    """A WARC file in a bucket: ours, Common Crawl's, anyone's; no manifest is asked."""

    #: `s3://BUCKET`.
    store: str
    key: str
    options: StoreOptions

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """The file on this machine, under the same path; raises `StoreError`."""
        with TemporaryDirectory(prefix="newswarc-") as scratch:
            yield fetch(open_store(self.store, self.options), self.key, Path(scratch))


def remote_warcs(argument: str, options: StoreOptions) -> list[RemoteWarc]:
    """The WARC files that `s3://BUCKET/KEY` names: one, or all below; raises `UsageError`, `StoreError`."""
    bucket, _, place = argument.removeprefix(REMOTE).partition("/")
    store, place = f"{REMOTE}{bucket}", place.rstrip("/")
    keys = [found.path for found in open_store(store, options).list(place)]
    chosen = [key for key in keys if place in ("", key) or key.startswith(f"{place}/")]
    # Of a bucket of anyone's: a key may look like a path that leads out of a folder.
    warcs = [RemoteWarc(store, key, options) for key in chosen if key.endswith(WARC_SUFFIXES) and is_below(key)]
    if not warcs:
        raise UsageError(f"{argument}: no WARC file there (*.warc.gz, *.warc)")
    return warcs
