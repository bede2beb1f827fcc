"""What the README says is so: its commands run, its output is what they print, its tables are complete."""

import os
import pkgutil
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import crawler
import crawler.commands
from crawler.demo.server import Replica
from crawler.model import Article
from tests.conftest import NEWSWARC

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROSE = "<p>" + "The ferry to the outer islands will sail again from Monday, the harbour board said. " * 2 + "</p>"
PAGES = {
    "/rss.xml": (
        "<rss version='2.0'><channel><title>Post</title><item><title>Ferry</title>"
        "<link>http://www.harbourpost.example/2024/ferry</link></item></channel></rss>"
    ),
    "/": "<a href='/2024/ferry'>Ferry</a> <a href='/2023/old-pier'>Old pier</a> <a href='/contact'>Contact</a>",
    "/2024/ferry": (
        "<title>Ferry sails</title><nav class=crumbs><a>Home</a><a>Islands</a></nav><h1 class=title>Ferry sails</h1>"
        "<p class=byline>By Ada Reed</p><time class=published datetime='2024-06-03T09:00:00+00:00'>3 June</time>"
        f"<div class=story-text>{PROSE}<aside class=related><p>More ferries</p></aside>{PROSE.replace('ferry', 'boat')}"
        "<p>Sign up for the Harbour Letter, every Friday.</p></div><p>© 2024 The Harbour Post"
    ),
    "/2023/old-pier": (
        "<title>Old pier</title><h1 class=title>Old pier</h1><font class=date>12 May 2023</font>"
        f"<table><tr><td id=column>{PROSE}{PROSE.replace('Monday', 'Friday')}</td></tr></table>"
    ),
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def block_with(text: str) -> str:
    return next(block for block in blocks("text") if text in block)


COMMANDS = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]


def steady(output: str) -> list[str]:
    """The output without what differs from run to run: times, sizes, and the widths that follow from them."""
    output = output.replace(str(NEWSWARC), ".venv/bin/newswarc")
    output = re.sub(r"\d{8}T\d{9}Z|\d{14}|\d{4}/\d{2}/", "TIME", output)
    output = re.sub(r"[\d.]+ [kM]?B|\d+\.\d", "N", output)
    output = re.sub(r"[━─]+", "-", output)
    return [re.sub(r"\s+", " ", line).strip() for line in output.splitlines() if line.strip()]


def test_the_demo_prints_what_it_says(tmp_path: Path) -> None:
    result = subprocess.run([NEWSWARC, "demo"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True)
    assert steady(result.stdout) == steady(block_with("What to look at next"))


def test_the_make_targets_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make ([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_tests_output_is_of_this_kind() -> None:
    shown = block_with(" passed")
    assert re.search(r"^\d{3,} passed", shown, re.MULTILINE)
    assert re.search(r"Required test coverage of 90\.?0?% reached\. Total coverage: 9\d\.\d+%", shown)


@pytest.mark.parametrize("command", [c for c in COMMANDS if " crawl " in c])
def test_its_crawls_run(command: str, tmp_path: Path) -> None:
    """On the replicas; what the README names at example.org is Dimsum Daily's feed here."""
    words = shlex.split(command.replace("https://example.org/feed.xml", "https://www.dimsumdaily.hk/feed/"))
    with Replica() as replica:
        rules = [word for rule in replica.resolve for word in ("--resolve", rule)]
        arguments = [*words[1:], *rules, "--cacert", replica.ca_file, "--allow-private", "-s", "DOWNLOAD_DELAY=0"]
        result = subprocess.run(
            [NEWSWARC, *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )
    assert result.returncode == 0, result.stderr
    assert "Every site was crawled to its end." in result.stdout
    assert list((tmp_path / "archive" / "articles").rglob("*.jsonl.zst"))


def test_its_pipe_shows_a_record(demo_archive: Path) -> None:
    command = next(c for c in COMMANDS if "json.tool" in c).replace(".venv/bin/newswarc", str(NEWSWARC))
    shell = f"cd {shlex.quote(str(demo_archive.parent))} && {command}"
    result = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=120, check=True)
    for field in Article.__dataclass_fields__:
        assert f'"{field}":' in result.stdout


def test_every_command_is_in_its_table() -> None:
    named = {module.name for module in pkgutil.iter_modules(crawler.commands.__path__)}
    told = re.findall(r"^\| `newswarc ([\w-]+)", README, re.MULTILINE)
    assert named == {command.replace("-", "_") for command in told}


def test_every_field_is_in_its_table() -> None:
    table = README.split("## The record")[1].split("To look at the demo's")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert re.findall(r"`(\w+)`", " ".join(first_cells)) == list(Article.__dataclass_fields__)


def test_every_package_is_in_its_tree() -> None:
    packages = {f"{m.name}/" for m in pkgutil.iter_modules(crawler.__path__) if m.ispkg}
    assert packages <= set(re.findall(r"^  (\w+/)", README, re.MULTILINE))


class Harbour(BaseHTTPRequestHandler):
    """The site of the README's example."""

    def do_GET(self) -> None:
        page = PAGES.get(self.path)
        body = (page or "not here").encode()
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/xml" if self.path.endswith("xml") else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def harbour() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Harbour) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_its_site_file_crawls_its_site(harbour: int, tmp_path: Path) -> None:
    """Under 40 lines, taken as they stand: both designs, the drops, the dates, the rights notice."""
    source = blocks("python")[0]
    assert len(source.splitlines()) < 40
    (tmp_path / "own_sites").mkdir()
    (tmp_path / "own_sites" / "__init__.py").touch()
    (tmp_path / "own_sites" / "harbour_post.py").write_text(source, encoding="utf-8")
    settings = {"SPIDER_MODULES": "spiders,own_sites", "DOWNLOAD_DELAY": "0"}
    chosen = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    where = ["--resolve", f"*:80:127.0.0.1:{harbour}", "--allow-private"]
    run = [NEWSWARC, "crawl", "harbour_post", *where, *chosen]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    result = subprocess.run(
        run, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    printed = subprocess.run(
        [NEWSWARC, "rebuild", "archive/warc", "--site", "harbour_post", *chosen],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    assert printed.count("\n") == 1, "only the page of the new design is of today"
    for expected in ('"headline":"Ferry sails"', '"authors":["Ada Reed"]', '"section":"Islands"', "2024-06-03T09:00"):
        assert expected in printed.replace('": ', '":'), printed
    assert "More ferries" not in printed
    assert '"rights_notice":"© 2024 The Harbour Post"' in printed.replace('": ', '":')


def test_python_is_the_one_it_asks_for() -> None:
    assert "Python 3.11 or newer" in README
    assert sys.version_info >= (3, 11)
