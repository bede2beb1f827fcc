"""Halving a file that is far away finds what reading all of it finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import DamagedRecordError
from crawler.remote import ranges
from crawler.remote.ranges import PROBE_BYTES, WINDOW_BYTES, lines_with


class Far:
    """A file that counts what is read of it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.read_bytes = self.requests = 0

    def read(self, start: int, length: int) -> bytes:
        assert start >= 0
        assert 0 < length <= len(self.data) - start, "a range that is not in the file"
        self.read_bytes += length
        self.requests += 1
        return self.data[start : start + length]

    def find(self, prefix: bytes) -> list[bytes]:
        return list(lines_with(prefix, len(self.data), self.read))


@given(st.lists(st.binary(max_size=6).map(lambda line: line.replace(b"\n", b"a") or b"a")), st.binary(max_size=4))
def test_it_finds_what_reading_all_finds(lines: list[bytes], prefix: bytes) -> None:
    prefix = prefix.replace(b"\n", b"b")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "PROBE_BYTES", 3)
        patch.setattr(ranges, "WINDOW_BYTES", 4)
        lines.sort()
        for end in (b"\n", b""):
            found = Far(b"\n".join(lines) + (end if lines else b"")).find(prefix)
            assert found == [line for line in lines if line.startswith(prefix)]


def test_it_reads_little_of_a_large_file() -> None:
    rows = sorted(b"com,example)/%07d 20240208093000 %s" % (n * 7919 % 10**7, b"x" * 300) for n in range(50_000))
    far = Far(b"\n".join(rows) + b"\n")
    for row in (rows[0], rows[31_234], rows[-1]):
        far.read_bytes = far.requests = 0
        assert far.find(row.split(b" ")[0] + b" ") == [row]
        assert far.read_bytes <= 2 * WINDOW_BYTES + 20 * PROBE_BYTES
        assert far.requests <= 14


def test_many_rows_of_one_url_are_all_found() -> None:
    rows = [b"a 1", *(b"b %07d" % n for n in range(20_000)), b"c 1"]
    assert Far(b"\n".join(rows) + b"\n").find(b"b ") == rows[1:-1]


def test_what_has_no_lines_is_no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "MAX_LINE", 10_000)
    with pytest.raises(DamagedRecordError, match="this is no index"):
        Far(b"x" * 200_000).find(b"y ")
