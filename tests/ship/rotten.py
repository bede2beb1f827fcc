"""A store that answers as S3 does and keeps other bytes than it was sent, in one of several ways."""

import hashlib
import threading
import uuid
from base64 import b64decode, b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

#: `honest`: what it tells is of the bytes it keeps. `echo`: it tells what it was told. `late`: it checks what arrives,
#: tells the truth of that, and spoils only large files, after that.
Kind = Literal["honest", "echo", "late"]


def spoilt(data: bytes) -> bytes:
    """One bit in the middle differs."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :] if data else data


class Handler(BaseHTTPRequestHandler):
    outer: "RottenStore"

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = parse_qs(urlsplit(self.path).query)
        told = self.headers.get("x-amz-checksum-crc32")
        if self.outer.kind == "late" and told and b64decode(told) != crc32(data).to_bytes(4, "big"):
            self.refuse(400, "BadDigest")
        elif "uploadId" in query:
            self.outer.uploads[query["uploadId"][0]][int(query["partNumber"][0])] = (data, {"crc": told or ""})
            self.reply(200, {"ETag": f'"{hashlib.md5(data).hexdigest()}"'})
        elif self.headers.get("If-None-Match") and self.name in self.outer.kept:
            self.refuse(412, "PreconditionFailed")
        else:
            self.keep(data, told)
            self.reply(200, {"ETag": self.outer.kept[self.name][1]["ETag"]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        if "uploads" in query:
            upload = uuid.uuid4().hex
            self.outer.uploads[upload] = {0: (b"", {"sha": self.headers.get("x-amz-meta-sha256", "")})}
            self.reply(200, {}, f"<R><UploadId>{upload}</UploadId></R>".encode())
            return
        parts = self.outer.uploads.pop(query["uploadId"][0])
        pieces = [parts[number][0] for number in sorted(parts) if number]
        sums = b"".join(crc32(piece).to_bytes(4, "big") for piece in pieces)
        composite = f"{b64encode(crc32(sums).to_bytes(4, 'big')).decode()}-{len(pieces)}"
        self.keep(b"".join(pieces), composite, parts[0][1]["sha"], pieces)
        self.reply(200, {}, f"<R><ETag>{self.outer.kept[self.name][1]['ETag']}</ETag></R>".encode())

    def do_GET(self) -> None:
        if self.name not in self.outer.kept:
            self.refuse(404, "NoSuchKey")
            return
        data, headers = self.outer.kept[self.name]
        status, extra = 200, {}
        if wanted := self.headers.get("Range"):
            start, end = (int(text) for text in wanted.removeprefix("bytes=").split("-"))
            status, extra = 206, {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
            data, headers = data[start : end + 1], {"ETag": headers["ETag"]}
        self.reply(status, {**headers, **extra}, data)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        self.reply(204, {})

    @property
    def name(self) -> str:
        return urlsplit(self.path).path

    def keep(self, data: bytes, told: str | None, sha: str = "", pieces: list[bytes] | None = None) -> None:
        bad = spoilt(data) if self.outer.kind != "late" or len(data) > 2**20 else data
        of = bad if self.outer.kind == "honest" else data
        md5 = hashlib.md5(of).hexdigest()
        if pieces and self.outer.kind != "honest":
            joined = b"".join(hashlib.md5(piece).digest() for piece in pieces)
            md5 = f"{hashlib.md5(joined).hexdigest()}-{len(pieces)}"
        crc = told if self.outer.kind != "honest" and told else b64encode(crc32(of).to_bytes(4, "big")).decode()
        sha = sha or self.headers.get("x-amz-meta-sha256", "")
        self.outer.kept[self.name] = (
            bad,
            {"ETag": f'"{md5}"', "x-amz-checksum-crc32": crc, "x-amz-meta-sha256": sha},
        )

    def refuse(self, status: int, code: str) -> None:
        self.reply(status, {}, f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode())

    def reply(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def log_message(self, *_: object) -> None:
        pass


class RottenStore:
    """Listens on a free port while it is open."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.kept: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.uploads: dict[str, dict[int, tuple[bytes, dict[str, str]]]] = {}
        handler = type("Bound", (Handler,), {"outer": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
