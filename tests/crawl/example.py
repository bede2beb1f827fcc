"""A news site of our own, and the server that answers for it however a test wants."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

from crawler.crawl.spider import NewsSpider
from crawler.discover import Feed, Listing, Sitemap
from crawler.page import Page
from crawler.site import Layout

HOME = "http://news.example"
PROSE = "The harbour board met on Thursday and agreed, after two hours, that the ferries would run until midnight. " * 4


class Plain(Layout):
    body = ("article",)

    @classmethod
    def matches(cls, page: Page) -> bool:
        if "explode" in page.url:
            raise ZeroDivisionError(page.url)
        return super().matches(page)


class ExampleSpider(NewsSpider):
    name = "example"
    sources = (
        Feed(f"{HOME}/feed.xml"),
        Sitemap(f"{HOME}/sitemap.xml", probe=True),
        Listing(f"{HOME}/", probe=True, pages=4, page_url=f"{HOME}/page/{{n}}/"),
    )
    article_url = r"^https?://(?:www\.)?news\.example/\d{4}/\d\d/\d\d/[^/?]+/?$"
    layouts = (Plain,)

    @classmethod
    def key(cls, url: str) -> str:
        if "unkeyable" in url:
            raise ZeroDivisionError(url)
        return super().key(url)


class TwinSpider(ExampleSpider):
    name = "twin"
    allowed_domains = ("news.example",)


@dataclass
class Answer:
    """What the server sends for one request."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Close the connection after so many bytes of the body, whatever its length.
    cut_at: int | None = None


class Seen(NamedTuple):
    at: float
    host: str
    path: str
    #: Whether it was asked for only if it had changed.
    conditional: bool = False


Reply = Answer | Callable[[], Answer]
Page_ = Reply | Sequence[Reply]


def article(slug: str, *, text: str = PROSE) -> Answer:
    """A page that `Plain` reads."""
    html = (
        f"<html><head><title>{slug}</title></head><body><h1>{slug}</h1><article><p>{slug}. {text}</p></article></body>"
    )
    return Answer(html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def feed(*paths: str) -> Answer:
    """An RSS feed that names these pages."""
    items = "".join(f"<item><title>{path}</title><link>{HOME}{path}</link></item>" for path in paths)
    return Answer(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), headers={"Content-Type": "text/xml"})


def moved(location: str, status: int = 301) -> Answer:
    return Answer(status=status, headers={"Location": location})


class Server:
    """Answers for every host; a list of answers is used up one by one, its last one stays."""

    def __init__(self, pages: Mapping[str, Page_]) -> None:
        self.pages = dict(pages)
        self.log: list[Seen] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = self.headers.get("If-None-Match")
                answer = outer.answer(self.headers.get("Host", ""), self.path, conditional=asked is not None)
                if asked is not None and asked == answer.headers.get("ETag"):
                    answer = Answer(status=304, headers={"ETag": asked})
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: answer.cut_at])
                self.close_connection = self.close_connection or answer.cut_at is not None

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False

    def answer(self, host: str, path: str, *, conditional: bool = False) -> Answer:
        with self._lock:
            self.log.append(Seen(monotonic(), host, path, conditional))
            found = self.pages.get(path, Answer(b"no such page", 404))
            if isinstance(found, Sequence):
                self.pages[path], found = found[1:] or found, found[0]
        return found() if callable(found) else found

    @property
    def settings(self) -> dict[str, object]:
        """What leads a crawl here."""
        return {
            "SPIDER_MODULES": ["tests.crawl.example", "spiders"],
            "NEWSWARC_RESOLVE": [f"*:80:127.0.0.1:{self._server.server_port}"],
        }

    @property
    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [seen.path for seen in self.log]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
