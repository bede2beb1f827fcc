"""A process dies, or its disk fails, at every effect: nothing promised is lost, and the next run ends as it would have.

Effects are numbered by the one door through which they all go, SQLite's own among them. Each trial runs in processes of
their own (`nursery.py`); the last of its lives is left in peace and is compared with an undisturbed run
(`scenario.check_end`), and each life begins with a look for what those before it had promised.
"""

import ast
import errno
import itertools
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.durable.conftest import Nursery
from tests.soaking import first_of

ROOT = Path(__file__).parents[2]
#: What befalls a write besides: half of it.
MOMENTS = {"write": ("before", "half", "after")}
FEW, ALL = 16, 1000  # classes; those of the quick sample are others in each test
ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS)


def classes(effects: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[int]]:
    """The effects' numbers, by what is done to what kind of file."""
    found: dict[tuple[str, str], list[int]] = {}
    for number, (kind, path) in enumerate(effects):
        found.setdefault((kind, "/".join(path.split("/")[1:2]) + Path(path).suffix), []).append(number)
    return found


def sample(nursery: Nursery, seed: int, size: int = FEW, plan: str = "whole") -> list[tuple[int, str]]:
    """Effects of as many classes as there is time for, and a moment of each."""
    chance = random.Random(seed)
    found = classes(nursery.describe(plan)["effects"])
    chosen = chance.sample(list(found), min(size, len(found)))
    return [(chance.choice(found[one]), chance.choice(MOMENTS.get(one[0], ("before", "after")))) for one in chosen]


def failures(nursery: Nursery, trials: Iterable[dict[str, object]]) -> list[tuple[object, str]]:
    return [(trial, why) for trial in trials if (why := nursery.attempt(**trial)) is not None]


class TestTheListOfFaultPoints:
    def test_it_has_every_kind_of_effect_and_every_function_of_the_door(self, nursery: Nursery) -> None:
        told = nursery.describe()
        functions = {
            f"{path.stem}.{function.name}"
            for path in (ROOT / "crawler/durable").glob("*.py")
            for function in ast.walk(ast.parse(path.read_text()))
            if isinstance(function, ast.FunctionDef) and any(map(is_effect, ast.walk(function)))
        }
        kinds = {
            node.args[0].value
            for path in (ROOT / "crawler/durable").glob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if is_effect(node) and isinstance(node.args[0], ast.Constant)
        }
        assert functions <= set(told["functions"])
        assert kinds - {"rollback"} <= {kind for kind, _ in told["effects"]}  # a rollback takes a failure

    def test_it_has_every_kind_of_file_of_an_archive(self, nursery: Nursery) -> None:
        """WARC files, indexes, the merged index, articles, manifests, reports, the lock; the ledger and its log."""
        written = {path for kind, path in nursery.describe()["effects"] if kind == "write"}
        endings = (".warc.gz.open", ".cdxj.new", "demo.cdxj.new", ".zst.new", "-demo.json.new", ".report.json.new")
        for ending in (*endings, "demo.lock", *(["ledger.sqlite-wal"] if nursery.describe()["watches_sqlite"] else [])):
            assert any(path.endswith(ending) for path in written), ending


