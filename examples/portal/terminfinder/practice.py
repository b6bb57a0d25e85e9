"""The practice, as its interface shows it. Nothing else of the portal speaks to it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import InvalidSignature

from terminfinder.signing import keys_of, sign, verify

BASE = "/api/otv/v1"
LASTS = 60.0  # seconds that names, types and offerings are remembered
Json = dict[str, Any]


class Unanswered(Exception):
    """We do not know what became of a call: it is repeated, with the same key."""

    def __init__(self, why: str, wait: float = 5) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True)
class Answer:
    """A signed answer of the practice, good or bad."""

    status: int
    body: Json

    @property
    def good(self) -> bool:
        return self.status < 400

    @property
    def problem(self) -> str:
        """What the patient is told: the practice's words, in the patient's language."""
        return str(self.body.get("detail") or self.body.get("title") or "")


class Practice:
    """One practice: its address, our key there, and the keys it signs with."""

    def __init__(
        self,
        url: str,
        keyid: str,
        key: Ed25519PrivateKey,
        jwks: list[Json],
        network: httpx.BaseTransport | None = None,
    ) -> None:
        self.url, self._keyid, self._key, self._keys = url.rstrip("/"), keyid, key, keys_of(jwks)
        self._client = httpx.Client(timeout=15, headers={"Accept-Encoding": "identity"}, transport=network)
        self._kept: dict[str, tuple[float, Any]] = {}

    @property
    def keys(self) -> dict[str, Any]:
        """By which the practice's answers and webhooks are known."""
        return self._keys

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def trust(self, jwks: list[Json]) -> None:
        """From now on these: the practice rolled its keys, and said so signed with one that we knew."""
        self._keys = keys_of(jwks)

    def ask(self, path: str, language: str = "en", **query: Any) -> Answer:
        """Read something. Raises `Unanswered`."""
        return self._send("GET", path, language, params={name: one for name, one in query.items() if one})

    def tell(self, path: str, body: Json, key: str, language: str) -> Answer:
        """Change something; `key` makes a repetition harmless. Raises `Unanswered`."""
        return self._send("POST", path, language, json=body, headers={"Idempotency-Key": key})

    def introduce(self) -> tuple[Json, str]:
        """The first talk: what the practice says of itself, and its fingerprint. The keys come in the same answer, so
        that a person must compare the fingerprint with what the practice shows."""
        request = self._request("GET", "/practice", "en")
        response = self._client.send(request)
        if response.status_code != 200:
            raise SystemExit(f"{response.status_code}: {response.text[:500]}")
        body = response.json()
        self.trust(body["keys"])
        verify(response, self._keys)
        return body, ", ".join(f"{one['kid']} {one['x']}" for one in body["keys"])

    # What hardly ever changes.

    def itself(self) -> Json:
        """Name, zone, phone, rules."""
        remembered: Json = self._remembered("practice", lambda: self._one("/practice"))
        return remembered

    def types(self) -> list[Json]:
        """What can be booked here: types that somebody offers."""
        offered = {one["type"] for one in self.offerings()}
        return [one for one in self._listed("/types") if one["type"] in offered]

    def offerings(self) -> list[Json]:
        """Who offers what."""
        return self._listed("/offerings")

    def names(self) -> dict[str, str]:
        """The names of who offers something, by their calendar."""
        return {one["calendar"]: one["name"] for one in self._listed("/practitioners")}

    def free(self, kind: str, first: str, last: str, calendar: str = "") -> tuple[list[Json], list[Json]]:
        """Free times of a type from a day to a day, and the next ones if there are none. Never remembered."""
        answer = self.ask("/free", type=kind, calendar=calendar, **{"from": first, "to": last})
        if not answer.good:
            raise Unanswered(answer.problem)
        return answer.body["items"], answer.body.get("next") or []

    def events(self, after: str) -> Iterator[Json]:
        """What changed since, oldest first."""
        while True:
            answer = self.ask("/events", after=after, limit=100)
            if not answer.good:
                raise Unanswered(answer.problem)
            yield from answer.body["items"]
            if not answer.body.get("next") or not answer.body["items"]:
                return
            after = str(answer.body["items"][-1]["number"])

    def _one(self, path: str) -> Json:
        answer = self.ask(path)
        if not answer.good:
            raise Unanswered(answer.problem)
        return answer.body

    def _listed(self, path: str) -> list[Json]:
        listed: list[Json] = self._remembered(path, lambda: self._one(path)["items"])
        return listed

    def _remembered(self, name: str, ask: Callable[[], Any]) -> Any:
        until, value = self._kept.get(name, (0.0, None))
        if time.monotonic() > until:
            try:
                value = ask()
            except Unanswered:
                if value is None:
                    raise
            # Better old than nothing: who looks at their appointment need not know that the practice is away.
            self._kept[name] = (time.monotonic() + LASTS, value)
        return value

    def _request(self, method: str, path: str, language: str, **parts: Any) -> httpx.Request:
        request = self._client.build_request(method, f"{self.url}{BASE}{path}", **parts)
        request.headers["Accept-Language"] = language
        sign(request, self._key, self._keyid)
        return request

    def _send(self, method: str, path: str, language: str, **parts: Any) -> Answer:
        """An answer counts when the practice signed it; anything else might be anybody's."""
        try:
            response = self._client.send(self._request(method, path, language, **parts))
            verify(response, self._keys)
        except httpx.HTTPError as error:
            raise Unanswered(f"{type(error).__name__}: {error}") from error
        except InvalidSignature as error:
            raise Unanswered(f"the answer is not the practice's: {error}") from error
        if response.status_code == 429 or response.status_code >= 500:
            wait = response.headers.get("retry-after", "5")
            raise Unanswered(f"{response.status_code}", float(wait) if wait.isdigit() else 5)
        return Answer(response.status_code, response.json() if response.content else {})
