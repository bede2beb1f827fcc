"""A process that makes trials: each life of one is a fork of it, watched at every effect, killed or failed at some.

It reads trials, one a line, as JSON, and answers each with a line: what went wrong, or nothing. It has no thread, so
that it can fork, and measures no coverage, because a killed process would leave a torn file of it.
"""

import json
import logging
import os
import pickle
import random
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crawler.durable import Effect, Observer, observing
from crawler.errors import ArchiveError
from tests.disks import small_disk
from tests.durable.disk import Disk
from tests.durable.scenario import RUNS, SMALL, Plan, check_end, check_promises, prepare, work
from tests.durable.sqlite_files import watch_sqlite
from tests.durable.watching import Dying, Ending, Filling, Full, Log, Tracing

SECONDS = 300  # of a life; a machine may be busy
PLANS = {"whole": RUNS, "small": SMALL}


@dataclass(frozen=True)
class Trial:
    """A run and what befalls it, life after life; the last life is left in peace, and is to end as it would have."""

    #: Each ends at an effect: its number, and `before`, `after` or `half`.
    deaths: Sequence[tuple[int, str]] = ()
    #: Each fails from an effect on: its number, and the error's.
    failures: Sequence[tuple[int, int]] = ()
    #: Each meets a full disk, a real one, from an effect on.
    fillings: Sequence[int] = ()
    #: Each is killed after so many effects, of which what was not synced may still be lost by the cuts that follow.
    halts: Sequence[int] = ()
    #: Each ends by a power cut at an effect: its number, and a seed for what is lost.
    cuts: Sequence[tuple[int, int]] = ()
    plan: str = "whole"


@dataclass
class Life:
    """What a process did until its end."""

    #: "captured" or "settled", and the URL.
    told: list[tuple[str, str]] = field(default_factory=list)
    #: Index among the effects of each of those.
    told_at: list[int] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    #: Functions of the door that were at work during any effect.
    functions: set[str] = field(default_factory=set)
    #: One line, if the archive could not be written.
    refusal: str | None = None
    #: A traceback.
    error: str | None = None
    killed: bool = False


class Telling:
    """The child's end of the pipe: what is told is told before it dies."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._one_at_a_time = threading.Lock()

    def send(self, *message: Any) -> None:
        data = pickle.dumps(message)
        view = memoryview(len(data).to_bytes(4, "big") + data)
        with self._one_at_a_time:
            while view:
                view = view[os.write(self._descriptor, view) :]


def lives(body: Callable[[Telling], None]) -> Life:
    """Run `body` in a fork until it ends or is killed."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        telling = Telling(theirs)
        signal.alarm(SECONDS)
        try:
            body(telling)
        except ArchiveError as error:
            telling.send("refusal", str(error))
        except BaseException:  # noqa: BLE001 - the parent tells it
            telling.send("error", traceback.format_exc())
        os._exit(0)
    os.close(theirs)
    life = Life()
    with os.fdopen(ours, "rb") as pipe:
        while size := pipe.read(4):
            take(life, *pickle.loads(pipe.read(int.from_bytes(size, "big"))))
    _, status = os.waitpid(child, 0)
    life.killed = os.WIFSIGNALED(status)
    if life.killed and os.WTERMSIG(status) == signal.SIGALRM:
        life.error = "it hangs"
    return life


def take(life: Life, what: str, *values: Any) -> None:
    if what == "told":
        life.told.append((values[0], values[1]))
        life.told_at.append(values[2])
    else:
        setattr(life, what, values[0])


def live(plan: Plan, observer: Observer | None, promised: set[tuple[str, str]]) -> Life:
    """One life: check what earlier lives have promised, then go on to the end."""

    def body(telling: Telling) -> None:
        log = observer if isinstance(observer, Log) else Log()
        if isinstance(log, Ending):
            log.end = lambda effects: telling.send("effects", effects)

        def begun() -> None:
            captured, settled = ({url for what, url in promised if what == kind} for kind in ("captured", "settled"))
            check_promises(plan.folder, captured, settled)

        with observing(observer or log):
            work(plan, lambda kind, url: telling.send("told", kind, url, len(log.effects)), begun)
        telling.send("effects", log.effects)
        telling.send("functions", log.functions if isinstance(log, Tracing) else set())

    return lives(body)


