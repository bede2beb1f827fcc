"""Reads hostile pages, each in a process of its own with limits, and prints what became of each.

Run as a program: its children may be forked safely, and what they take is not the test runner's.
"""

import logging
import os
import resource
import sys
from collections.abc import Sequence

from crawler.rebuild.reading import read_record
from crawler.site import Generic, Site
from tests.captures import capture_of

MEMORY = 200 << 20  # bytes more than before the page was made
SECONDS = 20  # of CPU: far beyond what a page may take on any machine; only what hangs gets there
SENTENCE = "<p>A sentence of the article that is long enough to count as prose for whoever reads it here today.</p>"
TEN = 10_000_000


class News(Site):
    name = "news"
    layouts = (Generic,)


def script(json: str) -> str:
    return f"<script type=application/ld+json>{json}</script>"


#: A piece, how often it is repeated, what comes after it.
PAGES = {
    "10 MB of prose": (SENTENCE, TEN // len(SENTENCE), ""),
    "10 MB in one line": ("word ", TEN // 5, ""),
    "10 MB in one word": ("x", TEN, ""),
    "10 MB of zeros": ("\0", TEN, ""),
    "7 MB in a script": ("x=1;", 1_800_000, "</script>"),
    "100,000 nested tags": ("<div>", 100_000, ""),
    "100,000 nested tables": ("<table><tr><td>", 33_000, ""),
    "1,000,000 attributes": ("<p " + " ".join(f"a{n}=x" for n in range(1_000_000)), 1, ">"),
    "nested within bounds": ("<div>" * 240 + SENTENCE + "</div>" * 240, 60, ""),
    "nested lists within bounds": ("<ul><li>" * 20 + SENTENCE + "</li></ul>" * 20, 340, ""),
    "rows of one table": ("<tr><th>Some words of the table, and a few more.<td>12", 7_000, "</table>"),
    "tags within bounds": ("<p>short</p>", 14_000, ""),
    "links within bounds": ("<a href=/x>Some words</a> ", 14_000, ""),
    "headlines within bounds": ("<h1>A port is here</h1>", 14_000, ""),
    "bylines within bounds": ("<p class=byline>By Ann Lee and Bo Roe</p>", 10_000, ""),
    "times within bounds": ("<time datetime=2024-01-01>x</time>", 14_000, ""),
    "one line within bounds": ("word ", 180_000, ""),
    "one word within bounds": ("x", 900_000, ""),
    "lines of a listing": ("line of text\n", 70_000, ""),
    "one class without end": ("author byline ", 400_000, "'>x"),
    "one title without end": ("a | ", 200_000, "</title>"),
    "linked data without end": (script("[" + '{"@type":"NewsArticle","author":"A B"},' * 20_000 + "{}]"), 4, ""),
    "brackets without end": (script("[" * 1_000_000), 1, ""),
}
HEADS = {"7 MB in a script": "<script>", "lines of a listing": "<pre>", "one class without end": "<p class='"}
HEADS["one title without end"] = "<title>"
HEADS["rows of one table"] = "<table>"


def body_of(name: str) -> bytes:
    piece, count, tail = PAGES[name]
    return (HEADS.get(name, "") + piece * count + tail + SENTENCE * 5).encode()


def limit() -> None:
    pages = int(open("/proc/self/statm", encoding="ascii").read().split()[0])  # noqa: SIM115, PTH123
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)
    spent = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS,) * 2)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(names: Sequence[str]) -> None:
    logging.disable(logging.CRITICAL)
    for name in names:
        child = os.fork()
        if child == 0:
            capture = capture_of(body_of(name))
            limit()
            reading = read_record(capture, News)
            say(f"{name}: {reading.reason or 'read'}")
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            say(f"{name}: ended by {status}")


if __name__ == "__main__":
    main(sys.argv[1:] or tuple(PAGES))
