"""What a store honours, in words, and what newswarc does about each."""

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.ship.store import Features, StoreOptions


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of what the doctor tells."""

    question: str
    answer: str
    consequence: str


def findings(features: Features, options: StoreOptions) -> Iterator[Finding]:
    """Each thing that was asked."""
    race = "names are looked for before files are sent: let one machine ship each site"
    yield _told("keeps what it is sent", features.keeps, "files are shipped", "nothing is shipped")
    yield _told("refuses a second creation", features.exclusive, "no two writers take one name", race)
    yield _told("likewise for files in parts", features.exclusive_parts, "likewise for large files", race)
    yield Finding(
        "replaces only if unchanged (If-Match)",
        features.if_match or "no",
        "pointers lose no writer's change" if features.if_match else "pointers are read back and made right again",
    )
    damaged = "its checksums are evidence", "its checksums are not believed: they may be what was sent"
    yield _told("refuses damaged bytes", features.refuses_damage, *damaged)
    yield _told("tells CRC-32 checksums", features.tells_crc32, "they are compared", "they are of no use")
    yield _told(
        "that of a whole file in parts", features.whole_crc32, "it is sent and compared", "that of its parts is"
    )
    yield _told("ETag is the MD5", features.etag_is_md5, "compared where checksums are no evidence", "never compared")
    yield _told("answers ranges", features.ranges, "samples are read back", "no samples; `get` cannot read from it")
    yield Finding("so a large file counts as shipped when", _evidence(features, options), "small ones are read back")


def _told(question: str, answer: bool, yes: str, no: str) -> Finding:
    return Finding(question, "yes" if answer else "no", yes if answer else no)


def _evidence(features: Features, options: StoreOptions) -> str:
    if options.read_back:
        return "all of it was read back"
    if features.trusted_crc32:
        return "its checksum is ours"
    return "its ETag is ours" if features.etag_is_md5 else "all of it was read back"
