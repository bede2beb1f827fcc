"""Where files lie in an archive folder."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

OPEN_SUFFIX = ".open"
LEDGER_NAME = "ledger.sqlite"
MAX_NAME = 255  # bytes, in every file system
MAX_PATH = 2000  # characters below the archive folder; Linux takes 4,095 bytes in all


def warc_filename(site: str, at: datetime, serial: int) -> str:
    """The path of a WARC file below the archive folder; its shape is that of Common Crawl's CC-NEWS."""
    return f"warc/{site}/{at:%Y}/{at:%m}/NEWSWARC-{site}-{at:%Y%m%d%H%M%S}-{serial:05d}.warc.gz"


def cdxj_filename(site: str, filename: str) -> str:
    """The path of the index of one WARC file; plain text, because pywb searches it by halves."""
    return f"index/cdxj/{site}/{Path(filename).name.removesuffix('.warc.gz')}.cdxj"


def parquet_filename(site: str, filename: str) -> str:
    """The path of the index of one WARC file in columns; a Hive partition, as query engines find them."""
    return f"index/parquet/site={site}/{Path(filename).name.removesuffix('.warc.gz')}.parquet"


def merged_filename(site: str) -> str:
    """The path of a site's merged index; not beside those it is made of, or pywb would find each capture twice."""
    return f"index/merged/{site}.cdxj"


def is_below(filename: str) -> bool:
    """Whether a name that was read from a file can only lie below the archive folder."""
    parts = Path(filename).parts
    is_path = bool(parts) and "\0" not in filename and len(filename) <= MAX_PATH and all(map(_is_name, parts))
    return is_path and not Path(filename).is_absolute() and ".." not in parts


def _is_name(part: str) -> bool:
    """Whether a file system can hold it: no half of a character, which JSON can, and not too much."""
    try:
        return len(part.encode()) <= MAX_NAME
    except UnicodeEncodeError:
        return False


def lock_filename(site: str) -> str:
    """The path of the file whose lock a run of `site` holds."""
    return f"runs/{site}.lock"


def open_path(path: Path) -> Path:
    """The name a file has while it is written."""
    return path.with_name(path.name + OPEN_SUFFIX)


def warc_paths(folder: Path, site: str) -> Iterator[Path]:
    """The site's finished WARC files, oldest first."""
    return iter(sorted((folder / "warc" / site).glob("*/*/*.warc.gz")))


def sites_in(folder: Path) -> list[str]:
    """The sites of which the archive holds WARC files."""
    return sorted(path.name for path in (folder / "warc").glob("*") if path.is_dir())


def open_paths(folder: Path, site: str) -> Iterator[Path]:
    """The site's WARC files that a run left open, oldest first."""
    return iter(sorted((folder / "warc" / site).glob(f"*/*/*.warc.gz{OPEN_SUFFIX}")))


def filename_in(folder: Path, path: Path) -> str:
    """The final name of `path` as records give it: relative to the archive folder, with forward slashes."""
    return path.relative_to(folder).as_posix().removesuffix(OPEN_SUFFIX)
