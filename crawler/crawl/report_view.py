"""A run's report to read: as a table for a terminal, as one self-contained HTML page."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from io import StringIO

from rich.console import Console, JustifyMethod
from rich.table import Table

from crawler.crawl.report import RunReport, SiteReport

COLUMNS = ("site", "links found", "captured", "articles", "skipped", "not captured", "pending", "WARC", "seconds")
TEXT_COLUMNS = ("site", "skipped", "not captured")  # the others are numbers
UNITS = ("B", "kB", "MB", "GB", "TB")
TEXT_WIDTH = 120
UNBROKEN = ("site", "captured", "articles", "skipped", "WARC", "seconds")
FULL_WIDTH = 115  # below, words would be broken
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>newswarc run {run}</title><style>
body{{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#222}}table{{border-collapse:collapse}}
th,td{{padding:.3rem .8rem;border-bottom:1px solid #ddd;text-align:right;vertical-align:top}}
.text{{text-align:left}}tfoot td{{font-weight:bold}}
</style></head><body><h1>Run {run}</h1><p>Started {started}. {ends}</p>{requisites}
<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot><tr>{foot}</tr></tfoot></table></body></html>
"""


def render_text(report: RunReport, *, width: int = TEXT_WIDTH, color: bool = False) -> str:
    """The report as a table; where `width` has no room for reasons beside the numbers, they stand below it."""
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=color, no_color=not color)
    if width >= FULL_WIDTH:
        console.print(full_table(report))
    else:
        console.print(narrow_table(report))
        for line in reasons(report):
            console.print(line, markup=False, highlight=False)
    for line in (*requisites(report), endings(report)):
        console.print(line, markup=False, highlight=False)
    return out.getvalue()


def full_table(report: RunReport) -> Table:
    """Numbers and reasons side by side."""
    table = Table(title=f"run {report.run_id}", title_justify="left", show_footer=len(report.sites) > 1)
    for name, total in zip(COLUMNS, totals(report), strict=True):
        table.add_column(name, footer=total, justify="left" if name in TEXT_COLUMNS else "right", overflow="fold")
    for site in report.sites:
        table.add_row(*cells(site))
    return table


def narrow_table(report: RunReport) -> Table:
    """The numbers alone: 77 columns for the sites there are, no heading broken within a word."""
    table = Table(title=f"run {report.run_id}", title_justify="left", show_footer=len(report.sites) > 1, box=None)
    table.padding, table.pad_edge = (0, 1, 0, 0), False
    for name, total in zip(COLUMNS, totals(report), strict=True):
        side: JustifyMethod = "left" if name == "site" else "right"
        if name != "pending":
            table.add_column(name, footer=total, justify=side, no_wrap=name in UNBROKEN)
    for site in report.sites:
        name, found, captured, articles, _, _, _, *others = cells(site)
        table.add_row(name, found, captured, articles, str(sum(site.skipped.values())), str(lost(site)), *others)
    return table


def reasons(report: RunReport) -> Iterator[str]:
    """What was skipped, not captured and left for later, one line a site."""
    for site in report.sites:
        told = {"skipped": in_words(site.skipped), "not captured": in_words(losses(site))}
        told["pending"] = str(site.pending or "-")
        if parts := [f"{kind} {words}" for kind, words in told.items() if words != "-"]:
            yield f"{site.site}: {'; '.join(parts)}"


def render_html(report: RunReport) -> str:
    """The report as a page that needs nothing but itself."""
    return PAGE.format(
        run=escape(report.run_id),
        started=escape(report.started_at),
        ends=escape(endings(report)),
        requisites="".join(f"<p>{escape(line)}</p>" for line in requisites(report)),
        head=row("th", COLUMNS),
        body="".join(f"<tr>{row('td', cells(site))}</tr>" for site in report.sites),
        foot=row("td", totals(report)),
    )


def row(tag: str, values: Iterable[str]) -> str:
    """One row's cells in HTML."""
    return "".join(
        f'<{tag} class="text">{escape(value)}</{tag}>' if name in TEXT_COLUMNS else f"<{tag}>{escape(value)}</{tag}>"
        for name, value in zip(COLUMNS, values, strict=True)
    )


def cells(site: SiteReport) -> tuple[str, ...]:
    """A site's row."""
    return (
        site.site,
        str(site.found),
        str(site.captured),
        str(site.articles),
        in_words(site.skipped),
        in_words(losses(site)),
        str(site.pending),
        in_units(site.warc_bytes),
        f"{site.seconds:.1f}",
    )


def losses(site: SiteReport) -> dict[str, int]:
    """Links without a page, by reason."""
    return {**({"gone": site.gone} if site.gone else {}), **site.refused, **site.failed}


def lost(site: SiteReport) -> int:
    """How many links have no page."""
    return site.gone + sum(site.refused.values()) + sum(site.failed.values())


def totals(report: RunReport) -> tuple[str, ...]:
    """The last row."""
    sites = report.sites
    return (
        "all",
        str(sum(site.found for site in sites)),
        str(sum(site.captured for site in sites)),
        str(sum(site.articles for site in sites)),
        str(sum(sum(site.skipped.values()) for site in sites)),
        str(sum(lost(site) for site in sites)),
        str(sum(site.pending for site in sites)),
        in_units(sum(site.warc_bytes for site in sites)),
        f"{max((site.seconds for site in sites), default=0.0):.1f}",
    )


def endings(report: RunReport) -> str:
    """How the sites' runs ended, and what could not be read at all."""
    odd = [f"{site.site} ended early ({site.ended})" for site in report.sites if site.ended != "finished"]
    odd += [f"{site.site}: {site.sources_failed} sources not read" for site in report.sites if site.sources_failed]
    waits = [site for site in report.sites if site.paused_seconds]
    odd += [f"{site.site} waited {site.paused_seconds:.0f} seconds for disk space" for site in waits]
    return "; ".join(odd) + "." if odd else "Every site was crawled to its end."


def requisites(report: RunReport) -> Iterator[str]:
    """What became of what the articles need to be shown, one line a site."""
    for site in report.sites:
        if site.requisites:
            yield f"{site.site}: {sum(site.requisites.values())} requisites: {in_words(site.requisites)}"


def in_words(counts: Mapping[str, int]) -> str:
    """`3 stub, 1 no_layout`, the most frequent first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number} {reason}" for reason, number in ranked) or "-"


def in_units(size: int) -> str:
    """Bytes as people read them."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 else f"{value:.1f} {UNITS[unit]}"
