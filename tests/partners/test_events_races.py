"""Changes of many at once: a portal that reads on from the last number misses none (OTV-9)."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from django.db import connections
from django.db.models import F

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting, run_as
from sprechzeit.partners.queries.events import events_after
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.models import Appointment
from tests.scheduling.test_occupancy import deadlocks, race
from tests.support.cast import Cast
from tests.support.databases import Databases
from tests.support.partners import booked_by, registered

pytestmark = [pytest.mark.own_database, pytest.mark.req("OTV-9")]

CLOCKS = ["08:00", "09:00", "10:00", "13:00"]


def changing(cast: Cast, *pair: Appointment) -> Callable[[], None]:
    """Somebody who changes a booking of each partner in one transaction, again and again."""
    actor = cast.albers.actor("jana")

    def change() -> None:
        for one in pair:
            Appointment.objects.filter(pk=one.pk).update(sequence=F("sequence") + 1)

    def run() -> None:
        for _ in range(10):
            run_as(actor, change)

    return run


def reading(portal: Actor, ended: threading.Event, seen: list[int]) -> Callable[[], None]:
    """A portal that asks again and again for what comes after what it has."""

    def run() -> None:
        while True:
            is_last = ended.is_set()
            with acting(portal):
                found = events_after(portal, seen[-1] if seen else 0, 100)
            seen.extend(one.number for one in found)
            if is_last and not found:
                connections.close_all()
                return

    return run


def what_was_read(cast: Cast) -> tuple[list[int], int]:
    """The numbers that a portal read while others wrote, and how many events there are then."""
    portal, other = registered(cast.albers), registered(cast.albers, "Anders")
    mine = [booked_by(portal, cast.albers, clock, who="miriam") for clock in CLOCKS]
    theirs = [booked_by(other, cast.albers, clock, who="jonas") for clock in CLOCKS]
    pairs = [pair if number % 2 else pair[::-1] for number, pair in enumerate(zip(mine, theirs, strict=True))]
    ended, seen = threading.Event(), list[int]()
    reader = threading.Thread(target=reading(portal, ended, seen))
    reader.start()
    try:
        assert race(*(changing(cast, *pair) for pair in pairs)) == {"done": len(pairs)}
    finally:
        ended.set()
        reader.join(60)
    with acting(portal):
        return seen, len(events_after(portal, 0, 10_000))


def test_no_event_is_missed_and_no_number_is_left_out(cast: Cast, own_database: Databases) -> None:
    """Two partners' bookings are changed in one transaction, in both orders: nobody waits in a circle either."""
    seen, count = what_was_read(cast)
    assert count == len(CLOCKS) * 11
    assert seen == list(range(1, count + 1))
    assert deadlocks(own_database) == 0


def test_with_numbers_of_a_sequence_it_would_miss_some(cast: Cast, own_database: Databases) -> None:
    """The control: without the lock numbers become visible out of order."""
    with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
        (row,) = superuser.execute("SELECT pg_get_functiondef('note_partner_event'::regproc)").fetchone() or ("",)
        lock = "PERFORM pg_advisory_xact_lock(hashtextextended('partner-events:' || practice, 0));"
        begin, end = row.index("INSERT INTO partners_feed"), row.index("made := gen_random_uuid();")
        loose = row[:begin] + "place := nextval('loose'); PERFORM pg_sleep(random() * 0.05);\n" + row[end:]
        assert lock in loose
        superuser.execute("CREATE SEQUENCE loose; GRANT USAGE ON loose TO PUBLIC")
        superuser.execute(loose.replace(lock, "").encode())
    seen, count = what_was_read(cast)
    assert len(seen) < count


def test_the_same_change_by_two_is_told_once(cast: Cast) -> None:
    portal = registered(cast.albers)
    found, actor = booked_by(portal, cast.albers, "09:00"), cast.albers.actor("jana")

    def cancel() -> None:
        run_as(actor, lambda: cancel_appointment(actor, found.id))

    assert race(*[cancel] * 4) == {"done": 4}
    with acting(portal):
        assert [one.kind for one in events_after(portal, 0, 10)] == ["booked", "cancelled"]
