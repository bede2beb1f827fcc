"""What is done to the disk, step by step, for those who watch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

Kind = Literal[
    "make",
    "create",
    "write",
    "truncate",
    "sync",
    "sync_folder",
    "link",
    "rename",
    "unlink",
    "open_database",
    "begin",
    "commit",
    "rollback",
    "close_database",
]


@dataclass(frozen=True, slots=True)
class Effect:
    """One step."""

    kind: Kind
    path: Path
    #: Of a write, where it begins; of a truncation, the size that is left.
    offset: int = 0
    #: Of a write. Before it, all that is to be written; after it, what was: less if the disk is about to be full.
    data: bytes = b""
    #: Of a link or a rename, the new name.
    target: Path | None = None


class Observer(Protocol):
    """Sees each effect twice; what `before` raises keeps it from happening."""

    def before(self, effect: Effect) -> None:
        """It is about to happen."""
        ...

    def after(self, effect: Effect) -> None:
        """It has happened, and has not failed."""
        ...


class _Watch:
    """The observer of this process, if there is one."""

    observer: Observer | None = None


watch = _Watch()


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Show `observer` all effects of this process, its threads' included."""
    watch.observer = observer
    try:
        yield
    finally:
        watch.observer = None


@contextmanager
def observed(effect: Effect) -> Iterator[None]:
    """Show one effect."""
    observer = watch.observer
    if observer is not None:
        observer.before(effect)
    yield
    if observer is not None:
        observer.after(effect)
