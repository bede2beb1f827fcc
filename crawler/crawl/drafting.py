"""A draft, written into a checkout: the site file, the saved pages, the records expected of them."""

import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from crawler.archive.reader import read_captures
from crawler.discover import Feed, Listing, Sitemap, Source
from crawler.discover.urls import absolute
from crawler.draft import Draft, Rule, Sample, candidates, class_name, draft, rule_of, site_file, source_of
from crawler.draft.sources import ROBOTS
from crawler.durable import new_file
from crawler.errors import PageSkippedError, UsageError
from crawler.model import Capture
from crawler.page import Page
from crawler.pages import SavedPage, accept, record_of, save_capture, save_html
from crawler.site import Site

WARCS = (".warc", ".warc.gz")


@dataclass(frozen=True, slots=True)
class Given:
    """A page to draft from."""

    url: str
    capture: Capture
    #: The folder that the capture's file is in; `None` for an HTML file.
    archive: Path | None = None
    #: What the places answered that may be sources; none were asked where nothing was fetched.
    answers: Mapping[str, Capture] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Project:
    """The checkout that a draft goes into."""

    root: Path
    name: str

    @property
    def site_path(self) -> Path:
        """The site file's place."""
        return self.root / "spiders" / f"{self.name}.py"

    @property
    def pages(self) -> Path:
        """The folder of all sites' saved pages."""
        return self.root / "tests" / "pages"

    def refuse_what_is_there(self) -> None:
        """Raise `UsageError` where a file would be written over, or where the folder is no checkout."""
        if not self.site_path.parent.is_dir():
            raise UsageError(f"{self.root}: no checkout: it has no folder spiders/; name one with --to")
        for path in (self.site_path, self.pages / self.name):
            if path.exists():
                raise UsageError(f"{path}: there already; give --name another name, or move it away")


def given_files(paths: Sequence[Path], url: str | None) -> list[Given]:
    """The pages in HTML and WARC files; raises `UsageError`."""
    given: list[Given] = []
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path}: neither a web address nor a file")
        if path.name.endswith(WARCS):
            captures = [capture for capture in read_captures(path, filename=path.name) if _is_page(capture)]
            given += [Given(capture.url, capture, path.parent) for capture in captures]
            if not captures:
                raise UsageError(f"{path}: no HTML page with status 200 is in it")
        else:
            given.append(_html(path, url))
    return given


def _is_page(capture: Capture) -> bool:
    media = (capture.header("Content-Type") or "html").lower()
    return capture.status == 200 and "html" in media and not capture.url.endswith(ROBOTS)


def _html(path: Path, url: str | None) -> Given:
    moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    headers = (("Content-Type", "text/html"),)
    capture = Capture(url or "", moment, 200, headers, path.read_bytes())
    address = url or Page(capture).declared_url
    if address is None or absolute(address, "") is None:
        raise UsageError(f"{path}: it does not declare its address; give it with --url")
    return Given(address, Capture(address, moment, 200, headers, capture.payload))


def write_draft(project: Project, given: Sequence[Given]) -> list[str]:
    """Write all of it, and tell what was found and what is not sure; raises `UsageError`."""
    samples = [Sample(Page(one.capture)) for one in given]
    urls = [_address(sample.page) for sample in samples]
    hosts = dict.fromkeys((urlsplit(url).hostname or "").removeprefix("www.") for url in urls)
    if len(hosts) > 1:
        raise UsageError(f"these are pages of several sites ({', '.join(hosts)}); give one's at a time")
    made = _drafted(project.name, next(iter(hosts)), samples)
    sources, named = _sources(given, made)
    links = [url for sample in samples for url in _links(sample.page)]
    rule = rule_of(urls, [*links, *named])
    _judge_rule(rule, made)
    with new_file(project.site_path) as file:
        file.write(site_file(made, rule, sources).encode())
    site = load_site(project.site_path, project.name)
    saved = [_saved(project, one, number) for number, one in enumerate(given, 1)]
    for page in saved:
        accept(page, record_of(page, site))
    return list(_report(project, made, rule, saved))


