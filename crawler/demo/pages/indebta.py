"""Indebta: WordPress with the theme Foxiz, 1.5 until the end of 2024 and 2.x after."""

import re
from datetime import UTC, datetime, timedelta, timezone
from html import escape

from crawler.demo.markup import fill, paragraphs, pick, visible
from crawler.demo.story import Story, plain
from crawler.demo.surroundings import Surroundings, Teaser
from crawler.model import Block

VARIANTS = ("foxiz15", "foxiz2")
HOME = "https://indebta.com"
REDESIGNED_AT = datetime(2025, 1, 1, tzinfo=UTC)
CLOCK = timezone(timedelta(hours=-5))  # the offset set in the blog's options
WORDS_A_MINUTE = 130
RIGHTS_NOTICE = "2023 © Indepta.com. All Rights Reserved."
MARKETS = ("Stocks", "Commodities", "Crypto", "Forex")
MORE = ("Finance", "Dept Management", "Small Business")
QUICK = (
    "Banking", "Credit Cards", "Loans", "Dept Management", "Mortgage", "Markets", "Investing",
    "Small Business", "Videos",
)  # fmt: skip


def address(story: Story) -> str:
    """`/%category%/%postname%/`."""
    return f"{HOME}/{category(story.section)}/{story.slug}/"


def category(section: str | None) -> str:
    """The section's name as it stands in URLs."""
    return re.sub(r"[^a-z0-9]+", "-", (section or "news").lower()).strip("-")


def printed(story: Story) -> tuple[Block, ...]:
    """The article's blocks as the page prints them, the standfirst first."""
    lead = (Block("paragraph", story.standfirst),) if story.standfirst else ()
    return lead + visible(story)


def render(story: Story, around: Surroundings, variant: str) -> bytes:
    """The single-post page; without `declares` no element carries a machine-readable time."""
    post = str(1000 + pick(story.slug, 90000))
    return fill(
        "indebta.single.html",
        post=post,
        headline=escape(story.headline, quote=False),
        head=_head(story, around) if around.declares else "",
        header=header(),
        footer=footer(around.rights_notice or RIGHTS_NOTICE),
        category=category(story.section),
        category_id=str(pick(story.section or "", 40) + 1),
        section=escape(story.section or "News"),
        item_type=' itemscope itemtype="https://schema.org/Article"' if around.declares else "",
        title_class="s-title fw-headline" if variant == "foxiz2" else "s-title",
        title_prop=' itemprop="headline"' if around.declares else "",
        tagline=f'<h2 class="s-tagline">{escape(story.standfirst)}</h2>' if story.standfirst else "",
        meta=_meta(story, around, variant),
        featured=_featured(story),
        pitch=_pitch(around.pitch),
        body=_body(story, variant),
        body_prop=' itemprop="articleBody"' if around.declares else "",
        original=f'<p><a href="{escape(story.original)}">Read the full article here</a></p>' if story.original else "",
        tags=_tags(story),
        hidden_meta=_hidden_meta(story, around),
        share_label="Share This Article" if variant == "foxiz2" else "Share this Article",
        sidebar="\n".join(map(_side_card, around.sidebar)),
        related="\n".join(card(teaser, variant) for teaser in around.related),
    ).encode()


def header() -> str:
    """Privacy bar, logos for light and dark, and the menus, which are printed twice."""
    return fill("indebta.header.html", main_menu=_main_menu(), quick_menu=_menu(QUICK))


def footer(rights_notice: str = RIGHTS_NOTICE) -> str:
    """Footer menus, newsletter form and the hidden sign-in form."""
    return fill("indebta.footer.html", rights_notice=escape(rights_notice))


def card(teaser: Teaser, variant: str = "foxiz15") -> str:
    """A card of the theme's grid, as listings and related boxes print it."""
    label = "span" if variant == "foxiz2" else "em"
    url, kicker = escape(teaser.url), escape(teaser.kicker or "News")
    byline = (
        f'<div class="p-meta"><div class="meta-inner is-meta">{_by(label, teaser.byline or "News Room")}</div></div>'
    )
    summary = f'<p class="entry-summary">{escape(teaser.summary)}</p>' if teaser.summary else ""
    return (
        f'<div class="p-wrap p-grid p-grid-small-1" data-pid="{pick(teaser.url, 90000)}"><div class="feat-holder">'
        f'<div class="p-featured"><a class="p-flink" href="{url}"></a></div><div class="p-categories p-top">'
        f'<a class="p-category" href="{HOME}/category/{category(teaser.kicker or "News")}/" rel="category">{kicker}</a>'
        f'</div></div><div class="p-content"><h4 class="entry-title"><a class="p-url" href="{url}" rel="bookmark">'
        f"{escape(teaser.headline, quote=False)}</a></h4>{summary}{byline}</div></div>"
    )


def local(time: datetime) -> datetime:
    """`time` on the blog's clock; a time without a zone stands there already."""
    return time.astimezone(CLOCK) if time.tzinfo else time


def _head(story: Story, around: Surroundings) -> str:
    rows = [
        f'<link rel="canonical" href="{around.url}">',
        '<meta property="og:type" content="article">',
        f'<meta property="og:title" content="{escape(story.headline)}">',
        f'<meta property="og:url" content="{around.url}">',
        '<meta property="og:site_name" content="Indebta">',
    ]
    if story.published:
        rows.append(f'<meta property="article:published_time" content="{_utc(story.published)}">')
    if changed := story.modified or story.published:
        rows.append(f'<meta property="article:modified_time" content="{_utc(changed)}">')
    if story.image:
        rows.append(f'<meta property="og:image" content="{picture_url(story)}">')
    return "\n".join(rows)


