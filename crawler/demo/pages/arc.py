"""BusinessLIVE since autumn 2025: Business Day on Arc XP, under a host of its own."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from html import escape

from crawler.demo.markup import fill, inline, paragraphs
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings, Teaser
from crawler.model import Block

HOME = "https://www.businessday.co.za"
CLOCK = timezone(timedelta(hours=2))


def address(story: Story) -> str:
    """`/world/2025-11-10-slug/`."""
    section = re.sub(r"[^a-z0-9]+", "-", (story.section or "world").lower()).strip("-")
    day = f"{story.published.astimezone(CLOCK):%Y-%m-%d}-" if story.published else ""
    return f"{HOME}/{section}/{day}{story.slug}/"


def picture_url(story: Story) -> str:
    """The picture behind the site's own resizer."""
    return f"{HOME}/resizer/v2/{story.image.file}" if story.image else ""


def render(story: Story, around: Surroundings, blocks: tuple[Block, ...]) -> bytes:
    """The article page with `blocks` as its text."""
    agency = f'<p class="c-paragraph">{escape(story.agency)}</p>' if story.agency and not story.premium else ""
    return fill(
        "business_live.arc.html",
        headline=escape(story.headline, quote=False),
        head=_head(story, around) if around.declares else "",
        overline=_overline(story),
        standfirst=f'<h2 class="b-subheadline">{escape(story.standfirst)}</h2>' if story.standfirst else "",
        time=_time(story, around),
        authors="".join(map(_author, story.authors)),
        pitch="".join(f'<p class="b-subscribe__text">{escape(line)}</p>' for line in around.pitch),
        picture=_picture(story),
        body="".join(map(_block, _listed(blocks))) + agency,
        gate='<div class="b-paywall"><p>This article is reserved for our subscribers.</p></div>'
        if story.premium
        else "",
        related="".join(map(_related, around.related)),
        most_read="".join(_numbered(i, t) for i, t in enumerate(_most_read(around), 1)),
        sidebar="".join(map(_related, around.sidebar)),
        rights_notice=escape(around.rights_notice),
    ).encode()


def _head(story: Story, around: Surroundings) -> str:
    tags = escape(",".join(story.tags))
    image = f'<meta property="og:image" content="{picture_url(story)}"/>' if story.image else ""
    return (
        f'<meta name="description" content="{escape(story.standfirst or "")}"/><meta name="keywords" content="{tags}"/>'
        f'<meta property="og:title" content="{escape(story.headline)}"/><meta property="og:type" content="article"/>'
        f'<meta property="og:url" content="{around.url}"/><meta property="og:site_name" content="Business Day"/>{image}'
        f'<link rel="canonical" href="{around.url}"/>\n'
        f'<script type="application/ld+json">{_linked_data(story, around)}</script>'
    )


def _linked_data(story: Story, around: Surroundings) -> str:
    record: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.headline,
        "description": story.standfirst or "",
        "isAccessibleForFree": not story.premium,
        "mainEntityOfPage": {"@type": "WebPage", "@id": around.url},
        "publisher": {"@type": "Organization", "name": "Business Day"},
        "author": [{"@type": "Person", "name": name} for name in story.authors],
    }
    if story.published:
        record["datePublished"] = _utc(story.published)
        record["dateModified"] = _utc(story.modified or story.published)
    return json.dumps(record, ensure_ascii=False).replace("</", "<\\/")


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds")


def _overline(story: Story) -> str:
    section = escape((story.section or "").title())
    link = f'<a class="c-overline b-overline" href="/{address(story).split("/")[3]}/">{section}</a>' if section else ""
    label = '<span class="b-overline__premium-label">PREMIUM</span>' if story.premium else ""
    return f'<div class="c-stack">{link}{label}</div>'


def _time(story: Story, around: Surroundings) -> str:
    if story.published is None:
        return ""
    local = story.published.astimezone(CLOCK)
    text = f"{local:%B} {local.day:02}, {local.year} at {local:%I:%M} {local:%p}".replace("AM", "am").replace(
        "PM", "pm"
    )
    exact = f' datetime="{story.published.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"' if around.declares else ""
    return f'<time class="c-date b-date"{exact}>{text}</time>'


def _author(name: str) -> str:
    heading = f'<h2 class="c-heading b-author-bio__author-name">{escape(name)}</h2>'
    link = f'<a class="c-link b-author-bio__author-name-link" href="#">{heading}</a>'
    return f'<div class="c-stack b-author-bio__author">{link}</div>'


def _picture(story: Story) -> str:
    if story.image is None:
        return ""
    caption, credit = escape(story.image.caption or ""), escape(story.image.credit or "")
    label = f'<span class="c-media-item__credit">Picture: {credit}</span>' if credit else ""
    return (
        f'<div class="b-lead-art"><figure class="c-media-item"><img class="c-image" src="{picture_url(story)}" alt=""/>'
        f'<figcaption class="c-media-item__fig-caption"><span class="c-media-item__caption">{caption}</span> {label}'
        "</figcaption></figure></div>"
    )


def _listed(blocks: tuple[Block, ...]) -> list[tuple[Block, ...]]:
    """Blocks one by one, runs of list items together."""
    groups: list[tuple[Block, ...]] = []
    for block in blocks:
        if groups and block.kind == "list_item" == groups[-1][-1].kind:
            groups[-1] += (block,)
        else:
            groups.append((block,))
    return groups


def _block(group: tuple[Block, ...]) -> str:
    block, *_ = group
    match block.kind:
        case "paragraph":
            return f'<p class="c-paragraph">{inline(block.text)}</p>'
        case "quote":
            quote = f'<p class="c-paragraph">{inline(block.text)}</p>'
            return f'<blockquote class="c-stack b-article-body__pullquote">{quote}</blockquote>'
        case "heading":
            return f'<h3 class="c-heading">{inline(block.text)}</h3>'
        case _:
            return paragraphs(group)


def _most_read(around: Surroundings) -> tuple[Teaser, ...]:
    return around.shelves[0] if around.shelves else ()


def _numbered(number: int, teaser: Teaser) -> str:
    heading = f'<h3 class="c-heading">{escape(teaser.headline, quote=False)}</h3>'
    return (
        f'<div class="c-stack b-numbered-list__item"><p class="c-paragraph">{number}</p>'
        f'<a class="c-link" href="{escape(teaser.url)}">{heading}</a></div>'
    )


def _related(teaser: Teaser) -> str:
    heading = f'<h3 class="c-heading">{escape(teaser.headline, quote=False)}</h3>'
    link = f'<a class="c-link" href="{escape(teaser.url)}">{heading}</a>'
    return f'<article class="c-stack b-simple-list__item">{link}</article>'
