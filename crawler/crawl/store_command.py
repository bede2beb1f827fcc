"""What commands share that read a store: which one it is, and what its manifests name."""

import argparse

from crawler.crawl.command import NewswarcCommand
from crawler.crawl.ship_run import store_of
from crawler.errors import UsageError
from crawler.remote.catalogue import Catalogue, read_catalogue
from crawler.remote.lookup import C, RemoteArchive
from crawler.remote.runs import Runs
from crawler.ship.store import Store


class StoreCommand(NewswarcCommand):
    """A command that may read a store; nothing is ever written there, so that rights to read and list are enough."""

    def add_store(self, parser: argparse.ArgumentParser, *, always: bool = False) -> None:
        """Add which store, and unless it is `always` read, whether."""
        parser.add_argument("--store", metavar="URL", help="s3://BUCKET/PREFIX or a folder (default: NEWSWARC_STORE)")
        if not always:
            parser.add_argument("--remote", action="store_true", help="read the store, not the archive's folder")

    def store(self, opts: argparse.Namespace) -> Store:
        """The store that is meant; raises `UsageError`."""
        if opts.store:
            self.run_settings.set("NEWSWARC_STORE", opts.store, priority="cmdline")
        return store_of(self.run_settings)

    def remote_archive(self, opts: argparse.Namespace) -> RemoteArchive[Catalogue]:
        """Its archive with all manifests; raises `UsageError` if there is none, `ArchiveError`, `StoreError`."""
        store = self.store(opts)
        return RemoteArchive(store, _existing(store, read_catalogue(store)))

    def remote_runs(self, opts: argparse.Namespace) -> RemoteArchive[Runs]:
        """Its archive, read no further than a URL's captures need; raises as `remote_archive` does."""
        store = self.store(opts)
        return RemoteArchive(store, _existing(store, Runs(store)))


def _existing(store: Store, catalogue: C) -> C:
    if catalogue.is_empty:
        raise UsageError(f"{store.url}: no archive there: no manifest in runs/; name another with --store")
    return catalogue
