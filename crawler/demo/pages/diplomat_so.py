"""Diplomat News Network: its system is not known, so there are three markups."""

from datetime import timedelta, timezone
from html import escape

from crawler.demo.markup import bare_paragraphs, broken_lines, fill, inline, paragraphs, token, visible
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings
from crawler.model import Block

VARIANTS = ("tables", "semantic", "divs")
HOME = "https://diplomat.so"
CLOCK = timezone(timedelta(hours=3))


def address(story: Story) -> str:
    """`/2015/01/31/slug/`, the permalinks that are known."""
    day = f"{story.published.astimezone(CLOCK):%Y/%m/%d}/" if story.published else ""
    return f"{HOME}/{day}{story.slug}/"


def printed(story: Story) -> tuple[Block, ...]:
    """The article's blocks as the page prints them."""
    return visible(story)


def byline(story: Story) -> str:
    """A desk is named as it is, a person after "By"."""
    if not story.authors:
        return ""
    names = " and ".join(story.authors)
    return names if names.startswith("Staff") else f"By {names}"


def timestamp(story: Story) -> str:
    """`Thursday February 08, 2024 - 19:24:07`, on Mogadishu's clock."""
    if story.published is None:
        return ""
    time = story.published.astimezone(CLOCK) if story.published.tzinfo else story.published
    return f"{time:%A %B %d, %Y - %H:%M:%S}"


def picture_url(story: Story) -> str:
    """The picture's address on the site itself."""
    return f"{HOME}/images/{story.image.file}" if story.image else ""


def render(story: Story, around: Surroundings, variant: str) -> bytes:
    """The page in `variant`; the first two paragraphs stand closer together than the others."""
    names = {f"c{index}": token(story.slug, str(index)) for index in range(6)}
    body = {"tables": _bare_body, "semantic": _paragraph_body, "divs": _broken_body}[variant](printed(story))
    return fill(
        f"diplomat_so.{variant}.html",
        headline=escape(story.headline, quote=False),
        head=_head(story, around) if around.declares else "",
        timestamp=timestamp(story),
        byline=escape(byline(story)),
        picture=_picture(story),
        body=body,
        related="".join(
            f'<li><a href="{escape(t.url)}">{escape(t.headline, quote=False)}</a></li>' for t in around.related
        ),
        **names,
    ).encode()


def _bare_body(blocks: tuple[Block, ...]) -> str:
    first, rest = _split(blocks)
    return f"{first}<BR>\r\n{bare_paragraphs(rest).removeprefix('<P>')}"


def _paragraph_body(blocks: tuple[Block, ...]) -> str:
    first, rest = _split(blocks)
    return f'<div class="lead"><p>{first}</p></div>{paragraphs(rest)}'


def _broken_body(blocks: tuple[Block, ...]) -> str:
    first, rest = _split(blocks)
    return f"<span>{first}</span><br>\n{broken_lines(rest)}"


def _split(blocks: tuple[Block, ...]) -> tuple[str, tuple[Block, ...]]:
    if blocks[0].kind != "paragraph":
        return "", blocks
    return inline(blocks[0].text), blocks[1:]


def _head(story: Story, around: Surroundings) -> str:
    title = f'<meta property="og:title" content="{escape(story.headline)}">'
    return f'{title}\n<meta property="og:url" content="{around.url}">\n<link rel="canonical" href="{around.url}">'


def _picture(story: Story) -> str:
    """The caption is printed twice: as the picture's title and below it."""
    if story.image is None:
        return ""
    caption = escape(" ".join(filter(None, (story.image.caption, story.image.credit))))
    img = f'<img src="{picture_url(story)}" alt="">'
    return f"<div><span>{caption}</span><br>{img}<br><small>{caption}</small></div>" if caption else f"<div>{img}</div>"
