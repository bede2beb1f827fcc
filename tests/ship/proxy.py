"""A man in the middle who does what networks and servers do: cuts, delays, damages, refuses. Plain HTTP, one request
a connection; requests are read whole, so that he can count the bytes of an upload and stop at any of them."""

import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
ERROR = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>as asked</Message></Error>"


@dataclass(frozen=True)
class Request:
    """What a client asks."""

    head: bytes
    body: bytes

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode()

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    def header(self, name: str) -> str | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.decode().lower() == name.lower():
                return value.decode().strip()
        return None

    @property
    def operation(self) -> str:
        """`PutObject` and the like."""
        query = self.target.partition("?")[2]
        if "uploadId" in query:
            return {"PUT": "UploadPart", "POST": "Complete", "DELETE": "Abort"}.get(self.method, "ListParts")
        if "uploads" in query:
            return "Create" if self.method == "POST" else "ListUploads"
        if "list-type" in query:
            return "List"
        return {"PUT": "Put", "GET": "Get", "HEAD": "Head", "DELETE": "Delete"}[self.method]


def error(status: int, code: str) -> bytes:
    """An answer that refuses."""
    body = ERROR % code.encode()
    head = b"HTTP/1.1 %d Refused\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


@dataclass
class Faults:
    """What goes wrong; each thing at most once, unless `dead`."""

    #: Cut both sides when so many bytes of requests have gone to the server.
    cut_up: int | None = None
    #: Cut when so many bytes of answers have come; 0 is before the first.
    cut_down: int | None = None
    #: After the first cut nothing is connected any more.
    dead: bool = False
    #: An answer of our own, instead of the server's.
    answer: Callable[[Request], bytes | None] = lambda _: None
    change: Callable[[Request], Request] = lambda request: request
    change_answer: Callable[[Request, bytes], bytes] = lambda _, answer: answer
    #: Called before a request reaches the server, and after its answer is complete.
    before: Callable[[Request], None] = lambda _: None
    after: Callable[[Request], None] = lambda _: None
    up: int = 0
    down: int = 0
    cuts: int = 0
    seen: list[Request] = field(default_factory=list)


class Proxy:
    """Listens on a free port while it is open."""

    def __init__(self, port: int) -> None:
        self.faults = Faults()
        self._upstream = port
        self._lock = threading.Lock()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    outer.serve(self.request)
                except OSError:
                    return  # the client has gone

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self, client: socket.socket) -> None:
        request = read_request(client)
        if request is None:
            return
        faults = self.faults
        with self._lock:
            if faults.dead and faults.cuts:
                return
            faults.seen.append(request)
            faults.before(request)
            if (answer := faults.answer(request)) is None:
                answer = self._forward(faults.change(request), faults)
            if answer is None:
                return
            answer = faults.change_answer(request, answer)
            room = None if faults.cut_down is None else faults.cut_down - faults.down
            faults.down += len(answer)
            if room is not None and 0 <= room < len(answer) and not (faults.cuts and not faults.dead):
                faults.cuts += 1
                client.sendall(answer[:room])
                return
            client.sendall(answer)
            faults.after(request)

    def _forward(self, request: Request, faults: Faults) -> bytes | None:
        data = request.head + request.body
        room = None if faults.cut_up is None else faults.cut_up - faults.up
        faults.up += len(data)
        with socket.create_connection(("127.0.0.1", self._upstream), timeout=30) as server:
            if room is not None and 0 <= room < len(data) and not faults.cuts:
                faults.cuts += 1
                server.sendall(data[:room])
                return None
            server.sendall(data)
            return read_answer(server)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def read_request(client: socket.socket) -> Request | None:
    """A whole request, as it goes on to the server: over a connection of its own."""
    head, body = read_head(client)
    if not head:
        return None
    lines = [line for line in head.split(b"\r\n")[:-2] if not line.lower().startswith((b"connection:", b"expect:"))]
    if b"expect:" in head.lower():
        client.sendall(CONTINUE)
    length = length_of(head)
    while len(body) < length:
        if not (piece := client.recv(2**16)):
            return None
        body += piece
    return Request(b"\r\n".join([*lines, b"Connection: close", b"", b""]), body)


def read_answer(server: socket.socket) -> bytes:
    """A whole answer that ends its connection."""
    pieces = []
    while piece := server.recv(2**16):
        pieces.append(piece)
    head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
    lines = [
        line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"transfer-encoding:"))
    ]
    if b"transfer-encoding: chunked" in head.lower():
        body = dechunked(body)
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body


def dechunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        whole, body = whole + body[:length], body[length + 2 :]
        if length == 0:
            break
    return whole


def read_head(client: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := client.recv(2**16)):
            return b"", b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def length_of(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
