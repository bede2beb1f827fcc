"""`newswarc new-site` over real local servers and files: what it drafts, what it says, and what it leaves alone."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.demo.replica import SITES, serve_all
from crawler.demo.server import Replica
from tests.conftest import NEWSWARC

ROOT = Path(__file__).parents[2]
HOST = "http://www.harbourpost.example"
STORIES = {
    "/2024/ferry-sails-again": ("Ferry sails again", "The ferry to the outer islands sails again, the board said. "),
    "/2024/pier-is-painted-grey": ("Pier is painted grey", "The pier will be grey from May on, the painters agreed. "),
    "/2023/lamp-found-in-a-cellar": ("Lamp found in a cellar", "A lamp of the old lighthouse stood in a cellar. "),
}
PITCH = (
    "<div class=pitch><p>Sign up for the Harbour Letter, every Friday, with all that the tide has brought in.</p></div>"
)
FEED = (
    "<rss version='2.0'><channel><title>Post</title>"
    f"<item><link>{HOST}/2024/ferry-sails-again</link></item></channel></rss>"
)
MENU = "<nav><a href=/about>About</a> <a href=/2024/>2024</a></nav>"


def story(path: str) -> str:
    headline, sentence = STORIES[path]
    links = "".join(f"<li><a href='{other}'>{STORIES[other][0]}</a>" for other in STORIES if other != path)
    head = (
        f"<title>{headline} | Harbour Post</title><meta property=og:site_name content='Harbour Post'>"
        "<meta property=article:published_time content=2024-06-03T09:00:00+00:00>"
        f"<link rel=alternate type=application/rss+xml href=/rss.xml><link rel=canonical href='{HOST}{path}'>"
    )
    text = "".join(f"<p>{number} {sentence * 3}</p>" for number in ("First.", "Then.", "Last."))
    return (
        f"<html><head>{head}</head><body>{MENU}<h1 class=head>{headline}</h1>"
        "<p class=by>By <a rel=author href=/a>Ada Reed</a></p>"
        f"<div class=story-text>{text}{PITCH}<p>More from the harbour on Monday</p></div>"
        f"<ul>{links}</ul><p>© 2024 The Harbour Post</p></body></html>"
    )


class Harbour(BaseHTTPRequestHandler):
    """A site with a feed, a robots.txt that names a sitemap and forbids a folder, and stories."""

    def do_GET(self) -> None:
        pages = {path: story(path) for path in STORIES}
        pages["/closed/story-of-a-secret"] = story("/2024/ferry-sails-again")
        pages["/rss.xml"] = FEED
        pages["/robots.txt"] = f"User-agent: *\nDisallow: /closed/\nSitemap: {HOST}/map.xml\n"
        locations = "".join(f"<url><loc>{HOST}{path}</loc></url>" for path in STORIES)
        pages["/map.xml"] = f"<?xml version='1.0'?><urlset>{locations}</urlset>"
        body = pages.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/xml" if self.path.endswith("xml") else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def rule() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Harbour) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"*:80:127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a checkout has for sites."""
    shutil.copytree(ROOT / "spiders", tmp_path / "spiders", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def newswarc(checkout: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": f"{checkout}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [NEWSWARC, *map(str, arguments)],
        cwd=checkout, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def fetched(checkout: Path, rule: str, *paths: str) -> "subprocess.CompletedProcess[str]":
    urls = [HOST + path for path in paths]
    return newswarc(checkout, "new-site", *urls, "--resolve", rule, "--allow-private", "-s", "DOWNLOAD_DELAY=0")


def test_a_site_is_drafted_from_its_pages(checkout: Path, rule: str) -> None:
    result = fetched(checkout, rule, *STORIES)
    assert (result.returncode, result.stderr) == (0, "")
    text = (checkout / "spiders" / "harbourpost.py").read_text(encoding="utf-8")
    for expected in (
        'body = ("div.story-text",)',
        'drop = ("div.pitch",)',
        'headline_css = ("h1.head",)',
        'drop_text = (r"^More from the harbour on Monday$",)',
        r'rights = r"^© \d{4} The Harbour Post"',
        'site_names = ("Harbour Post",)',
        f'Feed("{HOST}/rss.xml")',
        f'Sitemap("{HOST}/map.xml")',
        f'Listing("{HOST}/")',
        r'article_url = r"^https?://(?:www\.)?harbourpost\.example/\d{4}/[^/?#]+/?$"',
    ):
        assert expected in text
    assert "Uncertain:" in result.stdout
    assert f"are these none? {HOST}/2024/ {HOST}/a {HOST}/about" in result.stdout
    check = newswarc(checkout, "check-site", "harbourpost")
    assert (check.returncode, check.stdout) == (0, "harbourpost: 3 pages, as expected\n")
    for path in (checkout / "tests" / "pages" / "harbourpost").glob("*.warc.gz"):
        assert_captured(path)


def assert_captured(path: Path) -> None:
    """The page's file holds what crossed the wire, and nothing of other pages."""
    with path.open("rb") as file:
        records = [(r.rec_type, r.content_stream().read()) for r in ArchiveIterator(file)]
    assert [kind for kind, _ in records] == ["warcinfo", "response", "request", "metadata"]
    assert records[1][1].decode() in {story(one) for one in STORIES}


def test_robots_txt_is_obeyed(checkout: Path, rule: str) -> None:
    result = fetched(checkout, rule, "/closed/story-of-a-secret")
    assert result.returncode == 2
    assert "not fetched: robots" in result.stderr
    assert "nothing is written" in result.stderr
    assert not (checkout / "spiders" / "harbourpost.py").exists()


def test_a_page_that_is_not_there_is_told_and_the_others_are_read(checkout: Path, rule: str) -> None:
    result = fetched(checkout, rule, "/2024/nothing-here", "/2024/ferry-sails-again")
    assert result.returncode == 1
    assert "/2024/nothing-here: not fetched: status 404" in result.stderr
    assert newswarc(checkout, "check-site", "harbourpost").returncode == 0


def test_nothing_is_written_over(checkout: Path, rule: str) -> None:
    fetched(checkout, rule, "/2024/ferry-sails-again")
    before = {
        path: path.read_bytes() for path in checkout.rglob("*.*") if "__pycache__" not in path.parts and path.is_file()
    }
    for again in (
        fetched(checkout, rule, *STORIES),
        newswarc(checkout, "new-site", ROOT / "README.md", "--name", "indebta"),
    ):
        assert again.returncode == 2
        assert again.stderr.count("\n") == 1
    after = {
        path: path.read_bytes() for path in checkout.rglob("*.*") if "__pycache__" not in path.parts and path.is_file()
    }
    assert after == before


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file() and path.suffix != ".pyc"}


def test_html_files_do_too(checkout: Path) -> None:
    files = []
    for number, path in enumerate(STORIES):
        files.append(checkout / f"{number}.html")
        files[-1].write_text(story(path), encoding="utf-8")
    result = newswarc(checkout, "new-site", *files, "--name", "harbour")
    assert (result.returncode, result.stderr) == (0, "")
    assert "all of them are guesses" in result.stdout
    assert "probe=True" in (checkout / "spiders" / "harbour.py").read_text(encoding="utf-8")
    assert newswarc(checkout, "check-site", "harbour").returncode == 0


def test_warc_files_do_too(checkout: Path) -> None:
    saved = sorted((ROOT / "tests" / "pages" / "business_live").glob("*-[2x]*.warc.gz"))
    result = newswarc(checkout, "new-site", *saved, "--name", "arena")
    assert result.returncode == 0, result.stderr
    text = (checkout / "spiders" / "arena.py").read_text(encoding="utf-8")
    for body in ("article.b-article-body", "div.article-content"):
        assert f'body = ("{body}",)' in text
    assert newswarc(checkout, "check-site", "arena").returncode == 0
    copies = (checkout / "tests" / "pages" / "arena").glob("*.warc.gz")
    assert {len(path.read_bytes()) for path in copies} == {len(path.read_bytes()) for path in saved}


@pytest.mark.parametrize(
    "site", ["indebta", *(pytest.param(s, marks=pytest.mark.slow) for s in SITES if s != "indebta")]
)
def test_any_site_gives_a_draft_that_works(checkout: Path, site: str) -> None:
    articles = [one for one in serve_all(None, {})[site] if sum(len(block.text) for block in one.story.blocks) > 900]
    with Replica() as replica:
        rules = [word for rule in replica.resolve for word in ("--resolve", rule)]
        options = [
            *rules,
            "--cacert",
            replica.ca_file,
            "--allow-private",
            "-s",
            "DOWNLOAD_DELAY=0",
            "--name",
            "a_draft",
        ]
        hosts = {one.host for one in articles[:1]}
        urls = [one.url for one in articles if one.host in hosts][:3]
        result = newswarc(checkout, "new-site", *urls, *options)
    assert result.returncode == 0, result.stderr
    check = newswarc(checkout, "check-site", "a_draft")
    assert (check.returncode, check.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "takes pages of one site's articles"),
        (("missing.html",), "missing.html: neither a web address nor a file"),
        (("bare.html",), "does not declare its address; give it with --url"),
        (("bare.html", "--url", "nowhere"), "does not declare its address; give it with --url"),
        (("https://a.example/x", "--url", "https://a.example/x"), "--url is the address of one HTML file"),
        (("page.html", "--name", "Not-A-Name"), "no name for a site"),
        (("page.html", "--to", "/nonexistent"), "no checkout"),
        (("bare.html", "--url", "https://a.example/x"), "does not read as an article"),
        (("page.html", "other.html"), "pages of several sites"),
        (("page.html", "--resolve", "x"), "x"),
    ],
)  # fmt: skip
def test_bad_usage_is_told_in_one_line(checkout: Path, arguments: tuple[str, ...], told: str) -> None:
    path = "/2024/ferry-sails-again"
    (checkout / "bare.html").write_text("<p>Hello", encoding="utf-8")
    (checkout / "page.html").write_text(story(path), encoding="utf-8")
    (checkout / "other.html").write_text(story(path).replace("harbourpost", "quaypost"), encoding="utf-8")
    result = newswarc(checkout, "new-site", *arguments)
    assert result.returncode == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (checkout / "tests").exists()
