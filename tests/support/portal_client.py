"""A booking portal of a partner for the tests: signs its calls (RFC 9421), checks the practice's signature each time.

`Portal(house).get("/practice").json`; in-process, or over HTTP with `base_url`. A call that goes wrong on purpose is
made with `signed`, changed, and sent with `send`.
"""

import base64
import json
import secrets
import time
import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import http_sf
import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.test import Client
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ED25519
from http_message_signatures.digests import ContentDigest

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_reference
from sprechzeit.partners.models import SigningKey
from sprechzeit.practice.models import Partner, PartnerKey, Reading
from tests.support.cast import House
from tests.support.licence import licensed
from tests.support.partners import registered

BASE = "/api/otv/v1"
TAG = "sprechzeit-otv"


@dataclass
class Answer:
    """What the practice answered. `signed`: whether it was, and then the signature was right."""

    status: int
    headers: dict[str, str]
    body: bytes
    signed: bool

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.json["code"])


@dataclass
class Message:
    """A request or a response as the library for signatures wants it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Response:
    """A response, and the request that it answers."""

    status_code: int
    headers: dict[str, str]
    request: Message


@dataclass
class Keys:
    """A key pair of a partner, registered with the practice as `reference`."""

    reference: str
    private: Ed25519PrivateKey = field(repr=False)


class Portal:
    """A partner of a practice, with a key, that may read everything unless `reads` says less."""

    def __init__(
        self,
        house: House,
        name: str = "TerminFinder",
        *,
        reads: Iterable[Reading] = tuple(Reading),
        base_url: str = "",
        language: str = "",
        actor: Actor | None = None,
    ) -> None:
        licensed()
        self.house, self.base_url, self.language = house, base_url.rstrip("/"), language
        self.actor = actor or registered(house, name)
        self.partner_id = self.actor.identity
        with acting(house.system):
            Partner.objects.filter(pk=self.partner_id).update(reads=[str(one) for one in reads])
        self.keys = self.new_keys()
        self._http = httpx.Client(timeout=30) if base_url else None
        if self._http is not None:
            weakref.finalize(self, self._http.close)
        self._known: dict[str, Ed25519PublicKey] = {}
        self._client = Client(raise_request_exception=False)

    def new_keys(self, **facts: Any) -> Keys:
        """One more key pair, registered; `facts` as the model names them."""
        private, reference = Ed25519PrivateKey.generate(), new_reference()
        public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
        with acting(self.house.system):
            PartnerKey.objects.create(
                practice_id=self.house.practice.pk, partner_id=self.partner_id, reference=reference,
                public_key=public, **facts,
            )  # fmt: skip
        return Keys(reference, private)

    def change(self, **facts: Any) -> None:
        """Write into the row of the partner."""
        with acting(self.house.system):
            Partner.objects.filter(pk=self.partner_id).update(**facts)

    def change_key(self, **facts: Any) -> None:
        """Write into the row of the key."""
        with acting(self.house.system):
            PartnerKey.objects.filter(reference=self.keys.reference).update(**facts)

    # --- Calls ------------------------------------------------------------------------------------------------------

    def get(self, path: str, /, **query: Any) -> Answer:
        """GET; `query` as parameters (`from_` for `from`)."""
        named = {name.rstrip("_"): value for name, value in query.items()}
        return self.send(self.signed("GET", path + (f"?{urlencode(named)}" if named else "")))

    def post(self, path: str, /, data: Any = None, *, key: str | None = "") -> Answer:
        """POST of JSON with an idempotency key: `key`, a new one, or none (None)."""
        chosen = secrets.token_urlsafe(20) if key == "" else key
        return self.send(self.signed("POST", path, data, idempotency_key=chosen))

    def delete(self, path: str, /) -> Answer:
        """DELETE."""
        return self.send(self.signed("DELETE", path))

    def signed(
        self,
        method: str,
        path: str,
        data: Any = None,
        *,
        idempotency_key: str | None = None,
        headers: dict[str, str] | None = None,
        keys: Keys | None = None,
        **otherwise: Any,
    ) -> Message:
        """A call, signed as it should be unless `otherwise` (of `sign`) says something else."""
        body = data if isinstance(data, bytes) else b"" if data is None else json.dumps(data).encode()
        made = Message(method, self.url(path), {}, body)
        if body:
            made.headers["Content-Type"] = "application/json"
        if idempotency_key is not None:
            made.headers["Idempotency-Key"] = idempotency_key
        if self.language:
            made.headers["Accept-Language"] = self.language
        made.headers |= headers or {}
        sign(made, keys or self.keys, **otherwise)
        return made

    def url(self, path: str) -> str:
        """The whole address of an operation."""
        return f"{self.base_url or 'http://testserver'}{BASE}{path}"

    def send(self, message: Message) -> Answer:
        """Send a call as it is, and check the answer's signature."""
        if self._http is not None:
            got = self._http.request(message.method, message.url, headers=message.headers, content=message.body)
            answer = Answer(got.status_code, dict(got.headers), got.content, False)
        else:
            path = message.url.removeprefix("http://testserver")
            reply = self._client.generic(
                message.method, path, message.body, message.headers.get("Content-Type", ""),
                headers={name: value for name, value in message.headers.items() if name != "Content-Type"},
            )  # fmt: skip
            answer = Answer(reply.status_code, dict(reply.headers), reply.content, False)
        answer.signed = self._is_signed(message, answer)
        return answer

    def _is_signed(self, message: Message, answer: Answer) -> bool:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if "signature" not in headers:
            # Only to somebody who has not proved to be a partner.
            assert answer.status in (401, 413, 503), (answer.status, answer.body)
            return False
        if not any(f'keyid="{one}"' in headers["signature-input"] for one in self.practice_keys()):
            self._known = {}
        verify_answer(message, answer.status, answer.headers, answer.body, self.practice_keys())
        return True

    def practice_keys(self) -> dict[str, Ed25519PublicKey]:
        """What the practice signs with, by reference, from the database; once known it is not asked for again."""
        if not self._known:
            self._known = self._ask_for_keys()
        return self._known

    def _ask_for_keys(self) -> dict[str, Ed25519PublicKey]:
        with acting(self.house.system):
            found = SigningKey.objects.filter(practice_id=self.house.practice.pk)
            return {
                one.reference: Ed25519PublicKey.from_public_bytes(base64.b64decode(one.public_key)) for one in found
            }


