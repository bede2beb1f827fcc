"""A process that fetches and archives, to be killed: it tells each link on standard output once it is acknowledged."""

import random
import resource
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from crawler.crawl.archive_run import ArchiveRun, RunOptions
from crawler.crawl.ledger import Settlement
from crawler.errors import ArchiveError
from crawler.model import Exchange, Link, WarcRef
from crawler.spool import Spool

SITE = "demo"
IN_FLIGHT = 5
MAX_BYTES = 40_000  # so that files are finished all the time


def url_of(key: str) -> str:
    """The URL of a link."""
    return f"https://news.example/{key}"


def body_of(key: str) -> bytes:
    """The page of a link; some go through disk."""
    generator = random.Random(key)
    return generator.randbytes(generator.choice([50, 2000, 9000]))


def exchange_of(key: str) -> Exchange:
    """The page, fetched."""
    body = body_of(key)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    response = Spool(head + body, limit=5000)
    return Exchange(url_of(key), datetime.now(UTC), 1, b"GET / HTTP/1.1\r\n\r\n", response)


def work(run: ArchiveRun, count: int) -> None:
    """Settle what a killed run has captured, then capture and settle what is pending."""
    committer, site, run_id = run.committer, run.site, run.run_id
    links = [(f"k{number}", Link(url_of(f"k{number}"), "article")) for number in range(count)]
    committer.run(lambda ledger: ledger.add_links(site, run_id, links, datetime.now(UTC))).result()
    for key, _, _ in committer.run(lambda ledger: ledger.unsettled(site)).result():
        settle(run, key)
    while pending := committer.run(lambda ledger: ledger.pending(site, IN_FLIGHT)).result():
        for key, future in fetched(run, [key for key, _, _ in pending]):
            future.result()
            print("captured", key, flush=True)  # noqa: T201
            settle(run, key)


def fetched(run: ArchiveRun, keys: list[str]) -> Iterator[tuple[str, "Future[WarcRef]"]]:
    """Several exchanges at a time wait for the archive, as in a crawl."""
    yield from [(key, run.committer.record(exchange_of(key))) for key in keys]


def settle(run: ArchiveRun, key: str) -> None:
    """The link is done, with its record."""
    outcome = Settlement(key, "captured", None, f'{{"key": "{key}"}}')
    run.committer.run(lambda ledger: ledger.settle(run.site, run.run_id, outcome)).result()
    print("settled", key, flush=True)  # noqa: T201


def main(folder: str, run_id: str, count: str, file_limit: str = "0") -> int:
    """Work until all is done, or the archive cannot be written."""
    if int(file_limit):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(file_limit), resource.RLIM_INFINITY))
    try:
        run = ArchiveRun(Path(folder), SITE, run_id, RunOptions(max_bytes=MAX_BYTES))
        work(run, int(count))
        run.committer.finish_files().result()
        run.close()
    except ArchiveError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
