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

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        NODE is None or BROWSER is None or not (PLAYER / "node_modules" / "replaywebpage").exists(),
        reason="no Chromium, or ReplayWeb.page is not installed in tests/replayweb (`make test-slow`)",
    ),
]


@pytest.mark.parametrize("site", ["space_media_network", "indebta", "diplomat_so", "business_live", "dimsum_daily"])
def test_shows_an_article_as_it_was(demo_archive: Path, tmp_path: Path, site: str) -> None:
    out = tmp_path / "demo.wacz"
    pack(demo_archive, Wanted(sites=(site,)), out, None)
    with zipfile.ZipFile(out) as package:
        article = json.loads(package.read("pages/pages.jsonl").splitlines()[1])
    command = [str(NODE), str(PLAYER / "show.mjs"), str(BROWSER), str(out), article["url"], str(tmp_path / "shot.png")]
    done = subprocess.run(command, capture_output=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    shown = " ".join(json.loads(done.stdout)["text"].split())
    assert article["title"] in shown
    for paragraph in article["text"].split("\n\n")[:3]:
        assert " ".join(paragraph.split()) in shown
