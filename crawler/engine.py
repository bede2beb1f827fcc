"""Runs units of work side by side: in this process, or in a supervised crew of worker processes.

A unit is pure or writes its own output; it may be run again. Whatever the engine and the number of workers, results
come in the order of the units.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, Protocol, TypeVar

from crawler.errors import NewswarcError

U = TypeVar("U")
R = TypeVar("R")

#: Workers start afresh: a fork would copy this process's threads' locks in whatever state they are.
CONTEXT = get_context("spawn")
PATIENCE = 10.0  # seconds for a worker that was told to go


@dataclass(frozen=True, slots=True)
class Outcome(Generic[U, R]):
    """What became of one unit: a result, or one clear line about why there is none."""

    unit: U
    result: R | None
    error: str | None = None


class Engine(Protocol):
    """Anything that can run units: this process, a crew of processes, a cluster."""

    #: How many units at a time.
    workers: int

    def map(self, function: Callable[[U], R], units: Iterable[U]) -> Iterator[Outcome[U, R]]:
        """The outcome of `function(unit)` for each unit, in their order."""
        ...


def engine_of(workers: int) -> Engine:
    """The engine for this many workers."""
    return Inline() if workers <= 1 else Crew(workers)


class Inline:
    """One unit after the other, in this process."""

    workers = 1

    def map(self, function: Callable[[U], R], units: Iterable[U]) -> Iterator[Outcome[U, R]]:
        """As `Engine.map`; a unit that kills its process kills this one."""
        for unit in units:
            result, error = attempt(function, unit)
            yield Outcome(unit, result, error)


class Crew:
    """Worker processes, each with one unit at a time; one that dies costs its unit and is replaced."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def map(self, function: Callable[[U], R], units: Iterable[U]) -> Iterator[Outcome[U, R]]:
        """As `Engine.map`; `function` and units must be picklable."""
        waiting = enumerate(units)
        crew: list[Worker[U, R]] = []
        done: dict[int, Outcome[U, R]] = {}
        turn = 0
        try:
            while True:
                while len(crew) < self.workers and (task := next(waiting, None)) is not None:
                    crew.append(Worker(function, *task))
                while turn in done:
                    yield done.pop(turn)
                    turn += 1
                if not crew:
                    return
                for worker in ready(crew):
                    done[worker.index] = worker.outcome()
                    if not worker.alive or not worker.take(next(waiting, None)):
                        worker.dismiss()
                        crew.remove(worker)
        finally:
            for worker in crew:
                worker.kill()


class Worker(Generic[U, R]):
    """One process and the unit it has in hand."""

    def __init__(self, function: Callable[[U], R], index: int, unit: U) -> None:
        self.connection, theirs = CONTEXT.Pipe()
        self.process: BaseProcess = CONTEXT.Process(target=serve, args=(theirs, function), daemon=True)
        self.process.start()
        theirs.close()  # so that its end is the end of the connection
        self.alive = True
        self.take((index, unit))

    def take(self, task: tuple[int, U] | None) -> bool:
        """Start on a task; false if there is none."""
        if task is None:
            return False
        self.index, self.unit = task
        try:
            self.connection.send(self.unit)
        except OSError:  # it died between two units; its outcome tells
            self.alive = False
        return True

    def outcome(self) -> Outcome[U, R]:
        """What became of the unit in hand, once the connection is readable."""
        try:
            result, error = self.connection.recv()
        except (EOFError, OSError):
            self.alive = False
            self.process.join(PATIENCE)
            result, error = None, f"its worker died (exit code {self.process.exitcode})"
        return Outcome(self.unit, result, error)

    def dismiss(self) -> None:
        """Let the process end."""
        self.connection.close()
        self.process.join(PATIENCE)

    def kill(self) -> None:
        """End the process at once: nobody waits for its result any more."""
        self.process.kill()
        self.dismiss()


def ready(crew: list[Worker[U, R]]) -> list[Worker[U, R]]:
    """The workers that have an outcome, or are dead; waits for the first."""
    readable = wait([worker.connection for worker in crew])
    return [worker for worker in crew if worker.connection in readable]


def serve(connection: Connection, function: Callable[[U], R]) -> None:
    """A worker's life: units in, outcomes out, until the other end closes."""
    while True:
        try:
            unit = connection.recv()
        except EOFError:
            return
        connection.send(attempt(function, unit))


def attempt(function: Callable[[U], R], unit: U) -> tuple[R | None, str | None]:
    """The function's result, or what it raised in one line."""
    try:
        return function(unit), None
    except Exception as error:  # noqa: BLE001 - whatever breaks one unit must not break the others; it is reported
        return None, str(error) if isinstance(error, NewswarcError) else f"{type(error).__name__}: {error}"
