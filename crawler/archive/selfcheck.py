"""A finished file, read by another implementation before it gets its name: warcio must find what we say is there.

Our own reader shares our ideas of the format, so it cannot tell where they are wrong.
"""

from collections.abc import Collection
from functools import partial
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.archive.digests import digest_of
from crawler.archive.entries import IndexEntry
from crawler.errors import ArchiveError, DamagedRecordError
from crawler.spool import CHUNK_BYTES

CAPTURES = ("response", "revisit", "resource")
MAX_TOLD = 120  # characters: warcio's errors quote the bytes they stumbled on
#: What warcio raises on damage, beside its own error: zlib's, and those of its header parser.
FAILURES = (ArchiveLoadFailed, DamagedRecordError, OSError, ValueError, EOFError)


def check_warc(path: Path, entries: Collection[IndexEntry]) -> None:
    """Compare each capture's id and offset, and every block digest, with warcio's reading; raises `ArchiveError`."""
    written = [(entry.ref.record_id, entry.ref.offset) for entry in entries]
    try:
        found = read_by_warcio(path)
    except FAILURES as error:
        told = ascii(str(error)[:MAX_TOLD])
        raise ArchiveError(
            f"{path}: warcio cannot read what was written: {told}; keep the file and report it"
        ) from error
    if found != written:
        raise ArchiveError(
            f"{path}: warcio finds {len(found)} captures where {len(written)} were written, or finds them elsewhere;"
            " keep the file and report it"
        )


def read_by_warcio(path: Path) -> list[tuple[str, int]]:
    """Id and offset of each capture in a file; raises `DamagedRecordError` where a block has another digest.

    warcio's own digest check is off: it takes a chunked payload's digest over the chunks, which the standard does not.
    """
    found = []
    with path.open("rb") as file:
        records = ArchiveIterator(file, no_record_parse=True)
        for record in records:
            header = record.rec_headers.get_header
            declared = header("WARC-Block-Digest")
            block = iter(partial(record.raw_stream.read, CHUNK_BYTES), b"")
            if digest_of(block, declared.partition(":")[0]) != declared:
                raise DamagedRecordError(f"{header('WARC-Record-ID')} does not have its block digest")
            if record.rec_type in CAPTURES:
                found.append((header("WARC-Record-ID"), records.get_record_offset()))
    return found
