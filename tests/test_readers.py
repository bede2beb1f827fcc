"""Every block of docs/readers.md runs as it stands, on a demo archive that was shipped to an S3 server."""

import contextlib
import gzip
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from crawler.archive.cdxj import parse_row
from crawler.corpus.formats import read_records
from crawler.crawl.packaging import pack
from crawler.crawl.remote_verification import RemoteTally, verify_store
from crawler.crawl.selection import Wanted
from crawler.crawl.ship_run import ship_sites
from crawler.ship.store import StoreOptions, open_store
from tests.conftest import NEWSWARC
from tests.crawl.test_packaging_browser import article_in, needs_player, text_shown
from tests.replaying import PYWB, wait_for
from tests.ship.archives import settings_of
from tests.ship.conftest import server_of
from tests.ship.proxy import Proxy
from tests.ship.radosgw import needs_radosgw
from tests.ship.servers import Server, needs_servers

__all__ = ["server_of"]

ROOT = Path(__file__).parent.parent
DOCS = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
PYTHON = ROOT / ".venv-readers" / "bin" / "python"
SITES = ["business_live", "dimsum_daily", "diplomat_so", "indebta", "space_media_network"]


def has(python: Path, *packages: str) -> bool:
    """Whether they are installed beside that Python."""
    return all(list(python.parents[1].glob(f"lib/python*/site-packages/{package}")) for package in packages)


needs_readers = pytest.mark.skipif(
    not has(PYTHON, "duckdb", "polars", "s3fs", "datasets", "fastwarc", "warcio"),
    reason="the readers are not installed in .venv-readers (`make test` does it)",
)
pytestmark = [needs_servers, pytest.mark.slow]


def blocks(section: str, language: str = "python") -> list[str]:
    part = DOCS.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", part, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readers")
    environment = {**os.environ, "NEWSWARC_ARTICLES": "both"}
    subprocess.run([NEWSWARC, "demo"], cwd=folder, env=environment, check=True, capture_output=True, timeout=300)
    return folder / "newswarc-demo"


@pytest.fixture(scope="module")
def bucket(archive: Path, server_of: Callable[[str], Server]) -> Iterator[Server]:
    """A server whose `my-bucket/news` is the archive."""
    server = server_of("moto")
    server.make_bucket("my-bucket")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**server.environment, "AWS_EC2_METADATA_DISABLED": "true"}.items():
            patch.setenv(name, value)
        settings = settings_of("s3://my-bucket/news", NEWSWARC_STORE_PART_BYTES=2**23)
        assert ship_sites(archive, SITES, settings, patient=False).exit_code == 0
        yield server


