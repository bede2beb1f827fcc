"""BusinessLIVE: COSMOS on its own host, Arc XP on the new one, and redirects from the old to the new."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from urllib.parse import urlsplit

from crawler.demo.feeds import DECLARATION, RSS_TYPE, XML_TYPE, Item, news_sitemap, rfc822, rss, sitemap_index, urlset
from crawler.demo.markup import pick
from crawler.demo.pages import arc
from crawler.demo.pages import business_live as pages
from crawler.demo.pictures import picture
from crawler.demo.resource import Resource, Service
from crawler.demo.served import Served, newest_first, others, sections_of, teaser_of
from crawler.demo.sites import wordpress
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings

HOST, ARC_HOST = "www.businesslive.co.za", "www.businessday.co.za"
DEAD = "/bd/world/2023-03-01-correction-withdrawn/"
ROBOTS = "User-agent: *\nDisallow: /u/\nDisallow: /buy/\nDisallow: /amp/\n\nSitemap: {}/sitemap.xml\n"
PITCH = (
    "Support our award-winning journalism. The Premium package (digital only) is R30 for the first month "
    "and thereafter you pay R129 p/m now ad-free for all subscribers."
)
RIGHTS_NOTICE = (
    "Published by Arena Holdings and distributed with the Financial Mail on the last Thursday of every month "
    "except December and January."
)

printed = pages.printed

BUBBLES = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>'


def place(stories: Sequence[Story]) -> list[Served]:
    """Arc XP for what was published after the move; before it every third page prints its body twice."""
    return [Served(story, _surroundings(stories, story), _variant(story)) for story in stories]


def services(articles: Sequence[Served]) -> list[Service]:
    """Both platforms, their hosts without `www.`, and the host of COSMOS' pictures."""
    cosmos = Service((HOST,), partial(_cosmos, articles), server="Google Frontend", chunked=True)
    moved_to = Service((ARC_HOST,), partial(_arc, _on_arc(articles)), server="openresty", encodings=("br", "gzip"))
    bare = [
        Service((host.removeprefix("www."),), partial(_moved, service, host), server="Google Frontend")
        for host, service in ((HOST, cosmos), (ARC_HOST, moved_to))
    ]
    return [cosmos, moved_to, *bare, Service((pages.PICTURES,), partial(_pictures, articles), server="fife")]


def _variant(story: Story) -> str:
    if pages.is_arc(story):
        return "arc"
    return "cosmos" if pick(story.slug, 3) else "cosmos_doubled"


def _on_arc(articles: Sequence[Served]) -> list[Served]:
    return [served for served in articles if served.host == ARC_HOST]


def _surroundings(stories: Sequence[Story], story: Story) -> Surroundings:
    teasers = [
        teaser_of(other, pages.address(other), kicker="BL PREMIUM" if other.premium else "", length=110)
        for other in others(stories, story, 8)
    ]
    return Surroundings(
        url=pages.address(story),
        pitch=(PITCH,),
        related=tuple(teasers[:2]),
        sidebar=tuple(teasers[2:5]),
        shelves=(tuple(teasers[3:6]), tuple(teasers[6:8])),
        rights_notice=RIGHTS_NOTICE,
    )


def _moved(service: Service, host: str, _: str) -> dict[str, Resource]:
    return wordpress.moved(host, service.resources(host))


