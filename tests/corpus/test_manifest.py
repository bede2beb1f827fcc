"""A manifest names files by what they hold."""

import hashlib
from pathlib import Path

import pytest

from crawler.corpus.manifest import Manifest, ManifestFile, describe, read_manifest, write_manifest
from crawler.crawl.publish import unpublished
from crawler.errors import ArchiveError


def make(files: tuple[ManifestFile, ...] = ()) -> Manifest:
    return Manifest(
        "R1", "example", "2024-02-08T00:00:00+00:00", "2024-02-08T01:00:00+00:00", "x/1", files, {"links": 3}
    )


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    manifest = make(describe(tmp_path, ["a"]))
    assert manifest.files == (ManifestFile("a", 3, hashlib.sha256(b"abc").hexdigest()),)
    path = write_manifest(tmp_path, manifest)
    assert path == tmp_path / "runs/R1-example.json"
    assert read_manifest(path) == manifest


def test_it_is_not_replaced_by_another(tmp_path: Path) -> None:
    write_manifest(tmp_path, make())
    with pytest.raises(ArchiveError, match="another content"):
        write_manifest(tmp_path, make((ManifestFile("b", 1, "c"),)))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"files": [{}]}', '{"files": 3}', "[" * 100_000])
def test_it_says_what_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(ArchiveError, match=r"m\.json: no run manifest"):
        read_manifest(tmp_path / "m.json")


def test_the_next_run_names_again_what_was_named_in_one_that_is_broken(tmp_path: Path) -> None:
    """What keeps every later run of the site from its end is told with what to do, and that loses nothing."""
    (tmp_path / "warc/example").mkdir(parents=True)
    (tmp_path / "warc/example/a.warc.gz").touch()
    path = write_manifest(tmp_path, make(describe(tmp_path, ["warc/example/a.warc.gz"])))
    assert unpublished(tmp_path, "example") == []
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ArchiveError, match=r"R1-example\.json: no run manifest.*; move it away: .* names those files"):
        unpublished(tmp_path, "example")
    path.rename(tmp_path / "aside")
    assert unpublished(tmp_path, "example") == ["warc/example/a.warc.gz"]
