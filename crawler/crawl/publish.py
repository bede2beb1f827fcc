"""The end of a run: its records become files, and its manifest names all that is new.

Records wait in the ledger's outbox, whichever run made them. They are written to `articles/` in one fixed order, so
that a file written twice is the same file; then the outbox forgets them. The manifest comes last and names every
finished file of the site that no earlier manifest names, a killed run's among them.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, count, groupby
from pathlib import Path
from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from crawler import __version__
from crawler.archive.tree import LEDGER_NAME
from crawler.archive.writer import utc_now
from crawler.corpus.files import JSONL, MAX_RECORDS, articles_filenames, suffixes_of
from crawler.corpus.formats import read_records, record_writer
from crawler.corpus.manifest import Manifest, describe, manifest_filename, read_manifest, write_manifest
from crawler.crawl.capture import Recorder
from crawler.crawl.indexing import complete_columns
from crawler.crawl.ledger import Counts, Ledger
from crawler.crawl.ledger_schema import explained
from crawler.crawl.spans import spans_of, whole_span
from crawler.durable import NEW_SUFFIX, unlink
from crawler.errors import ArchiveError

logger = logging.getLogger(__name__)


class Publisher:
    """Scrapy extension; publishes what a killed run left before this one begins, and this one's work at its end."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.started_at = utc_now()
        self.suffixes = suffixes_of(crawler.settings.get("NEWSWARC_ARTICLES", "jsonl"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way to make it."""
        publisher = cls(crawler)
        crawler.signals.connect(publisher.spider_opened, signals.spider_opened)
        crawler.signals.connect(publisher.spider_closed, signals.spider_closed)
        return publisher

    async def spider_opened(self, spider: Spider) -> None:
        """Export the records that an earlier run settled and did not export."""
        if (recorder := self.crawler.get_extension(Recorder)) is not None:
            remove_torn(recorder.folder, spider.name)
            await self._export(recorder, spider.name)

    async def spider_closed(self, spider: Spider) -> None:
        """Finish the files, then write the manifest; an archive that failed gets none, and the next run goes on."""
        recorder = self.crawler.get_extension(Recorder)
        if recorder is None or recorder.failure is not None:
            return
        try:
            await recorder.finish()
            await self._export(recorder, spider.name)
            counts = await recorder.counts()
            done = (recorder.folder, spider.name, recorder.run_id, self.started_at, counts)
            await asyncio.to_thread(publish_run, *done)
        except ArchiveError as error:
            logger.error("%s", error)  # noqa: TRY400 - one clear line; nothing is lost, the next run publishes it
            self.crawler.stats.set_value("newswarc/archive_error", str(error))

    async def _export(self, recorder: Recorder, site: str) -> None:
        for run_id in await recorder.unexported_runs():
            await asyncio.to_thread(export, recorder.folder, site, run_id, self.suffixes)
            await recorder.mark_exported(run_id)


def remove_torn(archive: Path, site: str) -> None:
    """Remove the record files that a killed run had begun."""
    for torn in archive.glob(f"articles/site={site}/**/*{NEW_SUFFIX}"):
        unlink(torn)


def publish_run(archive: Path, site: str, run_id: str, started_at: datetime, counts: Counts) -> None:
    """Write what is missing of the index in columns, then the manifest of a run that is over.

    A run id that is used again gets one only for what is new. Raises `ArchiveError`.
    """
    complete_columns(archive, site)
    files = unpublished(archive, site)
    name = free_run_id(archive, run_id, site)
    if not files and name != run_id:
        return
    with explained(archive / LEDGER_NAME), Ledger(archive / LEDGER_NAME) as ledger:
        spans = dict(spans_of(archive, files, ledger))
    first, last = whole_span(spans.values())
    told = {f"{state}/{reason or 'article'}": number for (state, reason), number in counts.outcomes.items()}
    manifest = Manifest(
        run_id=name,
        site=site,
        started_at=started_at.isoformat(timespec="seconds"),
        finished_at=utc_now().isoformat(timespec="seconds"),
        software=f"newswarc/{__version__}",
        files=describe(archive, files, spans),
        counts={"links": counts.found, "captures": counts.captures, **told},
        first_captured_at=first,
        last_captured_at=last,
    )
    write_manifest(archive, manifest)


def free_run_id(archive: Path, run_id: str, site: str) -> str:
    """`run_id`, or with a number behind it where a run that was given the same id has its manifest already."""
    candidates = chain([run_id], (f"{run_id}.{number}" for number in count(2)))
    return next(name for name in candidates if not (archive / manifest_filename(name, site)).exists())


def export(archive: Path, site: str, run_id: str, suffixes: tuple[str, ...] = (JSONL,)) -> list[str]:
    """Write the records of a run that wait in the outbox; the files' paths below the archive folder."""
    written = []
    with explained(archive / LEDGER_NAME), Ledger(archive / LEDGER_NAME) as ledger:
        for day, records in groupby(ledger.records_by_day(site, run_id), key=lambda entry: entry[0]):
            names = (articles_filenames(site, day, run_id, number, suffixes) for number in count())
            for part in parts(line for _, line in records):
                paths = next(free for free in names if all(is_free(archive / name, part) for name in free))
                with record_writer([archive / name for name in paths]) as write:
                    for line in part:
                        write(line)
                written += paths
    return written


def is_free(path: Path, lines: list[str]) -> bool:
    """Whether these records may be written there: nobody's are there yet, or these, by a run that was killed then.

    A run that goes on under the id of an earlier one finds that one's.
    """
    return not path.exists() or list(read_records(path)) == lines


def parts(lines: Iterator[str]) -> Iterator[list[str]]:
    """The records in portions of one file each."""
    part: list[str] = []
    for line in lines:
        part.append(line)
        if len(part) == MAX_RECORDS:
            yield part
            part = []
    if part:
        yield part


def unpublished(archive: Path, site: str) -> list[str]:
    """The finished files of a site that no manifest names."""
    published = {file.path for path in archive.glob(f"runs/*-{site}.json") for file in read_manifest(path).files}
    patterns = (
        f"warc/{site}/**/*.warc.gz",
        f"index/cdxj/{site}/*.cdxj",
        f"index/parquet/site={site}/*.parquet",
        f"articles/site={site}/**/*.jsonl.zst",
        f"articles/site={site}/**/*.parquet",
    )
    present = (path.relative_to(archive).as_posix() for pattern in patterns for path in archive.glob(pattern))
    return sorted(set(present) - published)