def _drafted(name: str, host: str, samples: Sequence[Sample]) -> Draft:
    try:
        return draft(name, host, samples)
    except PageSkippedError as error:
        told = f"{error.url}: it does not read as an article ({error.why}); give pages of articles"
        raise UsageError(told) from error


def _address(page: Page) -> str:
    canonical = page.canonical_url
    return canonical if canonical and urlsplit(canonical).hostname == urlsplit(page.url).hostname else page.url


def _links(page: Page) -> Iterator[str]:
    found = (absolute(anchor.get("href", ""), page.base_url) for anchor in page.select("a[href]"))
    return (url.partition("#")[0] for url in found if url)


def _sources(given: Sequence[Given], made: Draft) -> tuple[list[Source], list[str]]:
    """What turned out to be a source, then the front page; without a network, guesses marked as such."""
    home = Listing(urljoin(given[0].capture.url, "/"))
    asked = {url: capture for one in given for url, capture in one.answers.items()}
    known: dict[Source, list[str]] = {}
    for url, capture in asked.items():
        page = Page(capture)
        if not url.endswith(ROBOTS) and _is_xml(page) and (found := source_of(page)) is not None:
            known[found[0]] = found[1]
            made.found.append(f"source: {found[0].url}, a {type(found[0]).__name__} that names {len(found[1])}")
    if not asked:
        feeds = dict.fromkeys(url for one in given for url in candidates(Page(one.capture)))
        guesses = [url for url in feeds if not url.endswith(ROBOTS)]
        known = {(Sitemap if "sitemap" in url else Feed)(url, probe=True): [] for url in guesses}
        made.uncertain.append("sources: nothing was fetched, so all of them are guesses (probe=True)")
    elif not known:
        made.uncertain.append("sources: no feed and no sitemap was found; only the front page is listed")
    return [*known, home], [url for named in known.values() for url in named]


def _is_xml(page: Page) -> bool:
    return page.html.lstrip("\ufeff \t\r\n").startswith(("<?xml", "<rss", "<feed", "<urlset", "<sitemapindex", "<rdf"))


def _judge_rule(rule: Rule, made: Draft) -> None:
    made.found.append(f"article_url: {rule.pattern}")
    if rule.taken:
        made.uncertain.append(f"article_url: are these articles? {' '.join(rule.taken)}")
    if rule.refused:
        made.uncertain.append(f"article_url: are these none? {' '.join(rule.refused)}")


def _saved(project: Project, one: Given, number: int) -> SavedPage:
    path = project.pages / project.name / f"story-{one.capture.captured_at:%Y}-{number}.warc.gz"
    if one.archive is not None and one.capture.ref is not None:
        save_capture(path, one.archive, one.capture.ref)
    else:
        save_html(path, one.url, one.capture.payload, one.capture.captured_at)
    return SavedPage(project.name, path)


def load_site(path: Path, name: str) -> type[Site]:
    """The site that a file defines, whether its folder is on Python's path or not; raises `UsageError`."""
    spec = importlib.util.spec_from_file_location(f"spiders.{name}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    site = getattr(module, f"{class_name(name)}Spider", None)
    if not isinstance(site, type) or not issubclass(site, Site):
        raise UsageError(f"{path}: it defines no {class_name(name)}Spider")
    return site


def _report(project: Project, made: Draft, rule: Rule, saved: Sequence[SavedPage]) -> Iterator[str]:
    yield f"{project.site_path}: a draft, from {len(saved)} page{'s' * (len(saved) != 1)}"
    yield from (f"  {line}" for line in made.found)
    yield f"  {rule.matched} of {rule.known} other links of the site follow the rule"
    yield "Uncertain:"
    yield from (f"  {line}" for line in made.uncertain)
    yield "Check by eye that these records are what the pages say, and correct the site file until they are:"
    yield from (f"  {page.expected_path}" for page in saved)
    yield f"Then: newswarc check-site {project.name}"
