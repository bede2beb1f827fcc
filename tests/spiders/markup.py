"""The lines of a saved page put into markups that no site may have: layouts go by the words, not by these."""

import random
from collections.abc import Callable, Sequence
from html import escape

Wrap = Callable[[Sequence[str]], str]

ORIGINAL = "https://www.ft.com/content/00000000-0000-0000-0000-000000000000"
LINKED = "Read the full article here"


def seed_lines(text: str) -> list[str]:
    """The page's lines without the bullets' indentation; empty ones left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def document(lines: Sequence[str], wrap: Wrap, title: str | None) -> str:
    """A whole page of the lines, escaped, the link to the original a link."""
    escaped = [escape(line, quote=False) for line in lines]
    linked = [f'<a href="{ORIGINAL}">{line}</a>' if line == LINKED else line for line in escaped]
    head = f"<title>{escape(title)}</title>" if title else ""
    return f"<html><head>{head}</head><body>{wrap(linked)}</body></html>"


def _each(before: str, after: str = "", between: str = "\n") -> Wrap:
    return lambda lines: between.join(f"{before}{line}{after}" for line in lines)


def _inside(before: str, wrap: Wrap, after: str = "") -> Wrap:
    return lambda lines: f"{before}{wrap(lines)}{after}"


def _minified(lines: Sequence[str]) -> str:
    return "".join(f"<p class=c{number % 7}>{line}" for number, line in enumerate(lines))


def _emphasised(lines: Sequence[str]) -> str:
    """The first word of long lines in bold, as some systems set leads."""
    words = [line.split(" ", 1) if len(line) > 99 and line[0] != "<" else [line] for line in lines]
    return "".join(f"<p><b>{w[0]}</b> {w[1]}</p>" if len(w) > 1 else f"<p>{w[0]}</p>" for w in words)


def _nested(seed: int) -> Wrap:
    """Boxes in boxes, each line in an element chosen by chance, the same for the same seed."""

    def wrap(lines: Sequence[str]) -> str:
        chance = random.Random(seed)
        shapes = (
            "<p>{}</p>",
            "<div>{}</div>",
            "<div>{}<br></div>",
            "<section><p>{}</p></section>",
            "<div><span>{}</span></div>",
        )
        out: list[str] = []
        depth = 0
        for line in lines:
            while chance.random() < 0.4:
                out.append(f'<div class="x{chance.randrange(999)}">')
                depth += 1
            out.append(chance.choice(shapes).format(line))
            while depth and chance.random() < 0.35:
                out.append("</div>")
                depth -= 1
        return "".join(out) + "</div>" * depth

    return wrap


MARKUPS: dict[str, Wrap] = {
    "paragraphs": _each("<p>", "</p>"),
    "pre": _inside("<pre>", _each(""), "</pre>"),
    "breaks": _inside("<div>", _each("", between="<br>"), "</div>"),
    "double-breaks": _inside("<div class=a>", _each("", between="<br><br>\r\n"), "</div>"),
    "bare-p-in-table": _inside("<center><table width=900><tr><td>", _each("", between="\r\n<P>\r\n"), "</table>"),
    "row-a-line": _inside("<table>", _each("<tr><td>", "</td></tr>"), "</table>"),
    "spans": _inside("<div>", _each("<span>", "</span>"), "</div>"),
    "spans-and-breaks": _inside("<div>", _each("<span>", "</span>", "<br/>"), "</div>"),
    "unknown-elements": _inside("<main>", _each("<x-line>", "</x-line>", ""), "</main>"),
    "article-a-line": _inside("<main>", _each("<article><p>", "</p></article>"), "</main>"),
    "list-items": _inside("<ul>", _each("<li>"), "</ul>"),
    "font-tags": _inside("<FONT face=Tahoma>", _each("<FONT size=2>", "</FONT><BR><BR>"), "</FONT>"),
    "form": _inside("<form><div>", _each("<div>", "</div>"), "</div></form>"),
    "minified": _minified,
    "emphasised": _emphasised,
    "nested-1": _nested(1),
    "nested-2": _nested(2),
    "nested-3": _nested(3),
}
