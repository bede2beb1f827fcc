"""The values that flow through the crawler: Link -> Exchange -> Capture -> Article.

Times end in `_at`, are aware and in UTC unless a field says otherwise; URLs are `str`. Absent is `None`, never a guess.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.spool import Spool

Role = Literal["article", "sitemap", "feed", "listing"]
Truncation = Literal["length", "time", "disconnect", "unspecified"]
#: What a page needs to be shown, by the names of WARC-Resource-Type.
Resource = Literal["stylesheet", "image", "font", "script"]
BlockKind = Literal["paragraph", "heading", "list_item", "quote", "preformatted", "table"]
Precision = Literal["second", "minute", "day"]
Access = Literal["free", "metered", "paywalled", "truncated"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that was found, and what it is expected to be."""

    url: str
    role: Role
    #: The page or feed that named it.
    via: str | None = None
    #: One letter of WARC's `hopsFromSeed`: L link, M from a sitemap, R redirect, P prerequisite such as robots.txt.
    hop: str = "L"
    #: When its source says that it changed last.
    modified_at: datetime | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response as they crossed the wire, after TLS."""

    url: str
    #: When the first byte of the request was sent.
    started_at: datetime
    fetch_ms: int
    #: The request's bytes as sent, body included.
    request: bytes
    #: The final response's bytes as received: status line, headers, framing, body, trailers. No byte past its end.
    response: Spool
    #: Interim (1xx) responses as received, in order; kept out of `response` because readers take them for the answer.
    interim: tuple[bytes, ...] = ()
    #: The server's address, IPv6 in RFC 5952 form.
    ip_address: str | None = None
    #: As in WARC-Protocol: "http/1.1", then "tls/1.3" where there is TLS.
    protocols: tuple[str, ...] = ("http/1.1",)
    cipher_suite: str | None = None
    truncated: Truncation | None = None
    #: Why the bytes are no HTTP message, where they are none.
    malformed: str | None = None
    via: str | None = None
    hops: str | None = None
    #: The stored response whose ETag or Last-Modified the request carries: what a 304 says has not changed.
    validated: "Original | None" = None
    #: What it is to the page that needs it, if that is why it was fetched.
    resource: Resource | None = None


@dataclass(frozen=True, slots=True)
class WarcRef:
    """Where a record is: one range request gets it back."""

    filename: str
    #: In bytes of the compressed file; one gzip member is `length` bytes long.
    offset: int
    length: int
    #: `<urn:uuid:...>`
    record_id: str
    #: `sha1:` and upper-case Base32, over the de-chunked, still content-encoded body; `None` where there is no payload.
    payload_digest: str | None
    #: Of a revisit record, which holds no body: the record id of the response that does.
    refers_to: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """A stored response whose payload another capture can refer to; never a revisit itself."""

    url: str
    captured_at: datetime
    ref: WarcRef


@dataclass(frozen=True, slots=True)
class Capture:
    """A response as it is stored: from a crawl or from a WARC file, with no difference between the two."""

    url: str
    captured_at: datetime
    status: int
    #: In the order and case received, decoded as latin-1; repeated names stay repeated.
    headers: tuple[tuple[str, str], ...]
    #: The de-chunked, still content-encoded body.
    payload: bytes
    ref: WarcRef | None = None
    truncated: Truncation | None = None
    #: The run that captured it, as its WARC's warcinfo record tells.
    run_id: str | None = None
    #: As WARC-Resource-Type tells: what it is to the page that needs it; `None` where nothing is told.
    resource: str | None = None

    def header(self, name: str) -> str | None:
        """The first value of the header `name`, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def is_revisit(self) -> bool:
        """Whether an earlier capture holds the payload."""
        return self.ref is not None and self.ref.refers_to is not None


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading or list item of an article, its white space normalised and nothing else changed."""

    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of the article."""

    url: str | None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """The record: the article as printed, and where its bytes are."""

    id: str
    schema_version: int
    site: str
    #: The layout class that read the page, in snake case; `generic` if none did.
    layout: str
    url: str
    canonical_url: str | None
    headline: str | None
    #: The blocks joined by a blank line.
    text: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...]
    agency: str | None
    dateline: str | None
    section: str | None
    tags: tuple[str, ...]
    #: BCP 47.
    language: str | None
    #: ISO 8601; with a zone only if it is known; a date alone at day precision.
    published_at: str | None
    published_precision: Precision | None
    published_raw: str | None
    modified_at: str | None
    images: tuple[Image, ...]
    #: URL of the original that the page names.
    republished_from: str | None
    access: Access
    rights_notice: str | None
    captured_at: datetime
    warc_filename: str | None
    warc_record_offset: int | None
    warc_record_length: int | None
    warc_record_id: str | None
    payload_digest: str | None
    text_digest: str
    word_count: int
    extractor: str
    run_id: str | None
