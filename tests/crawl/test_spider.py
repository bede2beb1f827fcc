"""Every link found is settled once, by name; and what a run knows survives it."""

import json
import os
import signal
import sqlite3
from pathlib import Path

import pytest

from crawler.crawl.report import SiteReport
from crawler.crawl.run import RunOutcome
from crawler.errors import UsageError
from tests.crawl.example import HOME, Answer, Page_, Server, article, feed, moved
from tests.crawl.running import Crawl, records

DAY = "/2024/02/08"
ONE, TWO, THREE = f"{DAY}/one/", f"{DAY}/two/", f"{DAY}/three/"


def crawl(server: Server, archive: Path, **settings: object) -> RunOutcome:
    return Crawl(("example",), archive, {**server.settings, **settings}).run()


def report(outcome: RunOutcome) -> SiteReport:
    (site,) = outcome.report.sites
    assert (
        site.found == site.captured + site.gone + sum(site.refused.values()) + sum(site.failed.values()) + site.pending
    )
    return site


def outcomes(archive: Path) -> dict[str, tuple[str, str | None]]:
    with sqlite3.connect(archive / "ledger.sqlite") as database:
        rows = database.execute("SELECT key, state, reason FROM link WHERE site = 'example'").fetchall()
    database.close()
    return {key.rsplit("/", 1)[-1]: (state, reason) for key, state, reason in rows}


FATES: dict[str, tuple[Page_, tuple[str, str | None]]] = {
    "fine": (article("Fine"), ("captured", None)),
    "gone": (Answer(b"", 404), ("gone", "http_404")),
    "gone-for-good": (Answer(b"", 410), ("gone", "http_410")),
    "kept-back": (Answer(b"", 403), ("refused", "http_403")),
    "for-members": (Answer(b"", 401), ("refused", "http_401")),
    "censored": (Answer(b"", 451), ("refused", "http_451")),
    "broken": (Answer(b"", 500), ("failed", "http_500")),
    "teapot": (Answer(b"", 418), ("failed", "http_418")),
    "recovers": ([Answer(b"", 500), article("Recovers")], ("captured", None)),
    "cut": (Answer(article("Cut").body, cut_at=60), ("failed", "interrupted")),
    "nothing-read": (Answer(b"<p>Short.</p>", headers={"Content-Type": "text/html"}), ("captured", "no_layout")),
    "picture": (Answer(b"\x89PNG", headers={"Content-Type": "image/png"}), ("captured", "not_article")),
    "scrambled": (
        Answer(b"no brotli at all", headers={"Content-Type": "text/html", "Content-Encoding": "br"}),
        ("captured", "unreadable"),
    ),
    "explode": (article("Explode"), ("captured", "error")),
    "slash": (moved(f"{HOME}{DAY}/slash"), ("captured", None)),
    "printed": (moved(f"{DAY}/printed/?ref=x"), ("captured", "redirected")),
    "old-name": (moved(f"{DAY}/new-name/"), ("captured", "redirected")),
    "to-front": (moved("/", 302), ("captured", "redirected")),
    "to-elsewhere": (moved("http://other.example/x"), ("captured", "redirected")),
    "circle": (moved(f"http://www.news.example{DAY}/circle/"), ("captured", "redirected")),
    "nowhere": (Answer(status=301), ("failed", "http_301")),
}


def test_it_settles_each_link_once_with_one_named_reason(tmp_path: Path) -> None:
    pages = {f"{DAY}/{slug}/": page for slug, (page, _) in FATES.items()}
    pages |= {"/feed.xml": feed(*pages), f"{DAY}/slash": article("Slash"), f"{DAY}/new-name/": article("New name")}
    pages[f"{DAY}/printed/?ref=x"] = article("Printed")  # the same article, at an address that no rebuild takes for one
    with Server(pages) as server:
        outcome = crawl(server, tmp_path)
    site = report(outcome)
    assert outcomes(tmp_path) == {slug: fate for slug, (_, fate) in FATES.items()} | {"new-name": ("captured", None)}
    assert site.found == len(FATES) + 1
    assert site.articles == len(records(tmp_path, "example")) == 4
    assert server.paths.count(f"{DAY}/new-name/") == 1
    assert site.pending == 0
    assert outcome.exit_code == 1  # more than a tenth failed


