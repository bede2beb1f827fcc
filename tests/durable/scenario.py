"""Two runs over one archive, as a crawl makes them, without a network: what the sweeps cut short at every step.

The first fetches pages until several WARC files are full; the second finds more, asks for the feed again and is told
304. Among the pages are some that lie on disk while they wait, an identical one, and several that share one commit.
Records are exported, manifests written, the index is made again and merged. At first the archive holds a file that
somebody else put there, which the first run adopts; except in the small run, which begins with nothing.
"""

import hashlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.archive.reader import read_capture, read_captures
from crawler.archive.tree import LEDGER_NAME, cdxj_filename, warc_paths
from crawler.archive.writer import utc_now
from crawler.corpus.files import read_lines
from crawler.corpus.manifest import read_manifest
from crawler.corpus.record import from_json, to_json
from crawler.crawl import committer
from crawler.crawl.archive_run import ArchiveRun, RunOptions
from crawler.crawl.indexing import index_site
from crawler.crawl.ledger import Ledger, Settlement
from crawler.crawl.publish import export, publish_run, remove_torn
from crawler.crawl.report import RunReport, save_report, site_report
from crawler.crawl.verification import verify_archive
from crawler.engine import engine_of
from crawler.model import SCHEMA_VERSION, Article, Exchange, Link, WarcRef
from crawler.spool import Spool
from tests.archive.exchanges import write

