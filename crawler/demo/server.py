"""The replicas on the loopback interface: HTTPS and HTTP, every site under its own host names."""

import asyncio
import ssl
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from crawler.demo.certificates import write_certificates
from crawler.demo.replica import Extra, build_services, serve_all
from crawler.demo.resource import Answer, Request, Resource, Service
from crawler.demo.served import Served
from crawler.demo.story import Story
from crawler.demo.wire import Connection
from crawler.errors import UsageError

ADDRESS = "127.0.0.1"
UNKNOWN_HOST = Service((), lambda _: {}, missing=Resource(b"no such host here\n", "text/plain", 404))
START_SECONDS = 30


class Logged(NamedTuple):
    """One answered request; `path` is the request target, query included."""

    host: str
    path: str
    status: int


class Replica:
    """The five sites, served while the `with` block runs; ports are free ones unless given.

    Raises `UsageError` on entry when a given port is taken.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        http_port: int = 0,
        stories: Mapping[str, Sequence[Story]] | None = None,
        extra_stories: Mapping[str, Sequence[Extra]] | None = None,
    ) -> None:
        self.port = port
        self.http_port = http_port
        #: Requests in the order answered.
        self.log: list[Logged] = []
        self._served = serve_all(stories, extra_stories or {})
        services = build_services(self._served)
        self._services = {host: service for service in services for host in service.hosts}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._live: set[Connection] = set()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def ca_file(self) -> Path:
        """The authority's certificate, PEM."""
        assert self._folder is not None, "the replica is served only inside its with block"
        return Path(self._folder.name) / "ca.pem"

    @property
    def resolve(self) -> list[str]:
        """Rules in the form of `--resolve` that send every connection here."""
        return [f"*:443:{ADDRESS}:{self.port}", f"*:80:{ADDRESS}:{self.http_port}"]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host name that is answered for."""
        return tuple(self._services)

    def expected(self, site: str) -> dict[str, Story]:
        """Canonical URL -> story, of every article that `site` serves."""
        return {served.url: served.story for served in self._served[site]}

    def served(self, site: str) -> list[Served]:
        """The same articles with the markup and the surroundings that each is printed in."""
        return list(self._served[site])

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="newswarc-demo-")
        files = write_certificates(Path(self._folder.name), self.hosts)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.chain_file, files.key_file)
        context.set_alpn_protocols(["http/1.1"])
        self._loop = asyncio.new_event_loop()
        try:
            self._servers = self._loop.run_until_complete(self._listen(context))
        except OSError as error:
            self._release()
            wanted = " and ".join(str(port) for port in (self.port, self.http_port) if port)
            raise UsageError(f"port {wanted} on {ADDRESS} cannot be used ({error.strerror}); choose another") from error
        self._thread = threading.Thread(target=self._loop.run_forever, name="newswarc-demo", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._loop is not None
        assert self._thread is not None
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._release()

    async def _listen(self, context: ssl.SSLContext) -> list[asyncio.Server]:
        loop = asyncio.get_running_loop()
        https = await loop.create_server(
            lambda: Connection(self._respond, self._live), ADDRESS, self.port, ssl=context, backlog=512
        )
        try:
            http = await loop.create_server(
                lambda: Connection(self._redirect, self._live), ADDRESS, self.http_port, backlog=512
            )
        except OSError:
            https.close()
            raise
        self.port, self.http_port = (server.sockets[0].getsockname()[1] for server in (https, http))
        return [https, http]

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for connection in list(self._live):
            if connection.transport is not None:
                connection.transport.abort()
        for server in self._servers:
            await server.wait_closed()

    def _release(self) -> None:
        assert self._loop is not None
        assert self._folder is not None
        self._loop.close()
        self._folder.cleanup()

    def _respond(self, host: str, request: Request) -> Answer:
        answer = self._services.get(host, UNKNOWN_HOST).answer(host, request)
        self.log.append(Logged(host, request.target, answer.status))
        return answer

    def _redirect(self, host: str, request: Request) -> Answer:
        """Plain HTTP: every known host sends to the same target on HTTPS."""
        if host not in self._services:
            answer = UNKNOWN_HOST.answer(host, request)
        else:
            wire = f"Server: nginx\r\nLocation: https://{host}{request.target}\r\nContent-Length: 0\r\n\r\n"
            answer = Answer(301, wire.encode("latin-1"))
        self.log.append(Logged(host, request.target, answer.status))
        return answer