def attempt(trial: Trial, root: Path) -> str | None:
    """What went wrong in a trial below the folder `root`."""
    plan = Plan(root / "0" / "archive", PLANS[trial.plan])
    promised: set[tuple[str, str]] = set()
    plan.folder.parent.mkdir()
    with small_disk(plan.folder.parent, "2m") if trial.fillings else nullcontext():
        prepare(plan)
        return through(trial, plan, promised)


def through(trial: Trial, plan: Plan, promised: set[tuple[str, str]]) -> str | None:
    disk: list[Disk] = []  # while some of it is not synced
    events: list[Callable[[Plan], tuple[Plan, Life]]] = [
        *((lambda plan, d=death: (plan, live(plan, Dying(*d), promised))) for death in trial.deaths),
        *((lambda plan, f=failure: (plan, fail(plan, f, promised))) for failure in trial.failures),
        *((lambda plan, f=filling: (plan, fill(plan, f, promised))) for filling in trial.fillings),
        *((lambda plan, h=halt: stop(plan, (h, None), promised, disk)) for halt in trial.halts),
        *((lambda plan, c=cut: stop(plan, c, promised, disk)) for cut in trial.cuts),
    ]
    for number, event in enumerate(events):
        plan, life = event(replace(plan, attempt=number))
        promised |= set(life.told)
        if life.error is not None:
            return f"life {number}: {life.error}"
    life = live(replace(plan, attempt=len(events)), None, promised)
    error = life.error or life.refusal or ("killed" if life.killed else None)
    return f"the last life: {error}" if error else lives(lambda _: check_end(plan)).error


def fail(plan: Plan, failure: tuple[int, int], promised: set[tuple[str, str]]) -> Life:
    """A life on a disk that fails, which ends in one line or never meets the failure."""
    return no_traceback(live(plan, Filling(*failure), promised))


def no_traceback(life: Life) -> Life:
    """The life, whose error says so if it ended in anything but one clear line."""
    if life.killed:
        life.error = life.error or "killed"
    elif life.refusal is not None and ("\n" in life.refusal or "cannot be" not in life.refusal):
        life.error = f"not told in one clear line: {life.refusal!r}"
    return life


def fill(plan: Plan, number: int, promised: set[tuple[str, str]]) -> Life:
    """A life on a small disk that is full from an effect on; then there is room again."""
    ballast = plan.folder.parent / "ballast"
    life = no_traceback(live(plan, Full(number, ballast), promised))
    ballast.unlink(missing_ok=True)
    return life


def stop(
    plan: Plan, cut: tuple[int, int | None], promised: set[tuple[str, str]], disk: list[Disk]
) -> tuple[Plan, Life]:
    """A life up to an effect, then a kill, or with a seed a power cut; the archive is in another folder then."""
    number, seed = cut
    old = plan.folder.parent
    kept = disk.pop() if disk else Disk.of(old)
    life = live(plan, Ending(number=number), promised)
    kept.replay(life.effects[:number], old)
    root = old.with_name(str(plan.attempt + 1))
    root.mkdir()
    if seed is None:
        kept.after_kill(root)
        disk.append(kept)
    else:
        kept.after_power_cut(random.Random(seed), root)
    life.told = [told for told, at in zip(life.told, life.told_at, strict=True) if at <= number]
    return replace(plan, folder=root / plan.folder.name), life


def main() -> None:
    """Answer trials until there are no more."""
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    watched = watch_sqlite()
    logging.disable()
    for line in sys.stdin:
        asked = json.loads(line)
        with tempfile.TemporaryDirectory(dir=folder, prefix="newswarc-trial-") as root:
            if asked.pop("describe", False):
                answer: Any = describe(Path(root), asked["plan"]) | {"watches_sqlite": watched}
            else:
                answer = attempt(Trial(**asked), Path(root))
        print(json.dumps(answer), flush=True)  # noqa: T201


def describe(root: Path, plan: str) -> dict[str, Any]:
    """The effects of a life that nothing befalls."""
    whole = Plan(root / "archive", PLANS[plan])
    prepare(whole)
    life = live(whole, Tracing(), set())
    effects = [
        (effect.kind, effect.path.relative_to(root).as_posix() if effect.path.is_relative_to(root) else "")
        for effect in life.effects
    ]
    return {"effects": effects, "functions": sorted(life.functions), "error": life.error or life.refusal}


if __name__ == "__main__":
    main()
