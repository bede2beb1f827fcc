"""Article <-> one line of JSON."""

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from crawler.errors import DamagedRecordError
from crawler.model import Article, Block, Image

FIELDS = tuple(field.name for field in fields(Article))


def to_json(article: Article) -> str:
    """The record in one line, its keys in the order of `Article`'s fields; the same article gives the same bytes."""
    line = json.dumps(as_dict(article), ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair, as broken scripts emit it, is no text: no file could hold it.
    return line.encode("utf-8", "replace").decode("utf-8")


def from_json(line: str) -> Article:
    """The article of a line that `to_json` wrote; raises `DamagedRecordError`."""
    try:
        values = json.loads(line)
        values["blocks"] = tuple(Block(**block) for block in values["blocks"])
        values["images"] = tuple(Image(**image) for image in values["images"])
        values["authors"], values["tags"] = tuple(values["authors"]), tuple(values["tags"])
        values["captured_at"] = datetime.fromisoformat(values["captured_at"])
        return Article(**values)
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedRecordError(f"no article record: {line[:80]!r} ({error})") from error


def as_dict(article: Article) -> dict[str, Any]:
    """The record's columns, with nothing in them that JSON has no word for."""
    return {name: plain(getattr(article, name)) for name in FIELDS}


def plain(value: Any) -> Any:
    """A field's value in JSON's terms."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Block):
        return {"kind": value.kind, "text": value.text}
    if isinstance(value, Image):
        return {"url": value.url, "caption": value.caption, "credit": value.credit}
    return value
