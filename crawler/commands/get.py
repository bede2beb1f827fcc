"""`newswarc get`: a capture back from the archive."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.archive.cdxj import REVISIT, CdxjRow
from crawler.archive.lookup import find_capture, moment_of, read_row, write_block, write_head
from crawler.crawl.originals import wire_url
from crawler.crawl.store_command import StoreCommand
from crawler.crawl.unmodified import nearer, nearest_unmodified
from crawler.decoding import decode_content
from crawler.errors import ArchiveError, DamagedRecordError, UsageError
from crawler.page import Page
from crawler.remote.keys import Unmodified

TEXT = ("text/", "html", "xml", "json")


class Command(StoreCommand):
    """Finds the nearest capture in the index, and reads nothing of its WARC file but the one record."""

    arguments = "URL"
    summary = "The capture of a URL that is nearest to a time: the page, its exact bytes, or its headers"
    example = "newswarc get https://www.dimsumdaily.hk/some-article/ --at 2024-02-08 > page.html"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add which capture, and what of it."""
        super().add_options(parser)
        self.add_store(parser)
        parser.add_argument("--at", metavar="TIME", help="ISO 8601 (UTC if no zone) or 4 to 14 digits; default: newest")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--raw", action="store_true", help="the response's bytes as received: head, framing, body")
        what.add_argument("--headers", action="store_true", help="the status line and the header lines, as received")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print it; raises `NoCaptureError`, or `ArchiveError` where its record cannot be read."""
        if len(args) != 1:
            raise UsageError("get takes one URL (see --help)")
        at = _moment(opts.at) if opts.at else None
        if opts.remote or opts.store:
            self._get_remote(args[0], at, opts)
        else:
            _print(self.archive, self._find(args[0], at), opts)

    def _get_remote(self, url: str, at: datetime | None, opts: argparse.Namespace) -> None:
        """From the store: a few ranges of its indexes, and the record."""
        remote = self.remote_runs(opts)
        row = remote.find_capture(url, at)
        if (unmodified := nearer(remote.catalogue.unmodified(wire_url(url)), at, row)) is not None:
            _tell_of_304(unmodified)
            row = remote.find_capture(url, unmodified.original_at)
        with TemporaryDirectory(prefix="newswarc-") as scratch:
            try:
                if not opts.json:
                    remote.fetch(row, Path(scratch))
                _print(Path(scratch), row, opts)
            except ArchiveError as error:
                raise type(error)(str(error).replace(scratch, remote.store.url)) from error

    def _find(self, url: str, at: datetime | None) -> CdxjRow:
        """The nearest capture; where that is a 304, the one that it said was still the same."""
        row = find_capture(self.archive, url, at)
        unmodified = nearest_unmodified(self.archive, url, at, row)
        if unmodified is None:
            return row
        _tell_of_304(unmodified)
        return find_capture(self.archive, url, unmodified.original_at)


def _tell_of_304(unmodified: Unmodified) -> None:
    told = f"at {unmodified.at:%Y-%m-%dT%H:%M:%SZ} the server answered 304, not modified"
    print(f"newswarc: {told}: this is the page of {unmodified.original_at:%Y-%m-%dT%H:%M:%SZ}", file=sys.stderr)


def _print(archive: Path, row: CdxjRow, opts: argparse.Namespace) -> None:
    """What was asked for of the capture."""
    if opts.json:
        print(json.dumps({"key": row.key, "timestamp": row.timestamp} | dict(row.fields)))
        return
    _tell_of(row, raw=opts.raw)
    if opts.headers:
        write_head(archive, row, sys.stdout.buffer.write)
    elif opts.raw:
        write_block(archive, row, sys.stdout.buffer.write)
    else:
        _print_page(archive, row)
    sys.stdout.flush()


def _tell_of(row: CdxjRow, *, raw: bool) -> None:
    """Say on standard error what is not as it looks."""
    status, cut = row.fields.get("status"), row.fields.get("truncated")
    if status != "200" or cut:
        told = f"status {status}" + (f", truncated ({cut})" if cut else "")
        print(f"newswarc: the capture of {row.timestamp} has {told}", file=sys.stderr)
    if raw and row.fields.get("mime") == REVISIT:
        told = "is a revisit: these are the bytes of its original"
        print(f"newswarc: the capture of {row.timestamp} {told}", file=sys.stderr)


def _print_page(archive: Path, row: CdxjRow) -> None:
    capture = read_row(archive, row)
    media = (capture.header("Content-Type") or "html").lower()
    text = any(word in media for word in TEXT)
    sys.stdout.buffer.write(Page(capture).html.encode("utf-8", "replace") if text else decode_content(capture))


def _moment(text: str) -> datetime:
    try:
        if text.isdigit():
            return moment_of(text)
        moment = datetime.fromisoformat(text)
    except (ValueError, DamagedRecordError) as error:
        raise UsageError(f"--at {text}: no time such as 2024-02-08T12:00:00Z or 20240208120000") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC)