def printed(block: str, server: Server, folder: Path, endpoint: str | None = None, python: Path = PYTHON) -> str:
    """What a block prints, run by a Python that knows nothing of newswarc."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COVERAGE"))}
    environment |= server.environment | {"HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1"}
    environment |= {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
    done = subprocess.run(
        [python, "-c", block], cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def articles(archive: Path, site: str) -> int:
    return sum(1 for path in archive.glob(f"articles/site={site}/**/*.parquet") for _ in read_records(path))


def rows(archive: Path) -> list[str]:
    return [line for path in archive.glob("index/cdxj/*/*.cdxj") for line in path.read_text().splitlines()]


@pytest.mark.parametrize("full", [False, True])
def test_the_bucket_is_well(archive: Path, bucket: Server, *, full: bool) -> None:
    total = RemoteTally()
    for tally in verify_store(open_store("s3://my-bucket/news", StoreOptions(endpoint=bucket.endpoint)), full=full):
        assert tally.told == []
        total.include(tally)
    assert (total.manifests, total.unnamed) == (len(SITES), 0)
    if full:
        assert total.articles == 2 * sum(articles(archive, site) for site in SITES)
        assert total.index_rows == 2 * len(rows(archive))


@needs_readers
def test_duckdb_reads_the_articles(archive: Path, bucket: Server, tmp_path: Path) -> None:
    told = printed(blocks("DuckDB")[0], bucket, tmp_path)
    for site in SITES:
        assert re.search(rf"{site}\s*│\s*{articles(archive, site)} │", told), told


@needs_readers
def test_duckdb_finds_records_by_the_index(bucket: Server, tmp_path: Path) -> None:
    told = printed(blocks("DuckDB")[2], bucket, tmp_path)
    assert told.count("dimsumdaily.hk") == 3
    assert "warc_record_offset" in told


@needs_readers
@pytest.mark.parametrize(
    "case",
    [("DuckDB", 1, "WHERE site = 'indebta'", ""), ("Polars", 0, "site=indebta/**", "**")],
    ids=lambda case: case[0],
)
def test_one_site_is_read_without_the_others(bucket: Server, tmp_path: Path, case: tuple[str, int, str, str]) -> None:
    """Their folders say whose files they are; DuckDB looks at one other, for the columns."""
    section, number, narrow, wide = case
    block = blocks(section)[number]
    assert narrow in block
    of_one, ranges_of_one = read_by(block, bucket, tmp_path)
    of_all, ranges_of_all = read_by(block.replace(narrow, wide), bucket, tmp_path)
    assert {"indebta"} <= of_one < of_all == set(SITES)
    assert len(of_one) <= 2
    assert len(ranges_of_one) < len(ranges_of_all)


def read_by(block: str, bucket: Server, folder: Path) -> tuple[set[str], set[tuple[str, str | None]]]:
    """Of which sites a block reads Parquet files, and which ranges of them; one that is asked for again counts once."""
    with Proxy(bucket.port) as proxy:
        assert "headline" in printed(block, bucket, folder, proxy.endpoint)
        gets = [(unquote(one.target), one.header("Range")) for one in proxy.faults.seen if one.method == "GET"]
    ranges = {(path, asked) for target, asked in gets if "/site=" in (path := target.partition("?")[0])}
    return {site for site in SITES for path, _ in ranges if f"/site={site}/" in path}, ranges


@needs_readers
def test_datasets_stream_the_articles(bucket: Server, tmp_path: Path) -> None:
    lines = printed(blocks("Hugging Face datasets")[0], bucket, tmp_path).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("https://indebta.com/") for line in lines)


@needs_readers
def test_fastwarc_reads_what_the_lists_name(archive: Path, bucket: Server, tmp_path: Path) -> None:
    lines = printed(blocks("FastWARC")[0], bucket, tmp_path).splitlines()
    there = {path.relative_to(archive).as_posix() for path in archive.glob("warc/**/*.warc.gz")}
    assert {line.split()[0] for line in lines} == there
    assert sum(int(line.split()[1]) for line in lines) >= sum("warc/revisit" not in row for row in rows(archive))


@needs_readers
def test_warcio_reads_one_record_by_its_range(bucket: Server, tmp_path: Path) -> None:
    told = printed(blocks("warcio")[0], bucket, tmp_path)
    assert re.fullmatch(r"(response|revisit) https?://\S+ \d{3} \d+\n", told), told


@needs_readers
def test_whole_runs_are_told_by_their_manifests(archive: Path, bucket: Server, tmp_path: Path) -> None:
    number = len(list(archive.glob("**/*.parquet")))
    assert printed(blocks("Only whole runs")[0], bucket, tmp_path) == f"5 runs, {number} Parquet files\n"


@needs_readers
@pytest.mark.skipif(
    not has(PYWB, "pywb", "boto3"), reason="pywb and boto3 are not installed in .venv-pywb (`make test` does it)"
)
def test_pywb_replays_from_the_bucket(archive: Path, bucket: Server, tmp_path: Path) -> None:
    printed(blocks("pywb")[0], bucket, tmp_path)
    (tmp_path / "config.yaml").write_text(blocks("pywb", "yaml")[0])
    index = min(archive.glob("index/cdxj/indebta/*.cdxj"))
    pages = [parse_row(line) for line in index.read_bytes().splitlines()]
    row = next(row for row in pages if row.fields["mime"] == "text/html" and row.fields["status"] == "200")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    with (
        (tmp_path / "pywb.log").open("wb") as log,
        subprocess.Popen(
            [PYWB, "-p", str(port), "-b", "127.0.0.1"], cwd=tmp_path, env=environment, stdout=log, stderr=log
        ) as server,
    ):
        try:
            wait_for(port, server, tmp_path / "pywb.log")
            address = f"http://127.0.0.1:{port}/news/{row.timestamp}id_/{row.fields['url']}"
            with urllib.request.urlopen(address, timeout=60) as answer:
                body = answer.read()
                body = gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body
        finally:
            server.terminate()
    command = [NEWSWARC, "get", row.fields["url"], "--at", row.timestamp, "--archive", archive]
    assert body.decode() == subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()


@needs_player
@pytest.mark.parametrize("kind", ["moto", pytest.param("radosgw", marks=needs_radosgw)])
def test_replayweb_page_shows_a_package_in_the_bucket(
    archive: Path, server_of: Callable[[str], Server], tmp_path: Path, kind: str
) -> None:
    """In a browser, over another origin; Ceph asks for the rights to it and has the rule for other origins."""
    server = server_of(kind)
    with contextlib.suppress(server.client.exceptions.BucketAlreadyOwnedByYou):
        server.make_bucket("my-bucket")
    pack(archive, Wanted(sites=("diplomat_so",)), tmp_path / "news.wacz", None)
    (block,) = blocks("ReplayWeb.page")
    with Proxy(server.port) as proxy:
        address = printed(block, server, tmp_path, proxy.endpoint, Path(sys.executable)).strip()
        proxy.faults.seen.clear()
        article = article_in(tmp_path / "news.wacz")
        assert article["title"] in text_shown(address, article["url"], tmp_path)
        gets = [one for one in proxy.faults.seen if one.method == "GET"]
        assert gets
        assert all(one.header("Range") for one in gets)


def test_it_asks_for_what_is_pinned() -> None:
    pinned = re.findall(r"^(\w+)==", (ROOT / "constraints-readers.txt").read_text(), re.MULTILINE)
    asked = set(" ".join(re.findall(r"`pip install ([^`]*)`", DOCS)).replace('"', "").split())
    assert set(pinned) == asked - {"pywb", "boto3", "setuptools<81"}
    assert sys.version_info >= (3, 11)
