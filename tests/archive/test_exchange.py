import base64
import gzip
import hashlib
from contextlib import closing
from urllib.parse import unquote_to_bytes

import pytest

from crawler.archive.exchange import Group, Policy, escape_bytes, make_group, redact
from crawler.archive.records import fields_block, header_bytes, target_uri
from crawler.model import Exchange
from crawler.spool import Spool
from tests.archive.exchanges import REQUEST, chunked, counting_ids, exchange, response

BODY = b"<p>The same words, however they are framed." * 40


def group(one: Exchange, policy: Policy | None = None) -> Group:
    return make_group(one, "<urn:uuid:w>", counting_ids(), policy or Policy())


def field(made: Group, record: int, name: str) -> str | None:
    return dict(made.records[record].fields).get(name)


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


class TestDigests:
    """The payload is de-chunked and still content-encoded; the block is all of it."""

    @pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
    @pytest.mark.parametrize("coding", ["identity", "gzip"])
    def test_are_the_same_for_every_chunk_size(self, size: int, coding: str) -> None:
        body = gzip.compress(BODY, mtime=0) if coding == "gzip" else BODY
        headers = (b"Content-Encoding: gzip",) if coding == "gzip" else ()
        framed = response(chunked(body, size), b"Transfer-Encoding: chunked", *headers, length=False)
        made = group(exchange(framed))
        assert field(made, 0, "WARC-Payload-Digest") == sha1(body)
        assert field(made, 0, "WARC-Block-Digest") == sha1(framed)
        assert field(group(exchange(response(body, *headers))), 0, "WARC-Payload-Digest") == sha1(body)

    def test_leave_trailers_and_chunk_extensions_out_of_the_payload(self) -> None:
        framed = response(b"5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n", b"Transfer-Encoding: chunked", length=False)
        assert group(exchange(framed)).payload_digest == sha1(b"hello")

    def test_cover_what_came_of_a_body_that_was_cut(self) -> None:
        cut = response(b"ff\r\nhel", b"Transfer-Encoding: chunked", length=False)
        made = group(exchange(cut, truncated="disconnect"))
        assert made.payload_digest == sha1(b"hel")
        assert field(made, 0, "WARC-Truncated") == "disconnect"

    def test_cover_an_empty_payload_of_a_head_request(self) -> None:
        head = exchange(
            response(b"")[:-1].replace(b"Length: 0", b"Length: 99") + b"\n", request=b"HEAD / HTTP/1.1\r\n\r\n"
        )
        assert group(head).payload_digest == sha1(b"")

    def test_are_lower_case_hex_with_sha256(self) -> None:
        made = group(exchange(response(BODY)), Policy(algorithm="sha256"))
        assert made.payload_digest == "sha256:" + hashlib.sha256(BODY).hexdigest()
        assert all(dict(record.fields)["WARC-Block-Digest"].startswith("sha256:") for record in made.records)

    def test_stand_on_a_request_with_a_body_only(self) -> None:
        assert field(group(exchange()), 1, "WARC-Payload-Digest") is None
        posted = exchange(request=b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na=1")
        assert field(group(posted), 1, "WARC-Payload-Digest") == sha1(b"a=1")

    def test_are_right_for_a_body_on_disk(self) -> None:
        framed = response(chunked(BODY * 50, 3000), b"Transfer-Encoding: chunked", length=False)
        with closing(Spool(framed, limit=1000)) as spool:
            made = group(exchange(response=spool))
        assert made.payload_digest == sha1(BODY * 50)
        assert field(made, 0, "WARC-Block-Digest") == sha1(framed)


class TestMalformedBytes:
    @pytest.mark.parametrize("garbage", [b"", b"\x00\xff\r\n\r\n", b"SSH-2.0-OpenSSH\r\n"])
    def test_are_kept_as_a_resource_with_the_reason(self, garbage: bytes) -> None:
        made = group(exchange(garbage))
        assert field(made, 0, "WARC-Type") == "resource"
        assert field(made, 0, "Content-Type") == "application/octet-stream"
        assert field(made, 0, "WARC-Payload-Digest") == field(made, 0, "WARC-Block-Digest") == sha1(garbage)
        assert made.status == 0
        assert b"malformed: " in bytes(made.records[2].block)  # type: ignore[arg-type]

    def test_are_what_the_wire_calls_so(self) -> None:
        made = group(exchange(malformed="two lengths\r\nInjected: yes"))
        assert field(made, 0, "WARC-Type") == "resource"
        assert b"malformed: two lengths%0D%0AInjected: yes\r\n" in bytes(made.records[2].block)  # type: ignore[arg-type]


class TestInterimResponses:
    def test_are_kept_to_the_byte_outside_of_the_response(self) -> None:
        early = b"HTTP/1.1 103 Early Hints\r\nLink: </100%.css>\r\nX: \xff\x00\r\n\r\n"
        made = group(exchange(interim=(early, early)))
        lines = bytes(made.records[2].block).splitlines()  # type: ignore[arg-type]
        kept = [line.partition(b": ")[2] for line in lines if line.startswith(b"interimResponse: ")]
        assert [unquote_to_bytes(line) for line in kept] == [early, early]

    def test_survive_any_byte(self) -> None:
        assert unquote_to_bytes(escape_bytes(bytes(range(256)))) == bytes(range(256))


class TestRedaction:
    @pytest.mark.parametrize(
        ("line", "kept", "noted"),
        [
            (b"Authorization: Basic YTpi", b"Authorization: REDACTED", ("Authorization",)),
            (b"PROXY-authorization:x", b"PROXY-authorization:REDACTED", ("PROXY-authorization",)),
            (b"Authorization: a\r\n b\r\n\tc", b"Authorization: REDACTED", ("Authorization",)),
            (b"Cookie: a=1; sid=secret; b=2", b"Cookie: a=1; sid=REDACTED; b=2", ("Cookie sid",)),
            (b"Cookie: sid=secret", b"Cookie: sid=REDACTED", ("Cookie sid",)),
            (b"Cookie: nosid=1", b"Cookie: nosid=1", ()),
            (b"X-Authorization: a", b"X-Authorization: a", ()),
        ],
    )
    def test_replaces_values_and_tells_which(self, line: bytes, kept: bytes, noted: tuple[str, ...]) -> None:
        body = b"Authorization: in the body; sid=stays"
        request = b"GET / HTTP/1.1\r\nHost: a\r\n%s\r\nAccept: */*\r\n\r\n" % line + body
        assert redact(request, ("sid",)) == (request.replace(line, kept), noted)

    def test_keeps_length_and_digest_consistent(self) -> None:
        made = group(exchange(request=b"GET / HTTP/1.1\r\nAuthorization: Basic YTpi\r\n\r\n"))
        block = made.records[1].block
        assert isinstance(block, bytes)
        assert b"YTpi" not in block
        assert field(made, 1, "Content-Length") == str(len(block))
        assert field(made, 1, "WARC-Block-Digest") == sha1(block)
        assert b"redacted: Authorization\r\n" in bytes(made.records[2].block)  # type: ignore[arg-type]

    def test_leaves_other_requests_as_they_were_sent(self) -> None:
        assert group(exchange()).records[1].block == REQUEST


class TestHeaders:
    @pytest.mark.parametrize(
        ("url", "kept"),
        [
            ("https://a.example/x y", "https://a.example/x%20y"),
            ("https://a.example/\r\nWARC-Type: warcinfo", "https://a.example/%0D%0AWARC-Type:%20warcinfo"),
            ("https://a.example/ä", "https://a.example/%C3%A4"),
            ("https://a.example/%C3%A4?a=%20", "https://a.example/%C3%A4?a=%20"),
            ("https://me:secret@a.example/p@q", "https://a.example/p@q"),
            ("https://a.example/?m=me@b.example#part", "https://a.example/?m=me@b.example"),
            ("https://a.example/\udcff", "https://a.example/%ED%B3%BF"),
        ],
    )
    def test_hold_a_url_that_is_printable_ascii(self, url: str, kept: str) -> None:
        assert target_uri(url) == kept

    def test_cannot_be_injected_by_any_value(self) -> None:
        evil = "a\r\nWARC-Type: warcinfo\n\x00\x7f"
        one = exchange(
            url=f"https://a/{evil}", ip_address=evil, protocols=(evil,), cipher_suite=evil, via=evil, hops=evil
        )
        for record in group(one).records:
            head = header_bytes(record.fields)
            assert head.count(b"\r\n") == head.count(b"\n") == len(record.fields) + 2
            assert head.count(b"\r\nWARC-Type: ") == 1
        metadata = bytes(group(one).records[2].block)  # type: ignore[arg-type]
        assert metadata.count(b"\n") == metadata.count(b"\r\n") == 3

    def test_take_any_character(self) -> None:
        assert header_bytes((("a", "é\ud800"),)) == "WARC/1.1\r\na: é?\r\n\r\n".encode()
        assert fields_block((("a", "é\ud800"),)) == "a: é?\r\n".encode()
