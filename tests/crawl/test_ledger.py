import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crawler.archive.entries import IndexEntry
from crawler.archive.writer import FinishedWarc
from crawler.crawl import ledger_schema
from crawler.crawl.ledger import Ledger, Settlement, State, UnknownLinkError
from crawler.errors import ArchiveError
from crawler.model import Link, Truncation, WarcRef

NOW = datetime(2024, 2, 8, 9, 30, tzinfo=UTC)
SITE, RUN = "demo", "run-1"
OFFSETS = itertools.count(1, 10)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def link(name: str, **changes: object) -> tuple[str, Link]:
    return name, Link(**({"url": f"https://news.example/{name}", "role": "article"} | changes))  # type: ignore[arg-type]


def captured(
    name: str, status: int = 200, *, to: str | None = None, cut: Truncation | None = None, at: int = 0
) -> IndexEntry:
    """A stored response; each at an offset of its own."""
    offset = next(OFFSETS)
    ref = WarcRef("warc/demo/f.warc.gz", offset, 10, f"<urn:uuid:{offset}>", "sha1:A")
    url = f"https://news.example/{name}"
    return IndexEntry(url, NOW + timedelta(seconds=at), status, None, to, ref, cut, run_id=RUN)


class TestLinks:
    def test_are_inserted_once(self, ledger: Ledger) -> None:
        assert ledger.add_links(SITE, RUN, [link("a"), link("b"), link("a")], NOW) == 2
        assert ledger.add_links(SITE, RUN, [link("b"), link("c")], NOW) == 1
        assert ledger.add_links("other", RUN, [link("a")], NOW) == 1

    def test_come_back_as_they_went_in_oldest_first(self, ledger: Ledger) -> None:
        links = [link("b", via="https://v/", hop="M", modified_at=NOW, title="Ä"), link("a")]
        ledger.add_links(SITE, RUN, links, NOW)
        assert ledger.pending(SITE, 10) == [(*one, 0) for one in links]
        assert ledger.pending(SITE, 1) == [(*links[0], 0)]
        assert ledger.pending(SITE, 1, {"b"}) == [(*links[1], 0)]
        assert ledger.pending("other", 10) == []

    def test_take_any_text(self, ledger: Ledger) -> None:
        """JSON can smuggle a lone surrogate into a title; SQLite takes none."""
        ledger.add_links(SITE, RUN, [link("\udc80", title="\ud800", via="\ud800")], NOW)
        ((key, one, _),) = ledger.pending(SITE, 1)
        assert (key, one.title) == ("?", "?")
        ledger.settle(SITE, RUN, Settlement("\udc80", "captured", None, '"\ud800"'))
        assert list(ledger.records(SITE, RUN)) == ['"?"']

    def test_that_were_tried_wait_behind_those_that_were_not(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a"), link("b")], NOW)
        ledger.settle(SITE, RUN, Settlement("a", "pending", "timeout"))
        assert [(key, attempts) for key, _, attempts in ledger.pending(SITE, 10)] == [("b", 0), ("a", 1)]

    def test_that_are_settled_are_not_pending(self, ledger: Ledger) -> None:
        states: tuple[State, ...] = ("captured", "gone", "refused", "failed")
        ledger.add_links(SITE, RUN, [link(state) for state in states], NOW)
        for state in states:
            ledger.settle(SITE, RUN, Settlement(state, state))
        assert ledger.pending(SITE, 10) == []

    def test_that_nobody_found_cannot_be_settled(self, ledger: Ledger) -> None:
        with pytest.raises(UnknownLinkError, match="demo: no link has the key 'nope'"):
            ledger.settle(SITE, RUN, Settlement("nope", "captured"))


class TestUnsettled:
    @pytest.mark.parametrize(
        ("status", "cut", "final"),
        [
            *((200, None, True), (200, "length", True), (404, None, True), (403, None, True), (410, None, True)),
            *((200, "disconnect", False), (200, "time", False), (503, None, False), (429, None, False)),
            *((408, None, False), (304, None, False), (0, None, False)),
        ],
    )
    def test_are_links_with_a_final_response(
        self, ledger: Ledger, status: int, cut: Truncation | None, final: bool
    ) -> None:
        ledger.add_links(SITE, RUN, [link("a"), link("b")], NOW)
        entry = captured("a", status, cut=cut)
        ledger.add_capture(SITE, entry)
        assert ledger.unsettled(SITE) == ([(*link("a"), entry.ref)] if final else [])

    def test_follow_redirects(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a")], NOW)
        ledger.add_capture(SITE, captured("a", 301, to="https://news.example/b?x=%C3%A4"))
        assert ledger.unsettled(SITE) == []
        ledger.add_capture(SITE, captured("b?x=%C3%A4", 302, to="https://news.example/c#part"))
        final = captured("c")
        ledger.add_capture(SITE, final)
        assert ledger.unsettled(SITE) == [(*link("a"), final.ref)]

    def test_do_not_go_round_in_circles(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a")], NOW)
        ledger.add_capture(SITE, captured("a", 301, to="https://news.example/b"))
        ledger.add_capture(SITE, captured("b", 301, to="https://news.example/a"))
        assert ledger.unsettled(SITE) == []

    def test_are_joined_by_the_url_that_crosses_the_wire(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("ä b#part"), ("bad", Link("https://[bad/", "article"))], NOW)
        ledger.add_capture(SITE, captured("%C3%A4%20b"))
        assert [key for key, _, _ in ledger.unsettled(SITE)] == ["ä b#part"]

    def test_are_given_up_after_so_many_failures(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a")], NOW)
        reopened = []
        for _ in range(5):
            ledger.settle(SITE, RUN, Settlement("a", "failed", "interrupted"))
            reopened.append(ledger.reopen(SITE, 5))
        assert reopened == [1, 1, 1, 1, 0]
        assert ledger.pending(SITE, 1) == []

    def test_mean_the_newest_response(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a")], NOW)
        newest = captured("a", at=9)
        for entry in (captured("a", at=5), newest, captured("a", at=1), captured("a", 503, at=20)):
            ledger.add_capture(SITE, entry)
        assert ledger.unsettled(SITE) == [(*link("a"), newest.ref)]
        ledger.settle(SITE, RUN, Settlement("a", "captured"))
        assert ledger.unsettled(SITE) == []

    def test_are_not_links_that_were_settled_by_it_and_reopened(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a")], NOW)
        ledger.add_capture(SITE, captured("a", 400))
        ledger.settle(SITE, RUN, Settlement("a", "failed", "http_400"))
        assert ledger.reopen(SITE, 5) == 1
        assert ledger.unsettled(SITE) == []
        again = captured("a", 200, at=60)
        ledger.add_capture(SITE, again)
        assert ledger.unsettled(SITE) == [(*link("a"), again.ref)]


class TestCaptures:
    def test_are_known_by_their_place(self, ledger: Ledger) -> None:
        one, two = captured("a"), captured("b")
        ledger.add_capture(SITE, one)
        assert ledger.add_warc(SITE, FinishedWarc("warc/demo/f.warc.gz", 900, RUN, (one, two))) == 1
        assert ledger.add_warc(SITE, FinishedWarc("warc/demo/f.warc.gz", 900, RUN, (one, two))) == 0
        assert ledger.counts(SITE).captures == 2
        assert ledger.counts(SITE).warc_bytes == 900
        assert ledger.warc_filenames(SITE) == {"warc/demo/f.warc.gz"}

    def test_tell_how_far_an_unfinished_file_is_promised(self, ledger: Ledger) -> None:
        one, two = captured("a"), captured("b")
        ledger.add_capture(SITE, two)
        ledger.add_capture(SITE, one)
        assert ledger.acknowledged(SITE) == {"warc/demo/f.warc.gz": two.ref.offset + two.ref.length}
        ledger.add_warc(SITE, FinishedWarc("warc/demo/f.warc.gz", 900, RUN, ()))
        assert ledger.acknowledged(SITE) == {}


def test_a_ledger_of_the_first_schema_goes_on(tmp_path: Path) -> None:
    """What it holds is kept; whether its responses are in chunks nobody noted, so they are taken to be."""
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(ledger_schema._TABLES)
        old.execute("PRAGMA user_version = 1")
        old.execute(
            "INSERT INTO capture (site, url, target, captured_at, status, filename, offset, length, record_id,"
            " payload_digest, etag) VALUES (?, ?, ?, ?, 200, 'f', 0, 9, '<urn:uuid:1>', 'sha1:A', '\"1\"')",
            (SITE, *["https://news.example/a"] * 2, NOW.isoformat()),
        )
        old.commit()
    for _ in range(2):
        with Ledger(path) as ledger:
            assert ledger._database.execute("PRAGMA user_version").fetchone() == (ledger_schema.SCHEMA,)
            assert ledger.counts(SITE).captures == 1
            assert ledger.originals.identical(SITE, "sha1:A", False) is None
            found = ledger.originals.identical(SITE, "sha1:A", True)
            assert found is not None
            assert found.ref == WarcRef("f", 0, 9, "<urn:uuid:1>", "sha1:A")
            assert ledger.originals.validators(SITE, found.url) is not None


class TestRecords:
    def test_wait_for_export_run_by_run(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link(name) for name in "abc"], NOW)
        for key, run in (("b", "run-1"), ("a", "run-1"), ("c", "run-2")):
            ledger.settle(SITE, run, Settlement(key, "captured", None, key.upper()))
        assert ledger.unexported_runs(SITE) == ["run-1", "run-2"]
        assert list(ledger.records(SITE, "run-1")) == ["B", "A"]
        ledger.mark_exported(SITE, "run-1")
        assert ledger.unexported_runs(SITE) == ["run-2"]
        assert list(ledger.records(SITE, "run-1")) == []

    def test_are_sorted_by_day_and_place(self, ledger: Ledger) -> None:
        places = [("2024-02-09", "f", 9), ("2024-02-08", "g", 1), ("2024-02-08", "f", 10), ("2024-02-08", "f", 9)]
        ledger.add_links(SITE, RUN, [link(str(number)) for number in range(4)], NOW)
        for number, (day, name, offset) in enumerate(places):
            told = {"captured_at": f"{day}T01:00:00Z", "warc_filename": name, "warc_record_offset": offset}
            ledger.settle(SITE, RUN, Settlement(str(number), "captured", None, json.dumps(told | {"n": number})))
        sorted_ = [(day, json.loads(record)["n"]) for day, record in ledger.records_by_day(SITE, RUN)]
        assert sorted_ == [("2024-02-08", 3), ("2024-02-08", 2), ("2024-02-08", 1), ("2024-02-09", 0)]

    def test_are_one_for_each_link_of_a_run(self, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a")], NOW)
        for text in ("old", "new"):
            ledger.settle(SITE, RUN, Settlement("a", "captured", None, text))
        assert list(ledger.records(SITE, RUN)) == ["new"]


class TestTransactions:
    def test_are_all_or_nothing(self, ledger: Ledger) -> None:
        def fail_late() -> None:
            with ledger.transaction():
                ledger.add_links(SITE, RUN, [link("a")], NOW)
                ledger.settle(SITE, RUN, Settlement("nope", "captured"))

        with pytest.raises(UnknownLinkError):
            fail_late()
        assert ledger.counts(SITE).found == 0

    def test_are_seen_by_others_when_they_end(self, tmp_path: Path, ledger: Ledger) -> None:
        with Ledger(tmp_path / "ledger.sqlite") as other:
            with ledger.transaction():
                ledger.add_links(SITE, RUN, [link("a")], NOW)
                assert other.counts(SITE).found == 0
            assert other.counts(SITE).found == 1

    def test_are_synced(self, ledger: Ledger) -> None:
        assert ledger._database.execute("PRAGMA synchronous").fetchone() == (2,)
        assert ledger._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_finds_the_next_links_among_very_many_without_a_look_at_all(ledger: Ledger) -> None:
    """A refill of the frontier holds up every commit of the run."""
    with ledger.transaction():
        ledger.add_links(SITE, RUN, (link(str(number)) for number in range(20_000)), NOW)
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 100

    ledger._database.set_progress_handler(count, 100)
    assert len(ledger.pending(SITE, 30, exclude={"0", "1"})) == 30
    assert steps < 3000, "SQLite's steps; a sort of all takes over 200,000"


class TestTheFile:
    def test_keeps_all(self, tmp_path: Path, ledger: Ledger) -> None:
        ledger.add_links(SITE, RUN, [link("a")], NOW)
        with Ledger(tmp_path / "ledger.sqlite") as again:
            assert again.pending(SITE, 10) == [(*link("a"), 0)]

    def test_of_a_newer_version_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.sqlite"
        Ledger(path).close()
        newer = sqlite3.connect(path)
        newer.execute("PRAGMA user_version = 99")
        newer.close()
        with pytest.raises(ArchiveError, match=r"ledger\.sqlite: .* newer newswarc .*99.*update newswarc"):
            Ledger(path)

    def test_that_is_none_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.sqlite"
        path.write_text("no database " * 100)
        with pytest.raises(
            ArchiveError, match=r"ledger\.sqlite: the ledger is damaged: file is not a database; .* move it away"
        ):
            Ledger(path)

    def test_that_cannot_be_opened_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        for path in (tmp_path, tmp_path / "file" / "ledger.sqlite"):
            with pytest.raises(ArchiveError, match="the ledger cannot be opened"):
                Ledger(path)


def test_counts_a_run_by_what_it_found_or_tried(ledger: Ledger) -> None:
    ledger.add_links(SITE, "run-1", [link("a"), link("b"), link("c")], NOW)
    ledger.settle(SITE, "run-1", Settlement("a", "captured", None, "A"))
    ledger.add_links(SITE, "run-2", [link("d")], NOW)
    ledger.settle(SITE, "run-2", Settlement("b", "captured", "stub"))
    assert ledger.counts(SITE).outcomes == {
        ("captured", None): 1,
        ("captured", "stub"): 1,
        ("pending", None): 2,
    }
    second = ledger.counts(SITE, "run-2")
    assert (second.found, second.outcomes) == (2, {("captured", "stub"): 1, ("pending", None): 1})


def test_notes_runs(ledger: Ledger) -> None:
    ledger.start_run(SITE, RUN, NOW)
    ledger.start_run(SITE, RUN, NOW + timedelta(1))
    ledger.finish_run(SITE, RUN, NOW, "finished")
    assert ledger._database.execute("SELECT * FROM run").fetchall() == [
        (SITE, RUN, NOW.isoformat(), NOW.isoformat(), "finished")
    ]


class Frontier(RuleBasedStateMachine):
    """The ledger beside a dictionary that does the same."""

    keys = st.sampled_from([f"k{number}" for number in range(6)])
    states = st.sampled_from(["pending", "captured", "gone", "refused", "failed"])

    @initialize()
    def open(self) -> None:
        self.ledger = Ledger(Path(":memory:"))
        self.expected: dict[str, tuple[str, str | None, int]] = {}
        self.order: list[str] = []

    @rule(found=st.lists(keys, max_size=4))
    def find(self, found: list[str]) -> None:
        new = [key for key in dict.fromkeys(found) if key not in self.expected]
        assert self.ledger.add_links(SITE, RUN, [link(key) for key in found], NOW) == len(new)
        self.expected |= dict.fromkeys(new, ("pending", None, 0))
        self.order += new

    @rule(key=keys, state=states, reason=st.sampled_from([None, "http_404", "stub"]))
    def settle(self, key: str, state: State, reason: str | None) -> None:
        if key not in self.expected:
            with pytest.raises(UnknownLinkError):
                self.ledger.settle(SITE, RUN, Settlement(key, state, reason))
        else:
            self.ledger.settle(SITE, RUN, Settlement(key, state, reason))
            self.expected[key] = (state, reason, self.expected[key][2] + 1)

    @rule(limit=st.integers(0, 7), exclude=st.frozensets(keys))
    def ask(self, limit: int, exclude: frozenset[str]) -> None:
        waiting = [key for key in self.order if self.expected[key][0] == "pending" and key not in exclude]
        waiting.sort(key=lambda key: self.expected[key][2])
        assert [key for key, _, _ in self.ledger.pending(SITE, limit, exclude)] == waiting[:limit]

    @invariant()
    def sums_agree(self) -> None:
        counts = self.ledger.counts(SITE)
        assert counts.found == sum(counts.outcomes.values()) == len(self.expected)

    def teardown(self) -> None:
        self.ledger.close()


TestFrontier = Frontier.TestCase
TestFrontier.settings = settings(deadline=None, max_examples=60, stateful_step_count=20)
