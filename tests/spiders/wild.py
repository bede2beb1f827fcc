"""Pages made by chance of a seed's lines: any element round any line, noise between lines and marks inside them.

Everything a reader would not see or would know for noise may be added, nothing that he sees is lost or moved, so the
article has to come out the same. The same number gives the same page.
"""

import random
import re
from collections.abc import Sequence
from html import escape

from tests.spiders.markup import LINKED, MARKUPS, ORIGINAL, Wrap

TAGS = ("p", "div", "section", "article", "blockquote", "h2", "h4", "h6", "center", "address", "header", "dd")
SHAPES = (
    *(f"<{tag}>{{}}</{tag}>" for tag in TAGS),
    *(f"<{tag} class='{{c}}' id=i{{c}}>{{}}</{tag}>" for tag in ("p", "div", "section")),
    "<ul><li>{}</li></ul>",
    "<ol class={c}><li><p>{}</p></ol>",
    "<dl><dt>{}</dl>",
    "<br><font size=2>{}</font><br/>",
    "<table><tr><td>{}</td></tr></table>",
    "<table width=100%><tr><td><p><td>{}<td></table>",
    "<table><tbody><tr><td>" * 6 + "{}" + "</td></tr></tbody></table>" * 6,
    "<div><div><div><span><font>{}</font></span></div></div></div>",
    "<div><p></p><p>&nbsp;</p>{}<p></p></div>",
    "<form action=/x><fieldset>{}</fieldset></form>",
    "<div style='display: block'><b></b>{}</div>",
    "<my-widget><div>{}</div></my-widget>",
    "<p><font face=Arial><b></b>{}</p>",
    "<p></span>{}</i></p></p>",
    "<p/><o:p>{}</o:p><p/>",
    "<div\nclass=a\n>{}<!-- end --></div\n>",
)
#: In these the next line's element would be part of the line if it is an inline one.
UNCLOSED = ("<p>{}", "<li>{}")
INLINE_SHAPES = (
    "<br><span>{}</span><br>",
    "<br><font color=red><b></b>{}</font><br/>",
    "<my-line>{}</my-line><my-line></my-line>",
    *(f"<{tag} class='{{c}}' id=i{{c}}>{{}}</{tag}>" for tag in ("pre-view", "my-line", "amp-text")),
)
WRAPPERS = ("div", "section", "main", "article", "center", "my-box", "ul", "table><tr><td")
NOISE = (
    "<div></div>",
    "<p>&nbsp;</p>",
    "<hr>",
    "<!-- <p>Nothing of this is seen by anybody who reads the page.</p> -->",
    "<script>document.write('<p>Would you like to comment on this article?</p>')</script>",
    "<style>.x:before {{ content: 'Related Links' }}</style>",
    "<noscript><p>Leave a comment with a browser that runs scripts, please.</p></noscript>",
    "<div class=ad-{c}><a href='/ad?{c}'>Save more than half on shoes today</a></div>",
    "<div class=ad><p>Advertisement</p><iframe src=/ad>No frames</iframe></div>",
    "<table><tr><td><a href=/ad><img src=/ad.gif alt='Buy gold'></a></td></tr></table>",
    "<div class={c}><button>Tweet</button><a href=/s>Share</a></div>",
    "<ul class=share><li><a href=/t>Tweet</a></li><li><a href=/f>Share</a></li></ul>",
    "<p>Share</p>",
    "<div><span>Tweet</span></div>",
    "<div hidden>Sign in to read all that we print, every day of the week and on Sunday.</div>",
    "<div style='color:red; display: none'><p>You have read all of your free articles for this month.</p></div>",
    "<amp-img src=/{c}.jpg width=1 height=1><noscript><img src=/{c}.jpg></noscript></amp-img>",
    "<my-widget data-id={c}></my-widget>",
    "<svg><title>An icon</title><text>12</text></svg>",
    "<template><p>Reuters</p></template>",
)
MENUS = (
    "<nav><ul><li><a href=/>Home</a><li><a href=/w>World</a><li><a href=/s>Sport and leisure</a></ul></nav>",
    "<div class=menu><a href=/>Home</a> | <a href=/w>World</a> | <a href=/s>Sport and leisure</a></div>",
    "<table><tr><td><a href=/>Home</a></td><td><a href=/w>World</a></td></tr></table>",
)
INLINE = (
    "b",
    "i",
    "em",
    "strong",
    "span",
    "span class={c}",
    "a href=/topic/{c}",
    "font color=red",
    "u",
    "mark",
    "abbr",
)
INVISIBLE = ("<!-- x -->", "<span></span>", "<wbr>", "&#8203;", "<b></b>", "<script>1</script>", "<a name={c}></a>")
SPACES = (" ", "\n", "\r\n   ", "&nbsp;", "  ", "&#32;", "\t")
ENTITIES = {"“": "&ldquo;", "”": "&rdquo;", "\u2019": "&rsquo;", "—": "&mdash;", "'": "&#39;", '"': "&quot;"}

