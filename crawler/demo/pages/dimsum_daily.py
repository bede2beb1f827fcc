"""Dimsum Daily: WordPress with a theme that is not known; tagDiv's is the likeliest."""

from datetime import UTC, timedelta, timezone
from html import escape

from crawler.demo.markup import broken_lines, fill, paragraphs, pick, token, visible
from crawler.demo.pages.indebta import category
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings, Teaser
from crawler.demo.theme import HEAD
from crawler.model import Block

VARIANTS = ("tagdiv", "semantic", "divs")
HOME = "https://www.dimsumdaily.hk"
PICTURES = "cdn.dimsumdaily.hk"
CLOCK = timezone(timedelta(hours=8))


def address(story: Story) -> str:
    """`/%postname%/`, at the root."""
    return f"{HOME}/{story.slug}/"


def printed(story: Story) -> tuple[Block, ...]:
    """The article's blocks as the page prints them."""
    return visible(story)


def picture_url(story: Story) -> str:
    """The picture on the offloading host, in the folder of the object's version."""
    if story.image is None:
        return ""
    stamp = f"{story.published.astimezone(CLOCK):%Y/%m/%d%H%M%S}" if story.published else "2024/01/01000000"
    return f"https://{PICTURES}/wp-content/uploads/{stamp}/{story.image.file}"


def render(story: Story, around: Surroundings, variant: str) -> bytes:
    """The post's page in `variant`."""
    names = {f"c{index}": token(story.slug, str(index)) for index in range(7)}
    blocks = printed(story)
    return fill(
        f"dimsum_daily.{variant}.html",
        post=str(10000 + pick(story.slug, 900000)),
        headline=escape(story.headline, quote=False),
        head=_head(story, around) if around.declares else "",
        theme=HEAD,
        category=_category(story),
        author=_tagged('<div class="td-post-author-name"><span>By</span> <a href="#">{}</a></div>', _names(story)),
        time=_time(story) if around.declares else "",
        picture=_picture(story),
        body=broken_lines(blocks) if variant == "divs" else _with_ad(blocks, variant),
        tags="".join(f'<li><a href="{HOME}/tag/{category(tag)}/">{escape(tag)}</a></li>' for tag in story.tags),
        previous=_neighbour("Previous article", around.sidebar[:1]),
        next=_neighbour("Next article", around.sidebar[1:2]),
        related="".join(map(card, around.related)),
        **names,
    ).encode()


def card(teaser: Teaser) -> str:
    """A card of a listing or related box."""
    link = f'<a href="{escape(teaser.url)}" rel="bookmark">{escape(teaser.headline, quote=False)}</a>'
    excerpt = f'<div class="td-excerpt">{escape(teaser.summary)}</div>' if teaser.summary else ""
    return (
        '<div class="td_module_wrap td-animation-stack"><div class="item-details">'
        f'<h3 class="entry-title td-module-title">{link}</h3>{excerpt}</div></div>\n'
    )


def _names(story: Story) -> str | None:
    return ", ".join(story.authors) or None


def _tagged(form: str, text: str | None) -> str:
    return form.format(escape(text, quote=False)) if text else ""


def _with_ad(blocks: tuple[Block, ...], variant: str) -> str:
    """The theme's ad box puts its style and its script into the text, after the second block."""
    if variant != "tagdiv":
        return paragraphs(blocks)
    ad = (
        '<div class="td-a-rec td-a-rec-id-content_inline tdi_7"><style>.tdi_7.td-a-rec{text-align:center}</style>'
        "<script>(adsbygoogle = window.adsbygoogle || []).push({});</script></div>"
    )
    return f"{paragraphs(blocks[:2])}\n{ad}\n{paragraphs(blocks[2:])}"


def _head(story: Story, around: Surroundings) -> str:
    rows = [
        f'<link rel="canonical" href="{around.url}">',
        '<meta property="og:type" content="article">',
        f'<meta property="og:title" content="{escape(story.headline)}">',
        f'<meta property="og:url" content="{around.url}">',
    ]
    for name, time in (("published", story.published), ("modified", story.modified)):
        if time is not None:
            stamp = time.astimezone(UTC).isoformat(timespec="seconds")
            rows.append(f'<meta property="article:{name}_time" content="{stamp}">')
    if story.image:
        rows.append(f'<meta property="og:image" content="{picture_url(story)}">')
    return "\n".join(rows)


def _category(story: Story) -> str:
    if not story.section:
        return ""
    link = f'<a href="{HOME}/category/{category(story.section)}/">{escape(story.section)}</a>'
    return f'<ul class="td-category"><li class="entry-category">{link}</li></ul>'


def _time(story: Story) -> str:
    if story.published is None:
        return ""
    time = story.published.astimezone(CLOCK)
    text = f"{time:%B} {time.day}, {time.year}"
    exact = f'datetime="{time.isoformat(timespec="seconds")}"'
    return f'<span class="td-post-date"><time class="entry-date updated td-module-date" {exact}>{text}</time></span>'


def _picture(story: Story) -> str:
    if story.image is None:
        return ""
    caption = escape(" ".join(filter(None, (story.image.caption, story.image.credit))))
    text = f'<figcaption class="wp-caption-text">{caption}</figcaption>' if caption else ""
    return f'<div class="td-post-featured-image"><figure><img src="{picture_url(story)}" alt="">{text}</figure></div>'


def _neighbour(label: str, teasers: tuple[Teaser, ...]) -> str:
    return "".join(
        f'<div class="td-post-next-prev-content"><span>{label}</span>'
        f'<a href="{escape(teaser.url)}">{escape(teaser.headline, quote=False)}</a></div>'
        for teaser in teasers
    )
