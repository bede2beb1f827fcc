"""The demo's own articles: a plain text format, and the values it is read into."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from urllib.parse import urlsplit

from crawler.errors import UsageError
from crawler.model import Block, BlockKind

SEPARATOR = "===="
KEYS = (
    "slug", "headline", "published", "modified", "authors", "agency", "place", "section",
    "standfirst", "tags", "image", "premium", "original", "overline", "sister",
)  # fmt: skip
REQUIRED = ("slug", "headline", "published", "section")
PREFIXES: dict[str, BlockKind] = {"## ": "heading", "> ": "quote"}

_INLINE = re.compile(
    r"\[(?P<text>[^\]\n]+)\]\((?P<url>https?://[^)\s]+)\)|(?<![\w*])\*(?P<em>\S(?:[^*\n]*\S)?)\*(?![\w*])"
)
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_%-]*")


@dataclass(frozen=True, slots=True)
class Picture:
    """The lead picture; `file` is its name below the site's folder of pictures."""

    file: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One article before any site has printed it."""

    slug: str
    headline: str
    #: Aware in the stories of the demo; naive or `None` where a page shows no zone or no date.
    published: datetime | None
    section: str | None
    #: Texts may hold `*emphasis*` and `[text](https://...)`.
    blocks: tuple[Block, ...] = field(repr=False)
    modified: datetime | None = None
    authors: tuple[str, ...] = ()
    agency: str | None = None
    #: The place of a dateline on a line of its own; a dateline in the text is part of the first block.
    place: str | None = None
    standfirst: str | None = None
    tags: tuple[str, ...] = ()
    image: Picture | None = None
    premium: bool = False
    #: The page that the article was republished from.
    original: str | None = None
    overline: str | None = None
    #: The Space Media Network domain that carries it first, without `www.`.
    sister: str | None = None


def load_stories(site: str) -> list[Story]:
    """The demo's stories of `site`, as its package data holds them."""
    source = files("crawler.demo") / "stories" / f"{site}.txt"
    if not source.is_file():
        raise UsageError(f"{source}: the demo has no stories of this site; reinstall newswarc")
    return parse_stories(source.read_text(encoding="utf-8"), str(source))


def parse_stories(text: str, name: str = "stories") -> list[Story]:
    """The stories in `text`; raises `UsageError` that names `name` and the line."""
    stories = [_story(lines, f"{name}:{first}") for first, lines in _chunks(text) if any(map(str.strip, lines))]
    seen: set[str] = set()
    for story in stories:
        if story.slug in seen:
            raise UsageError(f"{name}: two stories have the slug {story.slug!r}; give each its own")
        seen.add(story.slug)
    return stories


def plain(text: str) -> str:
    """`text` without its inline markup: what a reader of the page sees."""
    return _INLINE.sub(lambda match: match["text"] or match["em"], text)


def inline_parts(text: str) -> Iterator[tuple[str, str | None]]:
    """The pieces of `text`, each with the URL it links to, `""` where it is emphasised, `None` where it is bare."""
    at = 0
    for match in _INLINE.finditer(text):
        yield text[at : match.start()], None
        yield (match["text"], match["url"]) if match["text"] else (match["em"], "")
        at = match.end()
    yield text[at:], None


def _chunks(text: str) -> Iterator[tuple[int, list[str]]]:
    first = 1
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() == SEPARATOR:
            yield first, lines
            first, lines = number + 1, []
        else:
            lines.append(line.rstrip())
    yield first, lines


def _story(lines: list[str], where: str) -> Story:
    name, _, first = where.rpartition(":")
    start = next(index for index, line in enumerate(lines) if line)
    end = next((index for index in range(start, len(lines)) if not lines[index]), len(lines))
    where = f"{name}:{int(first) + start}"
    head = _head(lines[start:end], name, int(first) + start)
    missing = [key for key in REQUIRED if not head.get(key)]
    if missing:
        raise UsageError(f"{where}: the story has no {' and no '.join(missing)}; add the line")
    if not _SLUG.fullmatch(head["slug"]):
        raise UsageError(f"{where}: the slug {head['slug']!r} does not fit into a URL")
    blocks = tuple(_blocks(lines[end:]))
    if not blocks:
        raise UsageError(f"{where}: the story {head['slug']!r} has no text; add it below a blank line")
    return _made(head, blocks, where)


def _head(lines: list[str], name: str, first: int) -> dict[str, str]:
    head: dict[str, str] = {}
    for number, line in enumerate(lines, first):
        key, colon, value = line.partition(":")
        if not colon or key not in KEYS:
            raise UsageError(f"{name}:{number}: {line[:40]!r} is no `key: value` line; keys are {', '.join(KEYS)}")
        if key in head:
            raise UsageError(f"{name}:{number}: {key} is given twice")
        head[key] = value.strip()
    return head


def _made(head: dict[str, str], blocks: tuple[Block, ...], where: str) -> Story:
    original = head.get("original") or None
    if original and urlsplit(original).scheme not in ("http", "https"):
        raise UsageError(f"{where}: original {original!r} is no http(s) URL")
    return Story(
        slug=head["slug"],
        headline=head["headline"],
        published=_time(head["published"], "published", where),
        section=head["section"],
        blocks=blocks,
        modified=_time(head["modified"], "modified", where) if head.get("modified") else None,
        authors=_listed(head.get("authors", "")),
        agency=head.get("agency") or None,
        place=head.get("place") or None,
        standfirst=head.get("standfirst") or None,
        tags=_listed(head.get("tags", "")),
        image=_picture(head["image"]) if head.get("image") else None,
        premium=_flag(head.get("premium", "no"), where),
        original=original,
        overline=head.get("overline") or None,
        sister=head.get("sister") or None,
    )


def _time(value: str, key: str, where: str) -> datetime:
    try:
        time = datetime.fromisoformat(value)
    except ValueError as error:
        raise UsageError(f"{where}: {key} {value!r} is no ISO 8601 time") from error
    if time.tzinfo is None:
        raise UsageError(f"{where}: {key} {value!r} has no zone; write it as 2024-03-05T09:30:00+00:00")
    return time


def _flag(value: str, where: str) -> bool:
    if value not in ("yes", "no"):
        raise UsageError(f"{where}: premium is {value!r}; write yes or no")
    return value == "yes"


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(";") if part.strip())


def _picture(value: str) -> Picture:
    file, caption, credit, *_ = (*(part.strip() for part in value.split("|")), "", "")
    return Picture(file, caption or None, credit or None)


def _blocks(lines: list[str]) -> Iterator[Block]:
    for chunk in re.split(r"\n\s*\n", "\n".join(lines).strip("\n")):
        rows = [row.strip() for row in chunk.split("\n") if row.strip()]
        if rows and all(row.startswith("- ") for row in rows):
            yield from (Block("list_item", row[2:].strip()) for row in rows)
        elif rows and rows[0].startswith("``` "):
            yield Block("preformatted", "\n".join(row.removeprefix("``` ") for row in rows))
        elif rows:
            yield _block(" ".join(rows))


def _block(text: str) -> Block:
    for prefix, kind in PREFIXES.items():
        if text.startswith(prefix):
            return Block(kind, text.removeprefix(prefix).strip())
    return Block("paragraph", text)
