from datetime import datetime

import pytest

from crawler.demo.replica import SITES
from crawler.demo.story import Picture, inline_parts, load_stories, parse_stories, plain
from crawler.errors import UsageError

STORY = """\
slug: night-ferry
headline: Night ferry returns: a trial
published: 2024-03-05T09:30:00+01:00
modified: 2024-03-06T09:30:00+01:00
authors: Ada Lund; Bo Ek
agency: SPX
place: Oslo
section: WORLD
standfirst: It sails again.
tags: ferries; night
image: ferry.jpg | The ferry | Handout
premium: yes
original: https://example.com/a
overline: TRANSPORT
sister: spacewar.com

The ferry
sails *tonight* from [Oslo](https://example.com/oslo).

## - 'All aboard' -

- one
- two

> A quote.

``` 08:00  Oslo
``` 20:00  Kiel
"""


def test_reads_every_field_of_a_story() -> None:
    (story,) = parse_stories(STORY)
    assert story.headline == "Night ferry returns: a trial"
    assert story.published == datetime.fromisoformat("2024-03-05T09:30:00+01:00")
    assert story.modified == datetime.fromisoformat("2024-03-06T09:30:00+01:00")
    assert (story.authors, story.tags) == (("Ada Lund", "Bo Ek"), ("ferries", "night"))
    assert (story.agency, story.place, story.section) == ("SPX", "Oslo", "WORLD")
    assert (story.standfirst, story.overline, story.sister) == ("It sails again.", "TRANSPORT", "spacewar.com")
    assert story.image == Picture("ferry.jpg", "The ferry", "Handout")
    assert story.premium
    assert story.original == "https://example.com/a"


def test_reads_blocks_by_their_prefix() -> None:
    (story,) = parse_stories(STORY)
    assert [(block.kind, block.text) for block in story.blocks[1:]] == [
        ("heading", "- 'All aboard' -"),
        ("list_item", "one"),
        ("list_item", "two"),
        ("quote", "A quote."),
        ("preformatted", "08:00  Oslo\n20:00  Kiel"),
    ]
    assert plain(story.blocks[0].text) == "The ferry sails tonight from Oslo."
    assert [part for part in inline_parts(story.blocks[0].text) if part[1] is not None] == [
        ("tonight", ""),
        ("Oslo", "https://example.com/oslo"),
    ]


def test_leaves_a_multiplication_sign_alone() -> None:
    assert plain("2 * 3 * 4 is 24") == "2 * 3 * 4 is 24"


def test_separates_stories_and_ignores_empty_ones() -> None:
    text = f"====\n{STORY}\n====\n\n{STORY.replace('night-ferry', 'day-ferry')}\n====\n"
    assert [story.slug for story in parse_stories(text)] == ["night-ferry", "day-ferry"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("slug: night-ferry\n", "", "own.txt:4: the story has no slug; add the line"),
        ("slug: night-ferry", "slug: a/b", "own.txt:4: the slug 'a/b' does not fit into a URL"),
        ("agency: SPX", "agencies: SPX", "own.txt:9: 'agencies: SPX' is no `key: value` line"),
        ("agency: SPX", "place: Rome", "own.txt:10: place is given twice"),
        (
            "published: 2024-03-05T09:30:00+01:00",
            "published: May 5",
            "own.txt:4: published 'May 5' is no ISO 8601 time",
        ),
        ("modified: 2024-03-06T09:30:00+01:00", "modified: 2024-03-06", "own.txt:4: modified '2024-03-06' has no zone"),
        ("premium: yes", "premium: maybe", "own.txt:4: premium is 'maybe'; write yes or no"),
        ("original: https:", "original: ftp:", "own.txt:4: original 'ftp://example.com/a' is no http(s) URL"),
        (STORY.partition("\n\n")[2], "", "own.txt:4: the story 'night-ferry' has no text"),
    ],
)
def test_names_file_and_line_of_what_is_wrong(old: str, new: str, message: str) -> None:
    text = "\n====\n\n" + STORY.replace(old, new, 1)
    with pytest.raises(UsageError) as caught:
        parse_stories(text, "own.txt")
    assert str(caught.value).startswith(message)


def test_refuses_a_slug_that_is_used_twice() -> None:
    with pytest.raises(UsageError, match="two stories have the slug 'night-ferry'"):
        parse_stories(f"{STORY}\n====\n{STORY}", "own.txt")


def test_says_when_a_site_has_no_stories() -> None:
    with pytest.raises(UsageError, match="the demo has no stories of this site"):
        load_stories("nowhere")


@pytest.mark.parametrize("site", SITES)
def test_holds_stories_for_every_site(site: str) -> None:
    assert len(load_stories(site)) >= 10
