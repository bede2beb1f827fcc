"""What the index, the ledger and the articles say of the records of a WARC file."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.archive.cdxj import MAX_LINE, offset_of, parse_row
from crawler.archive.claims import AnyClaim, Claim, Claims, Defect, IndexLine, LedgerRow, OnDefect
from crawler.archive.tree import LEDGER_NAME
from crawler.durable import read_database
from crawler.errors import ArchiveError, DamagedRecordError
from crawler.model import Article

#: A row as we write it of a URL without quotes or back-slashes: where its offset is, and that `parse_row` reads it.
_PLAIN_ROW = re.compile(
    rb'[!-~]+ [0-9]{14} \{"url": "T", "mime": "T", "status": "T", "digest": "T", "length": "T",'
    rb' "offset": "([0-9]{1,15})", "filename": "T"(?:, "truncated": "T")?\}\n'.replace(b"T", rb"[ !#-\[\]-~]*+")
)


def index_claims(archive: Path, index: str, claims: Claims, on_defect: OnDefect) -> int:
    """Add each row of the index file `index`; how many rows it has. Raises `ArchiveError`."""
    position = number = 0
    before = b""
    try:
        with (archive / index).open("rb") as file:
            while line := file.readline(MAX_LINE):
                number += 1
                try:
                    offset, claim = _claim_of(line, index, position)
                    claims.setdefault(offset, []).append(claim)
                except DamagedRecordError as error:
                    on_defect(Defect(index, position, str(error)))
                if line < before:
                    on_defect(Defect(index, position, "this row is not in its order, so that a search misses it"))
                position, before = position + len(line), line
    except OSError as error:
        raise ArchiveError(f"{archive / index}: it cannot be read: {error.strerror}") from error
    return number


def _claim_of(line: bytes, index: str, position: int) -> tuple[int, AnyClaim]:
    """The offset of the response that a row is about, and what it says; raises `DamagedRecordError`."""
    if (plain := _PLAIN_ROW.fullmatch(line)) is not None:
        return int(plain[1]), IndexLine(index, position, line)
    row = parse_row(line)
    return offset_of(row), Claim(index, position, row.facts, is_row=True)


def ledger_claims(archive: Path, filename: str, claims: Claims) -> int:
    """Add each capture that the ledger has in a file; how many those are. Raises `ArchiveError`."""
    number = 0
    with reading_ledger(archive) as database:
        rows = database.execute(
            "SELECT offset, url, status, length, record_id, payload_digest, captured_at FROM capture"
            " WHERE filename = ?",
            (filename,),
        )
        for offset, *values in rows:
            claims.setdefault(offset, []).append(LedgerRow(LEDGER_NAME, tuple(values)))
            number += 1
    return number


def ledger_files(archive: Path) -> dict[str, int]:
    """How many captures the ledger has in each file, and the files it knows to be finished; raises `ArchiveError`."""
    with reading_ledger(archive) as database:
        known = dict.fromkeys((row[0] for row in database.execute("SELECT filename FROM warc")), 0)
        return known | dict(database.execute("SELECT filename, count(*) FROM capture GROUP BY filename"))


@contextmanager
def reading_ledger(archive: Path) -> Iterator[sqlite3.Connection]:
    """The ledger, read and not changed; raises `ArchiveError`."""
    path = archive / LEDGER_NAME
    try:
        with read_database(path) as database:
            yield database
    except sqlite3.Error as error:
        raise ArchiveError(f"{path}: the ledger cannot be read: {error}") from error


def article_claim(article: Article, file: str, line: int) -> Claim:
    """What an article says of the page it was made from."""
    facts = {
        "url": article.url,
        "filename": article.warc_filename or "",
        "length": str(article.warc_record_length),
        "record_id": article.warc_record_id or "",
        "digest": article.payload_digest or "",
        "captured_at": article.captured_at.isoformat(),
    }
    return Claim(file, line, facts)
