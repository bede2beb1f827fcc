"""Space Media Network: every host carries every article, and feeds mix the hosts."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
from html import escape
from urllib.parse import urlsplit

from crawler.demo.feeds import Item, rss
from crawler.demo.markup import pick
from crawler.demo.pages import space_media_network as pages
from crawler.demo.pictures import picture
from crawler.demo.resource import Resource, Service
from crawler.demo.served import Served, newest_first, opening_of, others, sections_of, teaser_of
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings

#: Domain -> the name in the header of its pages.
SISTERS = {
    "spacedaily.com": ". 24/7 Space News .",
    "spacewar.com": "Military Space News",
    "gpsdaily.com": "GPS News",
    "terradaily.com": "Earth News",
    "marsdaily.com": "Mars News",
    "moondaily.com": "Moon News",
    "saturndaily.com": "Saturn News",
    "space-travel.com": "Space Travel News",
    "spacemart.com": "Space Industry News",
    "skynightly.com": "Night Sky News",
    "sinodaily.com": "China News",
    "indodaily.com": "India News",
    "russodaily.com": "Russia News",
    "seeddaily.com": "Farm News",
    "solardaily.com": "Solar Energy News",
    "winddaily.com": "Wind Energy News",
    "biofueldaily.com": "Bio Fuel News",
    "nuclearpowerdaily.com": "Nuclear Power News",
    "oilgasdaily.com": "Oil and Gas News",
    "energy-daily.com": "Energy News",
    "nanodaily.com": "Nano Technology News",
    "robodaily.com": "Robot News",
    "interndaily.com": "Internet News",
    "radardaily.com": "Radar News",
}
PICTURES = "www.spxdaily.com"
AUSTRALIAN_EAST = timezone(timedelta(hours=10))
NO_CHARSET = "text/html"
FEED_ITEMS = 15
DEAD = "/reports/Report_withdrawn_by_its_source_999.html"
DESKS = ("burs/js", "bur-mh/ach", "sk/dw", "burs/rmb/kim")
RIGHTS_NOTICE = (
    "The content herein, unless otherwise known to be public domain, are Copyright 1995-2025 - Space Media Network. "
    "Wire reports belong to the agencies that are named in them. Advertising does not imply endorsement. "
    "General Data Protection Regulation (GDPR) Statement: our advertisers set cookies. "
    "Privacy Statement. Additional information can be found here at About Us."
)

printed = pages.printed


def place(stories: Sequence[Story]) -> list[Served]:
    """Each story on its first host, the three markups spread by slug."""
    return [
        Served(story, _surroundings(stories, story), pages.VARIANTS[pick(story.slug, len(pages.VARIANTS))])
        for story in stories
    ]


def services(articles: Sequence[Served]) -> list[Service]:
    """The network's hosts with and without `www.`, and its host of pictures."""
    hosts = tuple(f"{prefix}{domain}" for domain in SISTERS for prefix in ("www.", ""))
    network = Service(hosts, partial(_resources, articles), server="Apache", missing=_missing())
    return [network, Service((PICTURES,), partial(_pictures, articles), server="Apache", encodings=())]


def _missing() -> Resource:
    return Resource(b"<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD><BODY>Not Found</BODY></HTML>", NO_CHARSET, 404)


def _surroundings(stories: Sequence[Story], story: Story) -> Surroundings:
    kicker = story.section or ""
    teasers = [
        teaser_of(other, pages.address(other), kicker=kicker, dateline=pages.dateline(other), length=420)
        for other in others(stories, story, 8)
    ]
    return Surroundings(
        url=pages.address(story),
        inset=teasers[-1] if teasers and pick(story.slug, 4) == 0 else None,
        sign_off=DESKS[pick(story.slug, len(DESKS))] if story.agency == "AFP" else "",
        pointers=(f"Learn about {kicker.title()} at SpaceDaily.com", "The latest news of the network at SpaceWar.com"),
        lead=teasers[0] if teasers else None,
        shelves=tuple(tuple(teasers[at : at + 3]) for at in range(1, len(teasers), 3)),
        rights_notice=RIGHTS_NOTICE,
    )


