"""Writes docs/cleaning.md: a page of each of the demo's sites as it comes, line by line, and what is made of it.

.venv/bin/python -m tests.cleaning > docs/cleaning.md
"""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby

from crawler.demo.replica import serve_all
from crawler.demo.served import Served
from crawler.extract import Verdict, explain, read_article
from crawler.model import Capture
from crawler.page import Page
from crawler.pages.expected import expected_fields
from crawler.site import Site

HEAD = """# What is kept of a page

One page of each site that newswarc knows, as its replica in `newswarc demo` serves it: every line that a reader of the
page sees, `+` before those that are the article's, and before the others `-` and the reason. Long lines are cut here,
and so are long runs of lines that are dropped for one reason. Below is the record, without its text.

`newswarc extract FILE --url URL --explain` shows the same of any page. This file is made by `python -m tests.cleaning`;
a test makes it again and compares.
"""
#: Site, its markup, and words of the headline; each has the kinds of noise that the site's own pages have.
CHOSEN = (
    ("space_media_network", "tables", "dark"),
    ("indebta", "foxiz15", "Baltic pension funds"),
    ("diplomat_so", "divs", ""),
    ("business_live", "cosmos", "Lisbon and Maputo"),
    ("dimsum_daily", "tagdiv", "bamboo-steamer"),
)
WIDTH = 96  # characters of a line
SHOWN = 3  # lines of a run that is dropped for one reason
LONG_RUN = 5
LEFT_OUT = ("blocks", "rights_notice")


def main() -> str:
    """The page."""
    served = serve_all(None, {})
    parts = [HEAD]
    for site, variant, words in CHOSEN:
        one = next(one for one in served[site] if words in one.story.headline and len(one.story.blocks) > 3)
        parts += section(site, variant, one)
    return "\n".join(parts) + "\n"


def section(site: str, variant: str, one: Served) -> Iterator[str]:
    """The part of one site."""
    page, spider = page_of(site, variant, one), spider_of(site)
    yield f"## {spider.name}: {one.story.headline}\n"
    yield f"`{one.url}`, {len(page.content):,} bytes of HTML\n"
    yield "```diff"
    for reason, run in groupby(explain(page, spider), key=lambda verdict: verdict.reason):
        yield from shown(reason, list(run))
    yield "```\n"
    record = {name: value for name, value in expected_fields(read_article(page, spider)).items() if value}
    yield "```json"
    yield json.dumps({n: v for n, v in record.items() if n not in LEFT_OUT}, ensure_ascii=False, indent=2)
    yield "```\n"


def shown(reason: str, run: list[Verdict]) -> Iterator[str]:
    """Lines with one verdict; of many that are dropped, the first ones."""
    if run[0].kept:
        yield from (f"+ {cut(v.line.text)}" for v in run)
        return
    whole = len(run) <= LONG_RUN
    yield from (f"- {cut(v.line.text)}   [{reason}]" for v in (run if whole else run[:SHOWN]))
    if not whole:
        yield f"  ... {len(run) - SHOWN} more [{reason}]"


def cut(text: str) -> str:
    """The text in one line of a bearable length."""
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else text[: WIDTH - 1].rstrip() + "…"


def page_of(site: str, variant: str, one: Served) -> Page:
    """The page in one of its site's markups."""
    html = import_module(f"crawler.demo.pages.{site}").render(one.story, one.around, variant)
    captured_at = one.modified_at or one.story.published
    assert captured_at is not None
    return Page(Capture(one.url, captured_at, 200, (("Content-Type", "text/html"),), html))


def spider_of(site: str) -> type[Site]:
    """The site as its file defines it."""
    module = import_module(f"spiders.{site}")
    return next(c for c in vars(module).values() if isinstance(c, type) and c.__dict__.get("name") == site)


if __name__ == "__main__":
    sys.stdout.buffer.write(main().encode())