def is_effect(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Effect"


class TestKilled:
    def test_at_some_of_each_kind_of_effect(self, nursery: Nursery) -> None:
        assert failures(nursery, [{"deaths": [point]} for point in sample(nursery, 1)]) == []

    @pytest.mark.slow
    def test_at_every_effect(self, nursery: Nursery) -> None:
        """What is after one effect is before the next."""
        points = [(0, "before")]
        for number, (kind, _) in enumerate(nursery.describe()["effects"]):
            points += [(number, "half")] * (kind == "write") + [(number, "after")]
        assert failures(nursery, [{"deaths": [point]} for point in points]) == []

    def test_and_again_while_it_repairs(self, nursery: Nursery) -> None:
        chance = random.Random(2)
        points = sample(nursery, 2, 6)
        trials = [{"deaths": [point, (chance.randrange(40), "after")]} for point in points]
        assert failures(nursery, trials) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("part", first_of(4, 1))
    def test_at_every_effect_of_a_small_run_and_every_effect_of_its_repair(self, nursery: Nursery, part: int) -> None:
        first = range(len(nursery.describe("small")["effects"]))
        pairs = list(itertools.product(first, range(60)))[part::40]
        trials = [{"deaths": [(one, "after"), (two, "after")], "plan": "small"} for one, two in pairs]
        assert failures(nursery, trials) == []


class TestAFullOrBrokenDisk:
    def test_ends_the_run_in_one_line_at_some_of_each_kind_of_effect(self, nursery: Nursery) -> None:
        codes = itertools.cycle(ERRORS)
        trials = [{"failures": [(number, next(codes))]} for number, _ in sample(nursery, 3)]
        assert failures(nursery, trials) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("code", ERRORS, ids=errno.errorcode.get)
    def test_ends_the_run_in_one_line_wherever_it_comes(self, nursery: Nursery, code: int) -> None:
        step, begin = (1, 0) if code == errno.ENOSPC else (3, ERRORS.index(code))
        trials = [{"failures": [(number, code)]} for number in range(begin, len(nursery.describe()["effects"]), step)]
        assert failures(nursery, trials) == []

    @pytest.mark.usefixtures("can_mount")
    def test_that_is_a_real_one_is_survived_at_some_effects(self, nursery: Nursery) -> None:
        numbers = [number for number, _ in sample(nursery, 4, 6)]
        assert failures(nursery, [{"fillings": [number]} for number in numbers]) == []

    @pytest.mark.slow
    @pytest.mark.usefixtures("can_mount")
    def test_that_is_a_real_one_is_survived_at_every_write(self, nursery: Nursery) -> None:
        numbers = [number for number, (kind, _) in enumerate(nursery.describe()["effects"]) if kind == "write"]
        assert failures(nursery, [{"fillings": [number]} for number in numbers]) == []


class TestAPowerCut:
    """What is lost is told in `disk.py`."""

    @pytest.fixture(autouse=True)
    def sees_sqlite(self, nursery: Nursery) -> None:
        if not nursery.describe()["watches_sqlite"]:
            pytest.skip("this Python's SQLite is built in, so that its writes cannot be seen")

    def test_takes_nothing_that_was_promised(self, nursery: Nursery) -> None:
        points = [number + 1 for number, _ in sample(nursery, 5, 20)]
        trials = [{"cuts": [(number, seed)]} for seed, number in enumerate(points)]
        assert failures(nursery, trials) == []

    @pytest.mark.parametrize("step", [8, pytest.param(1, marks=pytest.mark.slow)])
    def test_takes_nothing_that_a_killed_process_named_and_did_not_sync(self, nursery: Nursery, step: int) -> None:
        effects = nursery.describe("small")["effects"]
        names = [number for number, (kind, _) in enumerate(effects) if kind in {"make", "create", "link", "rename"}]
        trials = [
            {"halts": [number + 1], "cuts": [(cut, seed)], "plan": "small"}
            for seed, number in enumerate(names[::step])
            for cut in (len(effects) // 2, len(effects) - 40)
        ]
        assert failures(nursery, trials) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", first_of(3, 1))
    def test_takes_nothing_that_was_promised_at_any_effect(self, nursery: Nursery, seed: int) -> None:
        numbers = range(1, len(nursery.describe()["effects"]) + 1)
        trials = [{"cuts": [(number, seed * 10_000 + number)]} for number in numbers]
        assert failures(nursery, trials) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", first_of(3, 1))
    def test_takes_nothing_of_an_archive_that_is_being_made(self, nursery: Nursery, seed: int) -> None:
        numbers = range(1, len(nursery.describe("small")["effects"]) + 1)
        trials = [{"cuts": [(number, seed * 10_000 + number)], "plan": "small"} for number in numbers]
        assert failures(nursery, trials) == []

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", first_of(4, 1))
    def test_may_come_again_while_the_first_is_repaired_or_after_a_kill(self, nursery: Nursery, seed: int) -> None:
        chance = random.Random(seed)
        trials: list[dict[str, object]] = []
        for number, _ in [point for more in range(3) for point in sample(nursery, seed + 100 * more, ALL)]:
            later = (chance.randrange(1, 120), chance.randrange(2**32))
            trials += [
                {"cuts": [(number + 1, chance.randrange(2**32)), later]},
                {"halts": [number + 1], "cuts": [later]},
            ]
        assert failures(nursery, trials) == []