SITE = "demo"
MAX_BYTES = 9_000
FOUND = "https://news.example/found"
FEED = "https://news.example/feed"
#: The links that each run finds, fetched so many at a time.
RUNS = (("a0", "a1", "twin1", "a2", "a3", "a4"), ("twin2", "a5"))
TOGETHER = 3
SMALL = (("a0", "twin1", "twin2"),)
#: Told when something has been promised: what it is, and of which URL.
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done, and in which attempt: run ids do not come again."""

    folder: Path
    runs: tuple[tuple[str, ...], ...] = RUNS
    attempt: int = 0

    @property
    def begins_with_a_file(self) -> bool:
        return self.runs != SMALL

    @property
    def urls(self) -> set[str]:
        return {url_of(key) for keys in self.runs for key in keys}


def prepare(plan: Plan) -> None:
    """Put the file there."""
    if plan.begins_with_a_file:
        finished = write(plan.folder, exchange_of(FOUND))
        (plan.folder / cdxj_filename(SITE, finished.filename)).unlink()


def url_of(key: str) -> str:
    return f"https://news.example/{key}"


def body_of(url: str) -> bytes:
    """The page at a URL, always the same; one key in three lies on disk, and twins are alike."""
    if url == FEED:
        return b"the news of the day " * 40
    key = url.rpartition("/")[2].rstrip("0123456789" if "twin" in url else "")
    generator = random.Random(key)
    return generator.randbytes(generator.choice([60, 1500, 5200]))


def exchange_of(url: str, status: bytes = b"200 OK") -> Exchange:
    body = b"" if status.startswith(b"304") else body_of(url)
    head = b'HTTP/1.1 %s\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n' % (status, len(body))
    return Exchange(url, datetime.now(UTC), 1, b"GET / HTTP/1.1\r\n\r\n", Spool(head + body, limit=5000))


def work(plan: Plan, tell: Tell, begun: Callable[[], object] = lambda: None) -> None:
    """All runs; `begun` is called when the first has repaired the archive. Raises `ArchiveError`."""
    committer.MAX_SECONDS = 60.0  # so that a batch is what was meant to be one, whatever the machine is doing
    for number, keys in enumerate(plan.runs, start=1):
        one_run(plan, f"run-{number}.{plan.attempt}", keys, tell, begun)
        begun = bool
    index_site(plan.folder, SITE, 1)


def one_run(plan: Plan, run_id: str, keys: Sequence[str], tell: Tell, begun: Callable[[], object]) -> None:
    started_at = utc_now()
    with closing(ArchiveRun(plan.folder, SITE, run_id, RunOptions(max_bytes=MAX_BYTES))) as run:
        begun()
        ask = run.committer.run
        remove_torn(plan.folder, SITE)
        export_all(run)
        links = [(key, Link(url_of(key), "article")) for key in keys]
        ask(lambda ledger: ledger.add_links(SITE, run_id, links, started_at)).result()
        fetch_feed(run, tell)
        for key, _, ref in ask(lambda ledger: ledger.unsettled(SITE)).result():
            settle(run, key, ref, tell)
        while pending := ask(lambda ledger: ledger.pending(SITE, TOGETHER)).result():
            for key, ref in fetch([key for key, _, _ in pending], run, tell):
                settle(run, key, ref, tell)
        run.committer.finish_files().result()
        export_all(run)
        counts = ask(lambda ledger: ledger.counts(SITE, run_id)).result()
        publish_run(plan.folder, SITE, run_id, started_at, counts)
        ask(lambda ledger: ledger.finish_run(SITE, run_id, utc_now(), "finished")).result()
    line = site_report(SITE, counts, ended="finished", seconds=1.0)
    save_report(plan.folder, RunReport(run_id, started_at.isoformat(), (line,)))


def export_all(run: ArchiveRun) -> None:
    for run_id in run.committer.run(lambda ledger: ledger.unexported_runs(SITE)).result():
        export(run.folder, SITE, run_id)
        run.committer.run(lambda ledger, one=run_id: ledger.mark_exported(SITE, one)).result()  # type: ignore[misc]


def fetch_feed(run: ArchiveRun, tell: Tell) -> None:
    """Whole the first time; then it has not changed."""
    known = run.committer.run(lambda ledger: ledger.originals.validators(SITE, FEED)).result()
    one = exchange_of(FEED, b"304 Not Modified" if known else b"200 OK")
    if known:
        one = Exchange(FEED, one.started_at, 1, one.request, one.response, validated=known.original)
    run.committer.record(one).result()
    tell("captured", FEED)


def fetch(keys: Sequence[str], run: ArchiveRun, tell: Tell) -> list[tuple[str, WarcRef]]:
    """Several pages in one commit."""
    begun, gate = threading.Event(), threading.Event()
    waits = run.committer.run(lambda _: begun.set() or gate.wait())
    waits.add_done_callback(lambda _: begun.set())  # it never waits if the archive has failed
    begun.wait()
    waiting = [(key, run.committer.record(exchange_of(url_of(key)))) for key in keys]
    gate.set()
    refs = [(key, future.result()) for key, future in waiting]
    for key, _ in refs:
        tell("captured", url_of(key))
    return refs


def settle(run: ArchiveRun, key: str, ref: WarcRef, tell: Tell) -> None:
    """The link is done, with its record; a page that was stored for another link is no article."""
    if ref.refers_to is None:
        record = to_json(article_of(run, key, ref))
        outcome = Settlement(key, "captured", None, record)
    else:
        outcome = Settlement(key, "captured", "stub")
    run.committer.run(lambda ledger: ledger.settle(SITE, run.run_id, outcome)).result()
    tell("settled", url_of(key))


def article_of(run: ArchiveRun, key: str, ref: WarcRef) -> Article:
    path = run.folder / ref.filename
    captured_at = read_capture(path, ref.offset, ref.length).captured_at
    return Article(
        id=key, schema_version=SCHEMA_VERSION, site=SITE, layout="generic", url=url_of(key), canonical_url=None,
        headline=None, text=key, blocks=(), authors=(), agency=None, dateline=None, section=None, tags=(),
        language=None, published_at=None, published_precision=None, published_raw=None, modified_at=None, images=(),
        republished_from=None, access="free", rights_notice=None, captured_at=captured_at,
        warc_filename=ref.filename, warc_record_offset=ref.offset, warc_record_length=ref.length,
        warc_record_id=ref.record_id, payload_digest=ref.payload_digest, text_digest=key, word_count=1,
        extractor="test", run_id=run.run_id,
    )  # fmt: skip


# What must be true


def check_promises(folder: Path, captured: set[str], settled: set[str]) -> None:
    """Right after the repair, before anything is fetched again: all that was promised is there."""
    stored = captures_in(folder)
    assert captured <= set(stored), f"lost: {captured - set(stored)}"
    with Ledger(folder / LEDGER_NAME) as ledger:
        open_keys = {link.url for _, link, _ in ledger.pending(SITE, 1000)}
        assert not settled & open_keys, f"no longer settled: {settled & open_keys}"
        assert ledger.counts(SITE).captures == sum(stored.values())


def check_end(plan: Plan) -> None:
    """The same set as of an undisturbed run."""
    stored = captures_in(plan.folder)
    assert {url: stored[url] for url in stored if url != FEED} == dict.fromkeys(
        plan.urls | ({FOUND} if plan.begins_with_a_file else set()), 1
    )
    assert stored[FEED] >= len(plan.runs)
    with Ledger(plan.folder / LEDGER_NAME) as ledger:
        counts = ledger.counts(SITE)
        assert {state for state, _ in counts.outcomes} == {"captured"}
        assert counts.found == len(plan.urls)
        assert counts.captures == sum(stored.values())
        assert ledger.unexported_runs(SITE) == []
    check_files(plan, stored)
    defects = [told for _, tally in verify_archive(plan.folder, engine_of(1)) for told in tally.told]
    assert defects == []


def check_files(plan: Plan, stored: Counter[str]) -> None:
    folder = plan.folder
    files = [
        path for name in ("warc", "index/cdxj", "index/parquet", "articles") for path in (folder / name).rglob("*.*")
    ]
    present = {path.relative_to(folder).as_posix() for path in files if path.is_file()}
    assert {Path(name).suffix for name in present} <= {".gz", ".cdxj", ".parquet", ".zst"}
    named = [file.path for path in folder.glob(f"runs/*-{SITE}.json") for file in read_manifest(path).files]
    assert sorted(named) == sorted(present)
    lines = [line for path in folder.glob("articles/**/*.zst") for line in read_lines(path)]
    articles = Counter(from_json(line).url for line in lines)
    assert set(articles.values()) == {1}
    assert {url for url in plan.urls if "twin" not in url} <= set(articles) <= plan.urls
    rows = (folder / f"index/merged/{SITE}.cdxj").read_bytes().splitlines()
    assert len(rows) == sum(stored.values()) - (stored[FEED] - 1)  # a 304 is not replayed


def captures_in(folder: Path) -> Counter[str]:
    """How often each URL is in the finished files; each record is read whole, and no id comes twice."""
    found = Counter[str]()
    ids = Counter[str]()
    for path in warc_paths(folder, SITE):
        for capture in read_captures(path):
            digest = hashlib.sha1(capture.payload).hexdigest()
            assert capture.status == 304 or digest == hashlib.sha1(body_of(capture.url)).hexdigest()
            assert capture.ref is not None
            found[capture.url] += 1
            ids[capture.ref.record_id] += 1
    assert set(ids.values()) <= {1}
    return found
