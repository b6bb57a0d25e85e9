"""Live updates by server-sent events (CAL-14): 'this column changed', and nothing more.

A stream holds no transaction. Before each event, and at every heartbeat, the visitor's rights are looked up anew.
A page that is of other practices than the session's names them: `/live/?practice=<id>&practice=<id>`.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import Any
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
        self._streams: dict[asyncio.Queue[str | None], tuple[frozenset[str], str]] = {}
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    @contextlib.asynccontextmanager
    async def subscribed(self, practices: frozenset[str], user: str) -> Any:
        """A queue of calendar ids of the practices that changed; None: the stream must begin anew.

        An empty id: something about the user has changed, perhaps they are signed out.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        queue: asyncio.Queue[str | None] = asyncio.Queue(WAITING_EVENTS)
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
                self._put(queue, calendar)
            elif about == user:
                self._put(queue, "")

    def _end_all(self) -> None:
        """What was missed cannot be known: every page reconnects and fetches anew."""
        for queue in self._streams:
            self._put(queue, None)

    @staticmethod
    def _put(queue: asyncio.Queue[str | None], item: str | None) -> None:
        if queue.full():
            queue.get_nowait()
            item = None
        queue.put_nowait(item)


_hub = Hub()


@dataclass(frozen=True, slots=True)
class Who:
    """Who may look, in each practice that is looked at, whose user they are, and of which calendars they hear; None
    for all.
    """

    actors: tuple[Actor, ...]
    user: str
    calendars: frozenset[str] | None = field(compare=False)

    def told(self, calendar: str) -> str:
        """What is said of a change: of a calendar that is not there for them, that something changed in a practice."""
        if self.calendars is None or calendar in self.calendars:
            return calendar
        return str(self.actors[0].practice_id)


def _who(cookie: str, practices: list[str]) -> Who | None:
    """Who the user behind a session is in the named practices, else in the chosen one; None for nobody.

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
    found = [actor_of(user, one) for one in practices or [session.get("practice")]]
    actors = tuple(one for one in found if one)
    if not actors:
        return None
    heard = None if all(map(sees_all_calendars, actors)) else frozenset().union(*map(_heard, actors))
    return Who(actors, str(user.pk), heard)


def _heard(actor: Actor) -> frozenset[str]:
    """The calendars that somebody sees, retired ones too."""
    seen = run_as(actor, lambda: list(visible_calendars(actor, retired=True).values_list("pk", flat=True)))
    return frozenset(map(str, seen))


async def _looked_up(cookie: str, practices: list[str]) -> Who | None:
    return await asyncio.get_running_loop().run_in_executor(_looking_up, _who, cookie, practices)


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one open appointment book until it goes away or its rights do."""
    cookie = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"), "")
    practices = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("practice", [])[:MOST_PRACTICES]
    try:
        who = await _looked_up(cookie, practices)
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


async def _events(cookie: str, practices: list[str], who: Who, send: Send) -> None:
    async with _hub.subscribed(frozenset(str(one.practice_id) for one in who.actors), who.user) as queue:
        await _send(send, "retry: 1000\nevent: listening\ndata:\n\n")
        while True:
            try:
                calendar = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                calendar = ""
            if calendar is None:
                return
            # Whose rights in one practice have changed loads the page again, which shows what is left.
            now = await _looked_up(cookie, practices)
            if now is None or now != who:
                await _send(send, "event: ended\ndata:\n\n")
                return
            await _send(send, f"event: calendar\ndata: {now.told(calendar)}\n\n" if calendar else ": still here\n\n")


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"retry-after", b"5")] if status == 503 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
