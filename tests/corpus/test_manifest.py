"""A manifest names files by what they hold."""

import hashlib
from pathlib import Path

import pytest

from crawler.corpus.manifest import Manifest, ManifestFile, describe, read_manifest, write_manifest
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


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"files": [{}]}', '{"files": 3}'])
def test_it_says_what_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(ArchiveError, match=r"m\.json: no run manifest"):
        read_manifest(tmp_path / "m.json")
