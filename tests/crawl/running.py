"""Crawls in processes of their own: Scrapy's reactor starts once a process, and a killed one must kill nothing else."""

import os
import resource
import signal
import threading
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from scrapy.settings import Settings

from crawler.corpus.files import read_lines
from crawler.crawl.run import RunOutcome, run_sites
from crawler.durable import Observer, observing

#: Children fork from a process that has everything imported, no threads and no reactor.
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.crawl.running", "tests.crawl.example", "trafilatura", "spiders.news"])
SECONDS = 120

QUICK: Mapping[str, object] = {
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "HTTPPROXY_ENABLED": False,
    "LOG_LEVEL": "CRITICAL",
    "NEWSWARC_ALLOW_PRIVATE": True,
    "NEWSWARC_BACKOFF": 0,
    "RETRY_TIMES": 1,
}


@dataclass(frozen=True)
class Crawl:
    """What to crawl, how, and where to."""

    sites: tuple[str, ...]
    archive: Path
    settings: Mapping[str, object] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    #: The largest file that the process may write, as a disk would that is nearly full.
    max_file_bytes: int | None = None
    #: Seconds after which the process kills itself, as an operator or the kernel would.
    killed_after: float | None = None
    #: Sees each effect on the disk, and may fail it or end the process there.
    observer: Observer | None = None

    def run(self) -> RunOutcome:
        """The outcome of a crawl that was not killed."""
        outcome = self.attempt()
        assert outcome is not None, "the crawl's process died"
        return outcome

    def attempt(self) -> RunOutcome | None:
        """The outcome, or `None` if the process was killed before it had one; what it raised is raised here."""
        ours, theirs = CONTEXT.Pipe()
        process = CONTEXT.Process(target=crawl, args=(self, theirs))
        process.start()
        theirs.close()
        try:
            found = ours.recv() if ours.poll(SECONDS) else TimeoutError(f"{self.sites} took over {SECONDS} seconds")
        except EOFError:
            found = None
        if isinstance(found, TimeoutError):
            process.kill()
        process.join()
        if isinstance(found, BaseException):
            raise found
        return found


def crawl(crawl: Crawl, connection: Connection) -> None:
    """A child's life."""
    timer = threading.Timer(crawl.killed_after or 0, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    if crawl.killed_after is not None:
        timer.start()
    if crawl.max_file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (crawl.max_file_bytes, resource.RLIM_INFINITY))
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    for name, value in {**QUICK, "NEWSWARC_ARCHIVE": str(crawl.archive), **crawl.settings}.items():
        settings.set(name, value, priority="cmdline")
    try:
        with observing(crawl.observer) if crawl.observer else nullcontext():
            connection.send(run_sites(crawl.sites, settings, crawl.arguments))
    except Exception as error:  # noqa: BLE001 - the parent raises it
        connection.send(error)
    finally:  # the crawl is over; neither a kill nor a full disk may tear the file that coverage saves now
        timer.cancel()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def records(archive: Path, site: str) -> list[str]:
    """Every exported record of a site, in the order of files and lines."""
    return [line for path in sorted(archive.glob(f"articles/site={site}/**/*.jsonl.zst")) for line in read_lines(path)]
