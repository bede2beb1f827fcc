"""Hosts come apart as the public suffix list says, without a network."""

import pytest

from crawler.corpus.hosts import HostParts, host_parts


@pytest.mark.parametrize(
    ("host", "registered", "registry_suffix", "private", "private_suffix"),
    [
        ("www.bbc.co.uk", "bbc.co.uk", "co.uk", "bbc.co.uk", "co.uk"),
        ("a.b.blogspot.com", "blogspot.com", "com", "b.blogspot.com", "blogspot.com"),
        ("example.com", "example.com", "com", "example.com", "com"),
        ("com", None, "com", None, "com"),
        ("localhost", None, None, None, None),
        ("news.example", None, None, None, None),
    ],
)
def test_tells_whose_a_host_is(
    host: str, registered: str | None, registry_suffix: str | None, private: str | None, private_suffix: str | None
) -> None:
    parts = host_parts(host)
    assert (parts.registered_domain, parts.registry_suffix) == (registered, registry_suffix)
    assert (parts.private_domain, parts.private_suffix) == (private, private_suffix)
    assert ".".join(reversed(parts.labels)) == host


@pytest.mark.parametrize("host", ["", "192.0.2.1", "2001:db8::1", "[2001:db8::1]"])
def test_takes_no_address_apart(host: str) -> None:
    assert host_parts(host) == HostParts()
