"""What a check looks at, file by file, and what it finds."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from crawler.archive.claims import Defect

Kind = Literal["warc", "articles", "manifest"]
MAX_DEFECTS = 1000  # a file; more are counted, so that a hostile one cannot fill the memory or the screen


@dataclass(frozen=True, slots=True)
class VerifyUnit:
    """One file to check."""

    archive: Path
    kind: Kind
    #: Relative to the archive folder, as the file is now: a WARC file may still be open.
    path: str
    bytes: int


@dataclass(slots=True)
class Tally:
    """What was looked at, and what is wrong."""

    files: int = 0
    bytes: int = 0
    records: int = 0
    captures: int = 0
    index_rows: int = 0
    ledger_rows: int = 0
    articles: int = 0
    manifest_files: int = 0
    defects: int = 0
    #: At most `MAX_DEFECTS` of a file's.
    told: list[Defect] = field(default_factory=list)

    def add(self, defect: Defect) -> None:
        """Count a defect."""
        self.defects += 1
        if len(self.told) < MAX_DEFECTS:
            self.told.append(defect)

    def include(self, other: "Tally") -> None:
        """Add the numbers of another; its defects stay with it."""
        for name in NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))


NUMBERS = (
    "files", "bytes", "records", "captures", "index_rows", "ledger_rows", "articles", "manifest_files", "defects",
)  # fmt: skip
