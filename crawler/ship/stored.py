"""The values that a store and its users exchange."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from crawler.ship.digests import PART_BYTES, Digests

How = Literal["checksum", "etag", "read back"]


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store says of a file that it has; `None` is what it does not say."""

    #: Below the archive folder.
    path: str
    size: int
    #: As the store writes it, without its quotes.
    etag: str | None = None
    #: Base64; `...-N` is that of N parts' checksums.
    crc32: str | None = None
    #: What the one who sent it said, in hex; no store checks it.
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that this process has just sent, and the store has taken."""

    #: By which the store knows our upload from another's.
    etag: str | None
    digests: Digests


@dataclass(frozen=True, slots=True)
class StoreOptions:
    """How a bucket is spoken to. Credentials are no option: boto3 finds them where AWS's own tools do."""

    #: `None`: AWS, or what `AWS_ENDPOINT_URL` and the profile say.
    endpoint: str | None = None
    #: `path`, `virtual`, or `auto`: by path wherever the endpoint is not AWS's.
    addressing: str = "auto"
    #: Whether checksums are sent and asked for; old servers refuse them.
    checksums: bool = True
    #: Whether each file is read back whole, whatever the store says of its checksum.
    read_back: bool = False
    #: How often one request is tried.
    attempts: int = 5
    #: Seconds until a request counts as lost.
    timeout: float = 60.0
    #: Size of a large file's parts in bytes, where not more than 10,000 are needed; S3 wants 5 MiB at least.
    part_bytes: int = PART_BYTES
    #: Parts, or small files, under way at one time.
    threads: int = 10
    #: Parameters of S3's PutObject for each file: `StorageClass`, `ServerSideEncryption` and the like.
    parameters: Mapping[str, str] = field(default_factory=dict)
