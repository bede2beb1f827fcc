"""A draft as the Python of a site file."""

import json
from collections.abc import Iterator, Sequence

from crawler.discover import Source
from crawler.draft.addresses import Rule
from crawler.draft.common import Design, Draft

WIDTH = 110


def site_file(made: Draft, rule: Rule, sources: Sequence[Source]) -> str:
    """The module's text: what it imports, a layout for each design, and the spider."""
    kinds = sorted({type(source).__name__ for source in sources})
    layouts = [design.name for design in made.designs] + (["Generic"] if made.generic else [])
    bases = [name for name in ("Generic", "Layout") if name in layouts or (name == "Layout" and made.designs)]
    lines = [
        f'"""{_plain(made.title)}, https://{made.host}."""',
        "",
        "from crawler.crawl.spider import NewsSpider",
        f"from crawler.discover import {', '.join(kinds)}",
        f"from crawler.site import {', '.join(bases)}",
        "",
        "",
        *(line for design in made.designs for line in _layout(design, made)),
        f"class {class_name(made.name)}Spider(NewsSpider):",
        '    """Drafted from pages; check all of it."""',
        "",
        f"    name = {_quoted(made.name)}",
        *_tuple("sources", [_source(source) for source in sources]),
        f"    # {rule.matched} of the {rule.known} other links of the site that are known follow this rule.",
        f"    article_url = {_raw(rule.pattern)}",
        *_tuple("layouts", layouts),
    ]
    return "\n".join(lines) + "\n"


def class_name(name: str) -> str:
    """`harbour_post` as `HarbourPost`."""
    return "".join(word.title() for word in name.split("_"))


def _layout(design: Design, made: Draft) -> Iterator[str]:
    yield f"class {design.name}(Layout):"
    yield '    """As the pages are that this was drafted from."""'
    yield ""
    yield from _tuple("body", [_quoted(design.body)])
    yield from _tuple("drop", list(map(_quoted, design.drop)))
    for name in ("headline", "authors", "published"):
        query = getattr(design, name)
        yield from _tuple(f"{name}_css", [_quoted(query)] if query else [])
    yield from _tuple("drop_text", list(map(_raw, design.drop_text)))
    if design.rights:
        yield f"    rights = {_raw(design.rights)}"
    yield from _tuple("site_names", list(map(_quoted, made.site_names)))
    yield from ("", "")


def _tuple(name: str, entries: list[str]) -> Iterator[str]:
    """An attribute on one line if it fits; none at all without entries."""
    if not entries:
        return
    whole = f"    {name} = ({', '.join(entries)}{',' * (len(entries) == 1)})"
    if len(whole) <= WIDTH and "#" not in whole:
        yield whole
        return
    yield f"    {name} = ("
    yield from (f"        {entry}," for entry in entries)
    yield "    )"


def _source(source: Source) -> str:
    return f"{type(source).__name__}({_quoted(source.url)}{', probe=True' if source.probe else ''})"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _raw(pattern: str) -> str:
    """A regular expression as it is written by hand, if quotes allow."""
    return f'r"{pattern}"' if '"' not in pattern and not pattern.endswith("\\") else repr(pattern)


def _plain(text: str) -> str:
    return text.replace("\\", "").replace('"', "'").rstrip(".")
