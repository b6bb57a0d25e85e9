"""Live updates by server-sent events (CAL-14): 'this column changed', and nothing more.

A stream holds no transaction. Before each event, and at every heartbeat, the visitor's rights are looked up anew.
A page that is of other practices than the session's names them: `/live/?practice=<id>&practice=<id>`.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from django.conf import settings

from sprechzeit.access.actor import Actor
from sprechzeit.config.streams import (
    NOTHING,
    Change,
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
from sprechzeit.practice.visitors import actor_of
from sprechzeit.scheduling.policy import sees_all_calendars, visible_calendars

MOST_PRACTICES = 60

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who a stream is for in each practice, and their user's id."""

    actors: tuple[Actor, ...]
    user: str

    @property
    def practices(self) -> frozenset[str]:
        """Of which it hears."""
        return frozenset(str(one.practice_id) for one in self.actors)

    def told(self, practice: str, calendar: str) -> str:
        """What is said of a change: of a calendar that is not there for them, that something changed."""
        actor = next(one for one in self.actors if str(one.practice_id) == practice)
        if calendar == practice or sees_all_calendars(actor):
            return calendar
        seen = run_as(actor, lambda: visible_calendars(actor, retired=True).filter(pk=calendar).exists())
        return calendar if seen else practice


def _who(key: str, practices: list[str]) -> Listener | None:
    """The member or delegate behind a session, in the named practices, else in the chosen one; None for nobody.

    Looked up in the database each time.
    """
    signed_in = session_of(key) if key else None
    if signed_in is None:
        return None
    user, session = signed_in
    wanted: Sequence[str | None] = practices or [session.get("practice")]
    found = [actor_of(user, one) for one in wanted]
    actors = tuple(one for one in found if one)
    return Listener(actors, str(user.pk)) if actors else None


def _said(key: str, practices: list[str], who: Listener, change: Change) -> str | None:
    """What the stream says of a change; None where the rights in one practice are others now."""
    now = _who(key, practices)
    if now != who:
        return None
    return f"event: calendar\ndata: {who.told(*change)}\n\n" if change != NOTHING else ": still here\n\n"


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one open appointment book until it goes away or its rights do."""
    key = cookie_of(scope, settings.SESSION_COOKIE_NAME)
    practices = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("practice", [])[:MOST_PRACTICES]
    try:
        who = await looked_up(_who, key, practices)
    except Exception as error:
        log.warning("no live updates now: %s", type(error).__name__)
        return await refuse(send, 503)
    if scope["method"] != "GET" or who is None:
        return await refuse(send, 204)
    return await answer(receive, send, _events(key, practices, who, send))


async def _events(key: str, practices: list[str], who: Listener, send: Send) -> None:
    async with hub.subscribed(who.practices, who.user) as queue:
        await send_text(send, "retry: 1000\nevent: listening\ndata:\n\n")
        while (change := await next_change(queue)) is not None:
            said = await looked_up(_said, key, practices, who, change)
            # Whose rights in one practice have changed loads the page again, which shows what is left.
            await send_text(send, said or "event: ended\ndata:\n\n")
            if said is None:
                return
