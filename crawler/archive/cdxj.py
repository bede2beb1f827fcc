"""CDXJ: one line a capture, `SURT timestamp {json}`, sorted by bytes, as pywb searches it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

import surt

from crawler.archive.entries import NO_STATUS, IndexEntry
from crawler.archive.records import target_uri
from crawler.archive.tree import make_folder, sync_folder


def surt_key(url: str) -> str:
    """The URL turned round and canonicalised, as pywb and Common Crawl sort by it."""
    try:
        return str(surt.surt(url))
    except ValueError:  # a port out of range, a lone surrogate: such a URL is still found by its own text
        return target_uri(url).lower()


def cdxj_line(entry: IndexEntry) -> bytes:
    """The line of one response, with its line feed."""
    ref = entry.ref
    fields = {
        "url": entry.url,
        "mime": entry.mime or "unk",
        "status": str(entry.status),
        "digest": (ref.payload_digest or "").removeprefix("sha1:"),
        "length": str(ref.length),
        "offset": str(ref.offset),
        "filename": ref.filename,
    }
    if entry.truncated:
        fields["truncated"] = entry.truncated
    return f"{surt_key(entry.url)} {entry.captured_at:%Y%m%d%H%M%S} {json.dumps(fields)}\n".encode()


def write_cdxj(path: Path, entries: Iterable[IndexEntry]) -> None:
    """Write the index of one WARC file, durably; bytes that were no HTTP message can't be replayed and get no line."""
    lines = sorted(cdxj_line(entry) for entry in entries if entry.status != NO_STATUS)
    make_folder(path.parent)
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)  # an index is made from its WARC: made twice, it is the same
    sync_folder(path.parent)
