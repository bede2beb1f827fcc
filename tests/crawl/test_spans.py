"""What manifests tell of the files that they name: how many records, and of which time."""

import json
from pathlib import Path

from crawler.archive.reader import read_captures
from crawler.corpus.files import read_lines
from crawler.corpus.manifest import read_manifest


def test_a_manifest_tells_how_much_its_files_hold_and_of_which_time(demo_archive: Path) -> None:
    for path in demo_archive.glob("runs/*-indebta.json"):
        manifest = read_manifest(path)
        files = {Path(file.path).suffix: file for file in manifest.files}
        captures = list(read_captures(demo_archive / files[".gz"].path))
        times = sorted(f"{capture.captured_at:%Y-%m-%dT%H:%M:%SZ}" for capture in captures)
        articles = [json.loads(line) for line in read_lines(demo_archive / files[".zst"].path)]
        assert files[".gz"].records == files[".cdxj"].records == len(captures)
        assert (files[".gz"].first_captured_at, files[".gz"].last_captured_at) == (times[0], times[-1])
        assert (files[".cdxj"].first_captured_at, files[".cdxj"].last_captured_at) == (times[0], times[-1])
        assert files[".zst"].records == len(articles)
        assert files[".zst"].first_captured_at == f"{min(article['captured_at'] for article in articles)[:19]}Z"
        assert (manifest.first_captured_at, manifest.last_captured_at) == (times[0], times[-1])


def test_a_manifest_of_before_tells_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(
        '{"run_id": "r", "site": "s", "started_at": "", "finished_at": "", "software": "",'
        ' "files": [{"path": "a", "size": 1, "sha256": ""}], "counts": {}}'
    )
    manifest = read_manifest(tmp_path / "old.json")
    assert (manifest.first_captured_at, manifest.files[0].records) == (None, None)
