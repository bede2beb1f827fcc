"""Diplomat News Network: no feed; a front page, sections and a plain sitemap."""

from collections.abc import Mapping, Sequence
from functools import partial
from html import escape

from crawler.demo.feeds import XML_TYPE, urlset
from crawler.demo.markup import pick
from crawler.demo.pages import diplomat_so as pages
from crawler.demo.pages.indebta import category
from crawler.demo.resource import Resource, Service
from crawler.demo.served import Served, newest_first, others, pages_of, sections_of, teaser_of
from crawler.demo.sites import wordpress
from crawler.demo.story import Story
from crawler.demo.surroundings import Surroundings

HOST = "diplomat.so"
PAGE_SIZE = 10
DEAD = f"{pages.HOME}/2023/05/01/statement-no-longer-available/"

printed = pages.printed


def place(stories: Sequence[Story]) -> list[Served]:
    """The three markups, spread by slug; the box of related items is often empty."""
    return [Served(story, _surroundings(stories, story), _variant(story)) for story in stories]


def services(articles: Sequence[Served]) -> list[Service]:
    """The site, which compresses nothing, and its `www.` host."""
    site = Service((HOST,), partial(_resources, articles), server="Apache/2.4", encodings=())
    paths = list(site.resources(HOST))
    return [site, Service((f"www.{HOST}",), lambda _: wordpress.moved(HOST, paths), server="Apache/2.4", encodings=())]


def _variant(story: Story) -> str:
    return pages.VARIANTS[pick(story.slug, len(pages.VARIANTS))]


def _surroundings(stories: Sequence[Story], story: Story) -> Surroundings:
    count = 3 * pick(story.slug + "related", 2)
    related = (teaser_of(other, pages.address(other)) for other in others(stories, story, count))
    return Surroundings(url=pages.address(story), related=tuple(related))


def _resources(articles: Sequence[Served], host: str) -> Mapping[str, Resource]:  # noqa: ARG001 - one host
    newest = newest_first(articles)
    found = {
        served.path: Resource(pages.render(served.story, served.around, served.variant), modified_at=served.modified_at)
        for served in articles
    }
    found |= _listings("/", "Diplomat News Network", newest)
    for section, members in sections_of(articles).items():
        found |= _listings(f"/category/{category(section)}/", section, members)
    found["/contact/"] = Resource(_page("Contact", "<p>Write to the desk.</p>"))
    found |= dict(wordpress.slash_redirects(list(found), pages.HOME))
    found["/sitemap.xml"] = Resource(urlset(wordpress.sitemap_items(newest)), XML_TYPE)
    found["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /search\nDisallow: /comment\n", "text/plain")
    found |= dict(wordpress.pictures([f"{pages.HOME}/images/logo.png"]))
    found |= dict(wordpress.pictures(pages.picture_url(served.story) for served in articles))
    return found


def _listings(base: str, title: str, articles: Sequence[Served]) -> dict[str, Resource]:
    found = {}
    last = max(1, -(-len(articles) // PAGE_SIZE))
    for number, members in pages_of(articles, PAGE_SIZE):
        rows = [
            f"<li>{_link(served.url, served.story.headline)} {pages.timestamp(served.story)}</li>" for served in members
        ]
        if number == 1:
            rows.append(f"<li>{_link(DEAD, 'Statement')}</li>")
        older = f'<p><a href="{base}page/{number + 1}/">Older</a></p>' if number < last else ""
        path = base if number == 1 else f"{base}page/{number}/"
        found[path] = Resource(_page(title, f"<ul>{''.join(rows)}</ul>{older}"))
    return found


def _page(title: str, content: str) -> bytes:
    menu = f"{_link('/', 'Home')} {_link('/contact/', 'Contact')}"
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    return (
        f"<!DOCTYPE html><html><head>{head}</head><body>{menu}<h2>{escape(title)}</h2>{content}</body></html>".encode()
    )


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{escape(text)}</a>'
