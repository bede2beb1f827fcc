"""Observers of the door."""

import errno
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawler.durable import Effect


@dataclass
class Log:
    """Every effect, in order."""

    effects: list[Effect] = field(default_factory=list)

    def before(self, effect: Effect) -> None:
        pass

    def after(self, effect: Effect) -> None:
        self.effects.append(effect)

    @property
    def kinds(self) -> list[str]:
        return [effect.kind for effect in self.effects]


@dataclass
class Tracing(Log):
    """Keeps, besides, which functions of the door were at work during any of them, as `module.function`."""

    functions: set[str] = field(default_factory=set)

    def before(self, effect: Effect) -> None:
        super().before(effect)
        frame = sys._getframe(1)
        while frame is not None:
            if "crawler/durable/" in frame.f_code.co_filename:
                self.functions.add(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
            frame = frame.f_back  # type: ignore[assignment]


@dataclass
class Ending(Log):
    """Ends the process after so many effects, in its own way."""

    number: int = 0
    end: Callable[[list[Effect]], object] = bool

    def after(self, effect: Effect) -> None:
        super().after(effect)
        if len(self.effects) == self.number:
            self.end(self.effects)
            os._exit(0)


class Counting:
    """Keeps in a file how many effects there were."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = 0

    def before(self, effect: Effect) -> None:
        pass

    def after(self, _: Effect) -> None:
        self._number += 1
        self._path.write_text(str(self._number))


class Failing:
    """Every effect of one kind fails."""

    def __init__(self, kind: str, error: OSError) -> None:
        self._kind = kind
        self._error = error

    def before(self, effect: Effect) -> None:
        if effect.kind == self._kind:
            raise self._error

    def after(self, effect: Effect) -> None:
        pass


class Dying:
    """The process is killed at one effect: before it, after it, or with half of its bytes written."""

    def __init__(self, number: int, when: str) -> None:
        self._left = number
        self._when = when

    def before(self, effect: Effect) -> None:
        if self._left == 0 and self._when == "before":
            die()
        if self._left == 0 and self._when == "half":
            write_half(effect)
            die()

    def after(self, _: Effect) -> None:
        if self._left == 0:
            die()
        self._left -= 1


class Filling:
    """From one effect on nothing can be changed any more; of the first write, half its bytes are there."""

    def __init__(self, number: int, error: int) -> None:
        self._left = number
        self._error = error

    def before(self, effect: Effect) -> None:
        self._left -= 1
        if self._left >= 0 or (self._error == errno.ENOSPC and effect.kind not in TAKES_SPACE):
            return
        if effect.kind in {"begin", "commit"}:
            raise sqlite3.OperationalError("disk I/O error")
        if effect.kind.endswith("_database") or effect.kind == "rollback":  # what SQLite does then is told step by step
            return
        if self._left == -1 and effect.kind == "write":
            write_half(effect)
        raise OSError(self._error, os.strerror(self._error), str(effect.path))

    def after(self, effect: Effect) -> None:
        pass


class Full:
    """From one effect on the disk is full: a file takes all the room that is left."""

    def __init__(self, number: int, ballast: Path) -> None:
        self._left = number
        self._ballast = ballast

    def before(self, _: Effect) -> None:
        self._left -= 1
        if self._left == -1:
            for size in (2**16, 2**12, 1):
                take_room(self._ballast, size)

    def after(self, effect: Effect) -> None:
        pass


def take_room(ballast: Path, size: int) -> None:
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        while os.write(descriptor, bytes(size)):
            pass
    except OSError:
        pass
    finally:
        os.close(descriptor)


TAKES_SPACE = {"make", "create", "write", "sync", "link", "commit"}


def write_half(effect: Effect) -> None:
    """The first half of what a write would write, by another way."""
    descriptor = os.open(effect.path, os.O_WRONLY)
    os.pwrite(descriptor, effect.data[: len(effect.data) // 2], effect.offset)
    os.close(descriptor)


def die() -> None:
    """No handler, no `finally`."""
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()
