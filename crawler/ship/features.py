"""What a store honours, as found out by asking it."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Literal, Self

IfMatch = Literal["quoted", "bare"]


@dataclass(frozen=True, slots=True)
class Features:
    """Each is what a request has shown, and how files are sent and checked hangs on them."""

    #: A second creation under the same name is refused (`If-None-Match: *`).
    exclusive: bool = False
    #: Likewise where a file is sent in parts.
    exclusive_parts: bool = False
    #: How `If-Match` wants the ETag; `None` if it is not honoured.
    if_match: IfMatch | None = None
    #: It tells the CRC-32 of what it has.
    tells_crc32: bool = False
    #: It refuses bytes that do not fit the checksum sent along; one that does not may tell any checksum.
    refuses_damage: bool = False
    #: It tells the CRC-32 of a whole object that was sent in parts.
    whole_crc32: bool = False
    #: The ETag is the MD5 of what it has.
    etag_is_md5: bool = False
    #: A request for a range is answered by that range.
    ranges: bool = False
    #: What was read back is what was sent.
    keeps: bool = True

    @property
    def trusted_crc32(self) -> bool:
        """Whether the checksum it tells is evidence of what it has received."""
        return self.tells_crc32 and self.refuses_damage

    @property
    def needs_md5(self) -> bool:
        """Whether only the ETag tells what it has received."""
        return self.etag_is_md5 and not self.trusted_crc32

    def to_json(self) -> str:
        """To be remembered."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What was remembered; raises `ValueError` where another version of newswarc wrote it."""
        values = json.loads(text)
        if not isinstance(values, dict) or values.keys() != {field.name for field in fields(cls)}:
            raise ValueError("of another version")
        return cls(**values)
