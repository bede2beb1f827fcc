"""Folders whose new names survive a power cut; a file is durable only if its folder is."""

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents durable: a file in it survives a power cut only if its folder does."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make creations and renames in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
