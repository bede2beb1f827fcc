"""A report's columns add up, and it reads the same from its file."""

from dataclasses import replace
from pathlib import Path

import pytest

from crawler.crawl.ledger import Counts
from crawler.crawl.report import RunReport, SiteReport, load_report, save_report, site_report
from crawler.crawl.report_view import in_units, render_html, render_text
from crawler.errors import UsageError

COUNTS = Counts(
    found=60,
    outcomes={
        ("captured", None): 30,
        ("captured", "stub"): 4,
        ("captured", "no_layout"): 6,
        ("gone", "http_404"): 5,
        ("gone", "http_410"): 1,
        ("refused", "robots"): 2,
        ("failed", "timeout"): 3,
        ("pending", None): 8,
        ("pending", "robots"): 1,
    },
    captures=77,
    warc_bytes=1_234_567,
)


def make(run_id: str = "R1", *, ended: str = "finished", sources_failed: int = 0) -> RunReport:
    site = site_report("example", COUNTS, ended=ended, seconds=12.34, sources_failed=sources_failed)
    other = site_report("<b>twin</b>", Counts(0, {}, 0, 0), ended="finished", seconds=1)
    return RunReport(run_id, "2024-02-08T00:00:00+00:00", (site, other))


def test_its_columns_are_the_ledgers_counts() -> None:
    site = make().sites[0]
    assert site == SiteReport(
        site="example",
        ended="finished",
        found=60,
        articles=30,
        skipped={"stub": 4, "no_layout": 6},
        gone=6,
        refused={"robots": 2},
        failed={"timeout": 3},
        pending=9,
        pages=77,
        warc_bytes=1_234_567,
        seconds=12.3,
    )
    assert site.captured == 40


def test_what_pages_need_stands_apart_from_the_links(tmp_path: Path) -> None:
    counts = replace(COUNTS, requisites={"fetched": 40, "http_404": 2, "<b>": 1})
    site = site_report("example", counts, ended="finished", seconds=1)
    assert (site.found, site.captured, site.pending) == (60, 40, 9)
    report = RunReport("R1", "2024-02-08T00:00:00+00:00", (replace(site, paused_seconds=7.2),))
    line = "example: 43 requisites: 40 fetched, 2 http_404, 1 <b>"
    assert all(line in render_text(report, width=width) for width in (80, 160))
    assert "<p>example: 43 requisites: 40 fetched, 2 http_404, 1 &lt;b&gt;</p>" in render_html(report)
    assert "example waited 7 seconds for disk space" in render_text(report)
    assert load_report(tmp_path, save_report(tmp_path, report).name.removesuffix(".report.json")) == report


def test_its_columns_add_up() -> None:
    site = make().sites[0]
    assert (
        site.found == site.captured + site.gone + sum(site.refused.values()) + sum(site.failed.values()) + site.pending
    )


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    save_report(tmp_path, make("R1"))
    save_report(tmp_path, make("R2", ended="shutdown"))
    assert load_report(tmp_path, "R1") == make("R1")
    assert load_report(tmp_path) == make("R2", ended="shutdown")


def test_it_names_the_runs_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report of any run there; runs are none"):
        load_report(tmp_path)
    save_report(tmp_path, make("R1"))
    with pytest.raises(UsageError, match="no report of R9 there; runs are R1"):
        load_report(tmp_path, "R9")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sites": [{}]}'])
def test_it_says_what_is_no_report(tmp_path: Path, text: str) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/R1.report.json").write_text(text)
    with pytest.raises(UsageError, match="no run report"):
        load_report(tmp_path, "R1")


def test_a_run_id_leads_out_of_no_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report of"):
        load_report(tmp_path, "../../etc/passwd")


def test_it_is_a_table_of_one_line_a_site() -> None:
    text = render_text(make(), width=140)
    row = next(line for line in text.splitlines() if "example" in line)
    for value in ("60", "40", "30", "6 no_layout, 4 stub", "6 gone, 3 timeout, 2 robots", "9", "1.2 MB", "12.3"):
        assert value in row
    assert "Every site was crawled to its end." in text
    assert "\x1b" not in text


def test_it_breaks_no_word_on_a_terminal_of_80_columns() -> None:
    """The reasons then stand below the numbers, so that every link is still accounted for."""
    sites = tuple(replace(make().sites[0], site=name) for name in ("space_media_network", "indebta"))
    lines = render_text(replace(make(), sites=sites), width=80).splitlines()
    assert max(map(len, lines)) <= 80
    words = {word for line in lines for word in line.split()}
    assert {"found", "captured", "articles", "skipped", "WARC", "seconds", "space_media_network"} <= words
    row = next(line for line in lines if line.startswith("space_media_network "))
    assert row.split() == ["space_media_network", "60", "40", "30", "10", "11", "1.2", "MB", "12.3"]
    told = "indebta: skipped 6 no_layout, 4 stub; not captured 6 gone, 3 timeout, 2 robots; pending 9"
    assert told in " ".join(word for line in lines for word in line.split())


def test_it_says_what_ended_early_and_what_was_not_read() -> None:
    text = render_text(make(ended="shutdown", sources_failed=2), width=140)
    assert "example ended early (shutdown)" in text
    assert "example: 2 sources not read" in text


def test_it_is_one_page_that_needs_nothing_else() -> None:
    page = render_html(make())
    assert page.startswith("<!doctype html>")
    assert "&lt;b&gt;twin&lt;/b&gt;" in page
    assert "<b>" not in page
    assert not any(word in page for word in ("src=", "href=", "<script", "@import"))


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_500_000, "2.5 MB"), (7 * 10**15, "7000.0 TB")]
)
def test_it_prints_sizes_as_people_read_them(size: int, text: str) -> None:
    assert in_units(size) == text
