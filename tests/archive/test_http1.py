"""One table of messages, read twice: as they arrive on a connection, and as the block of a WARC record."""

import itertools
import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive.http1 import (
    Body,
    End,
    Event,
    Head,
    HttpHead,
    Incomplete,
    Interim,
    ResponseParser,
    parse_request_line,
    parse_response,
)
from crawler.errors import MalformedMessageError

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"


@dataclass(frozen=True)
class Message:
    name: str
    wire: bytes
    payload: bytes = b""
    method: str = "GET"
    surplus: bytes = b""
    #: How it ends: by itself, by the close, or not at all.
    ends: str = "itself"
    interim: int = 0
    reusable: bool = True
    status: int = 200


MESSAGES = [
    Message("length", OK + b"Content-Length: 5\r\n\r\nhello", b"hello"),
    Message("bare line feeds", b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", b"hello"),
    Message("mixed line ends", b"HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello", b"hello"),
    Message("empty lines first", b"\r\n\n" + OK + b"Content-Length: 1\r\n\r\nx", b"x"),
    Message("no reason", b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("glued reason", b"HTTP/1.1 200OK\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("lower-case protocol", b"http/1.1 200 ok\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("no version", b"HTTP 200 OK\r\n\r\nx", b"x", ends="close", reusable=False),
    Message("icy", b"ICY 200 OK\r\nicy-name: x\r\n\r\nstream", b"stream", ends="close", reusable=False),
    Message("no colon", OK + b"nonsense\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("no name", OK + b": value\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("space before colon", OK + b"Content-Length : 1\r\n\r\nx", b"x"),
    Message("folded", OK + b"X: a\r\n\tb\r\nContent-Length:\r\n 1\r\n\r\nx", b"x"),
    Message("folded first line", OK + b" X: a\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("fold of white space", OK + b"X: a\r\n \t\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("40 KB line", OK + b"X: " + b"y" * 40_000 + b"\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("same length twice", OK + b"Content-Length: 1\r\ncontent-length: 1\r\n\r\nx", b"x"),
    Message("list of one length", OK + b"Content-Length: 1, 1\r\n\r\nx", b"x"),
    Message("length that is none", OK + b"Content-Length: -1\r\n\r\nxy", b"xy", ends="close", reusable=False),
    Message("empty length", OK + b"Content-Length:\r\n\r\nxy", b"xy", ends="close", reusable=False),
    Message("close", OK + b"\r\nall of it", b"all of it", ends="close", reusable=False),
    Message("close of 1.0", b"HTTP/1.0 200 OK\r\n\r\nall", b"all", ends="close", reusable=False),
    Message("1.0", b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", b"x", reusable=False),
    Message("1.0 kept", b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("closing", OK + b"Connection: x, Close\r\nContent-Length: 1\r\n\r\nx", b"x", reusable=False),
    Message("chunks", CHUNKED + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world"),
    Message("chunks in upper case", CHUNKED + b"0A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
    Message("chunk extensions", CHUNKED + b"5;a=b;c\r\nhello\r\n0 ; x\r\n\r\n", b"hello"),
    Message("chunk size in spaces", CHUNKED + b" 5  \r\nhello\r\n0\r\n\r\n", b"hello"),
    Message("chunks, bare line feeds", CHUNKED + b"5\nhello\n0\n\n", b"hello"),
    Message("trailers", CHUNKED + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n", b"hello"),
    Message(
        "chunks and length", OK + b"Content-Length: 3\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", b"x"
    ),
    Message("gzip, chunked", OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", b"x"),
    Message("two codings", OK + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b""),
    Message("gzip alone", OK + b"Transfer-Encoding: gzip\r\n\r\nzz", b"zz", ends="close", reusable=False),
    Message("identity", OK + b"Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", b"x"),
    Message("chunks of 1.0", CHUNKED.replace(b"1.1", b"1.0") + b"1\r\nx\r\n0\r\n\r\n", b"x", reusable=False),
    Message("head request", OK + b"Content-Length: 9\r\n\r\n", method="HEAD"),
    Message("head request, chunks", CHUNKED, method="HEAD"),
    Message("204", b"HTTP/1.1 204 No Content\r\n\r\n", status=204),
    Message("304", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", status=304),
    Message("101", b"HTTP/1.1 101 Switching\r\n\r\n", status=101, reusable=False),
    Message("tunnel", b"HTTP/1.1 200 Connection established\r\n\r\n", method="CONNECT"),
    Message("tunnel refused", b"HTTP/1.1 407 Auth\r\nContent-Length: 1\r\n\r\nx", b"x", method="CONNECT", status=407),
    Message("early hints", EARLY + OK + b"Content-Length: 1\r\n\r\nx", b"x", interim=1),
    Message("100 and 103", b"HTTP/1.1 100 \r\n\r\n" + EARLY + OK + b"Content-Length: 1\r\n\r\nx", b"x", interim=2),
    Message("length cut", OK + b"Content-Length: 5\r\n\r\nhel", b"hel", ends="cut", reusable=False),
    Message("chunk cut", CHUNKED + b"5\r\nhel", b"hel", ends="cut", reusable=False),
    Message("size cut", CHUNKED + b"5\r\nhello\r\n1", b"hello", ends="cut", reusable=False),
    Message("trailer cut", CHUNKED + b"5\r\nhello\r\n0\r\nX: 1\r\n", b"hello", ends="cut", reusable=False),
]
SURPLUS = [
    Message("past the length", OK + b"Content-Length: 2\r\n\r\nhi", b"hi", surplus=b"MORE"),
    Message("past the chunks", CHUNKED + b"1\r\nx\r\n0\r\n\r\n", b"x", surplus=OK + b"\r\n"),
    Message("past the trailers", CHUNKED + b"0\r\nA: b\r\n\r\n", b"", surplus=b"\r\n"),
    Message("past a 304", b"HTTP/1.1 304 x\r\n\r\n", surplus=b"body", status=304),
]
MALFORMED = [
    b"220 mail.example ESMTP\r\n",
    b"<html>",
    b"HTTP/1.1\r\n\r\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n",
    b"HTTP/1.1 099 OK\r\n\r\n",
    b"HTTQ/1.1 200 OK\r\n\r\n",
    b"\x16\x03\x01",
    OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    CHUNKED + b"zz\r\n",
    CHUNKED + b"\r\n",
    CHUNKED + b"-1\r\n",
    CHUNKED + b"11111111111111111\r\n",
    CHUNKED + b"2\r\nhello\r\n0\r\n\r\n",
    OK + b"X: " + b"y" * 2**20 + b"\r\n",
    CHUNKED + b"1;" + b"y" * 2**20 + b"\r\n",
    CHUNKED + b"0\r\n" + b"A: 123456\r\n" * 2**17,
    EARLY * 30_000,
    b"\r\n" * 100,
]
names = pytest.mark.parametrize("message", MESSAGES + SURPLUS, ids=lambda message: message.name)


@dataclass
class Reading:
    """All that a parser told about one message."""

    events: list[Event]
    wire: bytes
    parser: ResponseParser

    def all(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def payload(self) -> bytes:
        return b"".join(event.data for event in self.events if isinstance(event, Body))


def read(message: Message, *cuts: int) -> Reading:
    data = message.wire + message.surplus
    parser = ResponseParser(message.method)
    events: list[Event] = []
    wire = b""
    edges = [0, *sorted(cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        events += parser.feed(data[start:end])
        wire += parser.wire
    return Reading(events, wire, parser)


@names
def test_the_payload_is_decoded_as_it_arrives(message: Message) -> None:
    reading = read(message)
    assert reading.payload == message.payload
    assert len(reading.all(Interim)) == message.interim
    (head,) = reading.all(Head)
    assert isinstance(head, Head)
    assert head.head.status == message.status


@names
def test_the_message_ends_where_it_ends(message: Message) -> None:
    reading = read(message)
    assert bool(reading.all(End)) == (message.ends == "itself")
    assert reading.parser.surplus == message.surplus
    assert reading.parser.reusable == (message.reusable and not message.surplus)
    interim = b"".join(event.raw for event in reading.events if isinstance(event, Interim))
    assert interim + reading.wire == message.wire


@names
def test_a_close_ends_what_has_no_other_end(message: Message) -> None:
    parser = read(message).parser
    last = parser.eof()
    kinds = {"itself": [], "close": [End], "cut": [Incomplete]}[message.ends]
    assert [type(event) for event in last] == kinds
    assert all(not event.delimited for event in last if isinstance(event, End))
    assert parser.eof() == (last if message.ends == "cut" else [])


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_a_stored_block_gives_the_same_payload(message: Message) -> None:
    head, payload = parse_response([message.wire], method=message.method)
    assert b"".join(payload) == message.payload
    assert head == read(message).parser.head


@given(st.data())
def test_no_split_of_the_bytes_changes_what_is_read(data: st.DataObject) -> None:
    message = data.draw(st.sampled_from(MESSAGES + SURPLUS))
    total = len(message.wire + message.surplus)
    cuts = data.draw(st.lists(st.integers(0, total), max_size=12))
    whole, split = read(message), read(message, *cuts)
    assert split.payload == whole.payload
    assert [each for each in split.events if not isinstance(each, Body)] == [
        each for each in whole.events if not isinstance(each, Body)
    ]
    assert (split.wire, split.parser.surplus) == (whole.wire, whole.parser.surplus)
    pieces = [message.wire[start:end] for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), total], strict=True)]
    assert b"".join(parse_response(pieces, method=message.method)[1]) == message.payload


@pytest.mark.parametrize("message", [each for each in MESSAGES if len(each.wire) < 1000], ids=lambda each: each.name)
def test_one_byte_at_a_time_reads_the_same(message: Message) -> None:
    reading = read(message, *range(1, len(message.wire)))
    assert reading.payload == message.payload
    assert reading.wire == read(message).wire


@pytest.mark.parametrize("data", MALFORMED, ids=lambda data: repr(data[:60]))
def test_what_is_no_http_is_refused(data: bytes) -> None:
    parser = ResponseParser("GET")
    with pytest.raises(MalformedMessageError):
        parser.feed(data)
    assert parser.wire or parser.unparsed


@pytest.mark.parametrize("data", [b"22", b"HTTP/1.1 2x0 \r\n\r\n", b"HTTQ"])
def test_garbage_is_known_by_its_first_bytes(data: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        ResponseParser("GET").feed(data)


SNIPPETS = [
    b"HTTP/1.1 200 OK",
    b"\r\n",
    b"\n",
    b"Transfer-Encoding: chunked",
    b"Content-Length: 3",
    b"5\r\n",
    b"0\r\n\r\n",
]
anything = st.lists(st.one_of(st.sampled_from(SNIPPETS), st.binary(max_size=20))).map(b"".join)


@given(st.lists(anything, max_size=6), st.sampled_from(["GET", "HEAD", "CONNECT"]))
def test_no_bytes_crash_the_parser(pieces: list[bytes], method: str) -> None:
    parser = ResponseParser(method)
    taken = b""
    try:
        for piece in pieces:
            for event in parser.feed(piece):
                taken += event.raw if isinstance(event, Interim) else b""
            taken += parser.wire
        parser.eof()
    except MalformedMessageError:
        return
    assert taken + parser.unparsed + parser.surplus == b"".join(pieces)


@given(st.lists(anything, max_size=6))
def test_no_bytes_crash_the_reading_of_a_block(pieces: list[bytes]) -> None:
    try:
        _, payload = parse_response(pieces)
        assert sum(map(len, payload)) <= sum(map(len, pieces))
    except MalformedMessageError:
        pass


@given(st.binary(max_size=3000), st.lists(st.integers(1, 700), min_size=1, max_size=9))
def test_chunks_of_any_size_give_back_the_body(body: bytes, sizes: list[int]) -> None:
    wire, at = CHUNKED, 0
    while at < len(body):
        piece = body[at : at + sizes[at % len(sizes)]]
        wire += b"%x\r\n%b\r\n" % (len(piece), piece)
        at += len(piece)
    assert read(Message("chunks", wire + b"0\r\n\r\n")).payload == body


def head_of(*lines: bytes) -> HttpHead:
    return parse_response([b"\r\n".join((b"HTTP/1.1 200 All  good ", *lines, b"", b""))])[0]


def test_headers_keep_order_case_and_repeats() -> None:
    head = head_of(b"x-B: 1", b"SERVER:  nginx ", b"X-b: 2", b"Empty:", b"caf\xe9: \xff")
    assert head.headers == (
        (b"x-B", b"1"),
        (b"SERVER", b"nginx"),
        (b"X-b", b"2"),
        (b"Empty", b""),
        (b"caf\xe9", b"\xff"),
    )
    assert (head.version, head.reason) == ("HTTP/1.1", b"All  good")
    assert head.values(b"x-b") == [b"1", b"2"]


def test_a_fold_belongs_to_the_line_before_it_even_if_that_is_skipped() -> None:
    assert head_of(b"A: 1", b"nonsense", b"\tof two lines", b"B: 2", b"  3").headers == ((b"A", b"1"), (b"B", b"2 3"))


def test_trailers_are_told_at_the_end() -> None:
    (end,) = read(Message("x", CHUNKED + b"0\r\nX-Sum: 1\r\n two\r\n\r\n")).all(End)
    assert end == End(((b"X-Sum", b"1 two"),))


@pytest.mark.parametrize(
    ("block", "payload"),
    [
        (CHUNKED + b"<html>not chunks</html>", b"<html>not chunks</html>"),
        (CHUNKED + b"<p>\nline two", b"<p>\nline two"),
        (CHUNKED + b"5\r\nhello\r\nzz\r\nlost", b"hello"),
        (CHUNKED + b"1a", b""),
        (CHUNKED, b""),
        (OK + b"Content-Length: 2\r\n\r\nlonger than told", b"longer than told"),
        (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nboth", b"both"),
        (OK + b"X: cut", b""),
        (b"HTTP/1.1 200", b""),
        (EARLY, b""),
        (EARLY + OK + b"X: 1\r\n", b""),
    ],
)
def test_a_block_gives_what_is_there(block: bytes, payload: bytes) -> None:
    assert b"".join(parse_response([block])[1]) == payload
    pieces = [block[at : at + 1] for at in range(len(block))]
    assert b"".join(parse_response(pieces)[1]) == payload


@pytest.mark.parametrize("block", [b"", b"\r\n", b"<html>", EARLY + b"garbage"])
def test_a_block_without_a_status_line_is_refused(block: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        parse_response([block])


def test_a_request_line_tells_method_and_target() -> None:
    assert parse_request_line(b"POST /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nbody") == ("POST", "/a?b=c")
    assert parse_request_line(b"GET http://x/\xff HTTP/1.1\n\n") == ("GET", "http://x/\xff")
    with pytest.raises(MalformedMessageError):
        parse_request_line(b"GET\r\n\r\n")


@pytest.mark.parametrize(
    "wire",
    [
        OK + b"X: 1\r\n" + b" f\r\n" * 250_000 + b"\r\n",
        OK + b"A\r\n" * 300_000 + b"\r\n",
        CHUNKED + b"1;" + b"x" * 900_000,
    ],
    ids=["folds", "short lines", "endless extension"],
)
def test_hostile_heads_cost_time_in_proportion(wire: bytes) -> None:
    begun = time.process_time()
    for step in (len(wire), 1000):
        parser = ResponseParser("GET")
        for at in range(0, len(wire), step):
            parser.feed(wire[at : at + step])
    assert time.process_time() - begun < 5  # quadratic reading takes minutes


def test_a_large_body_is_passed_on_in_large_slices() -> None:
    piece = bytes(2**20)
    parser = ResponseParser("GET")
    parser.feed(CHUNKED + b"%x\r\n" % (64 * 2**20))
    begun = time.process_time()
    events = [event for _ in range(64) for event in parser.feed(piece)]
    assert all(isinstance(event, Body) and event.data is piece for event in events)
    assert time.process_time() - begun < 1
