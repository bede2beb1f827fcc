"""The run manifest: what a run added to the archive; written last, and only what it names counts."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from crawler.corpus.files import new_file
from crawler.errors import ArchiveError

CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Span:
    """How many responses, rows or articles a file holds, and when the first and the last were captured (ISO 8601)."""

    records: int | None = None
    first_captured_at: str | None = None
    last_captured_at: str | None = None


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A finished file of the archive."""

    #: Below the archive folder, with forward slashes.
    path: str
    size: int
    sha256: str
    #: Those of `Span`; unknown for files of which newswarc does not know what they hold.
    records: int | None = None
    first_captured_at: str | None = None
    last_captured_at: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run of one site: every file it finished, and its counts by name."""

    run_id: str
    site: str
    started_at: str
    finished_at: str
    software: str
    files: tuple[ManifestFile, ...]
    counts: Mapping[str, int]
    #: Of all that its files hold.
    first_captured_at: str | None = None
    last_captured_at: str | None = None


NO_SPANS: Mapping[str, Span] = {}


def manifest_filename(run_id: str, site: str) -> str:
    """The path of a run's manifest below the archive folder; runs of several sites may share an id."""
    return f"runs/{run_id}-{site}.json"


def write_manifest(archive: Path, manifest: Manifest) -> Path:
    """Put the manifest in its place, whole or not at all; raises `ArchiveError`."""
    path = archive / manifest_filename(manifest.run_id, manifest.site)
    with new_file(path) as file:
        file.write((json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n").encode())
    return path


def read_manifest(path: Path) -> Manifest:
    """A manifest back from its file; raises `ArchiveError`, which says what to do."""
    try:
        return parse_manifest(path.read_bytes(), str(path))
    except OSError as error:
        raise ArchiveError(f"{path}: it cannot be read: {error.strerror}") from error
    except ArchiveError as error:  # nothing is lost with it: it only names what is there
        raise ArchiveError(f"{error}; move it away: the site's next run names those files again") from error


def parse_manifest(data: bytes, name: str) -> Manifest:
    """The manifest that a file called `name` holds; raises `ArchiveError`."""
    try:
        values = json.loads(data)
        values["files"] = tuple(ManifestFile(**file) for file in values["files"])
        return Manifest(**values)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ArchiveError(f"{name}: no run manifest: {error}") from error


def describe(archive: Path, paths: Iterable[str], spans: Mapping[str, Span] = NO_SPANS) -> tuple[ManifestFile, ...]:
    """Size, SHA-256 and span of finished files, in the order of their names."""
    return tuple(_describe(archive, path, spans.get(path, Span())) for path in sorted(paths))


def _describe(archive: Path, path: str, span: Span) -> ManifestFile:
    return ManifestFile(path, (archive / path).stat().st_size, sha256_of(archive / path), **asdict(span))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()
