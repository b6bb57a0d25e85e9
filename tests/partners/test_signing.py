"""Signatures against the facts of the standards: RFC 9421 (appendix B, 2.4) and RFC 9530 (appendix B)."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ED25519
from http_message_signatures.digests import ContentDigest

from sprechzeit.partners.signing import Call, claim_of, jwk, private_key, prove, public_key

# RFC 9421 B.1.4, the key pair test-key-ed25519 (SPKI and PKCS 8).
PUBLIC = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
PRIVATE = "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
# RFC 9421 B.2, the request.
BODY = b'{"hello": "world"}'
DIGEST = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
HEADERS = {
    "Host": "example.com",
    "Date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "Content-Type": "application/json",
    "Content-Digest": DIGEST,
    "Content-Length": "18",
}
# RFC 9421 B.2.6, "Signing a Request Using ed25519".
COVERED = ("date", "@method", "@path", "@authority", "content-type", "content-length")
BASE = """"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")\
;created=1618884473;keyid="test-key-ed25519\""""
INPUT = (
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
    ';created=1618884473;keyid="test-key-ed25519"'
)
SIGNATURE = "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:"
KEYID, CREATED = "test-key-ed25519", datetime.fromtimestamp(1618884473, UTC)

pytestmark = [pytest.mark.req("OTV-2")]


def request(**more: str) -> Call:
    return Call("POST", "https://example.com/foo?param=Value&Pet=dog", HEADERS | more, BODY)


def keys() -> MappingKeyResolver:
    private: Any = load_der_private_key(base64.b64decode(PRIVATE), None)
    public: Any = load_der_public_key(base64.b64decode(PUBLIC))
    return MappingKeyResolver(public_keys={KEYID: public}, private_keys={KEYID: private})


def test_the_base_is_that_of_the_standard() -> None:
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=keys())
    prepared = signer.prepare(
        request(), key_id=KEYID, created=CREATED, covered_component_ids=COVERED, include_alg=False,
        use_existing_digest=True,
    )  # fmt: skip
    assert prepared.signature_base.decode() == BASE


def test_the_signature_is_that_of_the_standard() -> None:
    """Ed25519 is deterministic (RFC 8032)."""
    made = request()
    signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=keys())
    signer.sign(
        made, key_id=KEYID, created=CREATED, label="sig-b26", covered_component_ids=COVERED, include_alg=False,
        use_existing_digest=True,
    )  # fmt: skip
    assert (made.headers["Signature-Input"], made.headers["Signature"]) == (INPUT, SIGNATURE)


@pytest.mark.parametrize("changed", [{}, {"Date": "Tue, 20 Apr 2021 02:07:56 GMT"}, {"Content-Length": "19"}])
def test_the_signature_of_the_standard_is_verified(changed: dict[str, str]) -> None:
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=keys())
    call = request(**{"Signature-Input": INPUT, "Signature": SIGNATURE} | changed)
    if changed:
        with pytest.raises(InvalidSignature):
            verifier.verify(call, max_age=None)
    else:
        (result,) = verifier.verify(call, max_age=None)
        assert result.parameters["keyid"] == KEYID


def test_our_keys_are_the_same_ones() -> None:
    """As partners hand in their keys: 32 bytes in base64, the end of what PEM holds."""
    public = public_key(base64.b64encode(base64.b64decode(PUBLIC)[-32:]).decode())
    private = private_key(base64.b64encode(base64.b64decode(PRIVATE)[-32:]).decode())
    assert private.public_key().public_bytes_raw() == public.public_bytes_raw()
    public.verify(base64.b64decode(SIGNATURE.split(":")[1]), BASE.encode())
    # RFC 8037 A.1 has other bytes, the same form.
    assert jwk("a", base64.b64encode(public.public_bytes_raw()).decode()) == {
        "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs", "use": "sig",
        "alg": "EdDSA",
    }  # fmt: skip


def test_digests_are_those_of_the_standard() -> None:
    """RFC 9421 B.2 (SHA-512), RFC 9530 B.1's body with its SHA-256."""
    ContentDigest.verify(DIGEST, BODY)
    assert ContentDigest.create(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    with pytest.raises(InvalidSignature):
        ContentDigest.verify(DIGEST, BODY + b"\n")


def test_the_example_of_the_documentation_is_true() -> None:
    """What partners read is what the door takes, but for its age."""
    page = (Path(__file__).parents[2] / "docs/developers/partners.md").read_text()
    head, body = page.partition("```http\n")[2].partition("\n```")[0].split("\n\n")
    line, *fields = head.splitlines()
    headers = dict(one.split(": ", 1) for one in fields)
    call = Call("POST", f"https://{headers['Host']}{line.split()[1]}", headers, body.encode())
    prepared = page.partition("```text\n")[2].partition("\n```")[0]
    public = public_key(base64.b64encode(base64.b64decode(PUBLIC)[-32:]).decode())
    signed_at = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
    with time_machine.travel(signed_at, tick=False):
        claim = claim_of(call)
        prove(call, claim, public)
    assert claim.key == KEYID
    public.verify(base64.b64decode(headers["Signature"].removeprefix("portal=:").removesuffix(":")), prepared.encode())
