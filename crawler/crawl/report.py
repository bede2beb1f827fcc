"""How a run went: one line a site, whose columns add up."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, count
from pathlib import Path

from crawler.corpus.files import new_file
from crawler.crawl.ledger import Counts
from crawler.errors import UsageError

SUFFIX = ".report.json"


@dataclass(frozen=True, slots=True)
class SiteReport:
    """What a run did for one site; `found` is the sum of articles, skipped, gone, refused, failed and pending."""

    site: str
    #: `finished`, or why the run ended before that.
    ended: str
    #: Links that the run found, or found by an earlier one and tried.
    found: int
    articles: int
    #: Pages captured that gave no article, by reason.
    skipped: Mapping[str, int]
    gone: int
    #: Links not fetched, or that the server keeps to itself, by reason.
    refused: Mapping[str, int]
    failed: Mapping[str, int]
    #: Left for the next run.
    pending: int
    #: Responses stored: robots.txt, feeds, redirects and errors too.
    pages: int
    warc_bytes: int
    seconds: float
    #: Feeds, sitemaps and listings that were to be there and could not be read.
    sources_failed: int = 0
    #: What articles need to be shown: how many were `fetched`, others by reason; they are no links, in no sum above.
    requisites: Mapping[str, int] = field(default_factory=dict)
    #: How long the run waited for disk space.
    paused_seconds: float = 0.0

    @property
    def captured(self) -> int:
        """Links whose page is in the archive."""
        return self.articles + sum(self.skipped.values())


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run, site by site."""

    run_id: str
    started_at: str
    sites: tuple[SiteReport, ...]


def site_report(site: str, counts: Counts, *, ended: str, seconds: float, sources_failed: int = 0) -> SiteReport:
    """The report's line for a site, from the ledger's counts."""

    def by_reason(state: str) -> dict[str, int]:
        return {why or "": number for (was, why), number in counts.outcomes.items() if was == state and why is not None}

    return SiteReport(
        site=site,
        ended=ended,
        found=counts.found,
        articles=counts.outcomes.get(("captured", None), 0),
        skipped=by_reason("captured"),
        gone=sum(by_reason("gone").values()),
        refused=by_reason("refused"),
        failed=by_reason("failed"),
        pending=sum(number for (state, _), number in counts.outcomes.items() if state == "pending"),
        pages=counts.captures,
        warc_bytes=counts.warc_bytes,
        seconds=round(seconds, 1),
        sources_failed=sources_failed,
        requisites=dict(counts.requisites),
    )


def report_filename(run_id: str) -> str:
    """The path of a run's report below the archive folder, beside its manifests."""
    return f"runs/{run_id}{SUFFIX}"


def save_report(archive: Path, report: RunReport) -> Path:
    """Put the report in its place, with a number behind the id of a run that has one; raises `ArchiveError`."""
    names = chain([report.run_id], (f"{report.run_id}.{number}" for number in count(2)))
    run_id = next(name for name in names if not (archive / report_filename(name)).exists())
    path = archive / report_filename(run_id)
    with new_file(path) as file:
        file.write((json.dumps(asdict(replace(report, run_id=run_id)), indent=1) + "\n").encode())
    return path


def load_report(archive: Path, run_id: str | None = None) -> RunReport:
    """The report of a run, or of the newest one; raises `UsageError` if there is none."""
    path = archive / report_filename(run_id) if run_id else newest(archive)
    if path is None or not path.exists():
        raise UsageError(f"{archive}: no report of {run_id or 'any run'} there; runs are {known(archive)}")
    try:
        values = json.loads(path.read_bytes())
        values["sites"] = tuple(SiteReport(**site) for site in values["sites"])
        return RunReport(**values)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path}: no run report: {error}") from error


def newest(archive: Path) -> Path | None:
    """The report of the run that started last."""
    return max(reports_in(archive), key=lambda path: path.name, default=None)


def known(archive: Path) -> str:
    """The runs that have a report, in words."""
    return ", ".join(sorted(path.name.removesuffix(SUFFIX) for path in reports_in(archive))) or "none"


def reports_in(archive: Path) -> Iterable[Path]:
    """All saved reports."""
    return archive.glob(f"runs/*{SUFFIX}")
