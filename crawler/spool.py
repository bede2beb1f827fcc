"""Bytes that grow while they arrive: in memory at first, on disk past a limit."""

import tempfile
from collections.abc import Iterator
from typing import IO

SPOOL_BYTES = 4 * 1024 * 1024  # most pages are far smaller; a video or a PDF is not worth the memory
CHUNK_BYTES = 256 * 1024


class Spool:
    """An append-only run of bytes; past `limit` bytes it lives in an unnamed temporary file.

    Readers see the whole content whatever the writer's position; `close` frees it.
    """

    def __init__(self, data: bytes = b"", *, limit: int = SPOOL_BYTES) -> None:
        self._limit = limit
        self._size = 0
        self._memory: bytearray | None = bytearray()
        self._file: IO[bytes] | None = None
        self.append(data)

    def __len__(self) -> int:
        return self._size

    @property
    def on_disk(self) -> bool:
        """Whether the content has outgrown memory."""
        return self._file is not None

    def append(self, data: bytes | bytearray | memoryview) -> None:
        """Add `data` at the end; raises `OSError` when the disk is full."""
        self._size += len(data)
        if self._memory is not None:
            self._memory += data
            if self._size > self._limit:
                self._move_to_disk()
        elif self._file is not None:
            self._file.write(data)

    def chunks(self, start: int = 0, size: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The content from byte `start` on, in pieces of at most `size` bytes."""
        if self._memory is not None:
            for at in range(start, self._size, size):
                yield bytes(self._memory[at : at + size])
        elif self._file is not None:
            self._file.seek(start)
            while piece := self._file.read(size):
                yield piece
            self._file.seek(0, 2)

    def read(self) -> bytes:
        """All of it, in memory."""
        return bytes(self._memory) if self._memory is not None else b"".join(self.chunks())

    def close(self) -> None:
        """Free memory and file; the spool is empty afterwards."""
        self._size = 0
        self._memory = bytearray()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _move_to_disk(self) -> None:
        file = tempfile.TemporaryFile(prefix="newswarc-")  # noqa: SIM115 - lives as long as the spool
        file.write(self._memory or b"")
        self._file, self._memory = file, None
