"""Whatever goes wrong on the way: nothing is lost here, nothing is wrong there, and the next run completes."""

import gc
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.crawl.ship_run import ShipOutcome
from tests.ship.archives import (
    assert_all_is_there,
    assert_nothing_is_wrong,
    files_of,
    make_archive,
    remember,
    ship,
    states,
)
from tests.ship.conftest import CEPH, features_of, slow
from tests.ship.proxy import Faults, Proxy, Request, error
from tests.ship.servers import Server, needs_servers

#: boto3 lets go of a connection whose answer was cut without closing it.
pytestmark = [needs_servers, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
SLOW_MOTO = slow("moto")
SERVERS = ("ministack", SLOW_MOTO, CEPH)
#: Where an upload is cut: these parts of all bytes that it sends, or receives.
SAMPLE = (0.3, 0.75)
SWEEP = tuple((number + 0.5) / 60 for number in range(60))


@dataclass
class Bench:
    """An archive, an empty bucket, and the proxy between."""

    server: Server
    proxy: Proxy
    folder: Path
    archive: Path
    bucket: str

    def again(self) -> "Bench":
        """Another archive and another bucket; what the store honours is known."""
        name = uuid4().hex
        bench = replace(self, archive=make_archive(self.folder / name), bucket=self.server.make_bucket(f"b{name}"))
        remember(bench.archive, bench.url, features_of(self.server), **bench.settings)
        return bench

    @property
    def url(self) -> str:
        return f"s3://{self.bucket}/a"

    @property
    def settings(self) -> dict[str, object]:
        return {"NEWSWARC_STORE_ENDPOINT": self.proxy.endpoint}

    @property
    def stored(self) -> dict[str, bytes]:
        return {key.removeprefix("a/"): data for key, data in self.server.objects(self.bucket).items()}

    def ship(self, faults: Faults | None = None, **given: object) -> ShipOutcome:
        self.proxy.faults = faults or Faults()
        return ship(self.archive, self.url, **{**self.settings, **given})

    def assert_the_next_run_completes(self) -> None:
        before = files_of(self.archive)
        assert_nothing_is_wrong(self.stored, self.archive, torn=self.server.name == "moto")
        outcome = self.ship(NEWSWARC_STORE_ATTEMPTS=3)
        assert (outcome.exit_code, outcome.errors) == (0, ())
        assert_all_is_there(self.stored, self.archive)
        assert set(states(self.archive).values()) == {"listed"}
        assert self.server.uploads(self.bucket) == []
        assert files_of(self.archive) == before


@pytest.fixture(params=SERVERS)
def bench(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    server_of: Callable[[str], Server],
    use: Callable[[Server], None],
) -> Iterator[Bench]:
    server = server_of(request.param)
    use(server)
    features_of(server)
    with Proxy(server.port) as proxy:
        yield Bench(server, proxy, tmp_path, tmp_path, "").again()
    with warnings.catch_warnings():  # here, and not in the middle of another test
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def sizes(bench: Bench) -> tuple[int, int]:
    """How many bytes an undisturbed upload sends and receives."""
    calm = bench.again()
    faults = Faults()
    assert calm.ship(faults).exit_code == 0
    return faults.up, faults.down


def skip_if_it_takes_half_a_request(bench: Bench, *, up: bool) -> None:
    if up and bench.server.name == "moto":
        pytest.skip("moto takes a request for whole whose head is cut, so that nobody can tell whose file that was")


def sweep(bench: Bench, parts: tuple[float, ...], *, up: bool, dead: bool) -> None:
    total = sizes(bench)[0 if up else 1]
    for part in parts:
        again, at = bench.again(), int(part * total)
        faults = Faults(cut_up=at, dead=dead) if up else Faults(cut_down=at, dead=dead)
        outcome = again.ship(faults)
        assert faults.cuts, f"nothing was cut at byte {at}"
        if dead:
            assert outcome.exit_code == 4
        again.assert_the_next_run_completes()


@pytest.mark.parametrize(
    ("up", "dead"),
    [(True, False), (False, True), slow(True, True), slow(False, False)],
    ids=["request-once", "answer-for good", "request-for good", "answer-once"],
)
def test_a_cut_at_some_bytes_of_an_upload(bench: Bench, up: bool, dead: bool) -> None:
    skip_if_it_takes_half_a_request(bench, up=up)
    sweep(bench, SAMPLE, up=up, dead=dead)


@pytest.mark.slow
@pytest.mark.parametrize("dead", [True, False], ids=["for good", "once"])
@pytest.mark.parametrize("up", [True, False], ids=["request", "answer"])
def test_a_cut_all_along_an_upload(bench: Bench, up: bool, dead: bool) -> None:
    skip_if_it_takes_half_a_request(bench, up=up)
    sweep(bench, SWEEP, up=up, dead=dead)


@pytest.mark.parametrize("operation", ["Put", slow("Create"), slow("UploadPart"), "Complete", slow("Get")])
def test_an_answer_that_is_lost(bench: Bench, operation: str) -> None:
    """The store has done what it was asked; a retry is told that the name is taken, by ourselves."""
    lost = []

    def lose(request: Request, answer: bytes) -> bytes:
        if request.operation == operation and not lost:
            lost.append(request)
            return b""
        return answer

    outcome = bench.ship(Faults(change_answer=lose), NEWSWARC_STORE_ATTEMPTS=2)
    assert lost
    assert outcome.exit_code == 0
    bench.assert_the_next_run_completes()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        slow(500, "InternalError"),
        (503, "SlowDown"),
        slow(400, "RequestTimeout"),
        (400, "ExpiredToken"),
        slow(403, "RequestTimeTooSkewed"),
        slow(403, "AccessDenied"),
        slow(403, "InvalidAccessKeyId"),
        slow(404, "NoSuchBucket"),
        slow(409, "ConditionalRequestConflict"),
    ],
)
def test_a_store_that_refuses_everything(bench: Bench, status: int, code: str) -> None:
    faults = Faults(answer=lambda _: error(status, code))
    outcome = bench.ship(faults)
    assert outcome.exit_code == 4
    assert code in outcome.errors[0]
    assert outcome.sites[0].left == 4
    assert len(faults.seen) < 10  # it is not asked for each file, once it is clear that it is the store
    assert bench.stored == {}
    bench.assert_the_next_run_completes()


