"""Calling a machine of others: what it may do to us, and that it is the one that was judged (OTV-9)."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sprechzeit.core.calls import Answer, NotReached, post, retry_after
from sprechzeit.core.peers import networks
from tests.support.hook_peer import HookPeer, hook_peer
from tests.support.mailbox import free_port

pytestmark = pytest.mark.req("OTV-9")

HERE = networks(["127.0.0.0/8", "::1/128"])


def call(url: str, seconds: float = 3, named: Any = HERE) -> Answer | str:
    """What was answered, or why nothing was."""
    try:
        return post(url, b'{"one": 1}', {"Content-Type": "application/json"}, seconds=seconds, named=named)
    except NotReached as failure:
        return failure.code


@pytest.fixture
def peer() -> Iterator[HookPeer]:
    with hook_peer() as made:
        yield made


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("204", Answer(204, timedelta(0))),
        ("500", Answer(500, timedelta(0))),
        ("302", Answer(302, timedelta(0))),
        ("429:120", Answer(429, timedelta(seconds=120))),
        ("endless", Answer(200, timedelta(0))),
        ("slow:1", Answer(204, timedelta(0))),
        ("reset", "connection"),
        ("lose", "protocol"),
        ("garbage", "protocol"),
    ],
)
def test_whatever_is_answered(peer: HookPeer, word: str, answer: Answer | str) -> None:
    """At once, with one call: no redirect is followed, no body read to its end."""
    peer.answers(word)
    began = time.monotonic()
    assert call(peer.url) == answer
    assert time.monotonic() - began < 2.5
    (came,) = peer.calls()
    assert came["line"] == "POST /hook?portal=1 HTTP/1.1"
    assert came["headers"]["host"] == f"127.0.0.1:{peer.port}"
    assert came["body"] == '{"one": 1}'


@pytest.mark.parametrize("word", ["hang", "drip"])
def test_who_is_slow_is_not_waited_for(peer: HookPeer, word: str) -> None:
    """Also who sends a byte now and then."""
    peer.answers(word)
    began = time.monotonic()
    assert call(peer.url, seconds=1) == "timeout"
    assert 0.9 < time.monotonic() - began < 2


def test_nobody_there() -> None:
    assert call(f"http://127.0.0.1:{free_port()}/") == "connection"
    assert call("https://no-such-name.invalid/") == "name"
    assert call("http://example.org/", named=()) == "address"


# --- Which machine --------------------------------------------------------------------------------------------------


class Names:
    """What a name server says, again and again something else; and which addresses were connected to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.asked, self.answers, self.connected = 0, answers, list[str]()
        monkeypatch.setattr(socket, "getaddrinfo", self.resolve)
        monkeypatch.setattr(socket, "create_connection", self.connect)

    def resolve(self, host: str, *_args: Any, **_named: Any) -> list[Any]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(families[ip_address(one).version], socket.SOCK_STREAM, 6, "", (one, 0)) for one in found]

    def connect(self, address: tuple[str, int], *_args: Any, **_named: Any) -> socket.socket:
        self.connected.append(address[0])
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    "found",
    [["10.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["::ffff:192.168.0.1"], ["169.254.169.254"], ["fe80::1"], ["::1"]],
)
def test_one_address_behind_a_firewall_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch, found: list[str]) -> None:
    names = Names(monkeypatch, found)
    assert call("https://portal.example/", named=()) == "address"
    assert names.connected == []


def test_a_name_that_means_another_machine_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked once; the connection goes to the addresses that were judged, one after another."""
    names = Names(monkeypatch, ["93.184.215.14", "2606:4700::1111"], ["127.0.0.1"])
    assert call("https://portal.example/", named=()) == "connection"
    assert names.connected == ["93.184.215.14", "2606:4700::1111"]
    assert names.asked == 1


def test_numbers_in_other_clothes_are_judged_as_what_they_are() -> None:
    """What the system takes for 127.0.0.1 and 10.0.0.1."""
    for host in ("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "167772161", "[::ffff:127.0.0.1]", "localhost"):
        assert call(f"https://{host}/", named=()) == "address", host


def test_what_can_be_no_name() -> None:
    assert call(f"https://{'a' * 64}.example/", named=()) == "name"


def test_an_address_of_ipv6_is_asked_for_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """In brackets, and connected to without."""
    said = []
    stream = httpcore.ConnectionPool.stream

    def noted(pool: Any, method: str, url: Any, **more: Any) -> Any:
        said.append(dict(more["headers"])["Host"])
        return stream(pool, method, url, **more)

    monkeypatch.setattr(httpcore.ConnectionPool, "stream", noted)
    names = Names(monkeypatch, ["2606:4700::1111"])
    assert call("https://[2606:4700::1111]:8443/", named=()) == "connection"
    assert (said, names.connected) == (["[2606:4700::1111]:8443"], ["2606:4700::1111"])


# --- Which certificate ----------------------------------------------------------------------------------------------


def made_certificate(name: str, folder: Path) -> bytes:
    """A certificate for a name, with its key, from an authority that `authority.pem` is."""
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    now = datetime.now(UTC)

    def builder(subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        begun = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        begun = begun.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        return begun.not_valid_after(now + timedelta(days=1))

    root = builder(issuer, authority).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    root = root.add_extension(usage, critical=True)
    leaf = builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), own)
    leaf = leaf.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(pem))
    private = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + leaf.sign(authority, hashes.SHA256()).public_bytes(pem)


@pytest.mark.parametrize(
    ("name", "trusted", "answer"),
    [
        ("localhost", True, Answer(204, timedelta(0))),
        ("localhost", False, "encryption"),
        ("elsewhere.example", True, "encryption"),
    ],
)
def test_the_certificate_is_of_the_name_that_was_typed(
    name: str, trusted: bool, answer: Answer | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hook_peer(certificate=made_certificate(name, tmp_path)) as peer:
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert call(peer.url) == answer


# --- Retry-After ----------------------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"", 0),
        (b"120", 120),
        (b" 7 ", 7),
        (b"-3", 0),
        (b"1.5", 0),
        (b"soon", 0),
        (b"9" * 400, 10**8),
        (b"\xff", 0),
        (b"Mon, 02 Mar 2026 08:05:00 GMT", 300),
        (b"Mon, 02 Mar 2026 07:05:00 GMT", 0),
        (b"Mon, 99 Mar 2026 07:05:00 GMT", 0),
        (b"Mon, 02 Mar 2026 08:05:00", 300),
    ],
)
def test_how_long_to_wait(value: bytes, seconds: int) -> None:
    assert retry_after(value, NOW) == timedelta(seconds=seconds)
