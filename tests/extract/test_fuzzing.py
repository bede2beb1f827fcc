"""Mutated and hostile pages cost one article or one named error each, little time, and nothing of the network."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.errors import PageSkippedError
from crawler.extract import read_article
from crawler.page import Page
from crawler.site import Generic, Site
from tests.captures import capture_of
from tests.demo.seeds import CASES, URLS, seed
from tests.extract.pathological import PAGES
from tests.spiders.test_seeds import spider_of

ROOT = Path(__file__).parents[2]
QUICK, SLOW = 3, 80  # rounds a page
_PIECES = "< > </p> <p> <div> </div> <table> <!-- --> \" ' & &#x110000; <script> </script> ]]> { } [ ,"
PIECES = (*_PIECES.encode().split(), b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80")
HEADERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("Content-Type", "text/html"),),
    (("Content-Type", "text/html; charset=utf-16"),),
    (("Content-Type", "text/html; charset=gb2312"),),
    (("Content-Type", "text/html; charset=iso-2022-jp"),),
    (("Content-Encoding", "gzip"),),
    (("Content-Encoding", "br, deflate"),),
)


class News(Site):
    name = "news"
    layouts = (Generic,)


def mutated(whole: bytes, chance: random.Random) -> bytes:
    """The page with bytes changed, pieces put in, taken out, doubled and moved, or its end cut off."""
    body = bytearray(whole)
    for _ in range(chance.choice((1, 3, 10, 60))):
        at, length = chance.randrange(len(body) + 1), chance.choice((0, 1, 5, 80, 900))
        piece = chance.choice((chance.choice(PIECES), chance.randbytes(3), bytes(body[at : at + length]) * 2, b""))
        body[at : at + length] = piece
    return bytes(body[: chance.randrange(len(body) + 1)] if chance.random() < 0.1 else body)


def outcome(body: bytes, url: str, site: type[Site], headers: tuple[tuple[str, str], ...]) -> str:
    try:
        return "read" if read_article(Page(capture_of(body, url, headers=headers)), site).text else "empty"
    except PageSkippedError as skipped:
        return skipped.reason


def fuzz(site: str, variant: str, rounds: int) -> None:
    whole, chance = seed(site).page(variant), random.Random(f"{site} {variant}")
    for _ in range(rounds):
        body, headers = mutated(whole, chance), chance.choice((HEADERS[0], HEADERS[0], *HEADERS))
        for reader in (spider_of(site), News):
            assert outcome(body, URLS[site], reader, headers) not in ("empty", "skipped")


@pytest.mark.parametrize(("site", "variant"), CASES)
def test_mutated_pages_are_read_or_skipped_by_name(site: str, variant: str) -> None:
    fuzz(site, variant, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize(("site", "variant"), CASES)
def test_pages_mutated_for_minutes_are_read_or_skipped_by_name(site: str, variant: str) -> None:
    fuzz(site, variant, SLOW)


def reasons(*names: str) -> dict[str, str]:
    """What became of each page, in a process that may take 200 MB more than it has, and no endless time."""
    command = [sys.executable, "-m", "tests.extract.pathological", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(line.split(": ") for line in done.stdout.splitlines())


def test_pathological_pages_stay_within_their_limits() -> None:
    names = ("10 MB in one line", "100,000 nested tags", "1,000,000 attributes", "one line within bounds")
    assert list(reasons(*names).values()) == ["oversized", "oversized", "oversized", "stub"]


@pytest.mark.slow
def test_every_pathological_page_stays_within_its_limits() -> None:
    told = reasons()
    assert told.keys() == PAGES.keys()
    assert set(told.values()) <= {"read", "stub", "oversized", "not_article"}


def test_records_are_the_same_in_any_order_and_process() -> None:
    """Sets and dicts of strings are ordered by a process's own seed, which no record may show."""
    outputs = []
    for order, salt in (("forwards", "1"), ("backwards", "2")):
        done = subprocess.run(
            [sys.executable, "-m", "tests.extract.recording", order],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": salt, "TZ": "Asia/Tokyo" if salt == "1" else "America/New_York"},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append(sorted(done.stdout.splitlines()))
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) == 2 * len(CASES)
