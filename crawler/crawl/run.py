"""Sites, crawled side by side in one process, and what their runs came to.

Scrapy's own exit code says nothing: it is 0 when `start` raised, when all downloads failed, when an archive is full.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import SETTINGS_PRIORITIES, Settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.log import configure_logging

from crawler.archive.tree import LEDGER_NAME
from crawler.corpus.files import suffixes_of
from crawler.crawl.ledger import Counts, Ledger
from crawler.crawl.ledger_schema import explained
from crawler.crawl.report import RunReport, SiteReport, save_report, site_report
from crawler.crawl.ship_run import ShipOutcome, check_store, ship_sites
from crawler.crawl.space import PAUSED_SECONDS, Limit
from crawler.crawl.wire.resolve import parse_rules
from crawler.crawl.wire.tls import client_context
from crawler.errors import ArchiveError, LockedError, NewswarcError, UsageError

RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # it becomes part of file names
NOTHING = Counts(0, {}, 0, 0)


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What a run came to."""

    report: RunReport
    #: 0 done; 1 some pages failed; 3 archive or ledger error; 4 shipping incomplete; 5 another run holds a site.
    exit_code: int
    #: One clear line for each reason why a site could not be crawled, or not to its end.
    errors: tuple[str, ...] = ()
    #: What came of shipping, if there is a store.
    shipped: ShipOutcome | None = None


@dataclass(slots=True)
class SiteRun:
    """A site's crawl while it lasts."""

    site: str
    crawler: Crawler
    began: float
    task: "asyncio.Task[None] | None" = None
    seconds: float = 0.0

    def end(self, _: object) -> None:
        """Note how long it took."""
        self.seconds = monotonic() - self.began

    @property
    def error(self) -> BaseException | None:
        """What kept the crawl from beginning, or its archive from being written."""
        if self.task is not None and self.task.done() and not self.task.cancelled() and self.task.exception():
            return self.task.exception()
        told = self._stat("newswarc/archive_error")
        return ArchiveError(str(told)) if told else None

    @property
    def ended(self) -> str:
        """Scrapy's reason for the end; it gives none where a second signal did not let the first one's stop finish."""
        if self.error is not None:
            return "archive_error"
        return str(self._stat("finish_reason") or ("interrupted" if self._stat("start_time") else "not started"))

    @property
    def sources_failed(self) -> int:
        """Sources that were to be there and could not be read."""
        return int(str(self._stat("newswarc/sources_failed") or 0))

    @property
    def paused_seconds(self) -> float:
        """How long it waited for disk space."""
        return float(str(self._stat(PAUSED_SECONDS) or 0))

    @property
    def broken(self) -> bool:
        """Whether our own code raised where it should not."""
        return bool(self._stat("spider_exceptions/count"))

    def _stat(self, name: str) -> object:
        return self.crawler._stats.get_value(name) if self.crawler._stats is not None else None  # noqa: SLF001 - the public one raises before the start


def run_sites(names: Sequence[str], settings: Settings, arguments: Mapping[str, str] | None = None) -> RunOutcome:
    """Crawl the sites called `names` and save the run's report; for the main thread, once a process.

    `arguments` are the spiders'. Raises `UsageError` for an unknown site, and for settings that no page could be
    fetched with.
    """
    loader = SpiderLoader.from_settings(settings)
    if unknown := [name for name in names if name not in loader.list()]:
        raise UsageError(f"no such site: {', '.join(unknown)}; there are {', '.join(sorted(loader.list()))}")
    started_at = datetime.now(UTC)
    settings = settings.copy()
    settings.set("NEWSWARC_RUN_ID", settings["NEWSWARC_RUN_ID"] or new_run_id(started_at), priority="cmdline")
    check(settings)
    runs = crawl_all(names, settings, arguments or {})
    archive = Path(settings["NEWSWARC_ARCHIVE"])
    sites = tuple(report_of(run, archive, settings["NEWSWARC_RUN_ID"]) for run in runs)
    report = RunReport(settings["NEWSWARC_RUN_ID"], started_at.isoformat(timespec="seconds"), sites)
    errors = tuple(dict.fromkeys(line_of(run) for run in runs if run.error is not None))  # the archive's are all sites'
    if not any(isinstance(run.error, NewswarcError) for run in runs):
        save_report(archive, report)
    code = exit_code(runs, report, settings.getfloat("NEWSWARC_FAILED_PERCENT"))
    return with_shipping(RunOutcome(report, code, errors), runs, archive, settings)


