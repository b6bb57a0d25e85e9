"""A booking system for the tests: it has a token of a practice and pushes to its video side."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from django.test import Client

from sprechzeit.access.actor import Actor, video_token
from sprechzeit.core.acting import acting
from sprechzeit.core.crypto import token_hash
from sprechzeit.core.ids import new_id
from sprechzeit.practice.models import VideoToken
from sprechzeit.video.actions.tokens import make_token
from sprechzeit.video.actions.visits import Push
from sprechzeit.video.models import Visit
from sprechzeit.video.users import user_id_of
from tests.support.cast import House, at

BASE = "/api/video/v1"


@dataclass
class Answer:
    """What the practice answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.json["code"])


@dataclass
class Pusher:
    """`Pusher(house).book()`; each call gets a key of its own unless told one."""

    house: House
    name: str = "Terminportal"
    by: str = ""
    base_url: str = ""
    secret: str = ""
    actor: Actor = field(init=False)

    def __post_init__(self) -> None:
        if not self.secret:
            admin = self.house.actor(self.by or next(iter(self.house.members)))
            with acting(admin):
                self.secret = make_token(admin, self.name, token_id=new_id())
        with acting(self.house.system):
            token = VideoToken.objects.get(token_hash=token_hash(self.secret))
        self.actor = video_token(self.house.practice.pk, token.pk)

    def call(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Answer:
        """One call, as it is."""
        sent = {"Authorization": f"Bearer {self.secret}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if method not in ("GET", "HEAD"):
            sent.setdefault("Idempotency-Key", key or str(new_id()))
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if content:
            sent.setdefault("Content-Type", "application/json")
        if self.base_url:
            got = httpx.request(method, f"{self.base_url}{BASE}{path}", content=content, headers=sent, timeout=60)
            return Answer(got.status_code, {name.title(): value for name, value in got.headers.items()}, got.content)
        kind = sent.pop("Content-Type", "application/octet-stream")
        found = Client(headers=sent).generic(method, f"{BASE}{path}", content, content_type=kind)
        return Answer(found.status_code, {name.title(): value for name, value in found.items()}, found.content)

    def facts(self, clock: str = "09:00", *, who: str = "", **changes: Any) -> dict[str, Any]:
        """An appointment of Paula's as it is pushed, without its reference."""
        member = self.house.members[who or next(iter(self.house.calendars))]
        facts = {
            "practitioner": user_id_of(member.pk), "starts_at": at(clock).isoformat(), "minutes": 50,
            "first_name": "Paula", "last_name": "Sommer", "email": "paula@example.org",
        }  # fmt: skip
        return facts | changes

    def push(self, starts_at: datetime, *, who: str = "", **changes: Any) -> Push:
        """The same as the actions take it."""
        return Push(**(self.facts(who=who) | {"starts_at": starts_at} | changes))

    def book(self, reference: str = "ref-1", clock: str = "09:00", *, key: str = "", **changes: Any) -> Answer:
        """A new appointment."""
        return self.call("POST", "/appointments", {"reference": reference} | self.facts(clock, **changes), key=key)

    def change(self, reference: str = "ref-1", clock: str = "09:00", *, key: str = "", **changes: Any) -> Answer:
        """Another time or name."""
        return self.call("PUT", f"/appointments/{reference}", self.facts(clock, **changes), key=key)

    def cancel(self, reference: str = "ref-1", *, key: str = "") -> Answer:
        """It does not take place."""
        return self.call("DELETE", f"/appointments/{reference}", key=key)

    def visit(self, reference: str = "ref-1") -> Visit:
        """What stands here of it, the last one by that reference."""
        with acting(self.house.system):
            own = Visit.objects.filter(token_id=self.actor.identity, reference=reference)
            return own.select_related("block__occupancy", "block__calendar", "block__video").latest("created_at", "pk")
