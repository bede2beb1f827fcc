"""A package as its readers have it: in ReplayWeb.page, in a browser."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from crawler.crawl.packaging import pack
from crawler.crawl.selection import Wanted

PLAYER = Path(__file__).parents[1] / "replayweb"
NODE = shutil.which("node")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_player = pytest.mark.skipif(
    NODE is None or BROWSER is None or not (PLAYER / "node_modules" / "replaywebpage").exists(),
    reason="no Chromium, or ReplayWeb.page is not installed in tests/replayweb (`make test-slow`)",
)
pytestmark = [pytest.mark.slow, needs_player]


def article_in(package: Path) -> dict[str, str]:
    """The first article of a package, as it lists it."""
    with zipfile.ZipFile(package) as opened:
        article: dict[str, str] = json.loads(opened.read("pages/pages.jsonl").splitlines()[1])
    return article


def text_shown(package: Path | str, url: str, folder: Path) -> str:
    """What the player shows of a page, of a package here or at an address."""
    command = [str(NODE), str(PLAYER / "show.mjs"), str(BROWSER), str(package), url, str(folder / "shot.png")]
    done = subprocess.run(command, capture_output=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return " ".join(json.loads(done.stdout)["text"].split())


@pytest.mark.parametrize("site", ["space_media_network", "indebta", "diplomat_so", "business_live", "dimsum_daily"])
def test_shows_an_article_as_it_was(demo_archive: Path, tmp_path: Path, site: str) -> None:
    out = tmp_path / "demo.wacz"
    pack(demo_archive, Wanted(sites=(site,)), out, None)
    article = article_in(out)
    shown = text_shown(out, article["url"], tmp_path)
    assert article["title"] in shown
    for paragraph in article["text"].split("\n\n")[:3]:
        assert " ".join(paragraph.split()) in shown
