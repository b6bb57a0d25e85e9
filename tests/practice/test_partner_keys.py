"""A booking partner's public key: whatever was sent is read or clearly refused; good, over, revoked (OTV-1, OTV-2)."""

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.practice.actions.partner_keys import add_key, end_key, revoke_key
from sprechzeit.practice.errors import KeyKnown
from sprechzeit.practice.models import PartnerKey
from sprechzeit.practice.partner_keys import LONGEST, Unusable, Wrong, fingerprint, read_public_key
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.partners import keyed, public_text, registered
from tests.support.together import together

# RFC 8032 7.1, test 1: its secret and its public key.
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
PRIVATE = Ed25519PrivateKey.from_private_bytes(SECRET)
TEXT = base64.b64encode(KEY).decode()
PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
DER = PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
SSH = PRIVATE.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
URL_TEXT = base64.urlsafe_b64encode(KEY).rstrip(b"=").decode()
JWK = {"kty": "OKP", "crv": "Ed25519", "x": URL_TEXT}

GOOD = {
    "PEM": PEM,
    "PEM of Windows": PEM.replace(b"\n", b"\r\n"),
    "PEM below a mail's greeting": b"Guten Tag, hier der Schl\xc3\xbcssel:\n\n" + PEM + b"\nGr\xc3\xbc\xc3\x9fe\n",
    "PEM with a byte order mark": b"\xef\xbb\xbf" + PEM,
    "PEM by PowerShell": PEM.decode().encode("utf-16"),
    "DER": DER,
    "DER in base64": base64.b64encode(DER),
    "OpenSSH": SSH,
    "OpenSSH with a comment": SSH + b" portal@example.org\n",
    "base64": TEXT.encode(),
    "base64 in two lines": f"{TEXT[:20]}\n{TEXT[20:]}\n".encode(),
    "base64url": URL_TEXT.encode(),
    "JWK": json.dumps(JWK | {"kid": "1", "use": "sig"}).encode(),
    "set of one JWK": json.dumps({"keys": [JWK]}).encode(),
}  # fmt: skip
RSA, P256 = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
INFO, PKCS8, TRADITIONAL = PublicFormat.SubjectPublicKeyInfo, PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
SMALL_ORDER = [
    # Of order 1, 4, 2, 8 and 8, and what stands for them in other words (RFC 8032 5.1.3; not canonical).
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
BAD: dict[str, tuple[Wrong, bytes]] = {
    "nothing": (Wrong.NOTHING, b""),
    "blanks": (Wrong.NOTHING, b" \r\n\t"),
    "private PEM": (Wrong.PRIVATE, PRIVATE.private_bytes(Encoding.PEM, PKCS8, NoEncryption())),
    "private PEM with a password": (
        Wrong.PRIVATE, PRIVATE.private_bytes(Encoding.PEM, PKCS8, BestAvailableEncryption(b"geheim")),
    ),
    "private DER": (Wrong.PRIVATE, PRIVATE.private_bytes(Encoding.DER, PKCS8, NoEncryption())),
    "private DER in base64": (
        Wrong.PRIVATE, base64.b64encode(PRIVATE.private_bytes(Encoding.DER, PKCS8, NoEncryption())),
    ),
    "private OpenSSH": (
        Wrong.PRIVATE, PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
    ),
    "private RSA": (Wrong.PRIVATE, RSA.private_bytes(Encoding.PEM, TRADITIONAL, NoEncryption())),
    "both, the public one first": (Wrong.PRIVATE, PEM + PRIVATE.private_bytes(Encoding.PEM, PKCS8, NoEncryption())),
    "private JWK": (Wrong.PRIVATE, json.dumps(JWK | {"d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}).encode()),
    "shared secret": (Wrong.PRIVATE, json.dumps({"kty": "oct", "k": "c2VjcmV0"}).encode()),
    "both halves in base64": (Wrong.PRIVATE, base64.b64encode(SECRET + KEY)),
    "PuTTY's": (Wrong.PRIVATE, b"PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\n"),
    "the private 32 bytes": (Wrong.POINT, base64.b64encode(SECRET)),
    "RSA": (Wrong.ALGORITHM, RSA.public_key().public_bytes(Encoding.PEM, INFO)),
    "RSA, PKCS 1": (Wrong.ALGORITHM, RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)),
    "RSA, DER": (Wrong.ALGORITHM, RSA.public_key().public_bytes(Encoding.DER, INFO)),
    "P-256": (Wrong.ALGORITHM, P256.public_key().public_bytes(Encoding.PEM, INFO)),
    "Ed448": (Wrong.ALGORITHM, Ed448PrivateKey.generate().public_key().public_bytes(Encoding.PEM, INFO)),
    "X25519": (Wrong.ALGORITHM, X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, INFO)),
    "ssh-rsa": (Wrong.ALGORITHM, RSA.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)),
    "ecdsa": (Wrong.ALGORITHM, P256.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)),
    "JWK of another curve": (Wrong.ALGORITHM, json.dumps(JWK | {"crv": "X25519"}).encode()),
    "JWK of RSA": (Wrong.ALGORITHM, b'{"kty": "RSA", "n": "AQAB", "e": "AQAB"}'),
    "certificate": (Wrong.UNREADABLE, b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    "torn PEM": (Wrong.UNREADABLE, PEM[:60]),
    "torn ssh": (Wrong.UNREADABLE, SSH[:40]),
    "torn base64": (Wrong.UNREADABLE, TEXT[:-4].encode()),
    "one byte more": (Wrong.UNREADABLE, base64.b64encode(KEY + b"\0")),
    "torn JWK": (Wrong.UNREADABLE, json.dumps(JWK)[:-2].encode()),
    "JWK without its key": (Wrong.UNREADABLE, b'{"kty": "OKP", "crv": "Ed25519", "x": 7}'),
    "JWK that is a list": (Wrong.UNREADABLE, b'{"keys": [[]]}'),
    "two JWKs": (Wrong.UNREADABLE, json.dumps({"keys": [JWK, JWK]}).encode()),
    "deep JSON": (Wrong.UNREADABLE, b'{"a":' * 3000),
    "a web page": (Wrong.UNREADABLE, b"<!doctype html><title>404</title>"),
    "too long": (Wrong.UNREADABLE, PEM + b" " * LONGEST),
    **{one: (Wrong.POINT, base64.b64encode(bytes.fromhex(one))) for one in SMALL_ORDER},
}  # fmt: skip


@pytest.mark.req("OTV-2")
@pytest.mark.parametrize("sent", GOOD.values(), ids=GOOD)
def test_each_way_to_send_a_key_is_read(sent: bytes) -> None:
    assert read_public_key(sent) == TEXT


@pytest.mark.req("OTV-2")
@pytest.mark.parametrize(("wrong", "sent"), BAD.values(), ids=BAD)
def test_what_is_no_public_key_is_refused_for_what_it_is(wrong: Wrong, sent: bytes) -> None:
    with pytest.raises(Unusable) as refused:
        read_public_key(sent)
    assert refused.value.wrong is wrong


@pytest.mark.req("OTV-2")
def test_a_point_of_mixed_order_is_no_key() -> None:
    """A good key plus the point of order two: most libraries take it, and its owner could disown signatures."""
    prime = 2**255 - 19
    number = int.from_bytes(KEY, "little")
    y, sign = number & (2**255 - 1), number >> 255
    mixed = ((prime - y) | ((1 - sign) << 255)).to_bytes(32, "little")
    with pytest.raises(Unusable) as refused:
        read_public_key(base64.b64encode(mixed))
    assert refused.value.wrong is Wrong.POINT


def key_or_refusal(sent: bytes) -> str | Wrong:
    """What reading gives, whichever it is; any other exception is a fault."""
    try:
        return read_public_key(sent)
    except Unusable as unusable:
        return unusable.wrong


@pytest.mark.req("OTV-2")
@given(sent=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
@example(sent=b"0" * 44)
@example(sent=b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00")
@example(sent=b"ssh-ed25519 AAAA")
@example(sent=b"{}")
@example(sent=b'{"kty": {}, "crv": [], "x": null}')
@example(sent=b'{"x": 1' + b"0" * 5000 + b"}")
@example(sent=b"\xff\xfe\x00\xd8")
@example(sent=b"-----BEGIN PUBLIC KEY-----\xff-----END PUBLIC KEY-----")
def test_any_bytes_are_a_key_or_a_clear_refusal(sent: bytes) -> None:
    found = key_or_refusal(sent)
    assert isinstance(found, Wrong) or len(base64.b64decode(found, validate=True)) == 32


@pytest.mark.req("OTV-2")
@given(secret=st.binary(min_size=32, max_size=32), place=st.integers(0, 43), letter=st.sampled_from("Aa0+/ \n=é"))
def test_every_real_key_is_read_and_a_slip_never_crashes(secret: bytes, place: int, letter: str) -> None:
    text = public_text(Ed25519PrivateKey.from_private_bytes(secret))
    assert read_public_key(text.encode()) == text
    slipped = (text[:place] + letter + text[place + 1 :]).encode()
    found = key_or_refusal(slipped)
    assert found in (Wrong.POINT, Wrong.UNREADABLE) or len(base64.b64decode(found)) == 32


def test_the_fingerprint_is_what_openssl_says() -> None:
    """`openssl pkey -pubin -outform DER | sha256sum`, in groups of four."""
    said = fingerprint(TEXT)
    assert said.replace(" ", "") == hashlib.sha256(DER).hexdigest()
    assert {len(group) for group in said.split(" ")} == {4}


# --- Kept -----------------------------------------------------------------------------------------------------------


@pytest.mark.req("OTV-2", "AUD-1")
def test_a_second_key_stands_beside_the_first_until_one_is_revoked(cast: Cast) -> None:
    house, asks = cast.albers, registered(cast.albers)
    miriam = house.actor("miriam")
    first, second = keyed(house, asks.identity), keyed(house, asks.identity, label="neu")
    now = timezone.now()
    assert first.reference != second.reference
    assert (first.is_good(now), second.is_good(now)) == (True, True)
    with acting(miriam):
        end_key(miriam, first.pk, now + timedelta(days=14))
        revoked = revoke_key(miriam, first.pk)
        again = revoke_key(miriam, first.pk)
        keys = {one.pk: one.is_good(timezone.now()) for one in PartnerKey.objects.all()}
        with pytest.raises(KeyKnown):
            add_key(miriam, asks.identity, first.public_key.encode())
        entries = Entry.objects.filter(table_name="practice_partnerkey", row_id=first.pk)
        log = list(entries.order_by("id").values_list("operation", "actor"))
    assert keys == {first.pk: False, second.pk: True}
    assert revoked.revoked_at is not None and revoked.revoked_at == again.revoked_at
    assert log == [("insert", "system"), ("update", miriam.name), ("update", miriam.name)]


@pytest.mark.req("OTV-2")
def test_two_partners_of_a_practice_have_no_key_in_common_those_of_two_practices_may(cast: Cast) -> None:
    """What is revoked of the one must not go on as the other; of another practice nobody learns anything by trying."""
    pair, miriam = Ed25519PrivateKey.generate(), cast.albers.actor("miriam")
    one = keyed(cast.albers, registered(cast.albers).identity, pair)
    other = registered(cast.albers, "Anderes").identity
    with acting(miriam):
        revoke_key(miriam, one.pk)
        with pytest.raises(KeyKnown):
            add_key(miriam, other, one.public_key.encode())
    third = keyed(cast.brandt, registered(cast.brandt).identity, pair)
    assert one.reference != third.reference


@pytest.mark.req("OTV-2")
def test_the_database_keeps_a_key_what_it_is(cast: Cast) -> None:
    house = cast.albers
    key = keyed(house, registered(house).identity)
    with acting(house.system):
        revoke_key(house.system, key.pk)
    for statement in (
        "UPDATE practice_partnerkey SET revoked_at = NULL",
        "UPDATE practice_partnerkey SET revoked_at = now() + interval '1 day'",
        "UPDATE practice_partnerkey SET public_key = 'x'",
        "UPDATE practice_partnerkey SET reference = 'x'",
        "UPDATE practice_partnerkey SET starts_at = now()",
        "UPDATE practice_partnerkey SET ends_at = starts_at - interval '1 day'",
        "DELETE FROM practice_partnerkey",
        "UPDATE practice_partner SET webhook_url = 'http://portal.example'",
    ):
        with (
            pytest.raises((DatabaseError, IntegrityError)),
            acting(house.system),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with acting(house.system):
        (kept,) = PartnerKey.objects.all()
    assert (kept.public_key, kept.revoked_at is not None) == (key.public_key, True)


@pytest.mark.own_database
@pytest.mark.req("OTV-2")
def test_the_same_key_sent_twice_at_once_is_there_once(cast: Cast, own_database: Databases) -> None:
    house, asks, sent = cast.albers, registered(cast.albers), public_text().encode()
    miriam = house.actor("miriam")

    def add() -> str:
        try:
            with acting(miriam):
                add_key(miriam, asks.identity, sent)
        except KeyKnown:
            return "known"
        return "added"

    assert sorted(map(str, together(*[add] * 4))) == ["added", "known", "known", "known"]
