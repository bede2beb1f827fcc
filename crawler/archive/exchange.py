"""An exchange as a group of records: its response, its request, and a metadata record that completes the group.

Where the payload is stored already, a revisit record stands in for the response: it holds the head as received, and
names the response that has the body.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from crawler.archive.digests import DEFAULT_ALGORITHM, Algorithm, Digester, digest_of
from crawler.archive.entries import NO_STATUS
from crawler.archive.http1 import parse_response
from crawler.archive.records import (
    HTTP_REQUEST,
    HTTP_RESPONSE,
    WARC_FIELDS,
    Block,
    Fields,
    block_pieces,
    fields_block,
    target_uri,
    warc_date,
)
from crawler.errors import MalformedMessageError
from crawler.model import Exchange, Original

REDACTED = b"REDACTED"
OCTETS = "application/octet-stream"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
MIN_REVISIT_PAYLOAD = 512  # bytes: the fields by which a revisit names its original take the room of less

_VALUE = rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*"  # a folded value ends where its last line does
_CREDENTIALS = re.compile(rb"(?im)^((?:proxy-)?authorization)[ \t]*:[ \t]*(" + _VALUE + rb")")
_COOKIES = re.compile(rb"(?im)^cookie[ \t]*:" + _VALUE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Policy:
    """How exchanges are written, the same for a whole run."""

    algorithm: Algorithm = DEFAULT_ALGORITHM
    #: Names of cookies whose values are credentials.
    secret_cookies: Collection[str] = ()


#: Gives a capture of this URL, with this payload digest, the durable response that it may refer to. The third argument
#: is whether it came in chunks: pywb decodes an original by the revisit's head, so one in chunks needs such a head.
FindOriginal = Callable[[str, str, bool], Original | None]


@dataclass(frozen=True, slots=True)
class OutRecord:
    """A record to be written."""

    fields: Fields
    block: Block


@dataclass(frozen=True, slots=True)
class Group:
    """The records of one exchange, response first; complete once its last, the metadata record, is."""

    records: tuple[OutRecord, ...]
    record_id: str
    #: Over the de-chunked, still content-encoded body; over all bytes where they are no HTTP message.
    payload_digest: str
    #: `NO_STATUS` and no headers where the bytes are no HTTP message.
    status: int
    headers: tuple[tuple[str, str], ...]
    #: The record id of the original, if the group is a revisit; `payload_digest` is the original's then.
    refers_to: str | None = None


def nothing_known(_url: str, _digest: str, _chunked: bool) -> None:
    """The `FindOriginal` of a writer that stores every payload."""


def make_group(
    exchange: Exchange,
    warcinfo_id: str,
    new_id: Callable[[], str],
    policy: Policy,
    find_original: FindOriginal = nothing_known,
) -> Group:
    """The records of `exchange`; `new_id` gives one `<urn:uuid:...>` after the other."""
    read = _read_response(exchange, policy.algorithm)
    original = _original_of(exchange, read, find_original)
    record_id = new_id()
    common = _common_fields(exchange, warcinfo_id)
    wire = (*common, *_wire_fields(exchange))
    request, redacted = redact(exchange.request, policy.secret_cookies)
    if original is None:
        response = _response_record(exchange, record_id, wire, read)
    else:
        response = _revisit_record((record_id, original), wire, read, policy.algorithm)
    asked = _request_record(request, (new_id(), record_id), wire, policy.algorithm)
    told = _metadata_record(exchange, (new_id(), record_id), common, (read.malformed, redacted, policy.algorithm))
    digest, refers_to = _payload_of(read, original)
    return Group((response, asked, told), record_id, digest, read.status, read.headers, refers_to)


def _original_of(exchange: Exchange, read: "_Reading", find_original: FindOriginal) -> Original | None:
    if read.status == 304:
        return exchange.validated
    if read.status != 200 or exchange.truncated or read.payload_bytes < MIN_REVISIT_PAYLOAD:
        return None
    framing = [value.strip().lower() for name, value in read.headers if name.lower() == "transfer-encoding"]
    return find_original(exchange.url, read.payload_digest, framing == ["chunked"])


def _payload_of(read: "_Reading", original: Original | None) -> tuple[str, str | None]:
    """The digest of the payload, and who has it if the record itself has not."""
    if original is None:
        return read.payload_digest, None
    return original.ref.payload_digest or read.payload_digest, original.ref.record_id


@dataclass(frozen=True, slots=True)
class _Reading:
    status: int
    headers: tuple[tuple[str, str], ...]
    block_digest: str
    payload_digest: str
    malformed: str | None
    #: Status line and headers as received.
    head: bytes = b""
    payload_bytes: int = 0


def _read_response(exchange: Exchange, algorithm: Algorithm) -> _Reading:
    """Both digests and the head, in one pass over the response."""
    if exchange.malformed is not None:
        return _octets(exchange, algorithm, exchange.malformed)
    block, payload = Digester(algorithm), Digester(algorithm)
    pieces = _tee(exchange, block)
    size = 0
    try:
        head, body = parse_response(pieces)
        for piece in body:
            payload.feed(piece)
            size += len(piece)
    except MalformedMessageError as error:
        return _octets(exchange, algorithm, str(error))
    for _ in pieces:
        pass  # the block digest covers what the parser had no need to look at
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers)
    return _Reading(head.status, headers, block.label(), payload.label(), None, head.raw, size)


def _octets(exchange: Exchange, algorithm: Algorithm, why: str) -> _Reading:
    digest = digest_of(block_pieces(exchange.response), algorithm)
    return _Reading(NO_STATUS, (), digest, digest, why)


def _tee(exchange: Exchange, digester: Digester) -> Iterator[bytes]:
    for piece in block_pieces(exchange.response):
        digester.feed(piece)
        yield piece


def redact(request: bytes, secret_cookies: Collection[str] = ()) -> tuple[bytes, tuple[str, ...]]:
    """The request without its credentials, and what was replaced: header names, and `Cookie NAME`."""
    end = _HEAD_END.search(request)
    cut = end.end() if end else len(request)
    found: list[str] = []

    def replace(match: re.Match[bytes]) -> bytes:
        found.append(match[1].decode("latin-1"))
        return match[0][: match.start(2) - match.start()] + REDACTED

    head = _CREDENTIALS.sub(replace, request[:cut])
    for name in secret_cookies:
        head, count = _redact_cookie(head, name)
        found += [f"Cookie {name}"] * bool(count)
    return head + request[cut:], tuple(found)


def _redact_cookie(head: bytes, name: str) -> tuple[bytes, int]:
    pair = re.compile(rb"([:;][ \t\r\n]*" + re.escape(name.encode("latin-1", "replace")) + rb"[ \t]*=)[^;\r\n]*")
    total = 0

    def replace(match: re.Match[bytes]) -> bytes:
        nonlocal total
        line, count = pair.subn(rb"\1" + REDACTED, match[0])
        total += count
        return line

    return _COOKIES.sub(replace, head), total


def _common_fields(exchange: Exchange, warcinfo_id: str) -> Fields:
    return (
        ("WARC-Warcinfo-ID", warcinfo_id),
        ("WARC-Target-URI", target_uri(exchange.url)),
        ("WARC-Date", warc_date(exchange.started_at)),
    )


def _wire_fields(exchange: Exchange) -> Fields:
    fields = [("WARC-IP-Address", exchange.ip_address)] if exchange.ip_address else []
    fields += [("WARC-Protocol", protocol) for protocol in exchange.protocols]
    fields += [("WARC-Cipher-Suite", exchange.cipher_suite)] if exchange.cipher_suite else []
    # As Browsertrix has it: a reader of the response alone must know that it is no page.
    fields += [("WARC-Resource-Type", exchange.resource)] if exchange.resource else []
    return tuple(fields)


def _response_record(exchange: Exchange, record_id: str, fields: Fields, read: _Reading) -> OutRecord:
    whole = read.malformed is None
    kind, content_type = ("response", HTTP_RESPONSE) if whole else ("resource", OCTETS)
    cut = (("WARC-Truncated", exchange.truncated),) if exchange.truncated else ()
    digests = (("WARC-Payload-Digest", read.payload_digest),)
    head = (("WARC-Type", kind), ("WARC-Record-ID", record_id), *fields, *cut, *digests)
    return _finished(head, content_type, read.block_digest, exchange.response)


def _revisit_record(ids: tuple[str, Original], fields: Fields, read: _Reading, algorithm: Algorithm) -> OutRecord:
    record_id, original = ids
    # A 304 is all there was to receive; of a payload that came again, the body is cut off, and WARC/1.1 wants it said.
    not_modified = read.status == 304
    cut = () if not_modified else (("WARC-Truncated", "length"),)
    head = (
        ("WARC-Type", "revisit"),
        ("WARC-Record-ID", record_id),
        *fields,
        ("WARC-Profile", NOT_MODIFIED if not_modified else IDENTICAL),
        ("WARC-Refers-To", original.ref.record_id),
        ("WARC-Refers-To-Target-URI", target_uri(original.url)),
        ("WARC-Refers-To-Date", warc_date(original.captured_at)),
        *cut,
        ("WARC-Payload-Digest", _payload_of(read, original)[0]),
    )
    return _finished(head, HTTP_RESPONSE, digest_of((read.head,), algorithm), read.head)


def _request_record(request: bytes, ids: tuple[str, str], fields: Fields, algorithm: Algorithm) -> OutRecord:
    head = (("WARC-Type", "request"), ("WARC-Record-ID", ids[0]), *fields, ("WARC-Concurrent-To", ids[1]))
    end = _HEAD_END.search(request)
    body = request[end.end() :] if end else b""
    payload = (("WARC-Payload-Digest", digest_of((body,), algorithm)),) if body else ()
    return _finished((*head, *payload), HTTP_REQUEST, digest_of((request,), algorithm), request)


def _metadata_record(
    exchange: Exchange,
    ids: tuple[str, str],
    fields: Fields,
    facts: tuple[str | None, tuple[str, ...], Algorithm],
) -> OutRecord:
    malformed, redacted, algorithm = facts
    told = [("via", target_uri(exchange.via))] if exchange.via else []
    told += [("hopsFromSeed", exchange.hops)] if exchange.hops else []
    told.append(("fetchTimeMs", str(exchange.fetch_ms)))
    told += [("interimResponse", escape_bytes(interim)) for interim in exchange.interim]
    told += [("malformed", malformed)] if malformed is not None else []
    told += [("redacted", name) for name in redacted]
    block = fields_block(tuple(told))
    head = (("WARC-Type", "metadata"), ("WARC-Record-ID", ids[0]), *fields, ("WARC-Concurrent-To", ids[1]))
    return _finished(head, WARC_FIELDS, digest_of((block,), algorithm), block)


def escape_bytes(data: bytes) -> str:
    """Bytes as one line of printable ASCII; `urllib.parse.unquote_to_bytes` gives them back exactly."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F and byte != 0x25 else f"%{byte:02X}" for byte in data)


def _finished(head: Fields, content_type: str, block_digest: str, block: Block) -> OutRecord:
    tail = (("WARC-Block-Digest", block_digest), ("Content-Type", content_type), ("Content-Length", str(len(block))))
    return OutRecord((*head, *tail), block)
