"""A line that the scorer drops is given the reason that a reader would see."""

import pytest

from crawler.extract.measures import measure
from crawler.extract.reasons import OTHER, RULES, reason_of
from tests.captures import page_of

TEXT = "Some words that stand here"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (f"<figure><figcaption>{TEXT}</figcaption></figure>", "caption"),
        (f"<nav><p>{TEXT}</p></nav>", "in nav"),
        (f"<aside><p>{TEXT}</p></aside>", "in aside"),
        (f"<footer><p>{TEXT}</p></footer>", "in footer"),
        (f"<div class=cookie-banner>{TEXT}</div>", "consent"),
        (f"<ol id=comments><li><p>{TEXT}</p></ol>", "comments"),
        (f"<div class='author__bio'><p>{TEXT}</p></div>", "author box"),
        (f"<div class=share-buttons>{TEXT}</div>", "share bar"),
        (f"<div class=related-articles>{TEXT}</div>", "related or read more"),
        ("<p>Copyright 2024, all rights reserved</p>", "legal or rights notice"),
        ("<p>Subscribe to the morning letter</p>", "newsletter or subscription"),
        ("<p>Anzeige</p>", "advertising"),
        ("<p>Lesen Sie auch: Ein Hafen wird tiefer</p>", "related or read more"),
        ("<p>Foto: dpa</p>", "caption"),
        ("<p>By Ann Lee</p>", "byline"),
        ("<p>Published 3 hours ago</p>", "label or date"),
        ("<p><a href=/>A link to elsewhere</a></p>", "only a link"),
        (f"<p>{TEXT}</p>", OTHER),
    ],
)
def test_the_first_rule_that_fits_names_the_reason(html: str, reason: str) -> None:
    assert reason_of(measure(page_of(html, "https://example.com/a")), 0) == reason


def test_every_rule_has_its_evidence() -> None:
    assert all(rule.lines > 200 and rule.share >= 0.85 for rule in RULES)