def _resources(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:
    domain = host.removeprefix("www.")
    found = {served.path: _article(served, SISTERS[domain]) for served in articles}
    newest = newest_first(articles)
    found["/"] = found["/index.html"] = _listing(SISTERS[domain], newest)
    for section, members in sections_of(articles).items():
        found[section_path(section)] = _listing(section, members)
    found[f"/{domain.partition('.')[0].replace('-', '')}.xml"] = _feed(domain, newest)
    found["/robots.txt"] = Resource(b"User-agent: *\r\nDisallow: /cgi-bin/\r\n", "text/plain")
    found["/newsletters.html"] = Resource(b"<HTML><BODY>Newsletters</BODY></HTML>", NO_CHARSET)
    return found


def section_path(section: str) -> str:
    """`SUPERPOWERS` is `/superpowers.html`."""
    return f"/{''.join(filter(str.isalnum, section.lower()))}.html"


def _article(served: Served, masthead: str) -> Resource:
    around = served.around if served.around.masthead else _with_masthead(served.around, masthead)
    return Resource(pages.render(served.story, around, served.variant), NO_CHARSET, modified_at=served.modified_at)


def _with_masthead(around: Surroundings, masthead: str) -> Surroundings:
    values = {name: getattr(around, name) for name in Surroundings.__slots__}
    return Surroundings(**{**values, "masthead": masthead})


def _listing(title: str, articles: Sequence[Served]) -> Resource:
    rows = "".join(
        f"<tr><td><span>{escape(served.story.section or '')}</span><br>"
        f'<span><a href="{escape(served.url)}">{escape(served.story.headline)}</a></span><br>'
        f"{pages.dateline(served.story)}"
        for served in articles
    )
    dead = f'<tr><td><span><a href="{DEAD}">Report withdrawn by its source</a></span>'
    sections = " ".join(
        f'<a href="{section_path(section)}">{escape(section)}</a>' for section in sorted(sections_of(articles))
    )
    return Resource(
        f"<HTML><HEAD><TITLE>{escape(title)}</TITLE></HEAD><BODY><center><table width=1000><tr><td>{escape(title)} "
        f"{sections}</table></center><center><table width=1000>{rows}{dead}</table></center></BODY></HTML>".encode(),
        NO_CHARSET,
    )


def _feed(domain: str, newest: Sequence[Served]) -> Resource:
    """Fifteen items of all hosts; another host's feed begins elsewhere in the list."""
    start = list(SISTERS).index(domain) * 3 % max(1, len(newest))
    chosen = [*newest[start:], *newest[:start]][:FEED_ITEMS]
    built = _build_time(newest[0].modified_at if newest else None)
    items = [Item(served.url, served.story.headline, _description(served.story), date=built) for served in chosen]
    home = f"http://www.{domain}/index.html"
    # no encoding in the declaration, and the shape of the date is the network's own
    return Resource(
        f'<?xml version="1.0"?>\n{rss(f"Space News From {domain}", home, items, guid=False)}'.encode(), "text/xml"
    )


def _description(story: Story) -> str:
    image = f'<img src="http://{PICTURES}/images-bg/{story.slug.lower()}-bg.jpg" hspace=5 border=0 width=160>\n'
    return f"\n{pages.dateline(story)}<br/>\n{image}\n{opening_of(story, 500)}"


def _build_time(newest: datetime | None) -> str:
    """`Thu, 04 APR 2013 20:37:27 AEST`."""
    time = (newest or datetime(2024, 1, 1, tzinfo=AUSTRALIAN_EAST)).astimezone(AUSTRALIAN_EAST)
    return f"{time:%a, %d} {time:%b}".upper().title()[:8] + f"{time:%b}".upper() + f"{time: %Y %H:%M:%S} AEST"


def _pictures(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:  # noqa: ARG001 - one host
    names = [f"/images-bg/{served.story.slug.lower()}-bg.jpg" for served in articles]
    names += [urlsplit(pages.picture_url(served.story)).path for served in articles if served.story.image]
    return {name: Resource(*picture(name)) for name in names}
