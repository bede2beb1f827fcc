"""What is sent: a Scrapy request as HTTP/1.1 bytes, and the route they take."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import scrapy
from scrapy.exceptions import UnsupportedURLSchemeError

DEFAULT_PORTS = {"http": 80, "https": 443}

#: Sent twice they do as much as sent once (RFC 9110, 9.2.2), so that a connection that died unnoticed does no harm.
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})

_BODY_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NOT_IN_TARGET = re.compile(rb"[\x00-\x20\x7f]")
_TARGET = re.compile(r"[^:/?#]+://[^/?#]*([^#]*)", re.DOTALL)
_OWN_FIELDS = frozenset({b"host", b"content-length", b"transfer-encoding"})  # they follow from what is sent


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Whom a connection is made to."""

    host: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class Route:
    """How a connection is made; connections with equal routes are interchangeable."""

    first: Endpoint
    #: The site, where `first` is a proxy that is asked for a tunnel to it.
    tunnel: Endpoint | None = None
    #: What the proxy wants to see before it opens the tunnel.
    proxy_authorization: bytes | None = None
    proxied: bool = False
    bind: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request ready to be sent."""

    #: Without fragment.
    url: str
    method: str
    route: Route
    site: Endpoint
    data: bytes
    keep_alive: bool


def compose(request: scrapy.Request, *, keep_alive: bool, bind: tuple[str, int] | None = None) -> Outgoing:
    """`request` as bytes; raises `UnsupportedURLSchemeError` when its URL cannot be asked for over HTTP."""
    url = request.url.partition("#")[0]
    parts, site = _split(url)
    route = _route(request, site, bind)
    target = _target(url, parts)
    if route.proxied and route.tunnel is None:
        target = f"http://{_host_field(site)}".encode("ascii") + target
    keep_alive = keep_alive and not _asks_to_close(request)
    lines = [_request_line(request, target), *_fields(request, site, route, keep_alive=keep_alive), b"\r\n"]
    return Outgoing(url, request.method, route, site, b"\r\n".join(lines) + request.body, keep_alive)


def _split(url: str) -> tuple[SplitResult, Endpoint]:
    try:
        parts = urlsplit(url)
        usual = DEFAULT_PORTS[parts.scheme]
        port = usual if parts.port is None else parts.port
        host = (parts.hostname or "").encode("ascii" if (parts.hostname or "").isascii() else "idna").decode("ascii")
    except KeyError:
        raise UnsupportedURLSchemeError(f"{url}: only http and https can be fetched") from None
    except ValueError as error:  # UnicodeError is one
        raise UnsupportedURLSchemeError(f"{url}: {error}") from error
    if not host or _NOT_IN_TARGET.search(host.encode("ascii")):
        raise UnsupportedURLSchemeError(f"{url}: there is no host in it")
    return parts, Endpoint(host, port, parts.scheme == "https")


def _route(request: scrapy.Request, site: Endpoint, bind: tuple[str, int] | None) -> Route:
    own_bind = request.meta.get("bindaddress")
    bind = bind_address(own_bind) if own_bind else bind
    proxy = request.meta.get("proxy")
    if not proxy:
        return Route(site, bind=bind)
    _, first = _split(proxy if "://" in proxy else f"http://{proxy}")
    if not site.tls:
        return Route(first, proxied=True, bind=bind)
    return Route(first, site, request.headers.get(b"Proxy-Authorization"), proxied=True, bind=bind)


def bind_address(value: str | tuple[str, int] | None) -> tuple[str, int] | None:
    """DOWNLOAD_BIND_ADDRESS and `meta["bindaddress"]` in the one form that sockets take."""
    return (value, 0) if isinstance(value, str) else value


def _target(url: str, parts: SplitResult) -> bytes:
    match = _TARGET.match(url)
    written = match[1] if match else parts.path
    target = (written if written.startswith("/") else f"/{written}").encode()
    if _NOT_IN_TARGET.search(target):
        raise UnsupportedURLSchemeError(f"{url!r}: white space or control characters in a URL must be escaped")
    return target


def _request_line(request: scrapy.Request, target: bytes) -> bytes:
    method = request.method.encode()
    if _TOKEN.fullmatch(method) is None:
        raise UnsupportedURLSchemeError(f"{request.method!r} is no HTTP method")
    return b"%b %b HTTP/1.1" % (method, target)


def _fields(request: scrapy.Request, site: Endpoint, route: Route, *, keep_alive: bool) -> list[bytes]:
    host = request.headers.get(b"Host") or _host_field(site).encode("ascii")
    lines = [b"Host: " + _one_line(host)]
    closing = False
    for name, values in request.headers.items():
        lower = name.lower()
        if lower in _OWN_FIELDS or (lower == b"proxy-authorization" and route.tunnel):
            continue
        if _TOKEN.fullmatch(name) is None:
            raise ValueError(f"{request.url}: {name!r} is no header name")
        closing = closing or lower == b"connection"
        lines += [b"%b: %b" % (name, _one_line(value)) for value in values]
    if request.body or request.method in _BODY_EXPECTED:
        lines.append(b"Content-Length: %d" % len(request.body))
    if not keep_alive and not closing:
        lines.append(b"Connection: close")
    return lines


def _one_line(value: bytes) -> bytes:
    """`value` without the line breaks that would make it two fields."""
    if b"\n" in value or b"\r" in value or b"\0" in value:
        return b" ".join(value.replace(b"\0", b" ").split())
    return value


def _host_field(site: Endpoint) -> str:
    host = f"[{site.host}]" if ":" in site.host else site.host
    return host if site.port == DEFAULT_PORTS["https" if site.tls else "http"] else f"{host}:{site.port}"


def _asks_to_close(request: scrapy.Request) -> bool:
    return b"close" in b",".join(request.headers.getlist(b"Connection")).lower()
