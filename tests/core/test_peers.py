"""Which machines are called at an address that somebody typed (OTV-9)."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprechzeit.core.peers import Unusable, may_be_called, networks, target_of

pytestmark = pytest.mark.req("OTV-9")

OPEN = [
    "1.1.1.1", "93.184.215.14", "172.32.0.1", "100.128.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.255",
    "168.63.129.15", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e",
]  # fmt: skip
CLOSED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",  # noqa: S104
    "127.0.0.1", "127.8.8.8", "169.254.169.254", "169.254.0.1", "172.16.0.1", "172.31.255.255", "192.0.0.192",
    "192.0.2.7", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.4", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%eth0",
    "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::", "3fff::1", "5f00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", OPEN)
def test_the_world_may_be_called(address: str) -> None:
    assert may_be_called(address)


@pytest.mark.parametrize("address", CLOSED)
def test_nothing_behind_a_firewall(address: str) -> None:
    assert not may_be_called(address)


@pytest.mark.parametrize("text", ["", "localhost", "1.1.1", "0x7f.1", "1.1.1.1 ", "2130706433", "[::1]", "1.1.1.1/8"])
def test_what_is_no_address(text: str) -> None:
    assert not may_be_called(text)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_what_python_calls_private_is_never_called(found: IPv4Address) -> None:
    """And an address of IPv4 is judged alike however it is written."""
    allowed = may_be_called(str(found))
    assert not (allowed and (not found.is_global or found.is_multicast or found.is_reserved or found.is_loopback))
    number = int(found)
    assert may_be_called(f"::ffff:{number >> 16:x}:{number & 0xFFFF:x}") is allowed
    assert may_be_called(f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}") is allowed
    assert not may_be_called(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_of_the_newer_addresses_too(found: IPv6Address) -> None:
    within = IPv6Address("2000::") <= found < IPv6Address("4000::")
    embedded = found.ipv4_mapped is not None or str(found).startswith("64:ff9b::")
    assert not may_be_called(str(found)) or within or embedded
    assert not (may_be_called(str(found)) and within and not found.is_global)


@given(st.sampled_from(CLOSED))
def test_named_networks_are_called_and_no_others(address: str) -> None:
    named = networks(["10.0.0.0/8", " 192.168.1.0/24", "fd00::/8", ""])
    expected = address in ("10.0.0.1", "10.255.255.255", "192.168.1.1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
                           "fd00:ec2::254", "fd20:ce::254")  # fmt: skip
    assert may_be_called(address, named) is expected


def test_plain_http_reaches_this_machine_alone_where_it_is_named() -> None:
    named = networks(["127.0.0.0/8", "10.0.0.0/8"])
    assert target_of("http://127.0.0.1:8080/x", named).is_loopback_only
    assert may_be_called("127.0.0.1", named, is_loopback_only=True)
    for address in ("10.0.0.1", "93.184.215.14", "::1"):
        assert not may_be_called(address, named, is_loopback_only=True)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.org/", "not_https"),
        ("ftp://example.org/", "not_https"),
        ("file:///etc/passwd", "no_address"),
        ("//example.org/", "not_https"),
        ("https:///x", "no_address"),
        ("https://", "no_address"),
        ("", "no_address"),
        ("https://example.org:70000/", "no_address"),
        ("https://[::1/", "no_address"),
        ("https://example.org/a b", "no_address"),
        ("https://example.org/\r\nHost: x", "no_address"),
        ("https://name@example.org/", "password"),
        ("https://name:word@example.org/", "password"),
        ("https://example.org@127.0.0.1/", "password"),
    ],
)
def test_addresses_that_are_not_called(url: str, code: str) -> None:
    with pytest.raises(Unusable) as refused:
        target_of(url)
    assert refused.value.code == code


def test_whom_an_address_names() -> None:
    assert (target_of("https://example.org/x").host, target_of("https://example.org/x").port) == ("example.org", 443)
    assert target_of("https://münchen.example:8443/").host == "xn--mnchen-3ya.example"
    assert target_of("HTTPS://EXAMPLE.org:8443").port == 8443
    assert target_of("https://example.org/ä?q=ü%20x&y=/1").path == "/%C3%A4?q=%C3%BC%20x&y=/1"
    assert target_of("https://example.org?x=1").path == "/?x=1"


def test_a_network_that_is_none_is_said_at_the_start() -> None:
    with pytest.raises(ValueError, match="host bits"):
        networks(["10.0.0.1/8"])
