"""A booking partner's public key, from whatever an administrator was sent (OTV-1, OTV-2). Pure: no Django, no models.

Read are PEM and DER (SubjectPublicKeyInfo, RFC 5280 4.1, RFC 8410), OpenSSH (`ssh-ed25519 …`, RFC 8709), JWK (RFC 8037)
and the bare 32 bytes in base64 or base64url. What is kept of it is those 32 bytes in base64 (RFC 8032 5.1.5).
"""

import base64
import binascii
import hashlib
import json
import re
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_public_key,
    load_ssh_public_key,
)

LONGEST = 16_384  # bytes of what was sent; a key takes a hundred
LENGTH = 32  # bytes of a key
_KEY_PAIR = 64  # bytes: a private key with its public one, as some libraries write it
# SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING } in front of the 32 bytes (RFC 8410 4).
_INFO_HEAD = bytes.fromhex("302a300506032b6570032100")

# The curve (RFC 8032 5.1).
_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)

_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f-\xff]")
_LABEL = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,60})-----")
_SSH = re.compile(rb"(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]+[ \t]+[A-Za-z0-9+/=]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")


class Wrong(StrEnum):
    """Why something is no key that can be registered."""

    NOTHING = "nothing"
    PRIVATE = "private"
    ALGORITHM = "algorithm"
    UNREADABLE = "unreadable"
    POINT = "point"


class Unusable(Exception):
    """What was sent is no public key to register. `wrong`: why."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        super().__init__(wrong)


def read_public_key(sent: bytes) -> str:
    """The key's 32 bytes in base64. Raises `Unusable` for anything else, whatever the bytes are."""
    if len(sent) > LONGEST:
        raise Unusable(Wrong.UNREADABLE)
    if not sent.strip():
        raise Unusable(Wrong.NOTHING)
    is_der = sent[:1] == b"\x30" and _NO_TEXT.search(sent)
    key = _from_der(sent) if is_der else _from_text(_as_text(sent))
    if not _is_good_point(key):
        raise Unusable(Wrong.POINT)
    return base64.b64encode(key).decode()


def fingerprint(public_key: str) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo in hexadecimal, in groups of four as people compare it by phone.

    The same as `openssl pkey -pubin -in key.pem -outform DER | sha256sum`.
    """
    digest = hashlib.sha256(_INFO_HEAD + base64.b64decode(public_key)).hexdigest()
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


def _as_text(sent: bytes) -> bytes:
    """Without what editors put before a text; a file of PowerShell is UTF-16."""
    if sent[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return sent.decode("utf-16", "replace").encode(errors="replace").strip()
    return sent.removeprefix(b"\xef\xbb\xbf").strip()


def _from_text(text: bytes) -> bytes:
    if found := _LABEL.search(text):
        return _from_pem(text[found.start() :], found[1])
    if text.startswith(b"PuTTY-User-Key-File"):
        raise Unusable(Wrong.PRIVATE)
    if text.startswith(b"{"):
        return _from_jwk(text)
    if found_ssh := _SSH.search(text):
        return _from_ssh(found_ssh[0])
    joined = b"".join(text.split())
    if not _BASE64.fullmatch(joined):
        raise Unusable(Wrong.UNREADABLE)
    return _from_base64(joined)


def _from_pem(text: bytes, label: bytes) -> bytes:
    if b"PRIVATE KEY" in label or b"PRIVATE KEY-----" in text:
        raise Unusable(Wrong.PRIVATE)
    if label == b"PUBLIC KEY":
        return _plain(load_pem_public_key, text)
    raise Unusable(Wrong.ALGORITHM if label.endswith(b" PUBLIC KEY") else Wrong.UNREADABLE)


def _from_ssh(line: bytes) -> bytes:
    return _plain(load_ssh_public_key, line) if line.startswith(b"ssh-ed25519") else _other_algorithm()


def _other_algorithm() -> bytes:
    raise Unusable(Wrong.ALGORITHM)


def _from_jwk(text: bytes) -> bytes:
    """One key, or a set of exactly one (RFC 7517)."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unusable(Wrong.UNREADABLE) from None
    keys = found.get("keys")
    if isinstance(keys, list) and len(keys) == 1:
        found = keys[0]
    if not isinstance(found, dict):
        raise Unusable(Wrong.UNREADABLE)
    # `d` is the private part of an elliptic curve's key as of RSA's, `k` the whole of a shared secret.
    if "d" in found or "k" in found:
        raise Unusable(Wrong.PRIVATE)
    if "kty" not in found:
        raise Unusable(Wrong.UNREADABLE)
    if (found["kty"], found.get("crv")) != ("OKP", "Ed25519"):
        raise Unusable(Wrong.ALGORITHM)
    place = str(found.get("x", "")).encode(errors="replace")
    if not _BASE64.fullmatch(place):
        raise Unusable(Wrong.UNREADABLE)
    return _of_length(_decoded(place))


def _from_base64(text: bytes) -> bytes:
    """The bare bytes; or DER in base64, which some people send without the lines around it."""
    found = _decoded(text)
    if len(found) == _KEY_PAIR:
        raise Unusable(Wrong.PRIVATE)
    return _of_length(found) if found[:1] != b"\x30" or len(found) == LENGTH else _from_der(found)


def _from_der(found: bytes) -> bytes:
    try:
        return _plain(load_der_public_key, found)
    except Unusable as unusable:
        if unusable.wrong is Wrong.UNREADABLE and _is_private(found):
            raise Unusable(Wrong.PRIVATE) from None
        raise


def _is_private(der: bytes) -> bool:
    try:
        load_der_private_key(der, None)
    except TypeError:
        return True  # It wants a password.
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _plain(load: object, text: bytes) -> bytes:
    """The 32 bytes of what one of the library's readers finds."""
    try:
        key = load(text)  # type: ignore[operator]  # one of the three above; their stubs differ in optional arguments
    except UnsupportedAlgorithm:
        raise Unusable(Wrong.ALGORITHM) from None
    except (ValueError, TypeError):
        raise Unusable(Wrong.UNREADABLE) from None
    if not isinstance(key, Ed25519PublicKey):
        raise Unusable(Wrong.ALGORITHM)
    return key.public_bytes_raw()


def _decoded(text: bytes) -> bytes:
    bare = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(bare + b"=" * (-len(bare) % 4), validate=True)
    except binascii.Error:
        raise Unusable(Wrong.UNREADABLE) from None


def _of_length(found: bytes) -> bytes:
    if len(found) != LENGTH:
        raise Unusable(Wrong.UNREADABLE)
    return found


# --- The point ------------------------------------------------------------------------------------------------------

_Point = tuple[int, int, int, int]  # extended homogeneous coordinates (RFC 8032 5.1.4)


def _is_good_point(key: bytes) -> bool:
    """Whether it is what signing makes: canonical, on the curve, and in the group of the large prime order.

    Under a point of small order anybody's signature of anything can be good. A private key of 32 bytes, sent by
    mistake, passes in one of sixteen cases only.
    """
    point = _decompressed(key)
    return point is not None and not _is_neutral(point) and _is_neutral(_times(_ORDER, point))


def _decompressed(key: bytes) -> _Point | None:
    """RFC 8032 5.1.3; None for what is not on the curve, or not written as it is to be."""
    number = int.from_bytes(key, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else _P - x
    return x, y, 1, x * y % _P


def _sum(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    """What is computed here is public: it need not take the same time for all."""
    total: _Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _sum(total, point)
        point = _sum(point, point)
        number >>= 1
    return total


def _is_neutral(point: _Point) -> bool:
    return point[0] % _P == 0 and (point[1] - point[2]) % _P == 0
