"""What a finished transfer is to others: an Exchange to the archive, a Capture and a response to Scrapy's callers."""

from typing import Any

import scrapy
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from crawler.archive.http1 import HttpHead
from crawler.archive.records import target_uri
from crawler.crawl.wire.connection import Peer
from crawler.crawl.wire.outgoing import Outgoing
from crawler.crawl.wire.transfer import Transfer
from crawler.model import Capture, Exchange, WarcRef


def to_exchange(transfer: Transfer, outgoing: Outgoing, peer: Peer, meta: dict[str, Any]) -> Exchange | None:
    """The exchange as it crossed the wire; `None` where no byte came back, or nobody kept them."""
    if transfer.wire is None or not len(transfer.wire):
        return None
    return Exchange(
        url=outgoing.url,
        started_at=transfer.started_at,
        fetch_ms=transfer.fetch_ms,
        request=outgoing.data,
        response=transfer.wire,
        interim=tuple(transfer.interim),
        # behind a proxy the site's address is unknown
        ip_address=None if peer.address is None or outgoing.route.proxied else str(peer.address),
        protocols=_protocols(transfer.head, outgoing, peer),
        cipher_suite=peer.cipher if outgoing.site.tls else None,
        truncated=transfer.truncated,
        malformed=transfer.malformed,
        via=meta.get("via"),
        hops=meta.get("hops"),
        validated=meta.get("validated"),
        resource=meta.get("resource"),
    )


def to_capture(transfer: Transfer, outgoing: Outgoing, ref: WarcRef | None, run_id: str | None) -> Capture | None:
    """The response as the archive will give it back; `None` if it was no HTTP response."""
    head = transfer.head
    if head is None or transfer.malformed is not None:
        return None
    return Capture(
        url=target_uri(outgoing.url),
        captured_at=transfer.started_at,
        status=head.status,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers),
        payload=transfer.payload.getvalue(),
        ref=ref,
        truncated=transfer.truncated,
        run_id=run_id,
    )


def to_response(transfer: Transfer, outgoing: Outgoing, peer: Peer) -> Response:
    """Scrapy's response; raises the transfer's error, or `StopDownload` where a component wants it to fail."""
    if transfer.error is not None:
        raise transfer.error
    head, headers, body = transfer.head, transfer.headers, transfer.payload.getvalue()
    assert head is not None
    if not body:
        headers.pop(b"Content-Encoding", None)  # nothing is encoded; the decoder would take b"" for a broken stream
    response = _response_class(headers, outgoing.url, body)(
        url=outgoing.url,
        status=head.status,
        headers=headers,
        body=body,
        flags=transfer.flags,
        certificate=peer.certificate if outgoing.site.tls else None,
        ip_address=peer.address,
        protocol=head.version,
    )
    if transfer.stop is not None:
        response.flags.append("download_stopped")
        if transfer.stop.fail:
            transfer.stop.response = response
            raise transfer.stop
    return response


def _response_class(headers: Headers, url: str, body: bytes) -> type[Response]:
    """The class by type, name and content; the plain one for encoded bodies.

    A text class would guess a charset from compressed bytes (Scrapy's own handlers do, for URLs that end in .html), at
    the price of a second parse; Scrapy's decoder then chooses the class anew.
    """
    if headers.get(b"Content-Encoding"):
        return Response
    return responsetypes.from_args(headers=headers, url=url, body=body)


def _protocols(head: HttpHead | None, outgoing: Outgoing, peer: Peer) -> tuple[str, ...]:
    http = "http/1.0" if head is not None and not head.at_least_1_1 else "http/1.1"
    return (http, peer.tls) if outgoing.site.tls and peer.tls else (http,)


def note_capture(request: scrapy.Request, capture: Capture | None) -> None:
    """Put `capture` where callbacks and errbacks find it; a retried request loses its last attempt's."""
    request.meta.pop("capture", None)
    if capture is not None:
        request.meta["capture"] = capture
