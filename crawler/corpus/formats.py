"""Article records in the formats that are asked for: JSON Lines, Parquet, or both."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crawler.corpus.columns import column_writer, read_columns
from crawler.corpus.files import PARQUET, compressed, new_file, read_lines


@contextmanager
def record_writer(paths: list[Path]) -> Iterator[Callable[[str], None]]:
    """What takes records, one line of JSON each, and writes all of `paths`, whole or not at all."""
    with ExitStack() as stack:
        writes: list[Callable[[str], object]] = []
        for path in paths:
            file = stack.enter_context(new_file(path))
            if path.name.endswith(PARQUET):
                writes.append(stack.enter_context(column_writer(file)).write)
            else:
                text = stack.enter_context(compressed(file))
                writes.append(lambda line, text=text: text.write(line + "\n"))  # type: ignore[misc]

        def write(line: str) -> None:
            for one in writes:
                one(line)

        yield write


def read_records(path: Path) -> Iterator[str]:
    """The records of a file in either format as lines of JSON; raises `ArchiveError`."""
    return read_columns(path) if path.name.endswith(PARQUET) else read_lines(path)
