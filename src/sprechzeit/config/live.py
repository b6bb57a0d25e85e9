"""Live updates by server-sent events (CAL-14): 'this column changed', and nothing more.

A stream holds no transaction. Before each event, and at every heartbeat, the visitor's rights are looked up anew.
A page that is of other practices than the session's names them: `/live/?practice=<id>&practice=<id>`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import parse_qs

import psycopg
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections

from sprechzeit.access.actor import Actor
from sprechzeit.accounts.sessions import SessionStore
from sprechzeit.core.acting import run_as
from sprechzeit.core.live import CHANNEL
from sprechzeit.practice.visitors import actor_of
from sprechzeit.scheduling.policy import sees_all_calendars, visible_calendars

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Found = TypeVar("Found")

# Of which practice, and which of its calendars has changed; '' and '': something about the user.
Change = tuple[str, str]
NOTHING: Change = ("", "")

HEARTBEAT_SECONDS = 15
MOST_PRACTICES = 60
WAITING_EVENTS = 500
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

log = logging.getLogger(__name__)
_looking_up = ThreadPoolExecutor(2, thread_name_prefix="live")


class Hub:
    """The one connection of this process that listens, and the streams that wait for what it hears."""

    def __init__(self) -> None:
        self._streams: dict[asyncio.Queue[Change | None], tuple[frozenset[str], str]] = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    @contextlib.asynccontextmanager
    async def subscribed(self, practices: frozenset[str], user: str) -> Any:
        """A queue of what changed in the practices; None: the stream must begin anew.

        Of no practice: something about the user has changed, perhaps they are signed out.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        queue: asyncio.Queue[Change | None] = asyncio.Queue(WAITING_EVENTS)
        self._streams[queue] = (practices, user)
        try:
            # Nothing is promised before the database is listened to: the page fetches anew once the stream is open.
            await asyncio.wait_for(self._listening.wait(), 10)
            yield queue
        finally:
            del self._streams[queue]

    async def _listen(self) -> None:
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(settings.DATABASE_LISTEN_URL, autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    async for notice in connection.notifies():
                        self._hand_out(*notice.payload.split(" "))
            except (psycopg.Error, OSError) as error:
                if self._listening.is_set():
                    log.warning("live updates interrupted: %s", type(error).__name__)
            self._listening.clear()
            self._end_all()
            await asyncio.sleep(1)

    def _hand_out(self, about: str, calendar: str) -> None:
        for queue, (practices, user) in self._streams.items():
            if about in practices:
                self._put(queue, (about, calendar))
            elif about == user:
                self._put(queue, NOTHING)

    def _end_all(self) -> None:
        """What was missed cannot be known: every page reconnects and fetches anew."""
        for queue in self._streams:
            self._put(queue, None)

    @staticmethod
    def _put(queue: asyncio.Queue[Change | None], item: Change | None) -> None:
        if queue.full():
            queue.get_nowait()
            item = None
        queue.put_nowait(item)


_hub = Hub()


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


def _who(cookie: str, practices: list[str]) -> Listener | None:
    """The member or delegate behind a session, in the named practices, else in the chosen one; None for nobody.

    Looked up in the database each time.
    """
    close_old_connections()
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if morsel is None:
        return None
    session = SessionStore(session_key=morsel.value)
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # it reads the session, nothing else
    if not user.is_authenticated:
        return None
    wanted: Sequence[str | None] = practices or [session.get("practice")]
    found = [actor_of(user, one) for one in wanted]
    actors = tuple(one for one in found if one)
    return Listener(actors, str(user.pk)) if actors else None


def _said(cookie: str, practices: list[str], who: Listener, change: Change) -> str | None:
    """What the stream says of a change; None where the rights in one practice are others now."""
    now = _who(cookie, practices)
    if now != who:
        return None
    return f"event: calendar\ndata: {who.told(*change)}\n\n" if change != NOTHING else ": still here\n\n"


async def _looked_up(work: Callable[..., Found], *facts: Any) -> Found:
    """What asks the database, beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(_looking_up, work, *facts)


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one open appointment book until it goes away or its rights do."""
    cookie = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"), "")
    practices = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("practice", [])[:MOST_PRACTICES]
    try:
        who = await _looked_up(_who, cookie, practices)
    except Exception as error:
        log.warning("no live updates now: %s", type(error).__name__)
        return await _refuse(send, 503)
    if scope["method"] != "GET" or who is None:
        # 204 tells the browser's EventSource not to come back.
        return await _refuse(send, 204)
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    gone = asyncio.create_task(_until_gone(receive))
    events = asyncio.create_task(_events(cookie, practices, who, send))
    try:
        await asyncio.wait({gone, events}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (gone, events):
            task.cancel()
        await asyncio.gather(gone, events, return_exceptions=True)
    with contextlib.suppress(Exception):
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    return None


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _events(cookie: str, practices: list[str], who: Listener, send: Send) -> None:
    async with _hub.subscribed(who.practices, who.user) as queue:
        await _send(send, "retry: 1000\nevent: listening\ndata:\n\n")
        while True:
            try:
                change = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                change = NOTHING
            if change is None:
                return
            said = await _looked_up(_said, cookie, practices, who, change)
            # Whose rights in one practice have changed loads the page again, which shows what is left.
            await _send(send, said or "event: ended\ndata:\n\n")
            if said is None:
                return


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"retry-after", b"5")] if status == 503 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
