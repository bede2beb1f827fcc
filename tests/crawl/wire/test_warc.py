"""What ends in the WARC file is what crossed the wire: read back by plain gzip, and beside what GNU wget records."""

import dataclasses
import gzip
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.writer import WarcWriter
from crawler.spool import Spool
from tests.crawl.wire.raw_server import RawServer
from tests.crawl.wire.runs import SCRIPTS, Run
from tests.crawl.wire.scenarios import NOT_BY_WGET, SCENARIOS

Blocks = dict[tuple[str, str], bytes]


def read_blocks(path: Path) -> Blocks:
    """Record blocks by type and the last segment of the URL, without any WARC library."""
    return {(kind, url.rpartition("/")[2]): block for kind, url, block in records(gzip.decompress(path.read_bytes()))}


def records(data: bytes) -> Iterator[tuple[str, str, bytes]]:
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        size = int(fields["Content-Length"])
        yield fields["WARC-Type"], fields.get("WARC-Target-URI", "").strip("<>"), rest[:size]
        assert rest[size : size + 4] == b"\r\n\r\n"
        data = rest[size + 4 :]


def write_warc(run: Run, folder: Path) -> Path:
    writer = WarcWriter(folder, "site", "run-1")
    for kept in (each for several in run.kept.values() for each in several):
        response = Spool(kept.response)
        writer.append(dataclasses.replace(kept.exchange, response=response))
        response.close()
    (finished,) = writer.close()
    return folder / finished.filename


def test_every_block_in_the_warc_is_what_the_server_logged(run: Run, tmp_path: Path) -> None:
    blocks = read_blocks(write_warc(run, tmp_path))
    for scenario in SCENARIOS:
        entry = run.server.log[scenario.name][-1]
        sent = entry.response.removeprefix(b"".join(scenario.interim)).removesuffix(scenario.surplus)
        assert blocks["request", scenario.name] == entry.request
        assert blocks["resource" if scenario.malformed else "response", scenario.name] == sent


def test_gnu_wget_records_the_same_responses(run: Run, authority: tuple[Path, ssl.SSLContext], tmp_path: Path) -> None:
    if shutil.which("wget") is None:
        pytest.skip("GNU wget is not installed")
    chosen = [scenario for scenario in SCENARIOS if scenario.wget and scenario.name not in NOT_BY_WGET]
    with RawServer(SCRIPTS, tls=run.server.tls) as server:
        (tmp_path / "urls").write_text("\n".join(f"{server.origin}/{scenario.name}" for scenario in chosen))
        options = ["--tries=1", "--timeout=20", "--no-config", "--quiet", f"--ca-certificate={authority[0]}"]
        command = ["wget", *options, "--warc-file=got", "--output-document=/dev/null", "--input-file=urls"]
        subprocess.run(command, cwd=tmp_path, check=False, timeout=100)
    theirs = read_blocks(tmp_path / "got.warc.gz")
    ours = {scenario.name: run.kept[scenario.name][0].response for scenario in chosen}
    assert {name: theirs.get(("response", name)) for name in ours} == ours
