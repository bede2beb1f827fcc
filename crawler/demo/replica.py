"""All sites together: which articles each one serves, and the services that answer for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from crawler.demo.resource import Service
from crawler.demo.served import Served
from crawler.demo.sites import business_live, dimsum_daily, diplomat_so, indebta, space_media_network
from crawler.demo.story import Story, load_stories, plain
from crawler.demo.surroundings import Surroundings
from crawler.errors import UsageError
from crawler.model import Block

#: A story with its own surroundings and variant; `Surroundings.url` is where it is served.
Extra = tuple[Story, Surroundings, str]


class SiteModule(Protocol):
    """What a module in `sites/` offers."""

    def printed(self, story: Story) -> tuple[Block, ...]:
        """The blocks of the story that the site's page shows."""

    def place(self, stories: Sequence[Story]) -> list[Served]:
        """Each story at its address, in one of the site's markups, with the site's noise round it."""

    def services(self, articles: Sequence[Served]) -> list[Service]:
        """Everything that the site's hosts answer, these articles included."""


MODULES: dict[str, SiteModule] = {
    "space_media_network": space_media_network,
    "indebta": indebta,
    "diplomat_so": diplomat_so,
    "business_live": business_live,
    "dimsum_daily": dimsum_daily,
}
SITES = tuple(MODULES)


def serve_all(
    stories: Mapping[str, Sequence[Story]] | None, extra: Mapping[str, Sequence[Extra]]
) -> dict[str, list[Served]]:
    """Site -> its articles: `stories`, or the demo's own when they are `None`, and then `extra`."""
    if unknown := {*(stories or {}), *extra} - set(SITES):
        raise UsageError(f"no such site: {', '.join(sorted(unknown))}; sites are {', '.join(SITES)}")
    served = {}
    for site, module in MODULES.items():
        own = load_stories(site) if stories is None else stories.get(site, ())
        articles = module.place(own) + [Served(*given) for given in extra.get(site, ())]
        _refuse_collisions(site, articles)
        served[site] = articles
    return served


def build_services(served: Mapping[str, Sequence[Served]]) -> list[Service]:
    """The services of all sites."""
    return [service for site, module in MODULES.items() for service in module.services(served[site])]


def printed(site: str, story: Story) -> tuple[Block, ...]:
    """What a perfect reader finds on the site's page of `story`: its blocks without inline markup, in order."""
    return tuple(Block(block.kind, plain(block.text)) for block in MODULES[site].printed(story))


def _refuse_collisions(site: str, articles: Iterable[Served]) -> None:
    seen: set[str] = set()
    for served in articles:
        if served.url in seen:
            raise UsageError(f"{site}: two stories at {served.url}; change a slug")
        seen.add(served.url)
