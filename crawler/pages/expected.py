"""What is expected of a page: its record without what differs from archive to archive."""

from collections.abc import Mapping
from dataclasses import dataclass

from crawler.corpus.record import as_dict
from crawler.model import Article

#: In the order in which people check them. What is left out follows from these, or tells where the page is stored.
FIELDS = (
    "layout",
    "canonical_url",
    "headline",
    "authors",
    "agency",
    "dateline",
    "section",
    "tags",
    "language",
    "published_at",
    "published_precision",
    "published_raw",
    "modified_at",
    "access",
    "republished_from",
    "images",
    "rights_notice",
    "blocks",
)
SKIPPED = "skipped"
Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not as expected; a missing one is `None`."""

    field: str
    expected: object
    found: object


def expected_fields(article: Article) -> dict[str, object]:
    """The article's fields as they are compared, in JSON's terms."""
    record = as_dict(article)
    return {name: record[name] for name in FIELDS}


def differences(expected: Record, found: Record) -> tuple[Difference, ...]:
    """The fields that differ; of a page that gave no article, or should give none, the reason alone."""
    if SKIPPED in expected or SKIPPED in found:
        expected = {SKIPPED: expected.get(SKIPPED)}
        found = {SKIPPED: found.get(SKIPPED)}
    names = dict.fromkeys((*expected, *found))
    pairs = ((name, expected.get(name), found.get(name)) for name in names)
    return tuple(Difference(name, wanted, got) for name, wanted, got in pairs if wanted != got)
