"""Lines of a sorted file that is far away: found by halving, each step one small range.

Each step costs a round trip and a KB: sixteen for a file of a million lines, which is less than the footer of a Parquet
file of as many rows, before any of its rows.
"""

from collections.abc import Callable, Iterator

from crawler.archive.cdxj import MAX_LINE
from crawler.errors import DamagedRecordError

PROBE_BYTES = 1024  # mostly holds the whole line behind a place; ours have 400 bytes
WINDOW_BYTES = 8 * 1024  # what is left is read at once: a further step saves less than its round trip costs

#: From a start and a length to exactly these bytes.
ReadRange = Callable[[int, int], bytes]


def lines_with(prefix: bytes, size: int, read: ReadRange) -> Iterator[bytes]:
    """The lines, without their ends, that begin with `prefix`, of a file sorted by bytes.

    Raises what `read` raises, and `DamagedRecordError` for a file without lines.
    """
    for line in _lines(*_place_of(prefix, size, read), size, read):
        if line.startswith(prefix):
            yield line
        elif line > prefix:
            return


def line_behind(at: int, size: int, read: ReadRange) -> tuple[bytes | None, int]:
    """The first line that begins behind `at`, and where the next one does; `None` at the end of the file."""
    found = b""
    while at + len(found) < size and len(found) < MAX_LINE:
        start = at + len(found)
        found += read(start, min(max(len(found), PROBE_BYTES), size - start))
        begin = found.find(b"\n") + 1
        end = found.find(b"\n", begin) if begin else -1
        if end >= 0:
            return found[begin:end], at + end + 1
        if begin and at + len(found) == size:
            return found[begin:] or None, size
    if len(found) >= MAX_LINE:
        raise DamagedRecordError(f"no line ends within {MAX_LINE} bytes of byte {at}: this is no index")
    return None, size


def _place_of(prefix: bytes, size: int, read: ReadRange) -> tuple[int, int]:
    """Between which bytes, less than a window apart, the first line begins that is not before `prefix`."""
    low, high = 0, size  # what begins before `low` is before `prefix`, and what begins at `high` or later is not
    while high - low > WINDOW_BYTES:
        middle = (low + high) // 2
        line, end = line_behind(middle, size, read)
        if line is not None and line < prefix:
            low = end
        else:
            high = middle + 1
    return low, high


def _lines(start: int, place: int, size: int, read: ReadRange) -> Iterator[bytes]:
    """The lines from `start` on: first up to the one at `place`, then in windows."""
    rest, window = b"", max(place - start, 0) + PROBE_BYTES
    while start < size:
        piece = read(start, min(window, size - start))
        window = WINDOW_BYTES
        start += len(piece)
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > MAX_LINE:
            raise DamagedRecordError(f"a line of more than {MAX_LINE} bytes: this is no index")
    if rest:
        yield rest