def with_shipping(outcome: RunOutcome, runs: Sequence[SiteRun], archive: Path, settings: Settings) -> RunOutcome:
    """The outcome with what came of shipping, where there is a store; a site that another run holds is that one's."""
    sites = [run.site for run in runs if not isinstance(run.error, LockedError)]
    if not settings["NEWSWARC_STORE"] or not sites or not (archive / LEDGER_NAME).exists():
        return outcome
    try:
        shipped = ship_sites(archive, sites, settings, patient=True)
    except ArchiveError as error:
        errors = dict.fromkeys((*outcome.errors, str(error)))
        return replace(outcome, exit_code=worst(outcome.exit_code, error.exit_code), errors=tuple(errors))
    code = worst(outcome.exit_code, shipped.exit_code)
    return replace(outcome, exit_code=code, errors=(*outcome.errors, *shipped.errors), shipped=shipped)


def check(settings: Settings) -> None:
    """Refuse what would otherwise fail each page, and cost each link one of its attempts."""
    if not RUN_ID.fullmatch(settings["NEWSWARC_RUN_ID"]):
        raise UsageError(f"NEWSWARC_RUN_ID={settings['NEWSWARC_RUN_ID']!r}: give letters, digits, and . _ - within")
    parse_rules(settings.getlist("NEWSWARC_RESOLVE"))
    suffixes_of(settings.get("NEWSWARC_ARTICLES", "jsonl"))
    Limit.parse(str(settings["NEWSWARC_MIN_FREE"]))
    client_context(settings)
    check_store(settings)


def new_run_id(now: datetime) -> str:
    """A name for a run that sorts by time; milliseconds keep runs of one second apart."""
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z"


def crawl_all(names: Sequence[str], settings: Settings, arguments: Mapping[str, str]) -> list[SiteRun]:
    """Run one crawler a site until all have ended."""
    process = start_process(settings)
    runs = []
    for name in dict.fromkeys(names):
        run = SiteRun(name, process.create_crawler(name), monotonic())
        run.task = process.crawl(run.crawler, **arguments)
        run.task.add_done_callback(run.end)
        runs.append(run)
    process.start()
    return runs


def start_process(settings: Settings) -> AsyncCrawlerProcess:
    """Scrapy's process; its versions and lists of parts are logged only for those who ask with `--loglevel`."""
    if (settings.getpriority("LOG_LEVEL") or 0) >= SETTINGS_PRIORITIES["cmdline"]:
        return AsyncCrawlerProcess(settings)
    quiet = settings.copy()
    quiet.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    process = AsyncCrawlerProcess(quiet)
    configure_logging(settings)
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    logging.getLogger("scrapy.extensions.logstats").setLevel(logging.INFO)
    return process


def report_of(run: SiteRun, archive: Path, run_id: str) -> SiteReport:
    """The report's line for a site's run."""
    counts = counts_of(run, archive / LEDGER_NAME, run_id)
    seconds = run.seconds or monotonic() - run.began  # one that was interrupted never ended
    report = site_report(run.site, counts, ended=run.ended, seconds=seconds, sources_failed=run.sources_failed)
    return replace(report, paused_seconds=run.paused_seconds)


def counts_of(run: SiteRun, path: Path, run_id: str) -> Counts:
    """What the ledger at `path` counts for a site's run."""
    if isinstance(run.error, LockedError) or not path.exists():
        return NOTHING
    try:
        with explained(path), Ledger(path) as ledger:
            return ledger.counts(run.site, run_id)
    except ArchiveError:
        if run.error is None:
            raise
        return NOTHING  # the run itself has said what is wrong


def line_of(run: SiteRun) -> str:
    """Why a site could not be crawled, in one line."""
    error = run.error
    return str(error) if isinstance(error, NewswarcError) else f"{run.site}: {type(error).__name__}: {error}"


def exit_code(runs: Sequence[SiteRun], report: RunReport, failed_percent: float) -> int:
    """The worst that happened."""
    errors = [run.error for run in runs if run.error is not None]
    codes = [error.exit_code if isinstance(error, NewswarcError) else 1 for error in errors]
    codes += [1 for run in runs if run.broken]
    codes += [1 for site in report.sites if is_poor(site, failed_percent)]
    return worst(*codes)


def worst(*codes: int) -> int:
    """The exit code that the operator has to know of first."""
    return next((code for code in (2, 3, 5, 4, 1) if code in codes), 0)


def is_poor(site: SiteReport, failed_percent: float) -> bool:
    """Whether a site's run ended early, lost too many pages, or could read none of its sources."""
    failed = sum(site.failed.values())
    nothing = site.sources_failed > 0 and site.found == 0
    return site.ended != "finished" or nothing or failed * 100 > failed_percent * max(site.found, 1)
