"""Small disks of their own, where the machine lets us have them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system at `folder`; raises `OSError`, `CalledProcessError` where that is not allowed."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def read_only(archive: Path, folder: Path) -> Iterator[None]:
    """An archive that nobody can write to, at `folder`; raises `OSError`, `CalledProcessError` as `small_disk` does."""
    subprocess.run(["mount", "--bind", archive, folder], check=True, capture_output=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True, capture_output=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)
