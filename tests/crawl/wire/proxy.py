"""A small proxy: it opens tunnels, and passes absolute requests on."""

import contextlib
import re
import socket
import threading
from dataclasses import dataclass, field

from tests.crawl.wire.raw_server import Entry, Line, RawServer, requests_of


@dataclass
class Proxy(RawServer):
    """Answers CONNECT with a tunnel unless `refusal` is set; other requests go to the host in their target."""

    refusal: bytes | None = None
    greeting: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
    asked: list[bytes] = field(default_factory=list)

    def _answer_all(self, sock: socket.socket, number: int) -> None:
        for request in requests_of(sock):
            self.asked.append(request)
            match = re.match(rb"(?:CONNECT |\S+ http://)([^/ ]+)", request)
            assert match is not None
            if self.refusal is not None:
                Line(sock, number, Entry(number, request)).send(self.refusal)
                return
            host, _, port = match[1].decode().rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as onward:
                if request.startswith(b"CONNECT"):
                    sock.sendall(self.greeting)
                else:
                    onward.sendall(request)
                self.relay(sock, onward)
                return

    def relay(self, sock: socket.socket, onward: socket.socket) -> None:
        back = threading.Thread(target=pump, args=(onward, sock), daemon=True)
        back.start()
        pump(sock, onward)
        back.join(5)


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for sock in (sink, source):
        with contextlib.suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
