"""What one answer may cost: settings, overridden by the spider, overridden by the request, as in Scrapy."""

from dataclasses import dataclass, replace
from typing import Protocol

import scrapy
from scrapy.settings import BaseSettings

from crawler.spool import SPOOL_BYTES

_TIMEOUT_SECONDS = 10.0  # Scrapy's own fallback, for requests that no middleware has given one


class Allowance(Protocol):
    """Bytes of payload that several answers may share."""

    def has(self, size: int) -> bool:
        """Whether so many are left."""
        ...

    def take(self, size: int) -> bool:
        """Use so many; whether they were left."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes of the payload in bytes, 0 for no limit; times in seconds."""

    max_bytes: int
    warn_bytes: int
    fail_on_dataloss: bool
    #: Past this many bytes the wire bytes are kept on disk; `None` keeps none.
    spool_bytes: int | None
    timeout: float = _TIMEOUT_SECONDS
    #: Keep no payload in memory: only the archive wants it.
    archive_only: bool = False
    allowance: Allowance | None = None

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> "Limits":
        """What holds where neither spider nor request says anything else."""
        return cls(
            max_bytes=settings.getint("DOWNLOAD_MAXSIZE"),
            warn_bytes=settings.getint("DOWNLOAD_WARNSIZE"),
            fail_on_dataloss=settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS"),
            spool_bytes=settings.getint("NEWSWARC_SPOOL_BYTES", SPOOL_BYTES),
        )

    def for_request(self, request: scrapy.Request, spider: scrapy.Spider | None, *, recorded: bool) -> "Limits":
        """What holds for `request`."""
        meta = request.meta
        return replace(
            self,
            max_bytes=meta.get("download_maxsize", getattr(spider, "download_maxsize", self.max_bytes)),
            warn_bytes=meta.get("download_warnsize", getattr(spider, "download_warnsize", self.warn_bytes)),
            fail_on_dataloss=meta.get("download_fail_on_dataloss", self.fail_on_dataloss),
            spool_bytes=self.spool_bytes if recorded else None,
            timeout=meta.get("download_timeout") or _TIMEOUT_SECONDS,
            archive_only=recorded and bool(meta.get("archive_only")),
            allowance=meta.get("allowance"),
        )

    def too_long(self, request: scrapy.Request) -> str:
        """What to say when the time is up."""
        return f"Getting {request.url} took longer than {self.timeout} seconds."
