"""An article at its address: the unit that listings, feeds and sitemaps are made of."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from crawler.demo.story import Story, plain
from crawler.demo.surroundings import Surroundings, Teaser

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Served:
    """A story, what stands round it, and the markup it is printed in."""

    story: Story
    around: Surroundings
    variant: str

    @property
    def url(self) -> str:
        """The article's own URL, absolute."""
        return self.around.url

    @property
    def path(self) -> str:
        """The URL from the path on."""
        return urlsplit(self.url).path

    @property
    def host(self) -> str:
        """The host that carries it."""
        return urlsplit(self.url).hostname or ""

    @property
    def modified_at(self) -> datetime | None:
        """When its site says that it changed last; `None` where no zone is known."""
        time = self.story.modified or self.story.published
        return time if time is not None and time.tzinfo else None


def newest_first(articles: Iterable[Served]) -> list[Served]:
    """By publication; undated articles last."""
    return sorted(articles, key=lambda served: (_published(served), served.url), reverse=True)


def pages_of(articles: Sequence[Served], size: int) -> Iterator[tuple[int, Sequence[Served]]]:
    """Page numbers from 1 on, with the articles of each page; one empty page when there are none."""
    for start in range(0, max(1, len(articles)), size):
        yield start // size + 1, articles[start : start + size]


def sections_of(articles: Iterable[Served]) -> dict[str, list[Served]]:
    """The articles of each section, newest first; those without one are in none."""
    found: dict[str, list[Served]] = {}
    for served in newest_first(articles):
        if served.story.section:
            found.setdefault(served.story.section, []).append(served)
    return found


def opening_of(story: Story, length: int) -> str:
    """The first `length` characters of the story's paragraphs, cut wherever that is."""
    return " \n\n".join(plain(block.text) for block in story.blocks if block.kind == "paragraph")[:length]


def teaser_of(story: Story, url: str, *, kicker: str = "", dateline: str = "", length: int = 0) -> Teaser:
    """The story as others point to it, with a summary of at most `length` characters."""
    summary = opening_of(story, length).replace("\n", " ") if length else ""
    return Teaser(story.headline, url, kicker or story.section or "", dateline, summary, "; ".join(story.authors))


def others(stories: Sequence[Story], story: Story, count: int) -> list[Story]:
    """The `count` stories after `story` in the site's list, round and round."""
    at = stories.index(story)
    rest = [*stories[at + 1 :], *stories[:at]]
    return rest[:count]


def _published(served: Served) -> datetime:
    time = served.story.published
    if time is None:
        return LONG_AGO
    return time if time.tzinfo else time.replace(tzinfo=UTC)
