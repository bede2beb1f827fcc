"""A place in a bucket: its client, its prefix, and the parameters that every request for an object has."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.errors import UsageError
from crawler.ship.client import make_client, told
from crawler.ship.stored import StoreOptions

#: What may be set for objects; the last is ours, and becomes ObjectLockRetainUntilDate as files are sent.
PARAMETERS = (
    "ACL", "BucketKeyEnabled", "ExpectedBucketOwner", "ObjectLockLegalHoldStatus", "ObjectLockMode", "RequestPayer",
    "SSEKMSEncryptionContext", "SSEKMSKeyId", "ServerSideEncryption", "StorageClass", "Tagging", "ObjectLockRetainDays",
)  # fmt: skip
_OF_EVERY_WRITE = ("ACL", "BucketKeyEnabled", "SSEKMSEncryptionContext", "SSEKMSKeyId", "ServerSideEncryption")
_OF_EVERY_REQUEST = ("ExpectedBucketOwner", "RequestPayer")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where files go; a path below it is a key below the prefix."""

    client: Any
    name: str
    prefix: str
    options: StoreOptions

    @classmethod
    def opened(cls, name: str, prefix: str, options: StoreOptions) -> "Bucket":
        """With a client of its own; raises `UsageError`."""
        if unknown := options.parameters.keys() - set(PARAMETERS):
            raise UsageError(
                f"no parameter that can be set for files: {', '.join(unknown)}; {', '.join(PARAMETERS)} are"
            )
        return cls(make_client(options), name, prefix, options)

    @property
    def url(self) -> str:
        """As it was asked for."""
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    @property
    def server(self) -> str:
        """Whom this speaks to, and how."""
        return f"{self.url} at {self.client.meta.endpoint_url} checksums={self.options.checksums}"

    def key(self, path: str) -> str:
        """The name of a file's object."""
        return f"{self.prefix}/{path}" if self.prefix else path

    def path(self, key: str) -> str:
        """The file of an object."""
        return key[len(self.prefix) + 1 :] if self.prefix else key

    def of(self, path: str) -> dict[str, Any]:
        """The parameters that every request for a file has."""
        return {"Bucket": self.name, "Key": self.key(path)} | self.of_all()

    def of_all(self) -> dict[str, Any]:
        """The parameters that even requests for no file have."""
        return _chosen(self.options.parameters, _OF_EVERY_REQUEST)

    def of_writing(self) -> dict[str, Any]:
        """The parameters of objects that may be written again: encryption, not locks."""
        return _typed(_chosen(self.options.parameters, _OF_EVERY_WRITE))

    def of_files(self) -> dict[str, Any]:
        """The parameters of objects that stay as they are."""
        return _typed({name: value for name, value in self.options.parameters.items() if name not in _OF_EVERY_REQUEST})

    def told(self, path: str) -> AbstractContextManager[None]:
        """What goes wrong with a file, as a `StoreError`."""
        return told(f"{self.url}/{path}")


def _chosen(parameters: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name in names}


def _typed(parameters: dict[str, Any]) -> dict[str, Any]:
    typed = dict(parameters)
    if "BucketKeyEnabled" in typed:
        typed["BucketKeyEnabled"] = str(typed["BucketKeyEnabled"]).lower() in {"1", "true", "yes", "on"}
    if (days := typed.pop("ObjectLockRetainDays", None)) is not None:
        typed["ObjectLockRetainUntilDate"] = datetime.now(UTC) + timedelta(days=_days(days))
    return typed


def _days(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"ObjectLockRetainDays={text}: give a whole number of days")
    return int(text)
