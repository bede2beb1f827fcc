"""BusinessLIVE on COSMOS, until the move to Arc XP (in `arc.py`) in autumn 2025."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from html import escape

from crawler.demo.markup import fill, paragraphs, pick, visible
from crawler.demo.pages import arc
from crawler.demo.story import Story, plain
from crawler.demo.surroundings import Surroundings, Teaser
from crawler.model import Block

VARIANTS = ("cosmos", "cosmos_doubled", "arc")
HOME = "https://www.businesslive.co.za"
PICTURES = "lh3.googleusercontent.com"
MOVED_AT = datetime(2025, 10, 1, tzinfo=UTC)
CLOCK = timezone(timedelta(hours=2))
SITE_KEYWORDS = "Breaking news, general, politics, business, sport"
RESERVED = "This article is reserved for our subscribers."
UNLOCK = "Subscribe now to unlock this article."
BLUR = "data:image/jpg;base64," + "/9j/4AAQSkZJRgABAQAAAQABAAD" * 12


def address(story: Story) -> str:
    """`/bd/world/2024-02-08-slug/`, and on Arc XP the same below the new host."""
    if is_arc(story):
        return arc.address(story)
    day = f"{story.published.astimezone(CLOCK):%Y-%m-%d}-" if story.published else ""
    return f"{HOME}/bd/{section_path(story.section)}/{day}{story.slug}/"


def section_path(section: str | None) -> str:
    """`Opinion / Columnists` is `opinion/columnists`."""
    parts = (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in (section or "world").split("/"))
    return "/".join(filter(None, parts))


def section_name(section: str | None) -> str:
    """The section as readers see it."""
    return (section or "").title()


def is_arc(story: Story) -> bool:
    """Whether the story was published after the move."""
    return story.published is not None and story.published >= MOVED_AT


def printed(story: Story) -> tuple[Block, ...]:
    """The article's blocks as the page prints them, the standfirst first and the agency's line left out."""
    lead = (Block("paragraph", story.standfirst),) if story.standfirst else ()
    return lead + visible(story)


def picture_url(story: Story, width: int = 750) -> str:
    """The picture on the host of Google's image service."""
    return f"https://{PICTURES}/{re.sub('[^A-Za-z0-9]', '', story.slug)}=s{width}" if story.image else ""


def render(story: Story, around: Surroundings, variant: str) -> bytes:
    """The page in `variant`; `cosmos_doubled` prints the body twice, first without headline and agency."""
    blocks = visible(story)
    if variant == "arc":
        return arc.render(story, around, blocks)
    doubled = variant == "cosmos_doubled"
    banner = _banner(around)
    preview = f"<div class=free-preview>{banner}{_widgets(story, blocks, around, full=False)}</div>" if doubled else ""
    return fill(
        "business_live.cosmos.html",
        headline=escape(story.headline, quote=False),
        head=_head(story, around) if around.declares else "",
        key=_key(story),
        flyover="".join(_flyover(teaser) for shelf in around.shelves[1:] for teaser in shelf),
        preview=preview,
        section=_section(story),
        overline=f"<span>{escape(story.overline)}</span>" if story.overline else "",
        standfirst=f"<span>{escape(story.standfirst)}</span>" if story.standfirst else "",
        date=f"{story.published.astimezone(CLOCK):%d %B %Y - %H:%M}" if story.published else "",
        authors=_authors(story),
        banner=banner,
        widgets=_widgets(story, blocks, around, full=True, picture=not doubled),
        alert=_alert(story),
        most_read="".join(_listed(teaser) for shelf in around.shelves[:1] for teaser in shelf),
        related="".join(_listed(teaser) for teaser in around.sidebar),
        rights_notice=escape(around.rights_notice),
    ).encode()


def _head(story: Story, around: Surroundings) -> str:
    url, title, synopsis = around.url, escape(story.headline), escape(story.standfirst or "")
    keywords = escape(", ".join((*story.tags, SITE_KEYWORDS)))
    image = f'<meta property=og:image content="{picture_url(story, 1000)}">' if story.image else ""
    author = story.authors[0] if story.authors else "Agency Staff"
    return (
        f'<meta name=keywords content="{keywords}"><meta name=news_keywords content="{keywords}">'
        f'<meta name=description content="{synopsis}"><link rel=canonical href="{url}">'
        f'<link rel=amphtml href="{url.replace(HOME, HOME + "/amp")}"><meta property=og:url content="{url}">'
        f'<meta property=og:title content="{title}"><meta property=og:description content="{synopsis}">'
        f'<meta property=og:type content="article"><meta property=og:site_name content="BusinessLIVE">{image}'
        f'<meta name=article:author content="{HOME}/authors/{section_path(author)}/">'
        f'<meta name=cosmos:data content="{escape(_record(story, author))}">\n'
        f"<script type=application/ld+json> {_linked_data(story, around, author)} </script>\n"
        f"<script>var dataLayer=[{{'contentType':'{_content_type(story)}','articleWordCount':'{_words(story)}'}}];"
        "</script>"
    )