@pytest.mark.parametrize("operation", ["Put", slow("Create"), "UploadPart", slow("Complete"), slow("Get")])
@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), slow(500, "InternalError")])
def test_a_store_that_refuses_one_kind_of_request(bench: Bench, operation: str, status: int, code: str) -> None:
    def refuse(request: Request) -> bytes | None:
        return error(status, code) if request.operation == operation else None

    assert bench.ship(Faults(answer=refuse)).exit_code == 4
    bench.assert_the_next_run_completes()


def test_a_store_that_is_busy_for_a_moment(bench: Bench) -> None:
    busy = [error(503, "SlowDown")]
    outcome = bench.ship(Faults(answer=lambda _: busy.pop() if busy else None), NEWSWARC_STORE_ATTEMPTS=2)
    assert outcome.exit_code == 0
    bench.assert_the_next_run_completes()


@pytest.mark.parametrize(
    ("bench", "operation"),
    [("ministack", "Put"), ("moto", "UploadPart"), slow("ministack", "UploadPart"), slow("moto", "Put")],
    indirect=["bench"],
)
def test_bytes_that_are_damaged_on_their_way_there(bench: Bench, operation: str) -> None:
    """One server refuses them; the other keeps them, which is seen, and made good in the same run."""
    damaged = []

    def damage(request: Request) -> Request:
        if request.operation == operation and len(request.body) > 100 and not damaged:
            damaged.append(request)
            flipped = bytes([request.body[50] ^ 1])
            return replace(request, body=request.body[:50] + flipped + request.body[51:])
        return request

    bench.ship(Faults(change=damage))
    assert damaged
    bench.assert_the_next_run_completes()


def test_bytes_that_are_damaged_on_their_way_back(bench: Bench) -> None:
    damaged = []

    def damage(request: Request, answer: bytes) -> bytes:
        if request.operation == "Get" and not damaged:
            damaged.append(request)
            return answer[:-50] + bytes([answer[-50] ^ 1]) + answer[-49:]
        return answer

    bench.ship(Faults(change_answer=damage))
    assert damaged
    bench.assert_the_next_run_completes()


@pytest.mark.parametrize("operation", [slow("Put"), "UploadPart", slow("Complete")])
def test_a_wrong_etag(bench: Bench, operation: str) -> None:
    told = []

    def lie(request: Request, answer: bytes) -> bytes:
        if request.operation != operation:
            return answer
        told.append(request)
        head, gap, body = answer.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"etag:")]
        return b"\r\n".join([*lines, b'ETag: "00000000000000000000000000000000"']) + gap + body

    bench.ship(Faults(change_answer=lie))
    assert told
    bench.assert_the_next_run_completes()


def test_a_store_that_does_not_answer(bench: Bench) -> None:
    """A time-out is a second here; the answer never comes."""
    held = []

    def hold(request: Request, answer: bytes) -> bytes:
        if request.operation == "Put" and not held:
            held.append(request)
            return answer[:20]  # and then the connection is closed, later than the client waits
        return answer

    assert bench.ship(Faults(change_answer=hold), NEWSWARC_STORE_TIMEOUT=1).exit_code in (0, 4)
    bench.assert_the_next_run_completes()


def test_no_credentials(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            without.delenv(name)
        without.setenv("HOME", str(bench.folder))
        outcome = bench.ship()
    assert outcome.exit_code == 4
    assert "no credentials found" in outcome.errors[0]
    bench.assert_the_next_run_completes()


def test_nobody_listens(bench: Bench) -> None:
    outcome = bench.ship(NEWSWARC_STORE_ENDPOINT="http://127.0.0.1:9")
    assert outcome.exit_code == 4
    assert "127.0.0.1:9" in outcome.errors[0]
    bench.assert_the_next_run_completes()
