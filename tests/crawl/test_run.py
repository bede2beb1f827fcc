"""What the end of a site's run is called."""

from pathlib import Path

from scrapy.utils.test import get_crawler

from crawler.crawl.run import SiteRun, report_of


def started_run() -> SiteRun:
    crawler = get_crawler(settings_dict={"TELNETCONSOLE_ENABLED": False})
    return SiteRun("example", crawler, began=0.0)


def test_a_run_that_two_signals_ended_says_so(tmp_path: Path) -> None:
    """Scrapy names no reason then, and tells nobody of the end."""
    run = started_run()
    assert run.ended == "not started"
    run.crawler.stats.set_value("start_time", 1)
    report = report_of(run, tmp_path, "R")
    assert report.ended == "interrupted"
    assert report.seconds > 0
    run.crawler.stats.set_value("finish_reason", "shutdown")
    assert run.ended == "shutdown"
