"""A running burst of calls: what is revoked in the middle of it is dead, and a call is answered once (OTV-1, OTV-2)."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.portal_client import Answer, Message, Portal
from tests.support.server import Program, running

pytestmark = [pytest.mark.own_database]
THREADS, SECONDS = 4, 1.5


@pytest.fixture
def program(own_database: Databases) -> Iterator[Program]:
    """The pages, as two processes."""
    with running(own_database, worker=False, workers=2, PARTNER_CALLS_PER_MINUTE="100000") as program:
        yield program


@pytest.mark.req("OTV-1", "OTV-2")
def test_what_is_revoked_in_a_burst_is_dead_within_a_second(cast: Cast, program: Program) -> None:
    portal = Portal(cast.albers, base_url=program.url)
    assert portal.get("/practice").status == 200

    ends: dict[str, Callable[[], None]] = {
        "key_revoked": lambda: portal.change_key(revoked_at=timezone.now()),
        "partner_ended": lambda: portal.change(ended_at=timezone.now()),
    }
    for code, end in ends.items():
        portal.change(ended_at=None)
        portal.keys = portal.new_keys()
        before, after = burst(portal, end)
        assert len(before) >= THREADS and {one[1] for one in before} == {""}
        assert len(after) >= THREADS
        # Promised is a second; in truth not one call succeeds that began after the revocation was written.
        assert {one[1] for one in after} == {code}


def burst(portal: Portal, end: Callable[[], None]) -> tuple[list[Any], list[Any]]:
    """Calls from all sides, `end` in the middle: (moment, code) of those that ended before it, and began after it."""
    stop = Event()

    def calls() -> list[tuple[float, str, float]]:
        found = []
        while not stop.is_set():
            began = time.monotonic()
            answer = portal.get("/practice")
            found.append((began, "" if answer.status == 200 else answer.code, time.monotonic()))
        return found

    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(calls) for _ in range(THREADS)]
        time.sleep(SECONDS)
        began = time.monotonic()
        end()
        ended = time.monotonic()
        time.sleep(SECONDS)
        stop.set()
        found = [one for thread in running for one in thread.result()]
    return [one for one in found if one[2] < began], [one for one in found if one[0] > ended]


@pytest.mark.req("OTV-2")
def test_of_the_same_call_sent_many_times_at_once_one_is_answered(cast: Cast, program: Program) -> None:
    """Two processes, one nonce; the first call of all makes the practice's key once."""
    portal = Portal(cast.albers, base_url=program.url)

    def sent(message: Message) -> Answer:
        try:
            return portal.send(message)
        finally:
            connection.close()  # asked for the practice's keys

    messages = [portal.signed("GET", "/practice") for _ in range(5)]
    with ThreadPoolExecutor(8) as pool:
        for message in messages:
            answers = list(pool.map(sent, [message] * 8))
            assert sorted(one.status for one in answers) == [200] + [401] * 7
            assert {one.code for one in answers if one.status == 401} == {"nonce_reused"}
    assert len(portal.practice_keys()) == 1