def picture_url(story: Story) -> str:
    """The featured picture, in WordPress' folder of the month."""
    month = f"{story.published:%Y/%m}" if story.published else "2024/01"
    return f"{HOME}/wp-content/uploads/{month}/{story.image.file}" if story.image else ""


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")


def _meta(story: Story, around: Surroundings, variant: str) -> str:
    label = "span" if variant == "foxiz2" else "em"
    author = ", ".join(story.authors)
    changed = story.modified or story.published
    clock = local(changed) if changed else None
    avatar = (
        f'<a class="meta-el meta-avatar" href="{HOME}/author/newsroom/"><img alt="{escape(author)}" src="/a.png"></a>'
    )
    return fill(
        "indebta.meta2.html" if variant == "foxiz2" else "indebta.meta15.html",
        avatar=avatar if author else "",
        # the theme prints the blog's clock with a zone that is not its own
        updated_at=f' datetime="{clock:%Y-%m-%dT%H:%M:%S}+00:00"' if clock and around.declares else "",
        updated=f"Last updated: {clock:%Y/%m/%d} at {clock.hour % 12 or 12}:{clock:%M %p}" if clock else "",
        byline=_by(label, author) if author else "",
        minutes=str(_minutes(story)),
    )


def _by(label: str, author: str) -> str:
    link = f'<a href="{HOME}/author/newsroom/">{escape(author)}</a>'
    return f'<span class="meta-el meta-author"><{label} class="meta-label">By</{label}> {link}</span>'


def _minutes(story: Story) -> int:
    words = sum(len(plain(block.text).split()) for block in story.blocks)
    return max(1, round(words / WORDS_A_MINUTE))


def _featured(story: Story) -> str:
    if story.image is None:
        return ""
    caption, credit = story.image.caption, story.image.credit
    text = f'<span class="caption-text meta-bold">{escape(caption)}</span>' if caption else ""
    text += f'<em class="attribution">{escape(credit)}</em>' if credit else ""
    below = f'<div class="feat-caption meta-text">{text}</div>' if text else ""
    img = f'<img class="featured-img wp-post-image" src="{picture_url(story)}" alt="">'
    return f'<div class="s-feat-outer"><div class="s-feat">{img}</div>{below}</div>'


def _pitch(lines: tuple[str, ...]) -> str:
    if not lines:
        return ""
    title, *rest = (escape(line, quote=False) for line in lines)
    return f"<div><div><h3>{title}</h3>{''.join(f'<p>{line}</p>' for line in rest)}</div></div>\n"


def _body(story: Story, variant: str) -> str:
    blocks = visible(story)
    if variant == "foxiz15" or len(blocks) < 4:
        return paragraphs(blocks)
    ad = '<div class="ad-wrap ad-script-wrap"><span class="ad-description">- Advertisement -</span><ins></ins></div>'
    return f"{paragraphs(blocks[:2])}\n{ad}\n{paragraphs(blocks[2:])}"


def _tags(story: Story) -> str:
    if not story.tags:
        return ""
    links = ", ".join(f'<a href="{HOME}/tag/{category(tag)}/" rel="tag">{escape(tag)}</a>' for tag in story.tags)
    bar = f'<span class="blabel is-meta">TAGGED:</span><span class="tags-list h5">{links}</span>'
    return f'<div class="efoot"><div class="efoot-bar tag-bar">{bar}</div></div>'


def _hidden_meta(story: Story, around: Surroundings) -> str:
    times = []
    for name, prop, time in (
        ("updated", "dateModified", story.modified or story.published),
        ("published", "datePublished", story.published),
    ):
        if time is not None:
            stamp = local(time).isoformat(timespec="seconds")
            exact = f' datetime="{stamp}" content="{stamp}" itemprop="{prop}"' if around.declares else ""
            times.append(f'<time class="{name}"{exact}>{local(time):%B} {local(time).day}, {local(time).year}</time>')
    author = escape(", ".join(story.authors))
    named = f'<span class="vcard author"><span class="fn"><span itemprop="name">{author}</span></span></span>'
    return f'<div class="article-meta is-hidden">{named if author else ""} {" ".join(times)}</div>'


def _side_card(teaser: Teaser) -> str:
    summary = f'<p class="entry-summary">{escape(teaser.summary, quote=False)}</p>' if teaser.summary else ""
    link = f'<a class="p-url" href="{escape(teaser.url)}" rel="bookmark">{escape(teaser.headline, quote=False)}</a>'
    return f'<div class="p-wrap p-list-inline"><h4 class="entry-title">{link}</h4>{summary}</div>'


def _main_menu() -> str:
    top = "".join(map(_item, ("Home", "News", "Banking", "Credit Cards", "Loans", "Mortgage", "Investing")))
    markets = f'<li class="menu-item"><a href="{HOME}/category/markets/">Markets</a>{_menu(MARKETS, "sub-menu")}</li>'
    more = f'<li class="menu-item"><a href="#">More</a>{_menu(MORE, "sub-menu")}</li>'
    return f'<ul class="main-menu rb-menu large-menu">{top}{markets}{_item("Videos")}{more}</ul>'


def _menu(names: tuple[str, ...], kind: str = "menu") -> str:
    return f'<ul class="{kind}">{"".join(map(_item, names))}</ul>'


def _item(name: str) -> str:
    url = HOME + ("/" if name == "Home" else f"/category/{category(name)}/")
    return f'<li class="menu-item"><a href="{url}"><span>{name}</span></a></li>'
