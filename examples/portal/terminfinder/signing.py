"""Signatures both ways: HTTP Message Signatures (RFC 9421) with Ed25519 and a content digest (RFC 9530)."""

import base64
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

TAG = "sprechzeit-otv"
OLDEST = timedelta(seconds=300)
LABEL = "portal"
OF_REQUESTS = ("@method", "@authority", "@path", "@query")
# A response covers the signature of its request: nobody can hand us the answer to another question.
OF_RESPONSES = ("@status", f'"signature";req;key="{LABEL}"')


def key_pair(file: Path) -> Ed25519PrivateKey:
    """The portal's own key, made at the first start and readable for its owner alone."""
    if not file.exists():
        made = Ed25519PrivateKey.generate()
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
    key = load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise SystemExit(f"{file} is not an Ed25519 key.")
    return key


def public_half(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """What others are told of a key: PEM."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def one_key(pem: str) -> Ed25519PublicKey:
    """A public key from its PEM."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise SystemExit("This is no Ed25519 key.")
    return key


def read_key(file: Path) -> Ed25519PrivateKey | Ed25519PublicKey:
    """Either half of somebody's key, from a file."""
    return key_pair(file) if "PRIVATE" in file.read_text() else one_key(file.read_text())


def keys_of(jwks: list[dict[str, Any]]) -> dict[str, Ed25519PublicKey]:
    """The practice's public keys by their id, from JWKs (RFC 8037)."""
    found = {}
    for one in jwks:
        if one.get("crv") == "Ed25519":
            padded = one["x"] + "=" * (-len(one["x"]) % 4)
            found[str(one["kid"])] = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(padded))
    return found


def sign(request: httpx.Request, key: Ed25519PrivateKey, keyid: str) -> None:
    """Sign method, address, content and idempotency key; a nonce makes each signature good for one request."""
    covered = list(OF_REQUESTS)
    covered += [name for name in ("content-type", "idempotency-key") if name in request.headers]
    HTTPMessageSigner(
        signature_algorithm=ED25519, key_resolver=MappingKeyResolver(public_keys={}, private_keys={keyid: key})
    ).sign(
        request,
        key_id=keyid,
        nonce=secrets.token_urlsafe(24),
        tag=TAG,
        label=LABEL,
        include_alg=False,
        covered_component_ids=covered,
        body=request.content or None,
    )


def verify(response: httpx.Response, keys: Mapping[str, Ed25519PublicKey]) -> None:
    """Raises `InvalidSignature` unless one of `keys` signed this answer to this request, just now."""
    verifier = HTTPMessageVerifier(
        signature_algorithm=ED25519, key_resolver=MappingKeyResolver(public_keys=keys, private_keys={})
    )
    verifier.max_clock_skew = timedelta(seconds=60)
    wanted = [*OF_RESPONSES, *(["content-type"] if response.content else [])]
    verifier.verify(response, max_age=OLDEST, expect_tag=TAG, require_components=wanted, body=response.content)
