"""What the commands print, on an archive that the demo left."""

import json
import subprocess
from pathlib import Path

from tests.commands.conftest import Run
from tests.conftest import NEWSWARC

SITES = {"business_live", "dimsum_daily", "diplomat_so", "indebta", "space_media_network"}


def test_it_shows_an_overview_without_a_command(newswarc: Run) -> None:
    result = newswarc()
    assert result.returncode == 0
    for command in ("demo", "sites", "crawl", "extract", "rebuild", "report"):
        assert f"newswarc {command}" in result.stdout
        assert f"newswarc {command}" in newswarc(command, "--help").stdout


def test_the_demo_ends_with_a_table_and_the_next_steps(newswarc: Run) -> None:
    result = newswarc("demo")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    for site in SITES:
        assert site in result.stdout
    assert "newswarc-demo/warc/" in result.stdout
    again = newswarc("demo", "--json")
    report = json.loads(again.stdout)
    assert {site["site"] for site in report["sites"]} == SITES
    assert sum(site["articles"] for site in report["sites"]) == 0, "a second demo finds nothing new"


def test_report_adds_up_in_every_form(newswarc: Run, demo_archive: Path) -> None:
    report = json.loads(newswarc("report", "--archive", demo_archive, "--json").stdout)
    for site in report["sites"]:
        named = [site["articles"], site["gone"], site["pending"]]
        named += [number for kind in ("skipped", "refused", "failed") for number in site[kind].values()]
        assert site["found"] == sum(named) > 20
    assert report["run_id"] in newswarc("report", "--archive", demo_archive).stdout
    page = newswarc("report", report["run_id"], "--archive", demo_archive, "--html").stdout
    assert page.startswith("<!doctype html>")
    assert "src=" not in page


def test_sites_counts_what_the_archive_holds(newswarc: Run, demo_archive: Path) -> None:
    lines = newswarc("sites", "--archive", demo_archive, "--json").stdout.splitlines()
    rows = {row["site"]: row for row in map(json.loads, lines)}
    assert set(rows) == {*SITES, "news"}
    assert all(rows[site]["articles"] > 20 for site in SITES)
    assert "dimsum_daily" in newswarc("sites").stdout


def test_rebuild_prints_and_writes_the_same_records(newswarc: Run, demo_archive: Path, tmp_path: Path) -> None:
    printed = newswarc("rebuild", demo_archive / "warc" / "indebta")
    assert printed.returncode == 0, printed.stderr
    records = [json.loads(line) for line in printed.stdout.splitlines()]
    assert len(records) > 20
    assert {record["site"] for record in records} == {"indebta"}
    written = newswarc("rebuild", demo_archive / "warc", "--out", "corpus", "--workers", "2", "--json")
    tally = json.loads(written.stderr)
    assert tally["damaged"] == tally["failed"] == 0
    assert tally["articles"] > 100
    assert len(list((tmp_path / "corpus").rglob("*.jsonl.zst"))) == len(SITES)


def test_rebuild_stops_quietly_when_its_reader_does(demo_archive: Path) -> None:
    with subprocess.Popen(
        [NEWSWARC, "rebuild", demo_archive / "warc"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["headline"]
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_extract_reads_a_saved_page_as_the_crawl_did(newswarc: Run, tmp_path: Path) -> None:
    paragraphs = "".join(
        f"<p>Paragraph {n} of a text that is long enough to be an article of its own.</p>" for n in "abc"
    )
    page = (
        "<title>A day in March</title><h1>A day in March</h1>"
        f"<p>5th March 2024 &ndash; (Hong Kong) It began.</p>{paragraphs}"
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    where = ("--url", "https://www.dimsumdaily.hk/a-day-in-march/", "--captured-at", "2024-03-06T00:00:00Z")
    result = newswarc("extract", "page.html", *where)
    record = json.loads(result.stdout)
    assert (record["site"], record["layout"], record["published_at"]) == ("dimsum_daily", "dateline", "2024-03-05")
    assert record["captured_at"].startswith("2024-03-06T00:00:00")
    assert newswarc("extract", "-", *where, stdin=page).stdout == result.stdout
    explained = newswarc("extract", "page.html", *where, "--explain").stdout
    assert explained.count("keep ") == 4
    lines = [
        json.loads(line) for line in newswarc("extract", "page.html", *where, "--explain", "--json").stdout.splitlines()
    ]
    assert [line["text"] for line in lines if line["verdict"] == "keep"] == [
        block["text"] for block in record["blocks"]
    ]
