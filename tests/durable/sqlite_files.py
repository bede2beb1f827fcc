"""SQLite's own writes, syncs and removals, as effects of the door.

SQLite reaches its files through a table of functions (https://www.sqlite.org/vfs.html). In a process that calls
`watch_sqlite`, that table is a copy in which those that change anything also tell the door's observer, which may keep
them from happening. What is in shared memory (`-shm`) is made anew after a crash and is left out. The folder is synced
where SQLite does that itself.
"""

import _sqlite3
import ctypes
import errno
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast
from pathlib import Path
from typing import Any

from crawler.durable.effects import Effect, Kind, watch

OK, CANTOPEN, FULL, IOERR = 0, 14, 13, 10
IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE, IOERR_DELETE = (IOERR | number << 8 for number in (3, 4, 6, 10))
_CREATE, _DELETE_ON_CLOSE = 0x4, 0x8

Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
Close = CFUNCTYPE(c_int, c_void_p)
Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
Sync = CFUNCTYPE(c_int, c_void_p, c_int)
OpenFolder = CFUNCTYPE(c_int, c_char_p, c_void_p, use_errno=True)
SetCall = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
GetCall = CFUNCTYPE(c_void_p, c_void_p, c_char_p)


class Vfs(Structure):
    _fields_ = (
        ("version", c_int), ("file_size", c_int), ("max_path", c_int), ("next", c_void_p), ("name", c_char_p),
        ("data", c_void_p), ("open", Open), ("delete", Delete),
        *((f"unused_{number}", c_void_p) for number in range(11)),
        ("set_call", SetCall), ("get_call", GetCall), ("next_call", c_void_p),
    )  # fmt: skip


class Methods(Structure):
    _fields_ = (
        ("version", c_int), ("close", Close), ("read", c_void_p), ("write", Write), ("truncate", Truncate),
        ("sync", Sync), *((f"unused_{number}", c_void_p) for number in range(13)),
    )  # fmt: skip


class _Watched:
    """The copy of the table, and what has to live as long as SQLite may call it."""

    def __init__(self, library: ctypes.CDLL) -> None:
        library.sqlite3_vfs_find.restype = POINTER(Vfs)
        self.base = library.sqlite3_vfs_find(None)
        self.paths: dict[int, Path] = {}
        self.methods: dict[int, tuple[Methods, Methods]] = {}
        self.table = Vfs.from_buffer_copy(self.base.contents)
        self.table.name = b"watched"
        self.table.open = Open(self.open)
        self.table.delete = Delete(self.delete)
        self.folder_opener = OpenFolder(self.open_folder)
        contents = self.base.contents
        self.real_folder_opener = OpenFolder(contents.get_call(self.base, b"openDirectory"))
        contents.set_call(self.base, b"openDirectory", cast(self.folder_opener, c_void_p))
        library.sqlite3_vfs_register(byref(self.table), 1)

    def open(self, _: int, name: int | None, file: int, flags: int, out: int) -> int:
        # SQLite keeps the very pointer.
        path = Path(ctypes.string_at(name).decode()) if name and not flags & _DELETE_ON_CLOSE else None
        is_new = path is not None and bool(flags & _CREATE) and not path.exists()
        code = told(
            Effect("create", path) if path and is_new else None,
            lambda: int(self.base.contents.open(self.base, name, file, flags, out)),
            CANTOPEN,
        )
        where = cast(file, POINTER(c_void_p))
        if code == OK and path is not None and where[0]:
            self.paths[file] = path
            where[0] = ctypes.addressof(self.watched(where[0] or 0)[1])
        return code

    def watched(self, address: int) -> tuple[Methods, Methods]:
        """The methods of a kind of file as they are, and watched."""
        if address not in self.methods:
            real = cast(address, POINTER(Methods)).contents
            copy = Methods.from_buffer_copy(real)
            copy.close, copy.write = Close(self.closer(real)), Write(self.writer(real))
            copy.truncate, copy.sync = Truncate(self.truncater(real)), Sync(self.syncer(real))
            self.methods[address] = real, copy
        return self.methods[address]

    def closer(self, real: Methods) -> Callable[[int], int]:
        def close(file: int) -> int:
            self.paths.pop(file, None)
            return int(real.close(file))

        return close

    def writer(self, real: Methods) -> Callable[..., int]:
        def write(file: int, data: int, size: int, offset: int) -> int:
            effect = self.effect("write", file, offset, ctypes.string_at(data, size) if watch.observer else b"")
            return told(effect, lambda: int(real.write(file, data, size, offset)), IOERR_WRITE)

        return write

    def truncater(self, real: Methods) -> Callable[..., int]:
        def truncate(file: int, size: int) -> int:
            return told(self.effect("truncate", file, size), lambda: int(real.truncate(file, size)), IOERR_TRUNCATE)

        return truncate

    def syncer(self, real: Methods) -> Callable[..., int]:
        def sync(file: int, flags: int) -> int:
            return told(self.effect("sync", file), lambda: int(real.sync(file, flags)), IOERR_FSYNC)

        return sync

    def effect(self, kind: Kind, file: int, offset: int = 0, data: bytes = b"") -> Effect | None:
        path = self.paths.get(file)
        return Effect(kind, path, offset, data) if path is not None else None

    def delete(self, _: int, name: bytes, sync: int) -> int:
        path = Path(name.decode())
        effect = Effect("unlink", path) if path.exists() else None
        return told(effect, lambda: int(self.base.contents.delete(self.base, name, sync)), IOERR_DELETE)

    def open_folder(self, name: bytes, out: int) -> int:
        """It is opened to be synced, at once and for nothing else."""
        effect = Effect("sync_folder", Path(name.decode()).parent)
        return told(effect, lambda: int(self.real_folder_opener(name, out)), -1)


def told(effect: Effect | None, call: Callable[[], int], refused: int) -> int:
    """Do it, and show it to the observer; if that raises, it is not done."""
    observer = watch.observer
    if observer is None or effect is None:
        return call()
    try:
        observer.before(effect)
    except OSError as error:
        return FULL if error.errno == errno.ENOSPC and refused > 0 else refused
    code = call()
    if code == OK:
        observer.after(effect)
    return code


_kept: list[Any] = []


def watch_sqlite() -> bool:
    """Show SQLite's effects for the rest of this process; false where its library can't be reached."""
    try:
        library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
        _kept.append(_Watched(library))
    except (AttributeError, OSError):
        return False
    return True
