"""How much of a page is read: bounds that no article comes near, so that a hostile page costs a second, not an hour.

They are counted, not timed: the same bytes are refused on any machine. The largest of 517 news pages has 2.2 million
characters, 9,274 tags, elements 50 deep and 70,000 characters of text.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from lxml import etree
from lxml.html import HtmlElement
from numpy.typing import NDArray

from crawler.errors import OversizedPageError

MAX_BYTES = 8_000_000  # after content decoding
MAX_TAGS = 30_000  # opening and closing ones
MAX_ATTRIBUTES = 300  # of one element, the most of 517 pages is 73; libxml2 takes time by their number's square
MAX_PARTS = 600_000  # words, attributes and steps of addresses in its markup; the most of 517 pages is 99,000
FEW_PARTS = 16_000  # of a page's markup; were all of them one element's attributes, they would take 0.8 seconds
MAX_DEPTH = 250  # elements inside one another
MAX_DEPTHS = 600_000  # of all elements together: 15,000 of them, 40 deep each; the most of 517 pages is 75,000
MAX_TEXT = 1_000_000  # characters; more than the longest novels' chapters
MAX_AGAIN = 2_000_000  # bytes of what looks like tags inside of tags
MAX_SUSPECTS = 1_000  # places in scripts that look like tags
SAMPLED = 100  # every so many elements' depth is looked at: fewer deeper ones cost nothing
_ATTRIBUTE = rb"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+"""
#: From "<" to ">" nine values and fifty bytes between them at most, which is told in half the time of counting.
_USUAL = rb"""[^"'>=]{0,50}+(?:=(?:"[^"]*+"|'[^']*+'|[^\s"'>=]{1,50}+)[^"'>=]{0,50}+){0,9}+>"""
_UNUSUAL = re.compile(rb"<(?=[a-zA-Z])(?!%b)[^\s/>]++" % _USUAL)
_ATTRIBUTES = re.compile(rb"(?:%b){0,%d}+(%b)?" % (_ATTRIBUTE, MAX_ATTRIBUTES - 1, _ATTRIBUTE))
_TAG = re.compile(rb"<[a-zA-Z]+(?:%b){0,%d}+[\s/]*+>" % (_ATTRIBUTE, MAX_ATTRIBUTES))
_LENGTH = etree.XPath("string-length(.)")
_UNSEEN = etree.XPath("//script | //style | //noscript | //template | //textarea")


def check_bytes(url: str, data: bytes) -> None:
    """Raise `OversizedPageError` for a page of more bytes than any article's."""
    if len(data) > MAX_BYTES:
        raise OversizedPageError(url, f"{len(data)} bytes, of which no page needs more than {MAX_BYTES}")


def check_markup(url: str, markup: bytes) -> None:
    """Raise `OversizedPageError` for markup that would take minutes to parse."""
    data = np.frombuffer(markup, np.uint8)
    if np.count_nonzero(data == ord("<")) > MAX_TAGS:  # at a fifth of what bytes' own count takes
        raise OversizedPageError(url, f"more than {MAX_TAGS} tags")
    parts = _parts(data)
    if parts > MAX_PARTS:
        raise OversizedPageError(url, f"more than {MAX_PARTS} words and attributes in its markup")
    if parts > FEW_PARTS and any(not _is_code(markup, at) for at in _suspects(markup)):
        raise OversizedPageError(
            url, f"an element with more than {MAX_ATTRIBUTES} attributes, or too much that looks like it"
        )


def check_tree(url: str, elements: Sequence[HtmlElement], markup: bytes) -> None:
    """Raise `OversizedPageError` for a tree too deep, or with too much text, to be read in a second."""
    depths = [sum(1 for _ in islice(e.iterancestors(), MAX_DEPTH + 1)) for e in elements[::SAMPLED]]
    if max(depths) > MAX_DEPTH:
        raise OversizedPageError(url, f"elements inside one another more than {MAX_DEPTH} deep")
    if SAMPLED * sum(depths) > MAX_DEPTHS:
        raise OversizedPageError(url, f"elements whose depths add up to more than {MAX_DEPTHS}")
    if len(markup) > MAX_TEXT and _LENGTH(elements[0]) - sum(map(_LENGTH, _UNSEEN(elements[0]))) > MAX_TEXT:
        raise OversizedPageError(url, f"more than {MAX_TEXT} characters of text")


def _parts(data: NDArray[np.uint8]) -> int:
    """How many attributes there can be at most: each has a "=", or blanks or a "/" behind it."""
    blank = data <= ord(" ")
    ends = np.count_nonzero(blank[:-1] > blank[1:])
    return int(ends + np.count_nonzero(data == ord("=")) + np.count_nonzero(data == ord("/")))


def _suspects(markup: bytes) -> Iterator[int]:
    """Where things begin that have that many attributes, if they are elements; -1 if there is too much to look at."""
    left, behind, found = len(markup) + MAX_AGAIN, 0, 0
    for tag in _UNUSUAL.finditer(markup):
        if tag.start() < behind:
            continue
        attributes = _ATTRIBUTES.match(markup, tag.end())
        assert attributes is not None  # there may be none
        left -= attributes.end() - tag.start()
        if left < 0 or found == MAX_SUSPECTS:
            yield -1
            return
        if attributes[1] is not None:
            found, behind = found + 1, attributes.end()
            yield tag.start()


def _is_code(markup: bytes, at: int) -> bool:
    """Whether the place is in a script or style sheet, whose comparisons look like tags, and not in its own tag."""
    if at < 0:
        return False
    opened = max(markup.rfind(b"<script", 0, at), markup.rfind(b"<style", 0, at))
    if opened <= max(markup.rfind(b"</script", 0, at), markup.rfind(b"</style", 0, at)):
        return False
    tag = _TAG.match(markup, opened)
    return tag is not None and tag.end() <= at
