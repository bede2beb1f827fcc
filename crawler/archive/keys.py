"""The keys that an index is sorted by: URLs turned round and canonicalised (SURT), as pywb and Common Crawl do."""

import re
from functools import lru_cache

import surt

from crawler.archive.records import target_uri

#: Characters; what `surt` does to nested escapes and session ids takes squared time, and real URLs are shorter.
MAX_KEYED = 8 * 1024
#: Scheme, host, path and query of a URL whose key `_plain_key` can tell: no port, no escape, no number for a host.
_PLAIN = re.compile(
    r"https?://((?:[a-z0-9-]+\.)+[a-z]+)((?:/[\w.~!$,;:@=+'*-]*)*)(?:\?([\w.~!$,;:@=+'*/&-]+))?", re.ASCII
)
_WWW = re.compile(r"www[0-9]*\.")
_HOST = re.compile(r"\s*(?:[A-Za-z][\w+.-]*:)?/*(?:https?:/*)*([^/?#]*)", re.ASCII)
_NAME = re.compile("[A-Za-z]")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
#: What `surt` raises over URLs that are none: a port out of range, a lone surrogate, nothing but a space.
_FAILURES = (ValueError, AttributeError, AssertionError, LookupError, TypeError, OSError)
_SESSIONS = ("sid", "session", "cfid")  # what the names of session ids have in them, which are no part of a key


def surt_key(url: str) -> str:
    """The URL turned round and canonicalised, as pywb and Common Crawl sort by it."""
    if (key := _plain_key(url)) is not None:
        return key
    try:
        if len(url) <= MAX_KEYED and not _is_looked_up(url):
            return str(surt.surt(url))
    except _FAILURES:
        pass
    return target_uri(url).lower()  # such a URL is still found by its own text


def _is_looked_up(url: str) -> bool:
    """Whether `surt` might ask the network for the address of the URL's host: it does where that is but a number."""
    match = _HOST.match(url)
    host = match[1].rpartition("@")[2].partition(":")[0] if match else ""
    return not _NAME.search(host) and not _ADDRESS.fullmatch(host) and not host.startswith("[")


@lru_cache(maxsize=16)  # a URL's key is asked for by all that is said of its capture
def _plain_key(url: str) -> str | None:
    """What `surt` gives, at a tenth of its cost, for the URLs that it has little to do to."""
    match = _PLAIN.fullmatch(url)
    if match is None:
        return None
    host, path, query = match.groups()
    if "//" in path or "/." in path:
        return None
    if (www := _WWW.match(host)) is not None:
        host = host[www.end() :]
    key = f"{','.join(reversed(host.split('.')))}){path.lower().rstrip('/') or '/'}"
    return key if query is None else _with_query(key, query.lower())


def _with_query(key: str, query: str) -> str | None:
    if any(name in query for name in _SESSIONS):
        return None
    if "&" in query:
        query = "&".join("=".join(pair) for pair in sorted(part.split("=", 1) for part in query.split("&")))
    return f"{key}?{query}"
