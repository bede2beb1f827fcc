"""Files of a store's archive -> a local archive: whole, as their manifest says, or not at all."""

import hashlib
from pathlib import Path

from crawler.corpus.files import new_file
from crawler.corpus.manifest import ManifestFile
from crawler.errors import ConflictError
from crawler.ship.store import Store


def download(store: Store, file: ManifestFile, folder: Path) -> None:
    """Put a file in its place below `folder`, durably.

    Raises `ConflictError` if the store holds other bytes than its manifest says, `ArchiveError` if something else has
    the name here, `StoreError`.
    """
    digest, size = hashlib.sha256(), 0
    with new_file(folder / file.path) as target:
        for piece in store.pieces(file.path):
            digest.update(piece)
            size += len(piece)
            target.write(piece)
        if (size, digest.hexdigest()) != (file.size, file.sha256):
            raise ConflictError(f"{store.url}/{file.path}: holds other bytes than its manifest says; not taken")
