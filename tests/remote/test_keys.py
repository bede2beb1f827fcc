"""A file of keys tells which runs captured a URL: all of them, for a few KB, and none but for a rare chance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import DamagedRecordError
from crawler.remote.catalogue import EVER, Span
from crawler.remote.keys import MARK, FarKeys, KeyedRun, Keys, Unmodified, keys_filename
from tests.remote.test_ranges import Far

AT = datetime(2024, 2, 8, 9, 30, tzinfo=UTC)


def run(number: int) -> KeyedRun:
    return KeyedRun(f"runs/{number}-demo.json", Span(AT + timedelta(days=number), AT + timedelta(days=number, hours=1)))


def far(keys: Keys) -> tuple[FarKeys, Far]:
    file = Far(keys.to_bytes())
    return FarKeys(len(file.data), file.read), file


@given(st.lists(st.sets(st.sampled_from([b"com,example)/%d" % n for n in range(60)])), max_size=12))
def test_it_tells_the_runs_that_captured_a_url(runs: list[set[bytes]]) -> None:
    keys = Keys()
    for number, urls in enumerate(runs):
        keys.add(run(number), urls)
    found, _ = far(keys)
    for url in {url for urls in runs for url in urls} | {b"com,example)/none"}:
        assert found.runs_with(url) == [run(number) for number, urls in enumerate(runs) if url in urls]
    again = Keys.from_bytes(keys.to_bytes())
    assert (again.runs, again.to_bytes()) == (keys.runs, keys.to_bytes())


def test_it_tells_when_a_page_was_still_the_same() -> None:
    keys = Keys()
    answers = [Unmodified(AT + timedelta(days=day), AT) for day in range(300)]
    keys.add(run(0), [b"key"], [("https://a.example/", one) for one in answers] + [("https://b.example/", answers[7])])
    found, _ = far(keys)
    assert found.unmodified("https://a.example/") == answers
    assert found.unmodified("https://b.example/") == answers[7:8]
    assert found.unmodified("https://c.example/") == []
    assert far(Keys.from_bytes(keys.to_bytes()))[0].unmodified("https://a.example/") == answers


@pytest.mark.parametrize("everywhere", [0, 30])
def test_a_search_reads_two_ranges_of_a_few_kilobytes(everywhere: int) -> None:
    """A front page is in each run; that moves the place of no other by much."""
    keys = Keys()
    for number in range(31):
        urls = [b"com,example)/%d/%d" % (number, n) for n in range(2500)]
        keys.add(run(number), [*urls, *(b"com,example)/listing/%d" % n for n in range(everywhere))])
    found, file = far(keys)
    costs = []
    for number in range(31):
        file.read_bytes = 0
        assert found.runs_with(b"com,example)/%d/1234" % number) == [run(number)]
        costs.append(file.read_bytes)
    assert sum(costs) / len(costs) < 6_000
    assert max(costs) < 12_000
    assert len(keys.to_bytes()) < 9 * 31 * 2600


def test_a_run_without_a_time_is_of_any() -> None:
    keys = Keys()
    keys.add(KeyedRun("runs/x.json", Span(*EVER)), [b"a"])
    assert far(keys)[0].runs == (KeyedRun("runs/x.json", Span(*EVER)),)


@given(st.binary(max_size=80).map(lambda data: data + MARK) | st.binary(max_size=200))
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedRecordError):
        FarKeys(len(data), Far(data).read)


@given(st.data())
def test_damage_is_told_or_harmless(data: st.DataObject) -> None:
    keys = Keys()
    for number in range(3):
        keys.add(run(number), [b"%d" % n for n in range(200)], [("u", Unmodified(AT, AT))])
    whole = bytearray(keys.to_bytes())
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = FarKeys(len(whole), Far(bytes(whole)).read)
        assert found.runs_with(b"7") is not None
        assert found.unmodified("u") is not None
    except DamagedRecordError:
        return


def test_it_reads_no_end_of_what_is_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys()
    for _ in range(2000):
        keys.add(run(0), [b"one"])
    monkeypatch.setattr("crawler.remote.keys.MAX_READ", 4000)
    found, _ = far(Keys(keys.runs[:3], keys.captures))
    with pytest.raises(DamagedRecordError, match="too many of them are alike"):
        found.runs_with(b"one")


def test_a_month_has_a_file() -> None:
    assert keys_filename("demo", "2024-02-08T09:30:00+00:00") == "index/keys/demo/2024-02.keys"
    assert keys_filename("demo", "never") == "index/keys/demo/unknown.keys"
