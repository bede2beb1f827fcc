"""The text of an article as a WARC `conversion` record (WARC/1.1, 6.7): complete by itself, and of the stored page.

It names the response that the text was read from, and has that response's URL and time.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO

from crawler.archive.digests import DEFAULT_ALGORITHM, Algorithm, digest_of
from crawler.archive.exchange import OutRecord
from crawler.archive.pieces import Record
from crawler.archive.records import header_bytes, member_pieces, target_uri, warc_date
from crawler.archive.warcinfo import warcinfo_record
from crawler.model import Article

PLAIN_TEXT = "text/plain;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A text, and the response that it was made of."""

    #: The response's record id.
    refers_to: str
    url: str
    captured_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class StoredConversion:
    """Where a conversion record is."""

    refers_to: str
    filename: str
    offset: int
    length: int
    run_id: str | None = None


def conversion_of(article: Article) -> Conversion | None:
    """The article's text; `None` if nothing is known of its bytes."""
    if article.warc_record_id is None:
        return None
    return Conversion(article.warc_record_id, article.url, article.captured_at, article.text)


def conversion_record(
    conversion: Conversion, record_id: str, warcinfo_id: str, algorithm: Algorithm = DEFAULT_ALGORITHM
) -> OutRecord:
    """The record, text as UTF-8; half a surrogate pair becomes a question mark."""
    block = conversion.text.encode("utf-8", "replace")
    digest = digest_of((block,), algorithm)
    fields = (
        ("WARC-Type", "conversion"),
        ("WARC-Record-ID", record_id),
        ("WARC-Warcinfo-ID", warcinfo_id),
        ("WARC-Target-URI", target_uri(conversion.url)),
        ("WARC-Date", warc_date(conversion.captured_at)),
        ("WARC-Refers-To", conversion.refers_to),
        ("WARC-Payload-Digest", digest),  # the block is all payload
        ("WARC-Block-Digest", digest),
        ("Content-Type", PLAIN_TEXT),
        ("Content-Length", str(len(block))),
    )
    return OutRecord(fields, block)


def stored_conversion(record: Record, filename: str, run_id: str | None) -> StoredConversion | None:
    """Where the record at hand is, if it is a conversion that can be fetched by offset."""
    refers_to = record.header.get("WARC-Refers-To")
    if (record.header.get("WARC-Type") or "").lower() != "conversion" or not refers_to:
        return None
    span = record.finish()
    return StoredConversion(refers_to, filename, span.offset, span.length, run_id) if span else None


def wet_filename(site: str, warc_name: str) -> str:
    """The path, below a rebuild's folder, of the texts of one WARC file; the ending is Common Crawl's."""
    return f"wet/{site}/{warc_name}.warc.wet.gz"


class WetFile:
    """Conversion records in a file of their own; the same conversions give the same bytes."""

    def __init__(self, file: IO[bytes], filename: str, source: str, begun_at: datetime) -> None:
        self._file = file
        name = PurePosixPath(filename).name
        self._warcinfo_id = _id_of(name, source)
        told = (("description", f"the texts of the articles in {source}"),)
        self._append(warcinfo_record(name, self._warcinfo_id, begun_at, told))

    def add(self, conversion: Conversion) -> None:
        """Write the conversion's record."""
        record_id = _id_of(self._warcinfo_id, conversion.refers_to)
        self._append(conversion_record(conversion, record_id, self._warcinfo_id))

    def _append(self, record: OutRecord) -> None:
        for piece in member_pieces(header_bytes(record.fields), record.block):
            self._file.write(piece)


def _id_of(*parts: str) -> str:
    """A record id that follows from what it is the id of."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)).urn.join("<>")
