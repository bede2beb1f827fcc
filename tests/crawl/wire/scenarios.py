"""What servers do: each scenario's bytes, and what is to come of them. Used over HTTP and over HTTPS."""

import gzip
import zlib
from dataclasses import dataclass, field
from typing import Any

import brotli
import zstandard

from tests.crawl.wire.raw_server import Line, Script, sends

PAGE = b"<!doctype html><html><head><title>T</title></head><body><p>" + b"Some news of the day. " * 200 + b"</p></html>"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def counted(body: bytes, *fields: bytes, start: bytes = HTML) -> bytes:
    return start + b"".join(line + b"\r\n" for line in (*fields, b"Content-Length: %d" % len(body))) + b"\r\n" + body


def chunks(
    body: bytes, size: int = 1000, *, trailer: bytes = b"", extension: bytes = b"", end: bytes = b"\r\n"
) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    sent = b"".join(b"%x%b%b%b%b" % (len(piece), extension, end, piece, end) for piece in pieces)
    return sent + b"0" + extension + end + trailer + end


def chunked(sent: bytes, *fields: bytes) -> bytes:
    lines = (*fields, b"Transfer-Encoding: chunked")
    return HTML + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + sent


#: wget waits for a body after 304, records no 204, and cuts or rewrites these three.
NOT_BY_WGET = {"no-content", "not-modified", "trailers", "folded", "length-and-chunks"}


@dataclass(frozen=True)
class Scenario:
    name: str
    pieces: tuple[bytes, ...]
    close: bool = False
    reset: bool = False
    interim: tuple[bytes, ...] = ()
    surplus: bytes = b""
    status: int = 200
    #: The body after Scrapy's decoding.
    body: bytes = PAGE
    payload: bytes | None = None
    truncated: str | None = None
    malformed: bool = False
    error: str | None = None
    flags: tuple[str, ...] = ()
    request: dict[str, Any] = field(default_factory=dict)
    #: Whether GNU wget records the same bytes; it does not understand all that browsers do.
    wget: bool = True
    script: Script | None = None

    def answer(self, line: Line) -> bool:
        return (self.script or sends(*self.pieces, close=self.close, reset=self.reset))(line)


def dribbled(line: Line) -> bool:
    for at in range(len(DRIBBLE)):
        line.send(DRIBBLE[at : at + 1])
    return True


DRIBBLE = chunked(chunks(PAGE[:300], 7, trailer=b"X-Trailer: yes\r\n", extension=b";a=b"), b"X-Slow: very")
BIG = b"0123456789abcdef" * (6 * 2**16)  # 6 MiB, past the spool's limit
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
SHORT = HTML + b"Content-Length: %d\r\n\r\n" % (len(PAGE) + 10) + PAGE
CUT_CHUNKS = chunked(b"%x\r\n" % (len(PAGE) + 10) + PAGE)
GZIPPED = gzip.compress(PAGE, mtime=0)
RAW_DEFLATE = zlib.compress(PAGE)[2:-4]
CUT, LOST, FAILED = "disconnect", "ResponseDataLossError", "DownloadFailedError"

