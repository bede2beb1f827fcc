"""Credentials that may put and get, and nothing else, ship; what they may not do is never needed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ship.archives import assert_all_is_there, make_archive, ship
from tests.ship.conftest import features_of
from tests.ship.proxy import Faults, Proxy, Request, error
from tests.ship.servers import Server, needs_servers
from tests.ship.test_faults import Bench

pytestmark = needs_servers
#: Which requests the actions of the policy in docs/s3.md stand for.
ALLOWED = {
    "s3:PutObject": {"Put", "Create", "UploadPart", "Complete"},
    "s3:GetObject": {"Get", "Head"},
    "s3:AbortMultipartUpload": {"Abort"},
    "s3:ListBucketMultipartUploads": {"ListUploads"},
    "s3:ListBucket": {"List"},
}
DOCS = Path(__file__).parent.parent.parent / "docs" / "s3.md"


@pytest.fixture
def bench(tmp_path: Path, server_of: Callable[[str], Server], use: Callable[[Server], None]) -> object:
    server = server_of("ministack")
    use(server)
    features_of(server)
    with Proxy(server.port) as proxy:
        yield Bench(server, proxy, tmp_path, tmp_path, "").again()


def denying(*actions: str) -> Faults:
    """Answers as AWS does to those who may only do `actions`; of a missing file, they are told nothing."""
    allowed = set().union(*(ALLOWED[action] for action in actions))

    def answer(request: Request) -> bytes | None:
        return None if request.operation in allowed else error(403, "AccessDenied")

    def hide(request: Request, answer: bytes) -> bytes:
        missing = answer.startswith(b"HTTP/1.1 404") and "s3:ListBucket" not in actions
        return error(403, "AccessDenied") if missing and request.method != "HEAD" else answer

    return Faults(answer=answer, change_answer=hide)


def test_put_and_get_are_enough(bench: Bench) -> None:
    faults = denying("s3:PutObject", "s3:GetObject")
    outcome = bench.ship(faults)
    assert (outcome.exit_code, outcome.errors) == (0, ())
    assert_all_is_there(bench.stored, bench.archive)
    assert {request.operation for request in faults.seen} <= {"Put", "Create", "UploadPart", "Complete", "Get", "Head"}


def test_put_and_get_are_enough_for_the_next_run(bench: Bench) -> None:
    """Who may not list cannot tell whether there are keys of months before; they are left as they are."""
    assert bench.ship(denying("s3:PutObject", "s3:GetObject")).exit_code == 0
    make_archive(bench.archive, run="20240308T093000000Z", seed=2)
    outcome = bench.ship(denying("s3:PutObject", "s3:GetObject"))
    assert (outcome.exit_code, outcome.errors) == (0, ())
    assert {"index/keys/example/2024-02.keys", "index/keys/example/2024-03.keys"} <= bench.stored.keys()


def test_put_and_get_are_enough_for_a_store_that_is_new(bench: Bench) -> None:
    """What it honours is asked, too."""
    fresh = Bench(bench.server, bench.proxy, bench.folder, make_archive(bench.folder / "new"), bench.bucket)
    fresh.proxy.faults = denying("s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload")
    assert ship(fresh.archive, f"s3://{fresh.bucket}/new", **fresh.settings).errors == ()


def test_the_documented_policy_is_enough_after_an_interruption(bench: Bench) -> None:
    policy = DOCS.read_text(encoding="utf-8")
    actions = [action for action in ALLOWED if f'"{action}"' in policy]
    assert "s3:DeleteObject" not in policy.split("```json")[1].split("```")[0]
    cut = Faults(answer=lambda request: error(503, "SlowDown") if request.operation in {"Complete", "Abort"} else None)
    assert bench.ship(cut).exit_code == 4
    assert bench.server.uploads(bench.bucket)
    assert bench.ship(denying(*actions)).exit_code == 0
    assert bench.server.uploads(bench.bucket) == []
    bench.assert_the_next_run_completes()


def test_no_request_ever_deletes(bench: Bench) -> None:
    faults = Faults()
    assert bench.ship(faults, NEWSWARC_PRUNE_AFTER="0").exit_code == 0
    assert "Delete" not in {request.operation for request in faults.seen}
