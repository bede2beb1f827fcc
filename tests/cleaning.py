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
QUALITY = """## How good it is

Pages of sites without a layout, read by the generic cascade. Two public sets of real pages have gold texts: 257 pages
of 180 newspapers in over twenty languages (the test pages of flairNLP/fundus), and 260 English pages of all kinds
(Murrough-Foley/web-content-extraction-benchmark, a sample of its development split; its golds were drafted by a model,
and some are a part of the text). Each page was read with weights that were trained on other sites:

```console
$ .venv/bin/python benchmarks/unseen.py FOLDER
```

F1 is that of the mean precision and recall of runs of four words; a page is perfect with both at 0.98 or more; leaked
are paragraphs a page that are not the article's; lost is the share of the article's paragraphs that are not read; twice
is the share of pages with a paragraph that is read twice.

| pages | reader | F1 | perfect | leaked | lost | twice | newswarc's F1 is above, 95 % |
|---|---|---|---|---|---|---|---|
| newspapers | newswarc | 0.972 | 0.55 | 1.87 | 0.013 | 0.000 | |
| | trafilatura | 0.949 | 0.24 | 3.15 | 0.033 | 0.027 | +0.016 to +0.036 |
| | trafilatura, precise | 0.948 | 0.25 | 2.43 | 0.050 | 0.019 | +0.015 to +0.042 |
| all kinds | newswarc | 0.941 | 0.42 | 5.26 | 0.050 | 0.004 | |
| | trafilatura | 0.928 | 0.39 | 5.37 | 0.057 | 0.077 | -0.002 to +0.030 |
| | trafilatura, precise | 0.904 | 0.38 | 4.36 | 0.104 | 0.058 | +0.022 to +0.068 |

So on sites never seen it is ahead on news; on pages of all kinds it is ahead of trafilatura's default by too little to
be sure of, and it leaks as much there. The weights that are shipped were trained on all of these pages, and read them
better than they will read others.

F1 beside trafilatura's, where there are three pages or more: Germany 0.974 (0.948), USA 0.966 (0.953), United Kingdom
0.964 (0.943), South Africa 0.956 (0.952), Spain 0.989 (0.966), Canada 0.979 (0.981), Japan 0.974 (0.924), Switzerland
0.966 (0.958), Austria 0.996 (0.973), France 0.998 (0.982), Norway 0.873 (0.848), Turkey 0.969 (0.966), Italy 0.988
(0.977), Korea 0.956 (0.738), Luxembourg 0.996 (0.974), Australia 0.992 (0.976), Czechia 0.950 (0.934), India 0.988
(0.974), Sweden 0.993 (0.954). Norway's five pages have one with a second article below the first.

What is still wrong, in lines, newspapers and pages of all kinds:

| leaks | newspapers | all kinds |
|---|---|---|
| on pages with several texts, or of which the gold has a part only | 142 on 7 pages | 242 on 3 |
| prose of boxes, of other articles, of descriptions | 73 on 38 | 239 on 66 |
| items of lists | 74 on 11 | 107 on 15 |
| short lines | 42 on 23 | 137 on 27 |
| headings | 32 on 20 | 64 on 24 |
| related, read more | 17 on 7 | 61 on 21 |
| other links | 15 on 7 | 42 on 13 |
| quotes and posts shown in the text | 16 on 6 | 4 on 2 |
| **is lost** | | |
| prose | 29 on 23 | 159 on 43 |
| headings | 32 on 13 | 110 on 37 |
| short lines | 16 on 12 | 230 on 49 |
| items of lists | 12 on 4 | 187 on 30 |

Of what is lost, 34 lines of newspapers stand above the text that is read, on 26 pages: most are standfirsts.
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
    return "\n".join((*parts, QUALITY))


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