SCENARIOS = [
    Scenario("plain", (counted(PAGE),)),
    Scenario("odd-case", (counted(PAGE, b"x-ODD-case: Value  with  spaces ", b"SERVER:nginx"),)),
    Scenario("repeats", (counted(PAGE, b"Set-Cookie: a=1", b"X: y", b"set-cookie: b=2", b"SET-COOKIE: a=3"),)),
    Scenario("no-reason", (counted(PAGE, start=b"HTTP/1.1 200\r\nContent-Type: text/html\r\n"),)),
    Scenario("long-reason", (counted(PAGE, start=b"HTTP/1.1 200 All is \xfc well\r\nContent-Type: text/html\r\n"),)),
    Scenario("latin-1-header", (counted(PAGE, b"X-Name: caf\xe9 \xff"),)),
    Scenario("chunked", (chunked(chunks(PAGE)),)),
    Scenario("chunk-extensions", (chunked(chunks(PAGE, extension=b' ; a="b;c"')),), wget=False),
    Scenario("trailers", (chunked(chunks(PAGE, trailer=b"X-Checksum: 1\r\nX-Other: 2\r\n"), b"Trailer: X-Checksum"),)),
    Scenario("chunk-case", (chunked(chunks(PAGE, 0xAB).replace(b"\r\nab\r\n", b"\r\n00AB\r\n")),)),
    Scenario("one-byte-chunks", (chunked(chunks(PAGE[:200], 1)),), body=PAGE[:200]),
    Scenario("chunks-with-bare-lf", (chunked(chunks(PAGE, end=b"\n")),)),
    Scenario("gzip", (counted(GZIPPED, b"Content-Encoding: gzip"),), payload=GZIPPED),
    Scenario("gzip-chunked", (chunked(chunks(GZIPPED, 50), b"Content-Encoding: gzip"),), payload=GZIPPED),
    Scenario("deflate", (counted(zlib.compress(PAGE), b"Content-Encoding: deflate"),), payload=zlib.compress(PAGE)),
    Scenario("raw-deflate", (counted(RAW_DEFLATE, b"Content-Encoding: deflate"),), payload=RAW_DEFLATE),
    Scenario("br", (counted(brotli.compress(PAGE), b"Content-Encoding: br"),), payload=brotli.compress(PAGE)),
    Scenario("zstd", (counted(zstandard.compress(PAGE), b"Content-Encoding: zstd"),), payload=zstandard.compress(PAGE)),
    Scenario("folded", (counted(PAGE, b"X-Fold: one\r\n  two\r\n\tthree", b"X-After: 1"),)),
    Scenario("bare-lf", (counted(PAGE, b"X-A: 1").replace(b"\r\n", b"\n"),)),
    Scenario("no-colon", (counted(PAGE, b"this line has no colon", b"X-After: 1"),)),
    Scenario("space-before-colon", (counted(PAGE, b"X-Sp : v"),)),
    Scenario("leading-crlf", (b"\r\n" + counted(PAGE),), wget=False),
    Scenario("long-header", (counted(PAGE, b"X-Long: " + b"x" * 40_000),)),
    Scenario("many-headers", (counted(PAGE, *(b"X-%d: %d" % (i, i) for i in range(500))),)),
    Scenario("length-and-chunks", (chunked(chunks(PAGE), b"Content-Length: 3"),)),
    Scenario("gzip-then-chunks", (chunked(chunks(PAGE)).replace(b"g: chunked", b"g: gzip, chunked"),), wget=False),
    Scenario("same-length-twice", (counted(PAGE, b"Content-Length: %d" % len(PAGE)),)),
    Scenario(
        "length-list", (counted(PAGE).replace(b"h: %d" % len(PAGE), b"h: %d, %d" % ((len(PAGE),) * 2)),), wget=False
    ),
    Scenario(
        "two-lengths",
        (counted(PAGE, b"Content-Length: 3"),),
        malformed=True,
        truncated="unspecified",
        error=FAILED,
        wget=False,
    ),
    Scenario("close-1.1", (HTML + b"\r\n" + PAGE,), close=True, flags=("partial",)),
    Scenario("close-1.0", (HTML.replace(b"1.1", b"1.0") + b"\r\n" + PAGE,), close=True, flags=("partial",)),
    Scenario(
        "bad-length", (HTML + b"Content-Length: many\r\n\r\n" + PAGE,), close=True, flags=("partial",), wget=False
    ),
    Scenario("length-1.0", (counted(PAGE, start=HTML.replace(b"1.1", b"1.0")),), close=True),
    Scenario(
        "icy", (b"ICY 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE,), close=True, flags=("partial",), wget=False
    ),
    Scenario("early-hints", (EARLY, counted(PAGE)), interim=(EARLY,), wget=False),
    Scenario("continue", (CONTINUE + EARLY + counted(PAGE),), interim=(CONTINUE, EARLY), wget=False),
    Scenario("empty", (counted(b""),), body=b""),
    Scenario("empty-gzip", (counted(b"", b"Content-Encoding: gzip"),), body=b""),
    Scenario("no-content", (b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n",), status=204, body=b""),
    Scenario("not-modified", (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",), status=304, body=b""),
    Scenario(
        "switching", (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",), status=101, body=b"", wget=False
    ),
    Scenario("head", (HTML + b"Content-Length: 12345\r\n\r\n",), body=b"", request={"method": "HEAD"}, wget=False),
    Scenario(
        "head-gzip", (HTML + b"Content-Encoding: gzip\r\n\r\n",), body=b"", request={"method": "HEAD"}, wget=False
    ),
    Scenario("post", (counted(PAGE),), request={"method": "POST", "body": b"a=1&b=\x00\xff"}, wget=False),
    Scenario("empty-post", (counted(PAGE),), request={"method": "POST"}, wget=False),
    Scenario("put", (counted(PAGE),), request={"method": "PUT", "body": b"x" * 200_000}, wget=False),
    Scenario("options", (counted(PAGE),), request={"method": "OPTIONS", "headers": {"X-Mine": "1"}}, wget=False),
    Scenario(
        "not-found", (counted(PAGE, start=b"HTTP/1.1 404 Nope Nothing\r\nContent-Type: text/html\r\n"),), status=404
    ),
    Scenario("odd-status", (counted(PAGE, start=b"HTTP/1.1 999 Go Away\r\nContent-Type: text/html\r\n"),), status=999),
    Scenario("reset", (SHORT,), reset=True, truncated=CUT, error=LOST, wget=False),
    Scenario("length-cut", (SHORT,), close=True, truncated=CUT, error=LOST, wget=False),
    Scenario("chunk-cut", (CUT_CHUNKS,), close=True, truncated=CUT, error=LOST, wget=False),
    Scenario("last-chunk-missing", (chunked(chunks(PAGE)[:-5]),), close=True, truncated=CUT, error=LOST, wget=False),
    Scenario(
        "cut-but-wanted",
        (SHORT,),
        close=True,
        truncated=CUT,
        flags=("dataloss",),
        request={"meta": {"download_fail_on_dataloss": False}},
        wget=False,
    ),
    Scenario("head-cut", (HTML + b"X-Cut: he",), close=True, truncated=CUT, error=FAILED, wget=False),
    Scenario(
        "bad-chunk",
        (chunked(b"5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n"),),
        malformed=True,
        truncated="unspecified",
        error=FAILED,
        wget=False,
    ),
    Scenario(
        "garbage", (b"220 mail.example ESMTP\r\n",), malformed=True, truncated="unspecified", error=FAILED, wget=False
    ),
    Scenario(
        "binary-garbage", (b"\x00\x01\x02\xff" * 8,), malformed=True, truncated="unspecified", error=FAILED, wget=False
    ),
    Scenario("surplus", (counted(PAGE) + b"GARBAGE",), surplus=b"GARBAGE", wget=False),
    Scenario("surplus-response", (counted(PAGE) + counted(b"poison"),), surplus=counted(b"poison"), wget=False),
    Scenario(
        "surplus-after-head",
        (b"HTTP/1.1 304 Not Modified\r\n\r\nBODY",),
        surplus=b"BODY",
        status=304,
        body=b"",
        wget=False,
    ),
    Scenario("dribble", (DRIBBLE,), body=PAGE[:300], script=dribbled, wget=False),
    Scenario("big", (counted(BIG),), body=BIG),
    Scenario("big-chunked", (chunked(chunks(BIG, 100_000)),), body=BIG),
]