def _record(story: Story, author: str) -> str:
    published = _epoch_ms(story.published)
    article = {
        "key": int(_key(story)),
        "slug": story.slug,
        "slug_old": [],
        "title": story.headline,
        "title2": story.overline,
        "title3": story.standfirst,
        "synopsis": story.standfirst,
        "content_type": _content_type(story),
        "access": not story.premium,
        "source": story.agency,
        "count_words": _words(story),
        "published": published,
        "modified": _epoch_ms(story.modified) or published,
        "keywords": list(story.tags),
        "section": {
            "id": section_path(story.section),
            "name": section_name(story.section),
            "link": f"/bd/{section_path(story.section)}/",
        },
        "publication": {"id": "bd", "name": "Business Day", "link": "/bd/"},
        "author": {"name": author, "slug": section_path(author)},
        "created_by": "night.desk@newsroom.example",
        "canonical_url": None,
        "external_url": None,
    }
    return json.dumps({"user": None, "pageType": "article", "article": article}, ensure_ascii=False)


def _linked_data(story: Story, around: Surroundings, author: str) -> str:
    """Its offsets have no colon."""
    record: dict[str, object] = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": around.url,
        "headline": story.headline,
        "description": story.standfirst or "",
        "author": {"@type": "Person", "name": author},
        "publisher": {"@type": "Organization", "name": "Business Day", "url": HOME},
    }
    if story.published:
        record["datePublished"] = f"{story.published.astimezone(CLOCK):%Y-%m-%dT%H:%M:%S%z}"
        record["dateModified"] = f"{(story.modified or story.published).astimezone(CLOCK):%Y-%m-%dT%H:%M:%S%z}"
    return json.dumps(record, ensure_ascii=False).replace("</", "<\\/")


def _epoch_ms(time: datetime | None) -> int | None:
    return int(time.timestamp() * 1000) if time else None


def _key(story: Story) -> str:
    return str(4_500_000_000_000_000 + pick(story.slug, 2**31) * 1000 + 248)


def _content_type(story: Story) -> str:
    return "premium" if story.premium else "free"


def _words(story: Story) -> int:
    return sum(len(plain(block.text).split()) for block in story.blocks)


def _section(story: Story) -> str:
    if not story.section:
        return ""
    path, name = section_path(story.section), escape(section_name(story.section))
    return f'<span class="bd">  <a href="/bd/{path}/" rel="{path}"  target=_new > {name} </a>  </span>'


def _authors(story: Story) -> str:
    names = (
        f'<div class=author-block><span class=name> <a aria-label="author link" href="/authors/{section_path(name)}">'
        f" {escape(name)} </a> </span></div>"
        for name in story.authors
    )
    return "".join(names)


def _banner(around: Surroundings) -> str:
    lines = "".join(f"<span class=article-subscribe--subtitle>{escape(line)}</span>" for line in around.pitch)
    return f"<div class=article-subscribe><div class=article-subscribe--text> {lines}</div></div>" if lines else ""


def _widgets(story: Story, blocks: tuple[Block, ...], around: Surroundings, *, full: bool, picture: bool = True) -> str:
    agency = f"<p><i><b>{escape(story.agency)}</b></i></p>" if story.agency and full and not story.premium else ""
    parts = [
        _picture(story) if picture else "",
        _widget(story, "text", f"<div class=text>   {paragraphs(blocks)}{agency}   </div>"),
        _related(story, around.related) if full and around.related else "",
    ]
    return f"<div class=article-widgets>{''.join(parts)}</div>"


def _widget(story: Story, kind: str, content: str) -> str:
    number = f"{pick(story.slug + kind, 2**32):08x}-29c4-430e-8574-831650f59f6c"
    return (
        f'<div id="{number}" class="article-widget article-widget-{kind}"  aria-label=widget-anchor rel="{kind}">'
        f"    <div class=wrap>  {content} </div> </div>\n"
    )


def _picture(story: Story) -> str:
    if story.image is None:
        return ""
    caption, credit = escape(story.image.caption or ""), escape(story.image.credit or "")
    label = f"<span class=image-author-label>Picture:</span> <span class=name> {credit} </span>" if credit else ""
    return _widget(
        story,
        "image",
        f'<div class="image-container image-lightbox"> <a aria-label=image class="image " '
        f'href="{picture_url(story, 1200)}">'
        f' <img src="{picture_url(story)}" style="background-image:url({BLUR})" alt=""> </a>  <div class=image-text>'
        f"    <span class=description> {caption} </span>   <br>   <span class=author> {label} </span>  </div> </div>",
    )


def _related(story: Story, teasers: tuple[Teaser, ...]) -> str:
    cards = "".join(
        f'<div class="media clearfix"><div class="media-body image"> <a href="{escape(teaser.url)}" class=link-block>'
        f"<h3>{escape(teaser.headline, quote=False)}</h3><div class=synopsis>{escape(teaser.summary)}</div>"
        f"<div class=timestamp>2 weeks ago</div></a></div></div>"
        for teaser in teasers
    )
    title = "<h3>READ MORE:</h3>" if pick(story.slug, 2) else ""
    return _widget(story, "related_articles", f"{title}<div class=related-container>{cards}</div>")


def _alert(story: Story) -> str:
    return f"<div class=premium-alert><h3>{RESERVED}</h3><p>{UNLOCK}</p></div>" if story.premium else ""


def _flyover(teaser: Teaser) -> str:
    link = f'<a href="{escape(teaser.url)}" class=article-title>{escape(teaser.headline, quote=False)}</a>'
    return f"<div class=flyover>{link}<div class=synopsis>{escape(teaser.summary)}</div></div>"


def _listed(teaser: Teaser) -> str:
    link = f'<a class=title href="{escape(teaser.url)}"> {escape(teaser.headline, quote=False)} </a>'
    return (
        f'<li class="  {"premium" if teaser.kicker == "BL PREMIUM" else ""}    "><div class=content> {link} </div></li>'
    )
