"""Pages a second of the five sites' layouts beside trafilatura (default, with metadata), on the replicas' own pages.

    .venv/bin/python benchmarks/bench_layouts.py [ROUNDS] [PAGES]

Each page is read as it is and filled up to the size that pages of news sites have: scripts, styles, menus, cards of
other stories, a footer. That must not change the article. Both readers get the same pages in this process, in turns
whose order is by chance; CPU seconds are compared, medians of the rounds, no page read before in its round.
"""

import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from string import Template

from trafilatura import bare_extraction

from crawler.demo.replica import serve_all
from crawler.demo.served import Served
from crawler.errors import PageSkippedError
from crawler.extract import read_article
from crawler.model import Capture
from crawler.page import Page
from crawler.site import Site

#: Filled up, a page has what 1,200 pages of 46 news sites have in the median: 214 kB, of which 80 kB are scripts, 980
#: elements, and 165 lines of text.
SCRIPTS = 80_000
CLASSES = "u-block u-relative l-grid__cell l-grid__cell--12-24 c-stack b-media-item b-media-item--compact"
OPENED = re.compile(rb"<body[^>]*>", re.IGNORECASE)
CLOSED = re.compile(rb"</body>", re.IGNORECASE)
WORDS = ("harbour", "council", "market", "river", "winter", "budget", "ferry", "school", "bridge", "festival")
ICON = f"<svg class='icon' viewBox='0 0 24 24'><g><path d='{'M12 4l-8 8h16z ' * 16}'/><path d='M0'/></g></svg>"
ITEM = Template(
    "<li class='$c nav-item' data-component='nav-item' data-position='$n'><a class='$c nav-link' href='/topic/$n'>"
    "<span>$title</span>$icon</a></li>"
)
CARD = Template(
    "<div class='$c card' data-id='$n'><div class='$c'><a class='$c' href='/s/$n'><div class='$c'><div class='$c'>"
    "<picture><source srcset='$sizes'><source srcset='$sizes'><img loading='lazy' srcset='$sizes' alt=''></picture>"
    "</div></div></a></div><div class='$c'><h3 class='$c'><a class='$c' href='/s/$n'><span>$title</span>"
    "<span class='$c'>$icon</span></a></h3></div></div>"
)
CAPTURED_AT = datetime(2026, 6, 1, tzinfo=UTC)


def spider_of(site: str) -> type[Site]:
    module = import_module(f"spiders.{site}")
    return next(c for c in vars(module).values() if isinstance(c, type) and c.__dict__.get("name") == site)


def captures(site: str, articles: Sequence[Served]) -> Iterator[Capture]:
    """Every article's page in each of the site's markups."""
    pages = import_module(f"crawler.demo.pages.{site}")
    for served in articles:
        for variant in pages.VARIANTS:
            body = pages.render(served.story, served.around, variant)
            yield Capture(served.url, CAPTURED_AT, 200, (("Content-Type", "text/html"),), body)


def filled(capture: Capture) -> Capture:
    """The page with what others have round the article."""
    chance = random.Random(len(capture.payload))
    start, end = (found.span() for found in (OPENED.search(capture.payload), CLOSED.search(capture.payload)) if found)
    items = "".join(item(chance, number) for number in range(24))
    cards = "".join(card(chance, number) for number in range(28))
    before = f"<header class='top'><nav aria-label='Main'><ul class='menu'>{items}</ul></nav></header>"
    after = f"<aside class='more'>{cards}</aside><footer class='foot'><ul>{items}</ul></footer>"
    state = state_of(chance, SCRIPTS)
    pieces = (capture.payload[: start[1]], before.encode(), capture.payload[start[1] : end[0]], after.encode(), state)
    return replace(capture, payload=b"".join(pieces) + b"</body></html>")


def title(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=3)).title()


def item(chance: random.Random, number: int) -> str:
    return ITEM.substitute(c=CLASSES, n=number, icon=ICON, title=title(chance))


def card(chance: random.Random, number: int) -> str:
    name = chance.randrange(10**9)
    sizes = ", ".join(
        f"https://cdn.example/i/{number}-{name}.jpg?w={width} {width}w" for width in range(200, 1800, 200)
    )
    headline = f"{title(chance)} {title(chance)}"
    return CARD.substitute(c=CLASSES, n=number, icon=ICON, sizes=sizes, title=headline)


def state_of(chance: random.Random, size: int) -> bytes:
    """The page's data as its scripts want it."""
    entry = '{"id":%d,"slug":"%s","tags":["%s","%s"],"flags":{"live":false,"premium":true}},'
    entries, length = [], 0
    while length < size:
        entries.append(entry % (chance.randrange(10**9), *chance.choices(WORDS, k=3)))
        length += len(entries[-1])
    return f"<script>window.__STATE__=[{''.join(entries)}0]</script>".encode()


def ours(site: type[Site]) -> Callable[[Capture], object]:
    return lambda capture: read_article(Page(capture), site)


def theirs(capture: Capture) -> object:
    return bare_extraction(capture.payload.decode("utf-8", "replace"), url=capture.url, with_metadata=True)


def measure(site: type[Site], pages: Sequence[Capture], rounds: int) -> tuple[float, float]:
    """Milliseconds a page of ours and of theirs."""
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for turn in range(rounds + 1):
        readers = [("ours", ours(site)), ("theirs", theirs)]
        random.Random(turn).shuffle(readers)
        for name, read in readers:
            began = time.process_time()
            for capture in pages:
                read(capture)
            if turn:  # the first is to warm up
                seconds[name].append(time.process_time() - began)
    mine, other = (statistics.median(found) * 1000 / len(pages) for found in seconds.values())
    return mine, other


def readable(site: type[Site], pages: Sequence[Capture]) -> Iterator[tuple[Capture, Capture]]:
    """Those of the pages that are articles, with what they are filled up to; checks that the article is the same."""
    for capture in pages:
        try:
            article = read_article(Page(capture), site)
        except PageSkippedError:  # a video
            continue
        full = filled(capture)
        assert read_article(Page(full), site).text == article.text, capture.url
        yield capture, full


def main(rounds: int = 5, count: int = 40) -> None:
    for name, articles in serve_all(None, {}).items():
        site = spider_of(name)
        chosen = list(captures(name, articles))
        random.Random(1).shuffle(chosen)
        pairs = list(readable(site, chosen[:count]))
        for kind, pages in (("as they are", [p for p, _ in pairs]), ("filled up", [f for _, f in pairs])):
            mine, other = measure(site, pages, rounds)
            size = statistics.mean(len(page.payload) for page in pages) / 1000
            print(
                f"{name:20} {len(pages)} pages {kind:12} {size:4.0f} kB: {mine:5.2f} ms, trafilatura {other:6.2f} ms,"
                f" {other / mine:4.1f} times as fast"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
