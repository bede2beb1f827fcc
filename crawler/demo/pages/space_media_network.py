"""Space Media Network: the same article on any of two dozen hosts; its markup is not known, so there are three."""

import re
from datetime import datetime
from html import escape

from crawler.demo.markup import bare_paragraphs, broken_lines, fill, inline, paragraphs, token, visible
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings, Teaser
from crawler.model import Block

VARIANTS = ("tables", "semantic", "divs")
HOME = "www.spacedaily.com"
FOLLOWING = "The following news reports may link to other Space Media Network websites."
SUBSCRIBE = "Subscribe Free To Our Daily Newsletters"
LONG_MONTHS = {6: "June", 7: "July", 9: "Sept"}

_QUOTES = re.compile("['\"\u2018\u2019\u201c\u201d]")


def address(story: Story) -> str:
    """The story's URL on the host that carries it first; the path is made of the headline."""
    return f"https://www.{story.sister}{path(story)}" if story.sister else f"https://{HOME}{path(story)}"


def path(story: Story) -> str:
    """The path that is the story's on every host of the network."""
    title = re.sub(r"[^A-Za-z0-9]+", "_", _QUOTES.sub("", story.headline)).strip("_")
    return f"/reports/{title}_999.html"


def dateline(story: Story) -> str:
    """`Moscow (AFP) Feb 8, 2024`."""
    day = _day(story.published, story.agency or "SPX") if story.published else ""
    return f"{story.place or 'Sydney, Australia'} ({story.agency or 'SPX'}) {day}".rstrip()


def byline(story: Story) -> str:
    """`by AFP Staff Writers`, with a capital B before a person's name in AFP's manner; empty where there is none."""
    if not story.authors:
        return ""
    by = "By" if any(name.split()[-1].isupper() for name in story.authors) else "by"
    return f"{by} {' and '.join(story.authors)}"


def printed(story: Story) -> tuple[Block, ...]:
    """The article's blocks as the page prints them; a standfirst is not among them."""
    return visible(story)


def render(story: Story, around: Surroundings, variant: str) -> bytes:
    """The page in `variant`; no variant declares a charset, and `tables` is windows-1252."""
    if variant == "tables":
        return _tables(story, around).encode("windows-1252", "xmlcharrefreplace")
    return (_semantic(story, around) if variant == "semantic" else _divs(story, around)).encode()


def _tables(story: Story, around: Surroundings) -> str:
    spans = (caption(story), byline(story), dateline(story))
    shelves = "".join(f"<TR><TD>{_shelf(shelf, '<P>')}</TD></TR>\r\n" for shelf in around.shelves)
    return fill(
        "space_media_network.tables.html",
        head=_head(story, around, closed=">"),
        masthead=escape(around.masthead),
        section=escape(story.section or ""),
        headline=escape(story.headline, quote=False),
        picture=_picture(story, "<IMG SRC={} BORDER=0 ALT={}><BR>"),
        inset=_inset(around.inset),
        spans="\r\n".join(f"<span>{escape(text, quote=False)}</span><BR>" for text in spans if text),
        body=bare_paragraphs(printed(story)).removeprefix("<P>\r\n"),  # the first paragraph is text of the cell
        sign_off=f"<P>\r\n{around.sign_off}" if around.sign_off else "",
        pointers="".join(f"{_pointer(text)}<BR>\r\n" for text in around.pointers),
        lead=_lead(around.lead, "<BR>"),
        shelves=shelves,
        rights_notice=escape(around.rights_notice, quote=False),
        following=FOLLOWING,
        subscribe=SUBSCRIBE,
    )


def _semantic(story: Story, around: Surroundings) -> str:
    sign_off = f"<p>{around.sign_off}</p>" if around.sign_off else ""
    return fill(
        "space_media_network.semantic.html",
        head=_head(story, around, closed=">"),
        masthead=escape(around.masthead),
        section=escape(story.section or ""),
        headline=escape(story.headline, quote=False),
        picture=_picture(story, '<img src="{}" alt={}>'),
        caption=escape(caption(story), quote=False),
        inset=_inset(around.inset),
        byline=f"<address>{byline(story)}</address>" if story.authors else "",
        dateline=escape(dateline(story)),
        body=paragraphs(printed(story)) + sign_off,
        pointers="".join(f"<li>{_pointer(text)}</li>" for text in around.pointers),
        lead=_lead(around.lead, "<br>"),
        shelves="".join(f"<section>{_shelf(shelf, '<br>')}</section>\n" for shelf in around.shelves),
        rights_notice=escape(around.rights_notice, quote=False),
        following=FOLLOWING,
        subscribe=SUBSCRIBE,
    )


