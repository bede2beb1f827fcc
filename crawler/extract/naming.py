"""What a site calls itself, and titles without it."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from urllib.parse import urlsplit

from crawler.extract.reading import fold
from crawler.page import Page, once_a_page
from crawler.text import normalised

SEPARATED = re.compile(r"\s+(?:[|»·•]|::|--|[-–—])\s+|\s*[|]\s*")  # noqa: RUF001 - an en dash is one of them
LONGEST_NAME = 5  # words
NAMES_LOOKED_AT = 200  # objects of linked data; a site's own stands among the first
MAX_TITLE = 1000  # characters; the longest headline seen has 250


@once_a_page
def own_names(page: Page) -> frozenset[str]:
    """What the site calls itself, folded: its name, its publisher's, its host's."""
    return frozenset(folded for name in _stated(page) if (folded := fold(name)))


def _stated(page: Page) -> Iterator[str]:
    host = host_of(page)
    yield from (host, *host.split(".")[:-1])
    yield from (name for key in ("og:site_name", "application-name", "publisher") for name in page.metas(key))
    for entry in page.linked.entries[:NAMES_LOOKED_AT]:
        publisher = page.linked.resolved(entry.get("publisher"))
        if isinstance(publisher, Mapping) and isinstance(publisher.get("name"), str):
            yield str(publisher["name"])


def host_of(page: Page) -> str:
    """The page's host without `www.`; empty for a URL that is none."""
    try:
        return (urlsplit(page.url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def bare_title(text: str | None, page: Page, names: frozenset[str]) -> str | None:
    """A declared title without entities, and without the site's name before or behind it."""
    title = normalised(unescape(text or "")[:MAX_TITLE])
    label = fold(host_of(page).split(".")[0])
    while found := list(SEPARATED.finditer(title)):
        first, last = found[0], found[-1]
        if _is_site(title[last.end() :], names, label):
            title = title[: last.start()].strip()
        elif fold(title[: first.start()]) in names:
            title = title[first.end() :].strip()
        else:
            break
    return title if fold(title) and fold(title) not in names else None


def _is_site(text: str, names: frozenset[str], label: str) -> bool:
    """Whether a title's last part is the site's name, or one of its names that has the host's label in it."""
    folded, words = fold(text), text.split()
    if folded in names or not folded:
        return True
    if len(words) > LONGEST_NAME or len(label) < 3:
        return False
    initials = "".join(word[0] for word in words).casefold()
    return label in folded or initials == label or (len(folded) > 4 and folded in label)
