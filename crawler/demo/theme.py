"""The look of a site: a style sheet and all that it names, enough of each for a page to be shown."""

from collections.abc import Mapping

from crawler.demo.pictures import png
from crawler.demo.resource import Resource

FOLDER = "/wp-content/themes/daily"
#: What an article's head names.
HEAD = f'<link rel="stylesheet" href="{FOLDER}/style.css"><script src="{FOLDER}/menu.js" defer></script>'
SHEET = """@import url("print.css") print;
@font-face { font-family: Daily; src: url(fonts/daily.woff2) format("woff2") }
body { background: #fffdf8 url('images/paper.png') repeat-y; font-family: Daily, Georgia, serif }
/* the old one was url(images/none.png) */
"""
PRINT = "nav, aside { display: none }\n"
MENU = "document.addEventListener('click', event => event.target.classList.toggle('open'));\n"
FONT = b"wOF2" + bytes(44)  # a header without a glyph: browsers fall back to the next font


def theme() -> Mapping[str, Resource]:
    """Path -> file, on the site's own host."""
    return {
        f"{FOLDER}/style.css": Resource(SHEET.encode(), "text/css"),
        f"{FOLDER}/print.css": Resource(PRINT.encode(), "text/css"),
        f"{FOLDER}/menu.js": Resource(MENU.encode(), "text/javascript"),
        f"{FOLDER}/fonts/daily.woff2": Resource(FONT, "font/woff2"),
        f"{FOLDER}/images/paper.png": Resource(png("paper"), "image/png"),
    }
