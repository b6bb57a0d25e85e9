"""Which machines the program may call at an address that somebody typed (OTV-9). Pure: no Django, no network.

Such an address may name a machine behind the firewall: one of the practice's network, the program itself, the
metadata of a cloud. So what a name stands for is judged, each address of it, when it is called.
Source: the registries of special-purpose addresses (RFC 6890, RFC 8190) of IANA.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CLOSED_4 = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a provider's translation
        "127.0.0.0/8",  # the machine itself
        "168.63.129.16/32",  # metadata of Azure, public by its number alone
        "169.254.0.0/16",  # the link; metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Of IPv6 what is given out to machines of the world, without what stands for something else within it.
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    IPv6Network(one)
    for one in (
        "2001::/23",  # protocols: Teredo and others
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an address of IPv4
        "3fff::/20",  # documentation
    )
)
_KEPT = "/%:@!$&'()*+,;=~?"  # of a path and a query (RFC 3986), quoted already or not
_TRANSLATED = IPv6Network("64:ff9b::/96")  # NAT64 (RFC 6052): its last 32 bits are the address of IPv4


class Unusable(ValueError):
    """An address that is not called; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Target:
    """What an address names: whom to ask, by which name, for what. `is_loopback_only`: plain HTTP, to this machine
    alone. All as it goes over the wire: ASCII.
    """

    host: str
    port: int
    path: str
    is_loopback_only: bool


def target_of(url: str, named: Sequence[Network] = ()) -> Target:
    """Whom an address names. Raises `Unusable` unless it is https; plain http may reach this machine where `named`
    holds its address, for tests and development.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host.encode("idna").decode() if not host.isascii() else host
    except ValueError:
        raise Unusable("no_address") from None
    if not host or any(one <= " " for one in url):
        raise Unusable("no_address")
    if parts.username is not None or parts.password is not None:
        raise Unusable("password")
    path = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    if parts.scheme == "https":
        return Target(host, port or 443, path, is_loopback_only=False)
    if parts.scheme == "http" and any(one.is_loopback for one in named):
        return Target(host, port or 80, path, is_loopback_only=True)
    raise Unusable("not_https")


def may_be_called(address: str, named: Sequence[Network] = (), *, is_loopback_only: bool = False) -> bool:
    """Whether a machine of the world has this address, or one of the networks that the operator `named`."""
    try:
        found = _plain(ip_address(address))
    except ValueError:
        return False
    if any(found.version == one.version and found in one for one in named):
        return found.is_loopback or not is_loopback_only
    return _is_of_the_world(found) and not is_loopback_only


def is_address(host: str) -> bool:
    """Whether a host is written as an address, and is no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def networks(names: Sequence[str]) -> tuple[Network, ...]:
    """Networks as an operator names them. Raises `ValueError`."""
    return tuple(ip_network(one.strip()) for one in names if one.strip())


def _plain(found: Address) -> Address:
    """An address of IPv4 that is written as one of IPv6."""
    if isinstance(found, IPv4Address):
        return found
    if found.ipv4_mapped is not None:
        return found.ipv4_mapped
    # Without what names a link: `in` takes it for another address.
    found = IPv6Address(int(found))
    return IPv4Address(int(found) & 0xFFFFFFFF) if found in _TRANSLATED else found


def _is_of_the_world(found: Address) -> bool:
    if isinstance(found, IPv4Address):
        return not any(found in one for one in _CLOSED_4)
    return found in _OPEN_6 and not any(found in one for one in _CLOSED_6)
