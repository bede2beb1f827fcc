"""TLS follows Scrapy's settings, and is named as WARC names it."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.crawl.wire.tls import cipher_suite, client_context, protocol_token
from crawler.errors import UsageError


@pytest.mark.parametrize(
    ("openssl", "iana"),
    [
        ("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("DHE-RSA-AES256-GCM-SHA384", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
        ("ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
        ("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
        ("AES128-SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256"),
        ("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
        ("ODD-CIPHER", "ODD-CIPHER"),
    ],
)
def test_ciphers_are_named_as_iana_does(openssl: str, iana: str) -> None:
    assert cipher_suite(openssl) == iana


@pytest.mark.parametrize(("version", "token"), [("TLSv1.3", "tls/1.3"), ("TLSv1.2", "tls/1.2"), ("TLSv1", "tls/1.0")])
def test_versions_are_named_as_warc_does(version: str, token: str) -> None:
    assert protocol_token(version) == token


def context(**settings: Any) -> ssl.SSLContext:
    return client_context(Settings({"DOWNLOAD_VERIFY_CERTIFICATES": True, **settings}))


def test_certificates_are_checked_unless_told_otherwise() -> None:
    assert (context().verify_mode, context().check_hostname) == (ssl.CERT_REQUIRED, True)
    lax = context(DOWNLOAD_VERIFY_CERTIFICATES=False)
    assert (lax.verify_mode, lax.check_hostname) == (ssl.CERT_NONE, False)


def test_versions_and_ciphers_can_be_limited() -> None:
    chosen = context(
        DOWNLOAD_TLS_MIN_VERSION="TLSv1.2",
        DOWNLOAD_TLS_MAX_VERSION="TLSv1.2",
        DOWNLOADER_CLIENT_TLS_CIPHERS="ECDHE-RSA-AES128-GCM-SHA256",
    )
    assert (chosen.minimum_version, chosen.maximum_version) == (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    assert "ECDHE-RSA-AES128-GCM-SHA256" in {cipher["name"] for cipher in chosen.get_ciphers()}


def test_bad_values_are_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^DOWNLOAD_TLS_MIN_VERSION=TLSv9: give one of TLSv1.0, "):
        context(DOWNLOAD_TLS_MIN_VERSION="TLSv9")
    empty = tmp_path / "empty.pem"
    empty.touch()
    for file in (empty, tmp_path / "none.pem"):
        with pytest.raises(UsageError, match=f"^NEWSWARC_CA_FILE={file}: no PEM certificates"):
            context(NEWSWARC_CA_FILE=str(file))
    with pytest.raises(UsageError, match=r"^DOWNLOADER_CLIENT_TLS_CIPHERS=NONSENSE: "):
        context(DOWNLOADER_CLIENT_TLS_CIPHERS="NONSENSE")
