"""URLs as they are written in pages and feeds, made into URLs that can be fetched and compared."""

import re
from urllib.parse import SplitResult, quote, unquote_to_bytes, urljoin, urlsplit

MAX_URL = 2083  # longer ones are traps or errors; what browsers and sitemaps agree on is near
DEFAULT_PORTS = {"http": 80, "https": 443}
#: Parameters that tell who clicked, never which page.
TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|twclid|yclid|igshid|mc_[ce]id|_ga|_gl|ref_src|cmpid|ncid)$",
    re.IGNORECASE,
)
UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
STRIPPED = re.compile(r"[\t\n\r]")  # as browsers do anywhere in an href


def absolute(href: str, base: str, *, whole_query: bool = False) -> str | None:
    """The URL that `href` means on the page `base`, in normal form; `None` if it leads to no web page.

    Normal form: lower-case ASCII host, no default port, no user name, escapes as RFC 3986 section 6.2.2 has them, no
    fragment, and unless `whole_query`, no tracking parameters.
    """
    try:
        parts = urlsplit(urljoin(base, STRIPPED.sub("", href).strip("\x00 \x0b\x0c\xa0\ufeff")))
        host = netloc(parts)
    except ValueError:  # brackets that hold no IPv6 address, a port that is no number, a name that is no host
        return None
    if parts.scheme not in DEFAULT_PORTS or not host:
        return None
    query = parts.query
    if not whole_query:
        query = "&".join(piece for piece in query.split("&") if piece and not is_tracking(piece))
    path = without_dots(escaped(parts.path or "/"))
    url = f"{parts.scheme}://{host}{path}" + (f"?{escaped(query)}" if query else "")
    return url if len(url) <= MAX_URL else None


def same_site(url: str, other: str) -> bool:
    """Whether one URL's host is the other's, or a sub-domain of it; `www.` does not count."""
    one, two = bare_host(url), bare_host(other)
    return one == two or one.endswith(f".{two}") or two.endswith(f".{one}")


def bare_host(url: str) -> str:
    """The host without `www.`, in lower case."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def netloc(parts: SplitResult) -> str:
    """Host and port of a URL, normalised; raises `ValueError` for what is neither."""
    host, port = parts.hostname or "", parts.port
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        host = host.encode("idna").decode("ascii")
    if re.search(r"[\s/\\@<>\"'%]", host):
        raise ValueError(host)
    return host if port in (None, DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def is_tracking(parameter: str) -> bool:
    """Whether a `name=value` of a query says nothing about the page."""
    return TRACKING.match(parameter.partition("=")[0]) is not None


def escaped(text: str) -> str:
    """`text` with its escapes in normal form: unreserved characters bare, all others upper-case and in UTF-8."""
    return quote(re.sub(r"%([0-9A-Fa-f]{2})", normal_escape, text), safe="/?:@!$&'()*+,;=%-._~[]")


def normal_escape(match: re.Match[str]) -> str:
    """One `%xx`: decoded if it needs no escape, in upper case otherwise."""
    byte = unquote_to_bytes(match.group())
    return byte.decode("ascii") if byte in UNRESERVED else match.group().upper()


def without_dots(path: str) -> str:
    """A path without `.` and `..` segments (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    closing = "/" if path.endswith(("/.", "/..")) and kept else ""
    return "/" + "/".join(kept) + closing