def _cosmos(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:
    old = newest_first(served for served in articles if served.host == host)
    found = {served.path: _article(served) for served in old}
    for served in _on_arc(articles):  # where COSMOS had announced it
        found[f"/bd{served.path}"] = Resource(status=301, location=served.url)
    found |= _listings(old)
    found |= _rss(old)
    found |= _sitemaps(old)
    found["/robots.txt"] = Resource(ROBOTS.format(pages.HOME).encode(), "text/plain")
    found["/publication/custom/static/logos/speechbubbles.svg"] = Resource(BUBBLES, "image/svg+xml")
    if old:
        found[_old_path(old[0])] = Resource(status=301, location=old[0].url)
    return found


def _old_path(served: Served) -> str:
    """The slug of the first edition, from before the headline's bar was normalised away."""
    return f"{served.path.removesuffix('/')}--updated/"


def _article(served: Served) -> Resource:
    return Resource(pages.render(served.story, served.around, served.variant), modified_at=served.modified_at)


def _listings(articles: Sequence[Served]) -> dict[str, Resource]:
    first = f"<a class=article-title href={_old_path(articles[0])}>First edition</a>" if articles else ""
    found = {"/": _listing("BusinessLIVE", articles), "/bd/": _listing("Business Day", articles, first)}
    for section, members in sections_of(articles).items():
        found[f"/bd/{pages.section_path(section)}/"] = _listing(pages.section_name(section), members)
    return found


def _listing(title: str, articles: Sequence[Served], first: str = "") -> Resource:
    blocks = "".join(map(_card, articles))
    flyover = "".join(
        f'<div class=flyover><a href="{served.path}" class=article-title>{escape(served.story.headline)}</a></div>'
        for served in articles[:2]
    )
    return Resource(
        f"<!doctype html><html><head><meta charset=utf-8><title>{escape(title)}</title></head>"
        f"<body class=publication-bd data-publication=bd><nav>{flyover}<a href=/bd/world/ >World</a></nav>"
        f"{blocks}{first}<div class=section-block><a class=article-title href={DEAD}>Correction</a></div>"
        "<button class=load-more>Load more</button></body></html>".encode()
    )


def _card(served: Served) -> str:
    story = served.story
    premium = "<span class=premium-icon>BL PREMIUM</span>" if story.premium else ""
    return (
        f'<div class="section-block{" premium" if story.premium else ""}"><a class="article-image image-loader" '
        f'href="{served.path}" title="{escape(story.headline)}" style="background-image:url(\'{pages.BLUR}\')"></a>'
        f'<a class=article-title href="{served.path}">{escape(story.headline)}</a>{premium}'
        f"<div class=date-stamp>2 hours ago</div></div>\n"
    )


def _rss(articles: Sequence[Served]) -> dict[str, Resource]:
    every = _feed("BusinessLIVE", articles)
    found = {"/rss/": every, "/rss/?publication=bd": every, "/rss/?publication=bl": every}
    for section, members in sections_of(articles).items():
        for publication in ("bd", "bl"):
            target = f"/rss/?publication={publication}&section={pages.section_path(section)}"
            found[target] = _feed(f"BusinessLIVE {pages.section_name(section)}", members)
    return found


def _feed(title: str, articles: Sequence[Served], home: str = pages.HOME) -> Resource:
    items = [
        Item(served.url, served.story.headline, served.story.standfirst or "", date=rfc822(served.modified_at))
        for served in articles
    ]
    return Resource(f"{DECLARATION}{rss(title, home, items, cdata=False)}".encode(), RSS_TYPE)


def _sitemaps(articles: Sequence[Served]) -> dict[str, Resource]:
    found = {"/sitemap/google-news/bd/world/": _news("BusinessLIVE", ())}
    names = []
    for section, members in sections_of(articles).items():
        path = pages.section_path(section)
        names.append(f"/sitemap/bd/{path}/")
        found[names[-1]] = Resource(urlset(wordpress.sitemap_items(members)), XML_TYPE)
        found[f"/sitemap/google-news/bd/{path}/"] = _news("BusinessLIVE", members)
    index = Resource(sitemap_index(Item(pages.HOME + name) for name in names), XML_TYPE)
    return {**found, "/sitemap.xml": index, "/sitemap/": index}


def _news(publication: str, articles: Sequence[Served]) -> Resource:
    return Resource(news_sitemap(wordpress.sitemap_items(articles), publication), XML_TYPE)


def _arc(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:  # noqa: ARG001 - one host
    newest = newest_first(articles)
    feeds = "/arc/outboundfeeds"
    found = {served.path: _article(served) for served in articles}
    found["/"] = _arc_listing("Business Day", newest)
    for section, members in sections_of(articles).items():
        found[f"/{pages.section_path(section)}/"] = _arc_listing(pages.section_name(section), members)
    found[f"{feeds}/rss/"] = _feed("Business Day", newest, arc.HOME)
    for index, leaf in (("sitemap-index", "sitemap"), ("sitemap-news-index", "sitemap-news")):
        item = Item(f"{arc.HOME}{feeds}/{leaf}/?outputType=xml")
        found[f"{feeds}/{index}/"] = Resource(sitemap_index([item]), XML_TYPE)
    found[f"{feeds}/sitemap/"] = Resource(urlset(wordpress.sitemap_items(newest)), XML_TYPE)
    found[f"{feeds}/sitemap-news/"] = _news("Business Day", newest)
    found["/robots.txt"] = Resource(ROBOTS.format(arc.HOME + feeds).encode(), "text/plain")
    found |= dict(wordpress.pictures(arc.picture_url(served.story) for served in articles))
    return found


def _arc_listing(title: str, articles: Sequence[Served]) -> Resource:
    cards = "".join(
        f'<article class="c-stack b-results-list__item"><a class="c-link" href="{served.path}">'
        f'<h3 class="c-heading">{escape(served.story.headline)}</h3></a></article>'
        for served in articles
    )
    head = f'<meta charset="UTF-8"/><title>{escape(title)}</title>'
    return Resource(f"<!DOCTYPE html><html><head>{head}</head><body>{cards}</body></html>".encode())


def _pictures(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:  # noqa: ARG001 - one host
    urls = (pages.picture_url(served.story, width) for served in articles for width in (750, 1000, 1200))
    return {path: Resource(*picture(path)) for path in (urlsplit(url).path for url in urls if url)}
