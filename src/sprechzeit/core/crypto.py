"""Secrets (architecture §8): AES-256-GCM, one data key per practice, a key-encryption key outside the database.

A sealed value is `version (1 byte) | key id (16 bytes) | nonce (12 bytes) | ciphertext and tag`.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
HEAD = 1 + 16 + 12


class Unreadable(Exception):
    """A sealed value that this key does not open: another key, another row, or changed bytes."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that seals values, with the id that stands in front of what it sealed."""

    id: UUID
    secret: bytes

    def seal(self, plain: bytes, identity: str) -> bytes:
        """Encrypt `plain` for the row and column that `identity` names."""
        head = VERSION + self.id.bytes + os.urandom(12)
        return head + AESGCM(self.secret).encrypt(head[17:], plain, head[:17] + identity.encode())

    def open(self, sealed: bytes, identity: str) -> bytes:
        """Decrypt. Raises `Unreadable`."""
        try:
            if key_id_of(sealed) != self.id:
                raise Unreadable("sealed with another key")
            return AESGCM(self.secret).decrypt(sealed[17:HEAD], sealed[HEAD:], sealed[:17] + identity.encode())
        except Unreadable:
            raise
        except Exception as error:
            raise Unreadable("not sealed for this row, or changed") from error


def key_id_of(sealed: bytes) -> UUID:
    """The id of the data key that sealed a value. Raises `Unreadable`."""
    if len(sealed) < HEAD or sealed[:1] != VERSION:
        raise Unreadable("not a sealed value")
    return UUID(bytes=sealed[1:17])


@lru_cache(maxsize=64)
def derived(purpose: str) -> bytes:
    """A 256-bit key for one purpose, derived from the installation's master key (HKDF, RFC 5869)."""
    secret = settings.MASTER_KEY.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"sprechzeit:" + purpose.encode()).derive(secret)


def wrap(key: DataKey) -> bytes:
    """The data key, encrypted with the key-encryption key, to be kept in the database."""
    nonce = os.urandom(12)
    return nonce + AESGCM(derived("key-encryption")).encrypt(nonce, key.secret, key.id.bytes)


def unwrap(key_id: UUID, wrapped: bytes) -> DataKey:
    """The data key kept as `wrapped`. Raises `Unreadable` under another master key."""
    try:
        secret = AESGCM(derived("key-encryption")).decrypt(wrapped[:12], wrapped[12:], key_id.bytes)
    except Exception as error:
        raise Unreadable("the master key does not open this data key") from error
    return DataKey(key_id, secret)


def link_token(purpose: str, subject: UUID) -> str:
    """The secret of a mailed link: 256 bits that only the installation can make, so that nothing need be kept."""
    digest = hmac.new(derived(f"link:{purpose}"), subject.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def pseudonym(purpose: str, text: str) -> bytes:
    """A keyed digest of something guessable (an address): the same text gives the same, and nobody can try them all."""
    return hmac.new(derived(f"pseudonym:{purpose}"), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def token_hash(token: str) -> bytes:
    """What is stored of a token of 128 bits or more: a plain hash is enough for a random secret."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
