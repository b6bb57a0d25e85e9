"""Calls over HTTP, signed as the contract wants it, or wrong in exactly one way (RFC 9421, RFC 9530)."""

import base64
import http.client
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ED25519

from sprechzeit.operations.conformance.outcome import Failed, Skipped, expect
from sprechzeit.operations.terminal import _

TAG = "sprechzeit-otv"
PATIENCE = 30.0  # seconds for one answer
TRIES, LONGEST_WAIT = 4, 61  # of a call that is one too many: seconds
Json = dict[str, Any]
LABEL = "kit"
COVERED = ("@method", "@authority", "@path", "@query", "content-type", "idempotency-key")
OF_RESPONSES = ("@status", f'"signature";req;key="{LABEL}"')


@dataclass
class Message:
    """A request, as it goes over the wire; `body` may be other than what was signed."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back. `headers`: names in small letters."""

    status_code: int
    headers: dict[str, str]
    content: bytes
    request: Message

    @cached_property
    def body(self) -> Json:
        """Its JSON object. Raises `Failed` where it is none."""
        try:
            found = json.loads(self.content or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Failed(_("%(status)s, and not a JSON object") % {"status": self.status_code})
        return found

    def is_status(self, *wanted: int) -> "Answer":
        """Itself. Raises `Failed` for another status."""
        said = f" ({self.body.get('code', '')})" if self.status_code >= 400 and self._is_problem else ""
        expect(
            self.status_code in wanted,
            _("answered %(status)s instead of %(wanted)s")
            % {"status": f"{self.status_code}{said}", "wanted": "/".join(map(str, wanted))},
        )
        return self

    def is_problem(self, *wanted: int) -> "Answer":
        """Itself. Raises `Failed` unless it is a refusal that says what to do (OTV-12, RFC 9457)."""
        self.is_status(*wanted)
        expect(self._is_problem, _("the refusal is not application/problem+json"))
        missing = {"type", "title", "status", "detail", "code"} - set(self.body)
        expect(not missing, _("the problem lacks %(names)s") % {"names": ", ".join(sorted(missing))})
        expect(self.body["status"] == self.status_code, _("the problem names another status"))
        expect(b"Traceback" not in self.content, _("the problem shows the program's insides"))
        return self

    @property
    def _is_problem(self) -> bool:
        return self.headers.get("content-type", "").startswith("application/problem+json")


@dataclass(frozen=True)
class Signing:
    """How a request is signed; what is not given is as it should be."""

    keyid: str
    key: Ed25519PrivateKey
    late: float = 0.0
    nonce: str = ""
    tag: str = TAG
    without: tuple[str, ...] = ()
    digest: bool = True

    def sign(self, message: Message) -> None:
        """Put the signature into the headers."""
        names = [one for one in COVERED if one.startswith("@") or one in map(str.lower, message.headers)]
        resolver = MappingKeyResolver(public_keys={}, private_keys={self.keyid: self.key})
        signer = HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=resolver)
        signer.sign(
            message,
            key_id=self.keyid,
            created=datetime.now(UTC) - timedelta(seconds=self.late),
            nonce=self.nonce or secrets.token_urlsafe(24),
            tag=self.tag,
            label=LABEL,
            include_alg=False,
            covered_component_ids=[one for one in names if one not in self.without],
            body=message.body if message.body and self.digest else None,
        )


@dataclass
class Practice:
    """The practice's interface: where it is, who we are there, and what earlier situations left behind in `found`."""

    url: str
    signing: Signing
    document: Json
    base: str = "/api/otv/v1"
    found: dict[str, Any] = field(default_factory=dict)
    waits: bool = True

    def message(self, method: str, path: str, body: Json | bytes | None = None, **headers: str) -> Message:
        """A request that is not signed yet. Headers by their names in Python: `idempotency_key`."""
        named = {name.replace("_", "-"): one for name, one in headers.items() if one}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if content:
            named.setdefault("content-type", "application/json")
        return Message(method, f"{self.url}{self.base}{path}", named, content)

    def ask(self, path: str, *, language: str = "en", **query: Any) -> Answer:
        """A signed question."""
        asked = f"?{urlencode(query)}" if query else ""
        return self.call("GET", path + asked, accept_language=language)

    def tell(self, path: str, body: Json | None = None, *, key: str = "", method: str = "POST") -> Answer:
        """A signed call that changes something; a new idempotency key unless one is given."""
        return self.call(method, path, {} if body is None else body, idempotency_key=key or new_key())

    def call(self, method: str, path: str, body: Json | bytes | None = None, **headers: str) -> Answer:
        """Sign and send. Where the practice wants less calls a minute, wait and sign anew, as a portal does."""
        for _try in range(TRIES):
            message = self.message(method, path, body, **headers)
            self.signing.sign(message)
            answer = send(message)
            if answer.status_code != 429 or not self.waits:
                break
            wait = answer.headers.get("retry-after", "")
            time.sleep(min(int(wait), LONGEST_WAIT) if wait.isdigit() else 1)
        return answer

    def need(self, name: str) -> Any:
        """What an earlier situation found. Raises `Skipped` where it did not."""
        if name not in self.found:
            raise Skipped(_("needs an earlier step that did not succeed"))
        return self.found[name]

    @property
    def keys(self) -> dict[str, Ed25519PublicKey]:
        """The practice's own, as it names them."""
        return {
            one["kid"]: Ed25519PublicKey.from_public_bytes(
                base64.urlsafe_b64decode(one["x"] + "=" * (-len(one["x"]) % 4))
            )
            for one in self.need("keys")
        }

    def check_signature(self, answer: Answer) -> None:
        """Raises `Failed` unless the practice signed this answer to this request."""
        verifier = HTTPMessageVerifier(
            signature_algorithm=ED25519, key_resolver=MappingKeyResolver(public_keys=self.keys, private_keys={})
        )
        verifier.max_clock_skew = timedelta(seconds=60)
        wanted = [*OF_RESPONSES, *(["content-type"] if answer.content else [])]
        try:
            verifier.verify(
                answer, max_age=timedelta(minutes=5), expect_tag=TAG, require_components=wanted, body=answer.content
            )
        except InvalidSignature as error:
            raise Failed(_("the answer is not signed as it should be: %(why)s") % {"why": error}) from error


def send(message: Message) -> Answer:
    """Over the wire, without following anything. Raises `OSError`."""
    status, headers, content = exchange(message.method, message.url, message.body, message.headers)
    return Answer(status, headers, content, message)


def exchange(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
    """One request and its answer."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=PATIENCE)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body or None, {"Accept-Encoding": "identity", **headers})
        answer = connection.getresponse()
        fields: dict[str, str] = {}
        for name, value in answer.getheaders():
            fields[name.lower()] = f"{fields[name.lower()]}, {value}" if name.lower() in fields else value
        return answer.status, fields, answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def new_key() -> str:
    """An idempotency key of a call that is new."""
    return f"kit-{secrets.token_urlsafe(24)}"


def now() -> float:
    """Seconds since 1970."""
    return time.time()