#: A browser, too, shows labels in a row of spans as one line; longer runs are told by their sentences.
MIXED = tuple(name for name in MARKUPS if name != "spans")


def mixed(number: int) -> Wrap:
    """Runs of a few lines, each run in one of the markups."""

    def wrap(lines: Sequence[str]) -> str:
        chance, out, at = random.Random(number), [], 0
        while at < len(lines):
            count = chance.randrange(1, 9)
            out.append(f"<div>{MARKUPS[chance.choice(MIXED)](lines[at : at + count])}</div>")
            at += count
        return "".join(out)

    return wrap


class Wild:
    """Makes one page from chance."""

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)

    def page(self, lines: Sequence[str], headline: str) -> tuple[bytes, str]:
        """The page's bytes and its content type; the headline may be in its head alone."""
        head = self._head(headline)
        if escape(headline) in head and self.chance.random() < 0.3:
            lines = [line for line in lines if line != headline]
        html = f"<html><head>{head}</head><body class={self._class()}>{self.body(lines)}</body></html>"
        codec = self.chance.choice(("utf-8", "utf-8", "windows-1252"))
        declared = self.chance.random() < 0.5
        return html.encode(codec, "xmlcharrefreplace"), f"text/html; charset={codec}" if declared else "text/html"

    def body(self, lines: Sequence[str]) -> str:
        """The lines, each in an element chosen by chance, in boxes opened and shut by chance."""
        out, open_boxes, shape = [*self._menus()], 0, ""
        for line in lines:
            while self.chance.random() < 0.3:
                out.append(f"<{self.chance.choice(WRAPPERS)} class={self._class()}>")
                open_boxes += 1
            shape = self.chance.choice(SHAPES + UNCLOSED + (() if shape in UNCLOSED else INLINE_SHAPES))
            out.append(self._cased(self._filled(shape)).replace("{}", self._marked(line)))
            while self.chance.random() < 0.3:
                out.append(self._filled(self.chance.choice(NOISE)))
            while open_boxes and self.chance.random() < 0.3:
                out.append("</div>")
                open_boxes -= 1
        return self.chance.choice(("", "\n", "\r\n\t")).join([*out, *self._menus()])

    def _head(self, headline: str) -> str:
        title = escape(headline)
        return self.chance.choice(
            (
                "",
                "<title>x</title>",
                f"<title>{title}</title>",
                f'<meta property="og:title" content="{title}"><title>News</title>',
            )
        )

    def _menus(self) -> list[str]:
        return [self.chance.choice(MENUS) for _ in range(self.chance.randrange(3))]

    def _marked(self, line: str) -> str:
        """The line with marks, invisible things and odd white space in it; short lines get fewer."""
        if line == LINKED:
            return f"<a href='{ORIGINAL}'>{line}</a>"
        words = [self._word(word) for word in line.split()]
        for _ in range(self.chance.randrange(1 + len(words) // 12)):
            start = self.chance.randrange(len(words))
            end = min(len(words), start + self.chance.randrange(1, 5)) - 1
            tag = self._filled(self.chance.choice(INLINE))
            if not any("<" in word for word in words[start : end + 1]):
                words[start] = f"<{tag}>{words[start]}"
                words[end] += f"</{tag.split()[0]}>"
        return "".join(word + self._space() for word in words[:-1]) + words[-1]

    def _word(self, word: str) -> str:
        letters = [escape(c, quote=False) for c in word]
        if self.chance.random() < 0.1:
            letters = [ENTITIES.get(c, c) for c in letters]
        if len(word) > 4 and self.chance.random() < 0.02:
            at = self.chance.randrange(1, len(word))
            letters.insert(at, self._filled(self.chance.choice(INVISIBLE)))
        elif len(word) > 4 and self.chance.random() < 0.02:
            letters[0] = f"<b>{letters[0]}</b>"
        return "".join(letters)

    def _space(self) -> str:
        return self.chance.choice(SPACES) if self.chance.random() < 0.1 else " "

    def _filled(self, markup: str) -> str:
        return markup.replace("{c}", self._class())

    def _class(self) -> str:
        return f"{self.chance.choice('abcxyz')}{self.chance.randrange(99)}"

    def _cased(self, markup: str) -> str:
        """The markup, some of it with its tags in capitals."""
        if self.chance.random() < 0.8:
            return markup
        return re.sub(r"</?[a-z0-9-]+", lambda tag: tag[0].upper(), markup)
