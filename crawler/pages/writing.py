"""Pages, saved: a WARC file with one page in it, copied from an archive or made of HTML."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler.archive.excerpt import copied, excerpt
from crawler.archive.exchange import Policy, make_group
from crawler.archive.records import header_bytes, member_pieces
from crawler.archive.warcinfo import warcinfo_record
from crawler.durable import new_file
from crawler.model import Exchange, WarcRef
from crawler.spool import Spool

MADE = "one page that was not fetched: its HTTP messages are made up, its body is a file's"


def save_capture(path: Path, archive: Path, ref: WarcRef) -> None:
    """Copy a capture with its request and metadata, byte for byte; raises `FileExistsError`, `ArchiveError`."""
    source = archive / ref.filename
    spans = [piece.span for piece in excerpt(source, ref.filename, {ref.offset})]
    with new_file(path) as file:
        for piece in copied(source, spans):
            file.write(piece)


def save_html(path: Path, url: str, html: bytes, captured_at: datetime, content_type: str = "text/html") -> None:
    """Write HTML as if it had been fetched from `url` at that moment; the same input gives the same file.

    Raises `FileExistsError`.
    """
    new_id = _ids(f"{url} {captured_at.isoformat()} {html!r}")
    info_id = new_id()
    info = warcinfo_record(path.name, info_id, captured_at, (("description", MADE),))
    records = (info, *make_group(_exchange(url, html, captured_at, content_type), info_id, new_id, Policy()).records)
    with new_file(path) as file:
        for record in records:
            for piece in member_pieces(header_bytes(record.fields), record.block):
                file.write(piece)


def _exchange(url: str, html: bytes, captured_at: datetime, content_type: str) -> Exchange:
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode("utf-8", "replace")
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(html)}\r\n\r\n"
    return Exchange(url, captured_at, 0, request, Spool(head.encode("latin-1", "replace") + html))


def _ids(seed: str) -> Callable[[], str]:
    """Record ids that are the same for the same page."""

    def ids() -> Iterator[str]:
        space = uuid.uuid5(uuid.NAMESPACE_URL, seed)
        number = 0
        while True:
            yield uuid.uuid5(space, str(number)).urn.join("<>")
            number += 1

    return ids().__next__
