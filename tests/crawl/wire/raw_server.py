"""A server made of sockets alone: it sends the bytes that it is told to, and logs all that it got and sent."""

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self


@dataclass
class Entry:
    """One request as received and its answer as sent."""

    connection: int
    request: bytes
    response: bytes = b""


@dataclass
class Line:
    """One connection as a script sees it."""

    sock: socket.socket
    number: int
    entry: Entry
    #: How many requests have come on this connection.
    count: int = 0

    def send(self, data: bytes) -> None:
        self.entry.response += data
        self.sock.sendall(data)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw = self.sock.detach()
        socket.close(raw)


#: Answers one request; true if the connection may carry another.
Script = Callable[[Line], bool]


@dataclass
class RawServer:
    """Serves `scripts` by the first segment of the path; `{name}` in the log is that segment."""

    scripts: dict[str, Script] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    log: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    alpn: list[str | None] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, 0), family=family, backlog=200)
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self.connections = 0
        if self.tls is not None:
            self.tls.sni_callback = lambda _, name, __: self.names.append(name)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        self._listener.close()
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(sock)
        try:
            with contextlib.suppress(OSError):
                if self.tls is not None:
                    secured = self.tls.wrap_socket(sock, server_side=True)
                    self._open.discard(sock)
                    sock = secured
                    self._open.add(sock)
                    self.alpn.append(sock.selected_alpn_protocol())
                self._answer_all(sock, number)
        finally:
            self._open.discard(sock)
            if isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0:
                with contextlib.suppress(OSError, ValueError):
                    sock.settimeout(0)
                    sock.unwrap()  # a proper goodbye, without waiting for its answer
            sock.close()

    def _answer_all(self, sock: socket.socket, number: int) -> None:
        for count, request in enumerate(requests_of(sock), start=1):
            match = re.match(rb"\S+ (?:https?://[^/ ]+)?/([^/ ?]*)", request)
            name = match[1].decode() if match else ""
            entry = Entry(number, request)
            self.log[name].append(entry)
            script = self.scripts.get(name, not_found)
            if not script(Line(sock, number, entry, count)):
                return


def requests_of(sock: socket.socket) -> Iterator[bytes]:
    """Each whole request that arrives."""
    held = b""
    while True:
        while b"\r\n\r\n" not in held:
            data = sock.recv(65536)
            if not data:
                return
            held += data
        head, _, body = held.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        size = int(length[1]) if length else 0
        while len(body) < size:
            data = sock.recv(65536)
            if not data:
                return
            body += data
        held = body[size:]
        yield head + b"\r\n\r\n" + body[:size]


def not_found(line: Line) -> bool:
    line.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    return True


def sends(*pieces: bytes, close: bool = False, reset: bool = False) -> Script:
    """Each piece on its own, then what is asked for."""

    def script(line: Line) -> bool:
        for piece in pieces:
            line.send(piece)
        if reset:
            line.reset()
        return not close and not reset

    return script
