"""The live stream of a consultation's page: where things stand, and the other page's signals (VID-3).

`/video/<link>/events/?seat=<id>&taken=<number>` for the patient, `/video/calls/<id>/events/` for the practitioner, with
`practice=<id>` as in `live.py`. Whoever comes back with `Last-Event-ID` gets what came after it. Rights are looked up
anew before each event; the stream ends with them.
"""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError

from sprechzeit.access.actor import Actor
from sprechzeit.config.streams import (
    Receive,
    Scope,
    Send,
    answer,
    cookie_of,
    hub,
    looked_up,
    next_change,
    refuse,
    send_text,
    session_of,
)
from sprechzeit.core.acting import run_as
from sprechzeit.core.errors import DomainError, NotFound
from sprechzeit.core.ids import parse_id
from sprechzeit.practice.visitors import actor_of
from sprechzeit.video.actions.seats import Heard, listen, step_away
from sprechzeit.video.errors import LinkNotOpen, NotAdmitted, SeatLost
from sprechzeit.video.queries.consultation import meeting_of
from sprechzeit.video.visitors import COOKIE, guest_of

CONSULTATION = re.compile(r"/video/(?:calls/(?P<call>[0-9a-f-]{36})|(?P<link>[A-Za-z0-9_-]{1,100}))/events/")
# What a page is told when its stream ends for good.
WHY: Mapping[type[DomainError], str] = {NotAdmitted: "ended", SeatLost: "elsewhere", LinkNotOpen: "closed"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request for a stream says of itself."""

    link: str
    call: str
    cookie: str
    practice: str | None
    seat: str

    def actor(self) -> Actor:
        """The patient, or the member behind a session. Raises `NotFound` for anybody else."""
        if self.link:
            return guest_of(self.link, self.cookie)
        signed_in = session_of(self.cookie) if self.cookie else None
        found = actor_of(signed_in[0], self.practice or signed_in[1].get("practice")) if signed_in else None
        if found is None:
            raise NotFound
        return found

    def video_id(self, actor: Actor) -> UUID:
        """Of the consultation. Raises `NotFound`."""
        return actor.identity if self.link else parse_id(self.call)


@dataclass(frozen=True, slots=True)
class Place:
    """Which consultation a stream is of, and the changes that matter to it: of itself, and of its practice's book."""

    consultation: str
    practice: str
    calendar: str
    user: str

    def matters(self, of: str, part: str) -> bool:
        """Whether a change may concern it. What is of nothing is a heartbeat, or about the user."""
        return of != self.practice or part in (self.calendar, self.practice)


def _place(asked: Asked) -> Place | None:
    """Where the seat is; None for nobody."""
    try:
        actor = asked.actor()
        meeting = run_as(actor, lambda: meeting_of(actor, pk=asked.video_id(actor)))
    except DomainError:
        return None
    if meeting.consultation is None:
        return None
    signed_in = session_of(asked.cookie) if asked.call else None
    return Place(
        str(meeting.consultation.pk),
        str(meeting.video.practice_id),
        str(meeting.calendar.pk),
        str(signed_in[0].pk) if signed_in else "",
    )


def _heard(asked: Asked, taken: int, sent: int) -> Heard | str:
    """What is new, or why the stream ends."""
    try:
        actor = asked.actor()
        return run_as(actor, lambda: listen(actor, asked.video_id(actor), parse_id(asked.seat), taken, sent))
    except DomainError as refused:
        return WHY.get(type(refused), "closed")


def _gone(asked: Asked) -> None:
    """Nobody is there until the page comes back. With the database away, those who look notice by the clock."""
    with suppress(DomainError, DatabaseError):
        actor = asked.actor()
        run_as(actor, lambda: step_away(actor, asked.video_id(actor), parse_id(asked.seat)))


async def consultation(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one page of a consultation until it goes away, or may no longer be there."""
    found = CONSULTATION.fullmatch(scope["path"])
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    link, call = (found["link"] or "", found["call"] or "") if found else ("", "")
    cookie = cookie_of(scope, COOKIE if link else settings.SESSION_COOKIE_NAME)
    asked = Asked(link, call, cookie, *(query.get(name, [""])[0] for name in ("practice", "seat")))
    try:
        place = await looked_up(_place, asked)
    except Exception as error:
        log.warning("no stream of a consultation now: %s", type(error).__name__)
        return await refuse(send, 503)
    if scope["method"] != "GET" or place is None:
        return await refuse(send, 204)
    try:
        return await answer(receive, send, _events(asked, place, _taken(scope, query), send))
    finally:
        await looked_up(_gone, asked)


def _taken(scope: Scope, query: Mapping[str, list[str]]) -> int:
    """The number of the last signal that the page has: as its browser says when it comes back, or as it says itself."""
    again = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"last-event-id"), "")
    said = [one for one in (again, query.get("taken", [""])[0]) if one.isascii() and one.isdigit() and len(one) < 10]
    return max((int(one) for one in said), default=0)


async def _events(asked: Asked, place: Place, taken: int, send: Send) -> None:
    async with hub.subscribed(frozenset({place.consultation, place.practice}), place.user) as queue:
        told: dict[str, Any] | None = None
        sent = taken
        await send_text(send, "retry: 1000\n\n")
        change: tuple[str, str] | None = ("", "")
        while change is not None:
            if place.matters(*change):
                heard = await looked_up(_heard, asked, taken, sent)
                if isinstance(heard, str):
                    return await send_text(send, _event("over", heard))
                text = "" if heard.state == told else _event("state", json.dumps(heard.state))
                told = heard.state
                for one in heard.signals:
                    facts = {"from": str(one.sender or ""), "kind": one.kind, "body": one.body}
                    text += _event("signal", json.dumps(facts), number=one.number)
                    sent = one.number
                if asked.call and change[0] == place.practice:
                    text += _event("practice", "")
                await send_text(send, text or ": still here\n\n")
            change = await next_change(queue)
        return None


def _event(name: str, data: str, *, number: int = 0) -> str:
    return (f"id: {number}\n" if number else "") + f"event: {name}\ndata: {data}\n\n"
