"""A certificate authority that nobody else trusts, and a server that would rather speak HTTP/2."""

import ssl
from pathlib import Path

from crawler.demo.certificates import write_certificates

NAMES = ("localhost", "news.example", "127.0.0.1", "::1")


def make_authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The authority's PEM file, and a server's context with a certificate signed by it."""
    files = write_certificates(folder, NAMES)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.chain_file, files.key_file)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return files.ca_file, context
