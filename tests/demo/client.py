"""A plain HTTPS client: each name leads to the replica, and its certificate must be right for that name."""

import gzip
import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import brotli
import zstandard

from crawler.demo.server import ADDRESS, Replica

DECODE = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    raw: bytes

    @property
    def body(self) -> bytes:
        encoding = self.headers["Content-Encoding"]
        return bytes(DECODE[encoding](self.raw)) if encoding else self.raw


class Client:
    """Keeps one connection for each host and scheme."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._context = ssl.create_default_context(cafile=str(replica.ca_file))
        self._open: dict[tuple[str, str], http.client.HTTPConnection] = {}

    def get(self, url: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Reply:
        parts = urlsplit(url)
        host = parts.hostname or ""
        connection = self._connection(parts.scheme, host)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers=dict(headers or {}))
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())

    def close(self) -> None:
        for connection in self._open.values():
            connection.close()

    def _connection(self, scheme: str, host: str) -> http.client.HTTPConnection:
        if (scheme, host) not in self._open:
            connection = http.client.HTTPConnection(host)
            port = self._replica.port if scheme == "https" else self._replica.http_port
            plain = socket.create_connection((ADDRESS, port), timeout=10)
            secure = scheme == "https"
            connection.sock = self._context.wrap_socket(plain, server_hostname=host) if secure else plain
            self._open[scheme, host] = connection
        return self._open[scheme, host]
