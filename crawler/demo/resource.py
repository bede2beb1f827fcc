"""What a site answers at one address, and how its server writes that answer as HTTP/1.1."""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

import brotli
import zstandard

HTML = "text/html; charset=UTF-8"
CHUNK_BYTES = 8192
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Resource:
    """One answer, before conditions and encodings are looked at."""

    body: bytes = b""
    content_type: str = HTML
    status: int = 200
    location: str | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that change the answer; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the response's bytes after the `Date` header."""

    status: int
    wire: bytes


@dataclass(eq=False, slots=True)
class Service:
    """A group of hosts that one server software answers for, in that server's manner."""

    hosts: tuple[str, ...]
    #: Request target -> answer, on the host given; called once a host.
    build: Callable[[str], Mapping[str, Resource]]
    server: str = "nginx"
    #: Content encodings offered, the preferred one first.
    encodings: tuple[str, ...] = ("gzip",)
    chunked: bool = False
    missing: Resource = field(
        default_factory=lambda: Resource(b"<html><body><h1>Not Found</h1></body></html>", status=404)
    )
    _maps: dict[str, Mapping[str, Resource]] = field(default_factory=dict)
    _wires: dict[tuple[int, str, bool], bytes] = field(default_factory=dict)

    def resources(self, host: str) -> Mapping[str, Resource]:
        """Everything that `host` answers with a page or a redirect."""
        if host not in self._maps:
            self._maps[host] = self.build(host)
        return self._maps[host]

    def answer(self, host: str, request: Request) -> Answer:
        """The answer to GET or HEAD; a query that the site does not know is ignored."""
        known = self.resources(host)
        resource = known.get(request.target) or known.get(request.target.partition("?")[0]) or self.missing
        head_only = request.method == "HEAD"
        if resource.status == 200 and _is_current(resource, request.headers):
            return Answer(304, self._not_modified(resource))
        encoding = self._encoding(resource, request.headers.get("accept-encoding", ""))
        return Answer(resource.status, self._wire(resource, encoding, head_only=head_only))

    def _encoding(self, resource: Resource, accepted: str) -> str:
        if not resource.content_type.startswith(("text/", "application/xml", "application/rss")):
            return "identity"
        wanted = _accepted(accepted)
        return next((name for name in self.encodings if name in wanted), "identity")

    def _wire(self, resource: Resource, encoding: str, *, head_only: bool) -> bytes:
        key = (id(resource), encoding, head_only)  # resources live as long as the service
        if key not in self._wires:
            self._wires[key] = self._written(resource, encoding, head_only=head_only)
        return self._wires[key]

    def _written(self, resource: Resource, encoding: str, *, head_only: bool) -> bytes:
        body = encoded(resource.body, encoding)
        chunked = self.chunked and resource.status == 200
        lines = [f"Server: {self.server}", f"Content-Type: {resource.content_type}"]
        if resource.location is not None:
            lines.append(f"Location: {resource.location}")
        if resource.status == 200:
            lines += [*self._validators(resource), "Vary: Accept-Encoding"]
        if encoding != "identity":
            lines.append(f"Content-Encoding: {encoding}")
        lines.append("Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}")
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        return head + (b"" if head_only else _in_chunks(body) if chunked else body)

    def _not_modified(self, resource: Resource) -> bytes:
        lines = [f"Server: {self.server}", *self._validators(resource), "Vary: Accept-Encoding"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def _validators(self, resource: Resource) -> list[str]:
        lines = [f"ETag: {entity_tag(resource)}"]
        if resource.modified_at is not None:
            lines.append(f"Last-Modified: {format_datetime(resource.modified_at.astimezone(UTC), usegmt=True)}")
        return lines


def encoded(body: bytes, encoding: str) -> bytes:
    """`body` in the content encoding of that name; the same bytes in every run."""
    match encoding:
        case "gzip":
            return gzip.compress(body, 6, mtime=0)
        case "br":
            return bytes(brotli.compress(body, quality=5))
        case "zstd":
            return zstandard.compress(body, 6)
        case _:
            return body


def entity_tag(resource: Resource) -> str:
    """A weak tag: the bytes differ with the content encoding, the page does not."""
    return f'W/"{hashlib.sha256(resource.body).hexdigest()[:16]}"'


def _is_current(resource: Resource, headers: Mapping[str, str]) -> bool:
    if tags := headers.get("if-none-match"):
        known = entity_tag(resource).removeprefix("W/")
        return tags.strip() == "*" or known in (tag.strip().removeprefix("W/") for tag in tags.split(","))
    since = headers.get("if-modified-since")
    if since is None or resource.modified_at is None:
        return False
    try:
        return resource.modified_at.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):  # RFC 9110, 13.1.3: a date that is none is ignored
        return False


def _accepted(header: str) -> set[str]:
    names = set()
    for part in header.lower().split(","):
        name, _, parameter = part.partition(";")
        weight = parameter.strip().removeprefix("q=")
        if not weight or weight.strip("0.") != "":
            names.add(name.strip())
    return names


def _in_chunks(body: bytes) -> bytes:
    pieces = (body[at : at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def reason(status: int) -> str:
    """The reason phrase that goes with `status`."""
    return HTTPStatus(status).phrase
