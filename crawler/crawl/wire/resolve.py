"""Where a name leads: `--resolve` rules first, then the system's resolver; addresses that are not public are refused.

The check is made on the addresses that are then connected to, so that no second look-up can lead elsewhere. It holds
for rules, too: a replica on the loopback interface needs NEWSWARC_ALLOW_PRIVATE. A proxy is the operator's own choice
and may be anywhere; behind it, only hosts that are written as addresses can be checked.
"""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from scrapy.exceptions import CannotResolveHostError

from crawler.errors import RefusedAddressError, UsageError

#: As `socket.getaddrinfo` gives it: family, type, protocol, canonical name, socket address.
AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_RULE = re.compile(
    r"(?P<host>\*|\[[0-9A-Fa-f:.]+\]|[^:\[\]*\s]+):(?P<port>\*|\d{1,5})"
    r":(?P<address>\[[0-9A-Fa-f:.]+\]|[0-9.]+)(?::(?P<to_port>\d{1,5}))?"
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


@dataclass(frozen=True, slots=True)
class Rule:
    """Connections to `host`:`port` go to `address`:`to_port`; `None` stands for any host, any port, the same port."""

    host: str | None
    port: int | None
    address: str
    to_port: int | None

    def matches(self, host: str, port: int) -> bool:
        """Whether the rule is for `host`:`port`."""
        return self.host in {None, host.lower()} and self.port in {None, port}


def parse_rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """The rules written as HOST:PORT:ADDRESS[:PORT]; raises `UsageError` on the first that is none."""
    return tuple(_parse_rule(text) for text in texts)


class Resolver:
    """Turns host and port into addresses to connect to; the first rule that matches wins."""

    def __init__(self, rules: tuple[Rule, ...] = (), *, allow_private: bool = False) -> None:
        self._rules = rules
        self._allow_private = allow_private

    async def addresses(self, host: str, port: int) -> list[AddressInfo]:
        """The site's allowed addresses; raises `CannotResolveHostError` or `RefusedAddressError` if there are none."""
        rule = next((rule for rule in self._rules if rule.matches(host, port)), None)
        if rule is None:
            found = await look_up(host, port)
        else:
            found = await look_up(rule.address, rule.to_port or port)
        allowed = [info for info in found if self._allow_private or is_public(str(info[4][0]))]
        if not allowed:
            raise RefusedAddressError(
                f"{host} leads to {found[0][4][0]}, which is not a public address (NEWSWARC_ALLOW_PRIVATE allows it)"
            )
        return allowed

    def check_behind_proxy(self, host: str) -> None:
        """Refuse a host that is itself written as an address that is not public; names are the proxy's to resolve."""
        address = _as_written(host)
        if not self._allow_private and address is not None and not is_public(address):
            raise RefusedAddressError(
                f"{host} is not a public address, not even behind a proxy (NEWSWARC_ALLOW_PRIVATE allows it)"
            )


async def look_up(host: str, port: int) -> list[AddressInfo]:
    """The addresses of `host`, never empty; raises `CannotResolveHostError`."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return await _ask_system(host, port)
    if address.version == 4:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
    return [(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port, 0, 0))]


def parse_address(text: str) -> IPAddress:
    """The address in a socket's name, without the zone that IPv6 may add."""
    return ipaddress.ip_address(text.partition("%")[0])


def is_public(address: str) -> bool:
    """Whether `address` and any IPv4 address that it carries inside belong to the public internet."""
    ip = parse_address(address)
    return all(part.is_global and not part.is_multicast for part in (ip, *_embedded(ip)))


def _embedded(ip: IPAddress) -> list[IPAddress]:
    if isinstance(ip, ipaddress.IPv4Address):
        return []
    inside: list[IPAddress] = [part for part in (ip.ipv4_mapped, ip.sixtofour) if part is not None]
    if ip in _NAT64:
        inside.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return inside


def _parse_rule(text: str) -> Rule:
    match = _RULE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--resolve {text}: give HOST:PORT:ADDRESS[:PORT], * for any host or port, [..] round IPv6")
    host, port, address, to_port = match.groups()
    try:
        ip = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        raise UsageError(f"--resolve {text}: {address} is no IP address") from None
    numbers = [None if number in {"*", None} else int(number) for number in (port, to_port)]
    if any(number is not None and not 0 < number < 65536 for number in numbers):
        raise UsageError(f"--resolve {text}: a port is a number from 1 to 65535")
    return Rule(None if host == "*" else host.strip("[]").lower(), numbers[0], str(ip), numbers[1])


async def _ask_system(host: str, port: int) -> list[AddressInfo]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise CannotResolveHostError(f"{host}: {error.strerror or error}") from error
    except UnicodeError as error:
        raise CannotResolveHostError(f"{host} is no host name: {error}") from error
    if not found:
        raise CannotResolveHostError(f"{host} has no address")
    return list(found)


def _as_written(host: str) -> str | None:
    """The address that `host` spells, in any way that the C library reads (`127.1`, `0x7f000001`)."""
    if host == "localhost" or host.endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