def test_it_reads_feeds_sitemaps_indexes_and_listings_page_by_page(tmp_path: Path) -> None:
    paths = [f"{DAY}/{n}/" for n in range(7)]
    index = f"<sitemapindex><sitemap><loc>{HOME}/posts.xml</loc></sitemap></sitemapindex>"
    posts = f"<urlset><url><loc>{HOME}{paths[1]}</loc></url><url><loc>{HOME}{paths[2]}</loc></url></urlset>"
    listings = {f"/page/{n}/": Answer(f"<a href='{paths[n + 2]}'>x</a>".encode()) for n in (2, 3)}
    pages: dict[str, Page_] = {path: article(path) for path in paths}
    pages |= {
        "/feed.xml": feed(paths[0], paths[1]),
        "/sitemap.xml": Answer(index.encode()),
        "/posts.xml": Answer(posts.encode()),
    }
    pages |= {"/": Answer(f"<a href='{paths[3]}'>x</a><a href='{paths[6]}'>x</a>".encode()), **listings}
    with Server(pages) as server:
        site = report(crawl(server, tmp_path))
    assert site.articles == site.found == 7
    assert sorted(server.paths) == sorted({*server.paths})  # nothing twice
    assert "/page/4/" in server.paths  # a 404: the listing had ended


def test_a_second_run_fetches_only_what_is_new(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        first = report(crawl(server, tmp_path))
        server.pages |= {"/feed.xml": feed(TWO, ONE), TWO: article("Two")}
        second = report(crawl(server, tmp_path))
    assert (first.articles, second.articles) == (1, 1)
    assert server.paths.count(ONE) == 1
    assert len(records(tmp_path, "example")) == 2
    assert len({json.loads(line)["run_id"] for line in records(tmp_path, "example")}) == 2
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    database.close()


def test_a_run_with_nothing_new_adds_no_record(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        crawl(server, tmp_path)
        site = report(crawl(server, tmp_path))
    assert site.found == 0
    assert len(records(tmp_path, "example")) == 1


def test_a_later_run_tries_a_failed_link_again(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE), ONE: Answer(b"", 500)}) as server:
        assert report(crawl(server, tmp_path)).failed == {"http_500": 1}
        server.pages[ONE] = article("One")
        assert report(crawl(server, tmp_path)).articles == 1


def test_it_stops_at_the_limit_and_a_later_run_goes_on(tmp_path: Path) -> None:
    paths = [f"{DAY}/{n}/" for n in range(9)]
    with Server({"/feed.xml": feed(*paths), **{path: article(path) for path in paths}}) as server:
        site = report(crawl(server, tmp_path, NEWSWARC_LIMIT=4))
        assert (site.found, site.articles, site.pending) == (9, 4, 5)
        assert report(crawl(server, tmp_path)).articles == 5
    assert len({*records(tmp_path, "example")}) == 9


def test_it_leaves_out_what_is_known_to_be_older_than_the_first_day(tmp_path: Path) -> None:
    old, new = "/2024/01/31/old/", "/2024/02/01/new/"
    with Server({"/feed.xml": feed(old, new), old: article("Old"), new: article("New")}) as server:
        site = report(crawl(server, tmp_path, NEWSWARC_SINCE="2024-02-01"))
        assert (site.articles, site.refused) == (1, {"before_since": 1})
        assert old not in server.paths
        assert report(crawl(server, tmp_path)).articles == 1  # a run without a first day fetches it


def test_a_source_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    with Server(
        {"/feed.xml": Answer(b"", 500), "/": Answer(f"<a href='{ONE}'>x</a>".encode()), ONE: article("One")}
    ) as server:
        outcome = crawl(server, tmp_path)
    assert report(outcome).sources_failed == 1
    assert report(outcome).articles == 1
    assert outcome.exit_code == 0


def test_a_run_that_finds_nothing_says_so(tmp_path: Path) -> None:
    with Server({}) as server:
        outcome = crawl(server, tmp_path)
    assert report(outcome).found == 0
    assert outcome.exit_code == 1


def test_it_goes_on_while_far_more_links_wait_than_its_window_holds(tmp_path: Path) -> None:
    paths = [f"{DAY}/{n}/" for n in range(150)]
    with Server({"/feed.xml": feed(*paths), **{path: article(path) for path in paths}}) as server:
        site = report(crawl(server, tmp_path, CONCURRENT_REQUESTS=2))
    assert site.articles == 150