def _divs(story: Story, around: Surroundings) -> str:
    names = {f"c{index}": token(story.slug, str(index)) for index in range(9)}
    sign_off = f"<br><br>\n{around.sign_off}" if around.sign_off else ""
    spans = (caption(story), byline(story), dateline(story))
    return fill(
        "space_media_network.divs.html",
        head=_head(story, around, closed="/>"),
        masthead=escape(around.masthead),
        section=escape(story.section or ""),
        headline=escape(story.headline, quote=False),
        picture=_picture(story, '<div><img src="{}" alt={}></div>'),
        inset=_inset(around.inset),
        # inline siblings: a reader that joins text without separators glues them together
        spans="".join(f"<span>{escape(text, quote=False)}</span>" for text in spans if text),
        body=broken_lines(printed(story)) + sign_off,
        pointers="".join(f"<div>{_pointer(text)}</div>" for text in around.pointers),
        lead=_lead(around.lead, "<br>"),
        shelves="".join(f'<div class="{names["c8"]}">{_shelf(shelf, "<br>")}</div>\n' for shelf in around.shelves),
        rights_notice=escape(around.rights_notice, quote=False),
        following=FOLLOWING,
        subscribe=SUBSCRIBE,
        **names,
    )


def caption(story: Story) -> str:
    """The line below the picture; without a caption of its own it is the headline once more."""
    if story.image is None or story.image.caption is None:
        return story.headline
    return " ".join(filter(None, (story.image.caption, story.image.credit)))


def _day(time: datetime, agency: str) -> str:
    if agency == "AFP":  # the house's own reports pad the day and cut every month to three letters
        return f"{LONG_MONTHS.get(time.month, f'{time:%b}')} {time.day}, {time.year}"
    return f"{time:%b %d, %Y}"


def _head(story: Story, around: Surroundings, closed: str) -> str:
    if not around.declares:
        return ""
    first = next((block.text for block in story.blocks if block.kind == "paragraph"), "")
    description = f"{dateline(story)}\n\n\n {first[:280]}"
    image = f'<meta property="og:image" content="{picture_url(story)}"{closed}\n' if story.image else ""
    return (
        f'<meta property="og:title" content="{escape(story.headline)}"{closed}\n{image}'
        f'<meta property="og:description" content="{escape(description)}"{closed}'
    )


def picture_url(story: Story) -> str:
    """The large picture, on the network's picture host."""
    return f"https://www.spxdaily.com/images-hg/{story.image.file}" if story.image else ""


def _picture(story: Story, form: str) -> str:
    return form.format(picture_url(story), f'"{escape(story.headline)}"') if story.image else ""


def _inset(teaser: Teaser | None) -> str:
    if teaser is None:
        return ""
    return (
        "<table border=1 cellpadding=4 align=right width=200><tr><td>"
        f'<a href="{escape(teaser.url)}"><b>{escape(teaser.headline, quote=False)}</b></a><br>'
        f"{escape(teaser.summary, quote=False)}</td></tr></table>"
    )


def _pointer(text: str) -> str:
    return f'<a href="https://{HOME}/index.html">{inline(text)}</a>'


def _lead(teaser: Teaser | None, br: str) -> str:
    if teaser is None:
        return ""
    link = f'<a href="{escape(teaser.url)}">'
    return (
        f"{escape(teaser.kicker)}{br}\n{link}{escape(teaser.headline, quote=False)}</a>{br}\n"
        f"{escape(teaser.dateline)}{br}\n{escape(teaser.summary, quote=False)} ... {link}read more</a>"
    )


def _shelf(shelf: tuple[Teaser, ...], between: str) -> str:
    links = (f'<a href="{escape(teaser.url)}">{escape(teaser.headline, quote=False)}</a>' for teaser in shelf)
    return f"{escape(shelf[0].kicker)}<br>\n" + f"{between}\n".join(links)
