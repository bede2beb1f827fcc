"""The TLS that is offered to sites: HTTP/1.1 alone, certificates checked unless the settings say otherwise."""

import logging
import re
import ssl

from scrapy.settings import BaseSettings

from crawler.errors import UsageError

logger = logging.getLogger(__name__)

_VERSIONS = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_LEGACY_SERVER_CONNECT = 0x4  # OpenSSL 3 refuses servers without RFC 5746; browsers and Scrapy take them
_OPENSSL_NAME = re.compile(r"(?:(ECDHE|DHE)-(RSA|ECDSA)-)?(AES(?:128|256)(?:-GCM)?|CHACHA20-POLY1305)(?:-SHA(\d*))?")


def client_context(settings: BaseSettings) -> ssl.SSLContext:
    """The context that Scrapy's TLS settings and NEWSWARC_CA_FILE ask for; raises `UsageError` for a bad value."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])  # HTTP/2 frames of several exchanges interleave: no bytes of one exchange
    context.options |= _LEGACY_SERVER_CONNECT
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # from Python 3.13 on; browsers take the chains it refuses
    if not settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if minimum := _version(settings, "DOWNLOAD_TLS_MIN_VERSION"):
        context.minimum_version = minimum
    if maximum := _version(settings, "DOWNLOAD_TLS_MAX_VERSION"):
        context.maximum_version = maximum
    if ciphers := settings.get("DOWNLOADER_CLIENT_TLS_CIPHERS"):
        _choose(context, ciphers)
    if ca_file := settings.get("NEWSWARC_CA_FILE"):
        _trust(context, ca_file)
    return context


def protocol_token(version: str) -> str:
    """`TLSv1.3` as WARC-Protocol spells it: `tls/1.3`."""
    number = version.removeprefix("TLSv")
    return f"tls/{number if '.' in number else number + '.0'}"


def cipher_suite(name: str) -> str:
    """OpenSSL's name of a cipher suite as the IANA registry spells it; unknown ones stay as they are."""
    match = _OPENSSL_NAME.fullmatch(name)
    if match is None:
        return name
    exchange, authentication, cipher, digest = match.groups()
    head = f"{exchange}_{authentication}" if exchange else "RSA"
    body = cipher.replace("AES", "AES_").replace("-", "_") + ("" if "-" in cipher else "_CBC")
    return f"TLS_{head}_WITH_{body}_SHA{digest or ('256' if digest is None else '')}"


def _version(settings: BaseSettings, name: str) -> ssl.TLSVersion | None:
    value = settings.get(name)
    if value is not None and value not in _VERSIONS:
        raise UsageError(f"{name}={value}: give one of {', '.join(_VERSIONS)}")
    return _VERSIONS.get(value)


def _trust(context: ssl.SSLContext, ca_file: str) -> None:
    try:
        context.load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"NEWSWARC_CA_FILE={ca_file}: no PEM certificates can be read from it ({error})") from error


def _choose(context: ssl.SSLContext, ciphers: str) -> None:
    try:
        context.set_ciphers(ciphers)
    except ssl.SSLError as error:
        raise UsageError(f"DOWNLOADER_CLIENT_TLS_CIPHERS={ciphers}: OpenSSL knows none of these") from error
