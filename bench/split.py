"""What of each step of a booking is middleware, SQL, engine and templates: in one process, without a server."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from django.test.utils import override_settings

from sprechzeit.core.ids import new_id
from sprechzeit.scheduling import availability

from . import report
from .book_page import PLAIN
from .booking import person
from .work import House, Time

PARTS = ("SQL", "engine", "templates")
ENGINE: list[tuple[Any, str]] = [(availability.Starts, "offers")]
ENGINE += [(availability, name) for name in ("offers", "next_offers", "reasons")]


class Meter:
    """Milliseconds spent in each part; what a part asks of another one counts there."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._within: list[str] = []
        self._since = 0.0

    def _turn(self) -> None:
        now = perf_counter()
        if self._within:
            self.spent[self._within[-1]] += (now - self._since) * 1000
        self._since = now

    def timed(self, part: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self._turn()
        self._within.append(part)
        try:
            return call(*arguments, **named)
        finally:
            self._turn()
            self._within.pop()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Times what the program does."""

        def wrapped(part: str, call: Callable[..., Any]) -> Callable[..., Any]:
            return wraps(call)(lambda *arguments, **named: self.timed(part, call, *arguments, **named))

        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(lambda run, *asked: self.timed("SQL", run, *asked)))
            stack.enter_context(patch.object(Template, "render", wrapped("templates", Template.render)))
            for place, name in ENGINE:
                stack.enter_context(patch.object(place, name, wrapped("engine", getattr(place, name))))
            yield


@override_settings(STORAGES=PLAIN, ALLOWED_HOSTS=["testserver"], TRUSTED_PROXIES=["127.0.0.1"])
def measure(house: House, times: Sequence[Time]) -> None:
    """The medians of as many bookings as there are times; `nothing` is the middleware, which each has."""
    steps: dict[str, list[dict[str, float]]] = {}
    for number, one in enumerate(times):
        for name, due, ask in _booking(house, one, number):
            meter = Meter()
            with meter.watching():
                answer = meter.timed("the rest", ask)
            assert answer.status_code == due, (name, answer.status_code)
            steps.setdefault(name, []).append(meter.spent)
    middleware = median(sum(one.values()) for one in steps.pop("nothing"))
    report.table(
        ["in-process, median ms", "all", "middleware", *PARTS, "the rest"],
        [
            (name, median(sum(one.values()) for one in each), middleware,
             *(median(one[part] for one in each) for part in PARTS),
             median(one["the rest"] for one in each) - middleware)
            for name, each in steps.items()
        ],
    )  # fmt: skip


def _booking(house: House, one: Time, number: int) -> Iterator[tuple[str, int, Callable[[], Any]]]:
    """A visitor's way through one booking: name, status due, and the request."""
    visitor = Client(headers={"Accept-Language": "de", "X-Forwarded-For": f"10.9.{number >> 8}.{number & 255}"})
    base, kept = f"/book/{house.slug}/types/{house.type.reference}/", ""

    def press() -> Any:
        nonlocal kept
        answer = visitor.post(f"{base}holds/", {"start": one.value, "key": str(new_id())})
        kept = kept or urlsplit(answer["Location"]).path
        return answer

    yield "nothing", 200, lambda: visitor.get("/bench/empty/")
    yield "page of times", 200, lambda: visitor.get(f"{base}?day={one.starts_at:%Y-%m-%d}")
    yield "hold", 303, press
    yield "page of details", 200, lambda: visitor.get(kept)
    yield "confirm", 303, lambda: visitor.post(kept, person(2 * number))
    yield "page of done", 200, lambda: visitor.get(f"{kept}done/")
    yield "conflict", 409, press