def sign(
    message: Message,
    keys: Keys,
    *,
    nonce: str | None = None,
    tag: str | None = TAG,
    ago: float = 0,
    components: Sequence[str] | None = None,
    without: Sequence[str] = (),
    label: str = "portal",
    **more: Any,
) -> None:
    """Sign a call. `ago`: seconds since it is said to be made; `without`: components left out."""
    digest = ContentDigest.create(message.body)
    if message.body and "content-digest" not in without:
        message.headers["Content-Digest"] = digest
    covered = ["@method", "@authority", "@path", "@query"]
    covered += ["content-digest", "content-type"] if message.body else []
    covered += ["idempotency-key"] if "Idempotency-Key" in message.headers else []
    resolver = MappingKeyResolver(public_keys={}, private_keys={keys.reference: keys.private})
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=resolver).sign(
        message,
        key_id=keys.reference,
        created=datetime.fromtimestamp(time.time() - ago, UTC),
        nonce=secrets.token_urlsafe(18) if nonce is None else nonce,
        tag=tag,
        label=label,
        covered_component_ids=[one for one in components or covered if one not in without],
        use_existing_digest="Content-Digest" in message.headers,
        **more,
    )
    if message.body:
        message.headers["Content-Digest"] = digest


def verify_answer(
    message: Message, status: int, headers: dict[str, str], body: bytes, keys: dict[str, Ed25519PublicKey]
) -> None:
    """That the practice signed this answer to this call. Raises `InvalidSignature`."""
    resolver = MappingKeyResolver(public_keys=dict(keys), private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=resolver)
    label = label_of(message)
    required = ["@status", f'"signature";req;key="{label}"', *(["content-digest", "content-type"] if body else [])]
    verifier.verify(
        Response(status, headers, message), max_age=timedelta(minutes=5), expect_tag=TAG, require_components=required,
        body=body if body else None,
    )  # fmt: skip


def label_of(message: Message) -> str:
    """What our signature of a call is called in it."""
    parsed: dict[str, Any] = http_sf.parse(message.headers["Signature-Input"].encode(), tltype="dictionary")  # type: ignore[assignment]  # it says all kinds
    return next(label for label, (_, parameters) in parsed.items() if parameters.get("tag") == TAG)
