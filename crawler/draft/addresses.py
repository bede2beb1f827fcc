"""Addresses of articles -> the rule that such addresses follow."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

#: What publishing systems call pages that are no articles, where articles stand at the root of a site too.
OTHERS = "category|tag|tags|author|authors|page|pages|feed|topic|topics|section|about|contact|privacy|search|wp-\\w+"
_KINDS = (  # of a segment of a path, narrow ones first
    (r"(?:19|20)\d{2}", r"\d{4}"),
    (r"\d{1,2}", r"\d{1,2}"),
    (r"\d+", r"\d+"),
    (r"\d{4}-\d{2}-\d{2}", r"\d{4}-\d{2}-\d{2}"),
    (r"\d{4}-\d{2}-\d{2}-.+", r"\d{4}-\d{2}-\d{2}-[^/?#]+"),
)
SLUG = re.compile(r"[^/]*[^\W\d_]+[-_+ %][^/]*[-_+ %]\w[^/]*|[^/]{25,}|.*\d{4,}.*")
_ENDING = re.compile(r"\.[a-z]{2,5}$")


@dataclass(frozen=True, slots=True)
class Rule:
    """A site's `article_url`, and how it fares with the links that are known."""

    pattern: str
    #: Links of the same site that it takes for articles, and all of them.
    matched: int
    known: int
    #: Some that it takes, besides the pages it was made of, and some that it does not.
    taken: tuple[str, ...]
    refused: tuple[str, ...]


def rule_of(urls: Sequence[str], links: Iterable[str]) -> Rule:
    """The narrowest rule that holds for the articles at `urls`, told apart by what else the site links to."""
    host = _host(urls[0])
    here = sorted({link for link in links if _host(link) == host} - set(urls))
    shapes = dict.fromkeys(_shape([u for u in urls if _depth(u) == depth], here) for depth in map(_depth, urls))
    paths = shapes if len(shapes) == 1 else [f"(?:{'|'.join(shapes)})"]
    pattern = rf"^https?://(?:www\.)?{re.escape(host)}{''.join(paths)}$"
    taken = [link for link in here if re.search(pattern, link)]
    refused = [link for link in here if link not in set(taken)]
    return Rule(pattern, len(taken), len(here), tuple(taken[:3]), tuple(refused[:3]))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _segments(url: str) -> list[str]:
    return [segment for segment in urlsplit(url).path.split("/") if segment]


def _depth(url: str) -> int:
    return len(_segments(url))


def _shape(urls: Sequence[str], links: Sequence[str]) -> str:
    """The path that the articles of one depth share."""
    columns = list(zip(*map(_segments, urls), strict=True))
    last = len(columns) - 1
    query = r"\?[^#]+" if all(urlsplit(url).query for url in urls) else ""  # which tells the article, then
    parts = [
        _segment(column, _likewise(urls, links, at), is_last=at == last and not query)
        for at, column in enumerate(columns)
    ]
    guard = rf"(?!(?:{OTHERS})(?:/|$))" if parts and not parts[0].isalnum() and not parts[0].startswith("\\d") else ""
    return "/" + guard + "/".join(parts) + ("" if _ENDING.search(columns[-1][0] if columns else "") else "/?") + query


def _likewise(urls: Sequence[str], links: Sequence[str], at: int) -> set[str]:
    """What stands in this segment of links whose last segment is an article's by its look."""
    similar = [_segments(link) for link in links if _depth(link) == _depth(urls[0])]
    return {segments[at] for segments in similar if SLUG.fullmatch(segments[-1])}


def _segment(column: Sequence[str], others: set[str], *, is_last: bool) -> str:
    """The pattern of one segment, known from the articles and likely from links."""
    for kind, pattern in _KINDS:
        if all(re.fullmatch(kind, segment) for segment in column):
            return pattern
    if is_last:
        endings = {found[0] if (found := _ENDING.search(segment)) else "" for segment in column}
        return r"[^/?#]+" + (re.escape(endings.pop()) if len(endings) == 1 else "")
    if len(set(column)) == 1 and (others <= set(column) or _ENDING.search(column[0])):
        return re.escape(column[0])
    return r"[\w-]+"
