"""One run a site: the lock that a run holds from its start to the end of its process."""

import fcntl
import os
from pathlib import Path

from crawler.archive.tree import lock_filename
from crawler.durable import make_folder, open_file
from crawler.errors import LockedError


class RunLock:
    """Held from its making to `release`, or to the death of the process; raises `LockedError`, `OSError`."""

    def __init__(self, folder: Path, site: str) -> None:
        path = folder / lock_filename(site)
        make_folder(path.parent)
        self._file = open_file(path, create=True)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = self._file.read(20).decode("ascii", "replace").strip() or "?"
            self._file.close()
            raise LockedError(f"{site}: another run (process {holder}) holds {path}; wait until it ends") from error
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let the next run begin; the file stays, or a run could lock one that is being removed."""
        self._file.close()
