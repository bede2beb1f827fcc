"""The five seed articles as stories with the text that stood round them, for the replica to print."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from crawler.demo.pages import business_live, dimsum_daily, diplomat_so, indebta, space_media_network
from crawler.demo.replica import Extra
from crawler.demo.story import Picture, Story
from crawler.demo.surroundings import Surroundings, Teaser
from crawler.model import Block

FOLDER = Path(__file__).parent.parent / "seeds"
URLS = {
    "space_media_network": "https://www.gpsdaily.com/reports/Xi_and_Putin_accuse_US_of_interference_in_call_999.html",
    "indebta": "https://indebta.com/news/"
    "xi-and-putin-reject-us-interference-and-pledge-stronger-industrial-co-operation/",
    "diplomat_so": "https://diplomat.so/2024/02/08/"
    "putin-and-xi-reject-u-s-interference-pledge-close-coordination-in-phone-call/",
    "business_live": "https://www.businesslive.co.za/bd/world/europe/"
    "2024-02-08-putin-and-xi-call-for-fairer-world-order/",
    "dimsum_daily": "https://www.dimsumdaily.hk/"
    "russo-chinese-leaders-condemn-u-s-interference-amidst-strengthening-ties/",
}
#: The address behind "Read the full article here"; the seed shows only the words.
ORIGINAL = "https://www.ft.com/content/00000000-0000-0000-0000-000000000000"
VARIANTS = {
    "space_media_network": space_media_network.VARIANTS,
    "indebta": indebta.VARIANTS,
    "diplomat_so": diplomat_so.VARIANTS,
    "business_live": business_live.VARIANTS,
    "dimsum_daily": dimsum_daily.VARIANTS,
}
RENDER = {
    "space_media_network": space_media_network.render,
    "indebta": indebta.render,
    "diplomat_so": diplomat_so.render,
    "business_live": business_live.render,
    "dimsum_daily": dimsum_daily.render,
}
CASES = [(site, variant) for site, variants in VARIANTS.items() for variant in variants]


@dataclass(frozen=True)
class Seed:
    """A seed: its text as saved, its gold, and both as the replica takes them."""

    site: str
    text: str
    gold: dict[str, Any]
    story: Story
    around: Surroundings

    def page(self, variant: str) -> bytes:
        return RENDER[self.site](self.story, self.around, variant)


@cache
def seed(site: str) -> Seed:
    """The seed of `site`."""
    gold_file = next(path for path in FOLDER.glob("*.gold.json") if _gold(path)["site"] == site)
    gold = _gold(gold_file)
    text = (FOLDER / gold["seed"]).read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Seed(site, text, gold, _story(gold), _SURROUND[site](lines, gold))


def extra(site: str, variant: str) -> dict[str, list[Extra]]:
    """What `Replica(extra_stories=...)` takes to serve the seed of `site` in `variant`."""
    return {site: [(seed(site).story, seed(site).around, variant)]}


def extras(variants: Sequence[int] = (0, 0, 0, 0, 0)) -> dict[str, list[Extra]]:
    """All five seeds, each in the variant of that index."""
    merged: dict[str, list[Extra]] = {}
    for (site, names), index in zip(VARIANTS.items(), variants, strict=True):
        merged |= extra(site, names[index % len(names)])
    return merged


def _gold(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _story(gold: dict[str, Any]) -> Story:
    blocks = tuple(Block("heading" if text in gold["subheadings"] else "paragraph", text) for text in gold["body"])
    own_dateline = gold["site"] == "space_media_network"
    return Story(
        slug=URLS[gold["site"]].rstrip("/").rpartition("/")[2],
        headline=gold["headline"],
        published=datetime.fromisoformat(gold["published"])
        if gold["published"]
        else None,  # naive where it is shown so
        section=gold["section"],
        blocks=blocks,
        authors=tuple(gold["authors"]),
        agency=gold["agency"],
        place=gold["dateline"].partition(" (")[0] if own_dateline else None,
        image=_picture(gold["image_caption"]),
        original=ORIGINAL if gold["republished_from"] else None,
    )


def _picture(caption: str | None) -> Picture | None:
    if caption is None:
        return None
    text, _, credit = caption.partition(" Picture: ")
    return Picture("seed.jpg", text, credit or None)


def _space_media_network(lines: list[str], gold: dict[str, Any]) -> Surroundings:
    kicker = gold["section"]
    lead, *groups = _groups(lines[_after(lines, "The following news reports") :], kicker)
    return Surroundings(
        url=URLS["space_media_network"],
        declares=False,
        masthead=lines[0],
        sign_off=lines[lines.index(gold["body"][-1]) + 1],
        pointers=tuple(
            takewhile(lambda line: not line.startswith("Subscribe"), lines[_after(lines, "Related Links") :])
        ),
        lead=Teaser(lead[0], _report(lead[0]), kicker, lead[1], lead[2].removesuffix(" ... read more")),
        shelves=tuple(tuple(Teaser(text, _report(text), kicker) for text in group) for group in groups),
        rights_notice=lines[-1],
    )


def _groups(lines: Sequence[str], kicker: str) -> Iterator[list[str]]:
    group: list[str] = []
    for line in takewhile(lambda line: not line.startswith("Subscribe Free"), lines):
        if line == kicker and group:
            yield group
            group = []
        elif line != kicker:
            group.append(line)
    yield group


def _report(headline: str) -> str:
    story = Story("x", headline, None, None, ())
    return f"https://www.spacedaily.com{space_media_network.path(story)}"


def _indebta(lines: list[str], gold: dict[str, Any]) -> Surroundings:
    side = lines[_after(lines, "Join Now") : lines.index("- Advertisement -")]
    cards = lines[_after(lines, "You Might Also Like") : lines.index("Facebook Twitter Pinterest Youtube Instagram")]
    return Surroundings(
        url=URLS["indebta"],
        declares=False,
        pitch=tuple(lines[_after(lines, "SHARE") : lines.index(gold["body"][0])]),
        sidebar=tuple(
            Teaser(headline, _post(headline), summary=summary)
            for headline, summary in zip(side[::2], side[1::2], strict=True)
        ),
        related=tuple(
            Teaser(headline, _post(headline), kicker, byline=byline.removeprefix("By "))
            for kicker, headline, byline in zip(cards[::3], cards[1::3], cards[2::3], strict=True)
        ),
        rights_notice=next(line for line in lines if line.startswith(gold["rights_notice_starts"])),
    )


def _post(headline: str) -> str:
    return f"{indebta.HOME}/news/{indebta.category(headline)}/"


def _bare(site: str) -> Surroundings:
    return Surroundings(url=URLS[site], declares=False)


def _business_live(lines: list[str], gold: dict[str, Any]) -> Surroundings:
    related = lines[_after(lines, gold["agency"]) : _after(lines, "Would you like to comment") - 1]
    sidebar = lines[_after(lines, "Related Articles") : -1]
    return Surroundings(
        url=URLS["business_live"],
        declares=False,
        pitch=(lines[0],),
        related=tuple(Teaser(text, _column(text)) for text in related),
        sidebar=tuple(Teaser(text, _column(text)) for text in sidebar),
        rights_notice=lines[-1],
    )


def _column(headline: str) -> str:
    return f"{business_live.HOME}/bd/opinion/2024-01-22-{indebta.category(headline)}/"


def _after(lines: Sequence[str], start: str) -> int:
    return next(index for index, line in enumerate(lines) if line.startswith(start)) + 1


_SURROUND: dict[str, Callable[[list[str], dict[str, Any]], Surroundings]] = {
    "space_media_network": _space_media_network,
    "indebta": _indebta,
    "diplomat_so": lambda _lines, _gold: _bare("diplomat_so"),
    "business_live": _business_live,
    "dimsum_daily": lambda _lines, _gold: _bare("dimsum_daily"),
}