def test_the_archive_names_every_file_in_its_manifest(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        outcome = crawl(server, tmp_path)
    manifest = json.loads((tmp_path / f"runs/{outcome.report.run_id}-example.json").read_bytes())
    folders = ("warc", "index", "articles")
    present = {
        p.relative_to(tmp_path).as_posix() for name in folders for p in (tmp_path / name).rglob("*") if p.is_file()
    }
    assert {file["path"] for file in manifest["files"]} == present
    assert manifest["counts"]["captured/article"] == 1


def test_two_sites_are_crawled_side_by_side(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        outcome = Crawl(("example", "twin"), tmp_path, server.settings).run()
    assert [site.articles for site in outcome.report.sites] == [1, 1]
    assert outcome.exit_code == 0


def test_any_news_site_is_crawled_by_url_and_by_feed(tmp_path: Path) -> None:
    pages: dict[str, Page_] = {"/rss": feed(ONE), ONE: article("One"), TWO: article("Two")}
    with Server(pages) as server:
        arguments = {"url": HOME + TWO, "feed": f"{HOME}/rss"}
        outcome = Crawl(("news",), tmp_path, server.settings, arguments).run()
    assert report(outcome).articles == 2
    assert {json.loads(line)["layout"] for line in records(tmp_path, "news")} == {"generic"}


def test_an_unknown_site_is_refused_with_the_names_of_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such site: nowhere; there are .*example"), Server({}) as server:
        Crawl(("nowhere",), tmp_path, server.settings).run()


def test_an_archive_that_cannot_be_written_ends_the_run_with_code_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        outcome = crawl(server, tmp_path / "file" / "archive")
    assert outcome.exit_code == 3
    assert len(outcome.errors) == 1
    assert server.log == []


def test_a_site_that_another_run_holds_ends_the_run_with_code_5(tmp_path: Path) -> None:
    inner: list[RunOutcome] = []

    def second_run() -> Answer:
        inner.append(crawl(server, tmp_path))
        return article("One")

    with Server({"/feed.xml": feed(ONE), ONE: second_run}) as server:
        outer = crawl(server, tmp_path)
    assert [outcome.exit_code for outcome in inner] == [5]
    assert "another run" in inner[0].errors[0]
    assert outer.exit_code == 0


def test_it_leaves_out_a_thousand_old_links_in_a_moment(tmp_path: Path) -> None:
    old = [f"/2023/01/01/{n}/" for n in range(1000)]
    with Server({"/feed.xml": feed(*old, ONE), ONE: article("One")}) as server:
        site = report(crawl(server, tmp_path, NEWSWARC_SINCE="2024-01-01"))
    assert (site.articles, site.refused) == (1, {"before_since": 1000})
    assert site.seconds < 10


def test_an_address_that_is_not_public_is_refused_by_name(tmp_path: Path) -> None:
    with Server({ONE: article("One")}) as server:
        settings = {**server.settings, "NEWSWARC_ALLOW_PRIVATE": False}
        outcome = Crawl(("news",), tmp_path, settings, {"url": HOME + ONE}).run()
    assert report(outcome).refused == {"private_address": 1}
    assert server.log == []


def test_a_run_that_is_told_to_stop_leaves_the_rest_to_the_next(tmp_path: Path) -> None:
    paths = [f"{DAY}/{n}/" for n in range(60)]

    def stop() -> Answer:
        os.kill(int((tmp_path / "runs/example.lock").read_text()), signal.SIGTERM)
        return article("Stop")

    pages: dict[str, Page_] = {path: article(path) for path in paths}
    with Server({"/feed.xml": feed(*paths), **pages, paths[5]: [stop, article("Stop")]}) as server:
        outcome = crawl(server, tmp_path, CONCURRENT_REQUESTS=1)
        assert report(outcome).ended == "shutdown"
        assert report(outcome).pending > 0
        assert outcome.exit_code == 1
        second = report(crawl(server, tmp_path))
    assert second.ended == "finished"
    assert sorted(path for path in server.paths if path in paths) == sorted(paths)  # none twice
    assert len(records(tmp_path, "example")) == 60


def test_a_disk_that_fills_up_ends_the_run_with_code_3_and_costs_nothing(tmp_path: Path) -> None:
    paths = [f"{DAY}/{n}/" for n in range(60)]
    pages = {path: article(path, text=os.urandom(4000).hex()) for path in paths}
    with Server({"/feed.xml": feed(*paths), **pages}) as server:
        log = {"LOG_FILE": str(tmp_path / "log"), "LOG_LEVEL": "ERROR"}
        full = Crawl(("example",), tmp_path, {**server.settings, **log}, max_file_bytes=150_000).run()
        assert full.exit_code == 3
        assert "the archive cannot be written" in full.errors[0]
        told = (tmp_path / "log").read_text().splitlines()
        assert len(told) == 1, "one line, and not one traceback for each request that was under way"
        assert full.errors[0] in told[0]
        assert crawl(server, tmp_path).exit_code == 0
    assert len({json.loads(line)["url"] for line in records(tmp_path, "example")}) == 60
    assert len(records(tmp_path, "example")) == 60


def test_a_site_file_that_raises_costs_its_link_and_not_the_run(tmp_path: Path) -> None:
    pages: dict[str, Page_] = {ONE: moved(f"{DAY}/unkeyable/"), TWO: article("Two")}
    with Server({"/feed.xml": feed(ONE, TWO), **pages}) as server:
        outcome = crawl(server, tmp_path)
    assert (report(outcome).articles, report(outcome).pending) == (1, 1)
    assert report(outcome).ended == "finished"
    assert outcome.exit_code == 1


def test_a_chain_of_redirects_from_article_to_article_ends(tmp_path: Path) -> None:
    """Each is a link of its own, so that no count of one link's redirects would ever stop it."""
    pages: dict[str, Page_] = {f"{DAY}/{n}/": moved(f"{DAY}/{n + 1}/") for n in range(40)}
    with Server({**pages, "/feed.xml": feed(f"{DAY}/0/", f"{DAY}/20/")}) as server:
        found = report(crawl(server, tmp_path))
    assert found.skipped == {"redirected": 22}
    assert f"{DAY}/10/" in server.paths
    assert f"{DAY}/11/" not in server.paths


@pytest.mark.parametrize(
    ("location", "path"),
    [("/2024/02/08/caf\u00c3\u00a9/", f"{DAY}/caf%C3%A9/"), ("/2024/02/08/caf\u00e9/", f"{DAY}/caf%E9/")],
)
def test_a_redirect_to_bytes_that_are_no_ascii_leads_where_browsers_go(
    tmp_path: Path, location: str, path: str
) -> None:
    pages: dict[str, Page_] = {"/feed.xml": feed(ONE), ONE: moved(location), path: article("Coffee")}
    with Server(pages) as server:
        assert report(crawl(server, tmp_path)).articles == 1
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        (found,) = database.execute("SELECT redirect_to FROM capture WHERE redirect_to IS NOT NULL").fetchone()
    assert found == HOME + path


def test_a_ledger_that_is_gone_is_made_anew_from_the_files(tmp_path: Path) -> None:
    with Server({"/feed.xml": feed(ONE, TWO), ONE: article("One"), TWO: article("Two")}) as server:
        crawl(server, tmp_path)
        files = {path: path.read_bytes() for path in tmp_path.glob("warc/**/*.gz")}
        with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
            known = set(database.execute("SELECT url, filename, offset, record_id, payload_digest FROM capture"))
        database.close()
        for path in tmp_path.glob("ledger.sqlite*"):
            path.unlink()
        assert report(crawl(server, tmp_path)).articles == 2
    assert {path: path.read_bytes() for path in files} == files
    with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
        assert known <= set(database.execute("SELECT url, filename, offset, record_id, payload_digest FROM capture"))


def test_records_that_cannot_be_exported_at_the_start_end_the_run_with_code_3(tmp_path: Path) -> None:
    """They stay in the ledger, and the run after next exports them."""
    with Server({"/feed.xml": feed(ONE), ONE: article("One")}) as server:
        crawl(server, tmp_path)
        with sqlite3.connect(tmp_path / "ledger.sqlite") as database:
            database.execute(
                "INSERT INTO outbox (site, run_id, key, record) VALUES ('example', 'killed', 'k', ?)",
                (json.dumps({"captured_at": "2024-02-08T00:00:00Z", "warc_filename": "w", "warc_record_offset": 0}),),
            )
        database.close()
        (tmp_path / "articles/site=example/date=2024-02-08").write_text("in the way")
        outcome = crawl(server, tmp_path)
        assert outcome.exit_code == 3
        assert len(outcome.errors) == 1
        assert "date=2024-02-08" in outcome.errors[0]
        (tmp_path / "articles/site=example/date=2024-02-08").unlink()
        assert crawl(server, tmp_path).exit_code == 0
    assert len(records(tmp_path, "example")) == 2


def test_a_run_id_may_be_used_again(tmp_path: Path) -> None:
    """As a scheduler does that names its runs by the day, or starts a failed one again under its name."""
    with Server({"/feed.xml": feed(ONE), ONE: article("One"), TWO: article("Two")}) as server:
        assert crawl(server, tmp_path, NEWSWARC_RUN_ID="today").exit_code == 0
        server.pages["/feed.xml"] = feed(ONE, TWO)
        assert crawl(server, tmp_path, NEWSWARC_RUN_ID="today").exit_code == 0
    assert len(records(tmp_path, "example")) == 2
    assert {path.name for path in tmp_path.glob("runs/today*")} == {
        *("today-example.json", "today.2-example.json", "today.report.json", "today.2.report.json")
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEWSWARC_RUN_ID", "../../elsewhere"),
        ("NEWSWARC_RUN_ID", "two\nlines"),
        ("NEWSWARC_RESOLVE", ["nonsense"]),
        ("NEWSWARC_CA_FILE", "/nothing/there"),
    ],
)
def test_a_setting_that_no_page_can_be_fetched_with_ends_the_run_before_it_begins(
    tmp_path: Path, name: str, value: object
) -> None:
    with pytest.raises(UsageError):
        Crawl(("example",), tmp_path / "archive", {"SPIDER_MODULES": ["tests.crawl.example"], name: value}).run()
    assert list(tmp_path.iterdir()) == []
