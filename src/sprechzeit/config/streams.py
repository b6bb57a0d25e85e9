"""What all live streams have: one connection a process that listens to the database, and how a stream is answered.

A stream holds no transaction; before each event the visitor's rights are looked up anew, beside the loop.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.contrib.auth import get_user
from django.db import close_old_connections

from sprechzeit.accounts.models import User
from sprechzeit.accounts.sessions import SessionStore
from sprechzeit.core.live import CHANNEL

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Found = TypeVar("Found")

# What has changed: of whom, and which part of it; '' and '': something about the user.
Change = tuple[str, str]
NOTHING: Change = ("", "")

HEARTBEAT_SECONDS = 15
WAITING_EVENTS = 500
HEADERS = [
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
    async def subscribed(self, about: frozenset[str], user: str) -> Any:
        """A queue of what changed there: in practices, in consultations; None: the stream must begin anew.

        Of nothing: something about the user has changed, perhaps they are signed out.
        """
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        queue: asyncio.Queue[Change | None] = asyncio.Queue(WAITING_EVENTS)
        self._streams[queue] = (about, user)
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

    def _hand_out(self, of: str, part: str) -> None:
        for queue, (about, user) in self._streams.items():
            if of in about:
                self._put(queue, (of, part))
            elif of == user:
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


hub = Hub()


def cookie_of(scope: Scope, name: str) -> str:
    """A cookie that came with the request; empty for none."""
    sent = next((value.decode("latin-1") for header, value in scope["headers"] if header == b"cookie"), "")
    try:
        morsel = SimpleCookie(sent).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def session_of(key: str) -> tuple[User, SessionStore] | None:
    """Who is signed in, looked up in the database each time."""
    session = SessionStore(session_key=key)
    user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # it reads the session, nothing else
    return (user, session) if isinstance(user, User) else None


async def looked_up(work: Callable[..., Found], *facts: Any) -> Found:
    """What asks the database, beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(_looking_up, _asked, work, *facts)


def _asked(work: Callable[..., Found], *facts: Any) -> Found:
    """A connection that has ended since it was last used is made anew."""
    close_old_connections()
    return work(*facts)


async def answer(receive: Receive, send: Send, events: Awaitable[None]) -> None:
    """Send events until there are no more, or the visitor goes away."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    gone = asyncio.create_task(_until_gone(receive))
    sending = asyncio.ensure_future(events)
    try:
        await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (gone, sending):
            task.cancel()
        await asyncio.gather(gone, sending, return_exceptions=True)
    with contextlib.suppress(Exception):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def next_change(queue: asyncio.Queue[Change | None]) -> Change | None:
    """What has changed; `NOTHING` at each heartbeat, None: the stream must begin anew."""
    try:
        return await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return NOTHING


async def send_text(send: Send, text: str) -> None:
    """A part of the stream."""
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def refuse(send: Send, status: int) -> None:
    """No stream. 204 tells the browser's EventSource not to come back."""
    headers = [(b"retry-after", b"5")] if status == 503 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
