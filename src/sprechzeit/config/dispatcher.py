"""One port for both: live streams go to small asynchronous code, every page through WSGI.

Django's own ASGI handling lost half to nine tenths of the speed of its pages (architecture §1).
"""

import gc
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from environs import Env

from sprechzeit.config.wsgi import application as wsgi

# isort: split
# Django is set up by now.
from sprechzeit.config.consultations import CONSULTATION, consultation
from sprechzeit.config.live import stream

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

THREADS = Env().int("SPRECHZEIT_WEB_THREADS", 8)
LIVE = "/live/"

_pages = cast(Callable[[Scope, Receive, Send], Awaitable[None]], WSGIMiddleware(cast(Any, wsgi), workers=THREADS))


# What was imported stays: looking through it for garbage again and again took 6 to 8 % of a page's processor time.
gc.freeze()
gc.set_threshold(50_000, 20, 20)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application that granian serves."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == LIVE:
        await stream(scope, receive, send)
    elif scope["type"] == "http" and CONSULTATION.fullmatch(scope["path"]):
        await consultation(scope, receive, send)
    elif scope["type"] == "http":
        await _pages(scope, _coroutine(receive), _coroutine(send))
    else:
        await send({"type": "websocket.close", "code": 1000})


def _coroutine(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The server's own awaitables are no coroutines, which is what the bridge to WSGI hands between threads."""

    async def called(*arguments: Any) -> Any:
        return await call(*arguments)

    return called


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
