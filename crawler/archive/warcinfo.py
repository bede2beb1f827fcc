"""The first record of a file: who wrote it, and what else holds for all of its records."""

from datetime import datetime

from crawler import __version__
from crawler.archive.digests import DEFAULT_ALGORITHM, Algorithm, digest_of
from crawler.archive.exchange import OutRecord
from crawler.archive.records import WARC_FIELDS, Fields, fields_block, warc_date

STANDARD = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"


def warcinfo_record(
    name: str, record_id: str, begun_at: datetime, told: Fields, algorithm: Algorithm = DEFAULT_ALGORITHM
) -> OutRecord:
    """The warcinfo record of the file called `name`, with what is `told` beside what all of ours say."""
    ours = (
        ("software", f"newswarc/{__version__}"),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", STANDARD),
    )
    block = fields_block((*ours, *told))
    fields = (
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", record_id),
        ("WARC-Date", warc_date(begun_at)),
        ("WARC-Filename", name),
        ("WARC-Block-Digest", digest_of((block,), algorithm)),
        ("Content-Type", WARC_FIELDS),
        ("Content-Length", str(len(block))),
    )
    return OutRecord(fields, block)
