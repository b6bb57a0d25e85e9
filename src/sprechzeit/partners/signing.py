"""HTTP Message Signatures (RFC 9421) with Ed25519 and Content-Digest (RFC 9530): what partners sign, what we sign.

A call's signature covers method, authority, path and query, and of a call with a body its digest and media type; the
idempotency key where one is sent. Not the scheme: TLS may end at a proxy, and `@target-uri` would not be what was sent.
Its parameters: `created`, `nonce`, `keyid`, `tag`. An answer's covers status, digest, media type, and the signature of
the call that it answers.
"""

import base64
import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

import http_sf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)
from http_message_signatures.algorithms import ED25519
from http_message_signatures.digests import ContentDigest
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from sprechzeit.core.errors import DomainError
from sprechzeit.partners.errors import (
    DigestWrong,
    SignatureIncomplete,
    SignatureStale,
    SignatureUnreadable,
    SignatureWrong,
    Unsigned,
)

TAG = "sprechzeit-otv"
LABEL = "sprechzeit"
GOOD_SECONDS = 300
ALWAYS = ("@method", "@authority", "@path", "@query")
WITH_BODY = ("content-digest", "content-type")
IDEMPOTENCY = "idempotency-key"
SHORTEST_NONCE, LONGEST_NONCE = 16, 100
ACCEPTED = f'{LABEL}=({" ".join(f"{chr(34)}{one}{chr(34)}" for one in ALWAYS)});created;keyid;nonce;tag="{TAG}"'
# A key that nobody has: a call with an unknown key takes as long as one with a wrong signature.
NOBODY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"nobody").digest()).public_key()


@dataclass(frozen=True, slots=True)
class Call:
    """A request as signatures see it. `url`: absolute and encoded; `headers`: as they came."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a signature says of itself, before it is proved."""

    label: str
    key: str
    nonce: str


@dataclass(slots=True)
class _Answer:
    status_code: int
    headers: dict[str, str]
    request: Call


class _Key(HTTPSignatureKeyResolver):
    """One key, whatever it is called."""

    def __init__(self, public: Ed25519PublicKey | None = None, private: Ed25519PrivateKey | None = None) -> None:
        self.public, self.private = public, private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        return self.public

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        if self.private is None:
            raise KeyError(key_id)
        return self.private


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = timedelta(seconds=GOOD_SECONDS)


def claim_of(call: Call) -> Claim:
    """The one signature with our tag. Nothing is proved by it: `prove` does that.

    Raises `Unsigned`, `SignatureUnreadable`, `SignatureIncomplete`, `SignatureStale`.
    """
    given = {name.lower(): value for name, value in call.headers.items()}
    if "signature-input" not in given or "signature" not in given:
        raise Unsigned
    label, covered, parameters = _ours(given["signature-input"])
    _refuse(SignatureIncomplete, _lacking(call, given, covered, parameters))
    created, nonce = parameters["created"], parameters["nonce"]
    if abs(time.time() - created) > GOOD_SECONDS:
        raise SignatureStale
    if not SHORTEST_NONCE <= len(nonce) <= LONGEST_NONCE:
        raise SignatureIncomplete(missing=["nonce"])
    return Claim(label, parameters["keyid"], nonce)


def prove(call: Call, claim: Claim, key: Ed25519PublicKey | None) -> None:
    """That `key` made the signature, and the body is what was signed. Raises `SignatureWrong`, `DigestWrong`."""
    verifier = _Verifier(signature_algorithm=ED25519, key_resolver=_Key(key or NOBODY))
    try:
        results = verifier.verify(call, max_age=timedelta(0), expect_tag=TAG, expect_label=claim.label)
    except HTTPMessageSignaturesException as error:
        raise SignatureWrong from error
    if key is None:
        raise SignatureWrong
    try:
        verifier.verify_body(call, results, call.body)
    except InvalidSignature as error:
        raise DigestWrong from error


def signature_headers(
    status: int, kind: str, body: bytes, call: Call, claim: Claim, *, reference: str, key: Ed25519PrivateKey
) -> dict[str, str]:
    """The headers that sign an answer to a call, whose signature it covers: it is the answer to no other one."""
    answer = _Answer(status, {"Content-Type": kind} if body else {}, call)
    covered = ["@status", *(WITH_BODY if body else ()), f'"signature";req;key="{claim.label}"']
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_Key(private=key))
    if body:
        ContentDigest.add(answer.headers, body)
    signer.sign(
        answer,
        key_id=reference,
        label=LABEL,
        tag=TAG,
        covered_component_ids=covered,
        use_existing_digest=bool(body),
    )
    return {name: value for name, value in answer.headers.items() if name != "Content-Type"}


@lru_cache(maxsize=1024)
def public_key(text: str) -> Ed25519PublicKey:
    """The key of 32 bytes in base64. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))


@lru_cache(maxsize=256)
def private_key(text: str) -> Ed25519PrivateKey:
    """The key of 32 bytes in base64. Raises ValueError."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text, validate=True))


def jwk(reference: str, text: str) -> dict[str, str]:
    """A public key as a JSON Web Key (RFC 8037)."""
    x = base64.urlsafe_b64encode(base64.b64decode(text)).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "kid": reference, "x": x, "use": "sig", "alg": "EdDSA"}


def _ours(field_value: str) -> tuple[str, list[tuple[Any, dict[str, Any]]], dict[str, Any]]:
    """Label, components and parameters of the signature with our tag."""
    try:
        parsed: dict[str, Any] = http_sf.parse(field_value.encode("ascii"), tltype="dictionary")  # type: ignore[assignment]  # it says all kinds
        found = [
            (label, members, parameters)
            for label, (members, parameters) in parsed.items()
            if isinstance(members, list) and parameters.get("tag") == TAG
        ]
    except (ValueError, TypeError) as error:
        raise SignatureUnreadable from error
    if len(found) != 1:
        raise SignatureUnreadable
    return found[0]


def _lacking(
    call: Call, given: Mapping[str, str], covered: Iterable[tuple[Any, dict[str, Any]]], parameters: dict[str, Any]
) -> list[str]:
    """What the signature ought to cover or say and does not."""
    plain = {name for name, more in covered if not more}
    wanted = [*ALWAYS, *(WITH_BODY if call.body else ()), *([IDEMPOTENCY] if IDEMPOTENCY in given else ())]
    kinds = {"created": int, "keyid": str, "nonce": str}
    lacking = [name for name in wanted if name not in plain]
    lacking += [name for name, kind in kinds.items() if type(parameters.get(name)) is not kind]
    return lacking + (["alg"] if parameters.get("alg", ED25519.algorithm_id) != ED25519.algorithm_id else [])


def _refuse(error: type[DomainError], missing: list[str]) -> None:
    if missing:
        raise error(missing=missing)
