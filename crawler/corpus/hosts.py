"""A host name taken apart: its labels, and where the registry's part of it ends."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from tldextract import TLDExtract

# The list that comes with the library: no network, no cache on disk, the same answer on every machine.
_EXTRACT = TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


@dataclass(frozen=True, slots=True)
class HostParts:
    """What the public suffix list says of a host; `None` where there is no such part, as in an IP address."""

    #: The labels from the last to the first; empty for an IP address.
    labels: tuple[str, ...] = ()
    #: `co.uk`; whose names a registry gives out.
    registry_suffix: str | None = None
    registered_domain: str | None = None
    #: `blogspot.com`; the same, and those of companies that give out names as registries do.
    private_suffix: str | None = None
    private_domain: str | None = None


@lru_cache(maxsize=4096)
def host_parts(host: str) -> HostParts:
    """The parts of a host in small letters, without a port."""
    if not host or _is_address(host):
        return HostParts()
    found = _EXTRACT.extract_str(host)
    return HostParts(
        labels=tuple(reversed(host.rstrip(".").split("."))),
        registry_suffix=found.registry_suffix or None,
        registered_domain=found.top_domain_under_registry_suffix or None,
        private_suffix=found.suffix or None,
        private_domain=found.top_domain_under_public_suffix or None,
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
