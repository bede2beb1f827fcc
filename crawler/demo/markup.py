"""HTML from text: escaping, inline markup, and the ways in which sites print blocks."""

import hashlib
import string
from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby

from crawler.demo.story import Story, inline_parts
from crawler.model import Block

PREVIEW_BLOCKS = 2  # what a paywalled page shows before it breaks off


def fill(template: str, **values: str) -> str:
    """The package's template of that name with `$key` replaced by each value, which is HTML already."""
    return _template(template).substitute(values)


def inline(text: str) -> str:
    """`text` as HTML, with its emphasis and links."""
    return "".join(_part(piece, url) for piece, url in inline_parts(text) if piece)


def paragraphs(blocks: Iterable[Block]) -> str:
    """Blocks as well-formed HTML, as most systems store them."""
    return "\n".join(_grouped(blocks, _element, lambda items: f"<ul>{items}</ul>", "<li>{}</li>"))


def bare_paragraphs(blocks: Iterable[Block]) -> str:
    """Blocks as HTML was written in the nineties: upper-case tags, `<P>` and `<LI>` never closed, CRLF."""
    return "\r\n".join(_grouped(blocks, _bare, lambda items: f"<UL>\r\n{items}</UL>", "<LI>{}\r\n"))


def broken_lines(blocks: Iterable[Block]) -> str:
    """Blocks as one run of text in which only `<br>` tells paragraphs apart."""
    return "<br><br>\n".join(_grouped(blocks, _line, lambda items: f"<ul>{items}</ul>", "<li>{}</li>"))


def visible(story: Story) -> tuple[Block, ...]:
    """The blocks that a reader without a subscription is shown; the last of a cut text ends in `...`."""
    if not story.premium or len(story.blocks) <= PREVIEW_BLOCKS:
        return story.blocks
    *whole, last = story.blocks[:PREVIEW_BLOCKS]
    return (*whole, Block(last.kind, f"{last.text.rstrip('.')}..."))


def token(*parts: str) -> str:
    """A meaningless class name that is the same in every run."""
    return "x" + hashlib.sha256("/".join(parts).encode()).hexdigest()[:6]


def pick(key: str, count: int) -> int:
    """A number below `count` that is the same in every run for `key`."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % count


@cache
def _template(name: str) -> string.Template:
    return string.Template((files("crawler.demo") / "templates" / name).read_text(encoding="utf-8"))


def _part(piece: str, url: str | None) -> str:
    if url:
        return f'<a href="{escape(url)}">{escape(piece, quote=False)}</a>'
    return escape(piece, quote=False) if url is None else f"<em>{escape(piece, quote=False)}</em>"


def _grouped(
    blocks: Iterable[Block], one: Callable[[Block], str], wrap: Callable[[str], str], item: str
) -> Iterable[str]:
    for is_list, run in groupby(blocks, lambda block: block.kind == "list_item"):
        if is_list:
            yield wrap("".join(item.format(inline(block.text)) for block in run))
        else:
            yield from map(one, run)


def _element(block: Block) -> str:
    text = inline(block.text)
    match block.kind:
        case "heading":
            return f"<h3>{text}</h3>"
        case "quote":
            return f"<blockquote><p>{text}</p></blockquote>"
        case "preformatted":
            return f"<pre>{text}</pre>"
        case _:
            return f"<p>{text}</p>"


def _bare(block: Block) -> str:
    text = inline(block.text)
    match block.kind:
        case "quote":
            return f"<BLOCKQUOTE>{text}</BLOCKQUOTE>"
        case "preformatted":
            return f"<PRE>{text}</PRE>"
        case "heading" if not text.startswith("- "):
            return f"<P>\r\n<B>{text}</B>"
        case _:
            return f"<P>\r\n{text}"


def _line(block: Block) -> str:
    text = inline(block.text)
    match block.kind:
        case "heading":
            return f"<b>{text}</b>"
        case "quote":
            return f"<blockquote>{text}</blockquote>"
        case "preformatted":
            return f"<pre>{text}</pre>"
        case _:
            return text
