"""While disk space is short no request goes out; the crawl goes on by itself, and says both."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.crawl.report_view import render_text
from crawler.crawl.run import RunOutcome
from crawler.crawl.space import Limit, Space
from crawler.errors import UsageError
from tests.crawl.example import Answer, Page_, Server, article, feed
from tests.crawl.running import Crawl, records
from tests.crawl.spaces import WATCHES

DAY = "/2024/02/08"
PATHS = [f"{DAY}/{number}/" for number in range(30)]
SITE: dict[str, Page_] = {"/feed.xml": feed(*PATHS), **{path: article(path) for path in PATHS}}


def crawl(server: Server, archive: Path, watch: str, **settings: object) -> RunOutcome:
    extensions = {**WATCHES, f"tests.crawl.spaces.{watch}": 2, "scrapy.extensions.closespider.CloseSpider": 3}
    log = {"LOG_FILE": str(archive.parent / "log"), "LOG_LEVEL": "WARNING"}
    own = {"EXTENSIONS": extensions, "CONTROL": str(archive.parent), "NEWSWARC_MIN_FREE": "10%", **log, **settings}
    return Crawl(("example",), archive, {**server.settings, **own}).run()


def lines(folder: Path) -> list[str]:
    return [line.partition("WARNING: ")[2] for line in (folder / "log").read_text().splitlines()]


@pytest.mark.parametrize(
    ("text", "bytes_"), [("0", 0), ("1000000", 10**6), ("5%", 50_000), ("0.5%", 5000), (" 10 % ", 100_000), ("0%", 0)]
)
def test_the_limit_is_in_bytes_or_percent(text: str, bytes_: int) -> None:
    assert Limit.parse(text).of(Space(0, 10**6)) == bytes_


@pytest.mark.parametrize("text", ["", "much", "-1", "1.5", "100%", "-1%", "5%%", "nan%", "1e9", "\u0665"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="NEWSWARC_MIN_FREE"):
        Limit.parse(text)


def test_a_bad_limit_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NEWSWARC_MIN_FREE=much"), Server(SITE) as server:
        Crawl(("example",), tmp_path / "archive", {**server.settings, "NEWSWARC_MIN_FREE": "much"}).run()


def test_a_run_that_finds_too_little_space_at_its_start_waits(tmp_path: Path) -> None:
    (tmp_path / "low").touch()
    with Server(SITE) as server:
        outcome = crawl(server, tmp_path / "archive", "Scripted")
    looks = [float(line) for line in (tmp_path / "looks").read_text().split()]
    assert len(looks) == 5
    assert looks[-1] < min(seen.at for seen in server.log)  # a little more than the limit is not yet enough
    (site,) = outcome.report.sites
    assert (site.articles, site.ended, outcome.exit_code) == (30, "finished", 0)
    assert site.paused_seconds >= 0.3
    assert "example waited" in render_text(outcome.report)
    assert "for disk space" in render_text(outcome.report)
    first, last = lines(tmp_path)
    short = "50 MB free, less than NEWSWARC_MIN_FREE (100 MB)"
    assert first == f"{tmp_path / 'archive'}: {short}: the crawl waits until there is more"
    assert last == "there is enough disk space again: the crawl goes on"


def test_no_request_goes_out_while_space_is_short(tmp_path: Path) -> None:
    def fill() -> Answer:
        (tmp_path / "low").touch()
        return article("fill")

    with Server({**SITE, PATHS[9]: fill}) as server:
        outcome = crawl(server, tmp_path / "archive", "Scripted", CONCURRENT_REQUESTS=2, DOWNLOAD_DELAY=0.02)
    (_, second, *_, last) = [float(line) for line in (tmp_path / "looks").read_text().split()]
    assert not [seen for seen in server.log if second < seen.at < last]
    assert [seen for seen in server.log if seen.at < second]
    assert [seen for seen in server.log if seen.at > last]
    assert (outcome.report.sites[0].articles, outcome.exit_code) == (30, 0)
    assert len(lines(tmp_path)) == 2


@pytest.mark.parametrize(("watch", "ended"), [("Stopped", "shutdown"), ("StoppedTwice", "interrupted")])
def test_a_run_that_is_told_to_stop_while_it_waits_leaves_the_rest_to_the_next(
    tmp_path: Path, watch: str, ended: str
) -> None:
    def fill() -> Answer:
        (tmp_path / "low").touch()
        return article("fill")

    with Server({**SITE, PATHS[9]: [fill, article("fill")]}) as server:
        outcome = crawl(server, tmp_path / "archive", watch, CONCURRENT_REQUESTS=2, DOWNLOAD_DELAY=0.02)
        (site,) = outcome.report.sites
        assert (site.ended, site.failed, site.refused) == (ended, {}, {})
        assert site.pending + site.articles == 30
        assert site.pending > 0
        (tmp_path / "low").unlink()
        assert crawl(server, tmp_path / "archive", "Scripted").exit_code == 0
    assert len(records(tmp_path / "archive", "example")) == 30


def test_a_spider_that_is_closed_while_it_waits_ends_without_more_space(tmp_path: Path) -> None:
    (tmp_path / "low").touch()
    with Server(SITE) as server:
        outcome = crawl(server, tmp_path / "archive", "Low", CLOSESPIDER_TIMEOUT=0.5)
    assert (tmp_path / "low").exists()  # there never was more
    assert not server.log
    assert (outcome.report.sites[0].ended, outcome.exit_code) == ("closespider_timeout", 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_it_reads_the_space_of_a_real_disk(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(50 * 2**20))
    with Server(SITE) as server:
        outcome = crawl(server, small_disk / "archive", "Cleared", NEWSWARC_MIN_FREE=str(40 * 2**20))
    (site,) = outcome.report.sites
    assert (site.articles, outcome.exit_code) == (30, 0)
    assert site.paused_seconds > 0
    first, last = lines(small_disk)
    assert first.startswith(f"{small_disk / 'archive'}: 14 MB free, less than NEWSWARC_MIN_FREE (41 MB)")
    assert "goes on" in last
