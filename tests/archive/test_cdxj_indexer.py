"""cdxj-indexer, a second implementation, finds in our files what our index says of them."""

import json
import subprocess
import sys
from pathlib import Path

from crawler.archive.cdxj import parse_row
from crawler.archive.tree import cdxj_filename
from tests.archive.exchanges import chunked, exchange, response, write

EXCHANGES = (
    exchange(response(b"plain"), url="https://www.News.example:443/A?b=2&a=1"),
    exchange(response(chunked(b"framed" * 50, 7), b"Transfer-Encoding: chunked", length=False)),
    exchange(response(b"", b"Location: /b", status=b"301 Moved"), url="http://news.example/ä"),
    exchange(response(b"gone", status=b"404 No"), url="https://news.example/gone"),
    exchange(response(b"cut"), truncated="length", url="https://news.example/cut"),
)


def test_agrees_with_our_index_but_for_three_things(tmp_path: Path) -> None:
    """It leaves the label on the digest, names the file without its folders, and does not tell what was cut."""
    finished = write(tmp_path, *EXCHANGES)
    command = [str(Path(sys.executable).parent / "cdxj-indexer"), "--sort", str(tmp_path / finished.filename)]
    told = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.splitlines()
    ours = (tmp_path / cdxj_filename("demo", finished.filename)).read_bytes().splitlines()
    assert len(told) == len(ours) == len(EXCHANGES)
    for theirs, line in zip(map(parse_row, told), map(parse_row, ours), strict=True):
        fields = dict(line.fields)
        fields.pop("truncated", None)
        fields["digest"] = "sha1:" + fields["digest"]
        fields["filename"] = Path(fields["filename"]).name
        assert (theirs.key, theirs.timestamp, theirs.fields) == (line.key, line.timestamp, fields)
    assert [json.loads(line.split(b" ", 2)[2]).get("truncated") for line in ours].count("length") == 1
