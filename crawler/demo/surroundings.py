"""What a site prints round an article, as values: the renderers decide where, the callers decide what."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Teaser:
    """A pointer to another article; only `headline` is printed everywhere."""

    headline: str
    url: str
    kicker: str = ""
    dateline: str = ""
    summary: str = ""
    byline: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The text round one article; a slot that its site does not have is left unprinted."""

    #: The page's own address, absolute.
    url: str
    #: Whether the head tells what the text does not: Open Graph, JSON-LD, machine-readable times, the CMS's own record.
    declares: bool = True
    masthead: str = ""
    #: The newsletter or subscription offer, one entry a line.
    pitch: tuple[str, ...] = ()
    #: The boxed other story that old templates print between headline and byline.
    inset: Teaser | None = None
    #: The last line of the article's column that is not the article: a desk's slug of initials.
    sign_off: str = ""
    #: Lines below the article that lead elsewhere: "Learn about ... at SpaceWar.com".
    pointers: tuple[str, ...] = ()
    #: The one related story that is printed with its text.
    lead: Teaser | None = None
    #: Related stories in groups, each group below its kicker.
    shelves: tuple[tuple[Teaser, ...], ...] = ()
    sidebar: tuple[Teaser, ...] = ()
    related: tuple[Teaser, ...] = ()
    rights_notice: str = ""
