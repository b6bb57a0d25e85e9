"""No double booking: the writer, the constraints and the trigger, one by one and under fire (CAL-8, COM-4)."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, connections, transaction

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.actions.occupy import Wanted, occupy
from sprechzeit.scheduling.errors import TimeTaken
from sprechzeit.scheduling.models import Occupancy
from tests.support.cast import Cast, House, at, book, hold, identity
from tests.support.databases import Databases

pytestmark = pytest.mark.req("CAL-8")


def wanted(house: House, clock: str, *, minutes: int = 60, room: str = "", who: str = "", **more: Any) -> Wanted:
    """A block of time in a calendar, and in a room's space where one is named."""
    calendar = house.calendars[who or next(iter(house.calendars))]
    begin = at(clock)
    return Wanted(
        calendar_id=calendar.id,
        space_id=house.rooms[room].space_id if room else None,
        starts_at=begin,
        ends_at=begin + timedelta(minutes=minutes),
        kind=Occupancy.Kind.APPOINTMENT,
        **more,
    )


def take(house: House, clock: str, **more: Any) -> None:
    with acting(house.system):
        occupy(house.system, wanted(house, clock, **more))


def test_a_taken_calendar_is_refused(cast: Cast) -> None:
    take(cast.albers, "09:00")
    with pytest.raises(TimeTaken):
        take(cast.albers, "09:30")
    take(cast.albers, "10:00")
    assert Occupancy.objects.count() == 0, "nothing is visible to somebody who acts in no practice"


@pytest.mark.req("COM-4")
def test_a_shared_room_is_refused_to_the_other_practice(cast: Cast) -> None:
    """Albers and Brandt are independent and share one room."""
    take(cast.albers, "09:00", room="shared")
    with pytest.raises(TimeTaken):
        take(cast.brandt, "09:30", room="shared")
    take(cast.brandt, "09:30")


def test_an_overbooked_time_still_refuses_a_normal_one(cast: Cast) -> None:
    take(cast.albers, "09:00")
    take(cast.albers, "09:00", overbooked=True)
    take(cast.albers, "11:00", overbooked=True)
    with pytest.raises(TimeTaken):
        take(cast.albers, "11:30")


def test_a_space_is_never_overbooked(cast: Cast) -> None:
    take(cast.albers, "09:00", room="own")
    with pytest.raises(TimeTaken):
        take(cast.albers, "09:00", room="own", who="jonas", overbooked=True)


def test_all_or_nothing(cast: Cast) -> None:
    take(cast.albers, "11:00")
    with acting(cast.albers.system):
        before = Occupancy.objects.count()
        with pytest.raises(TimeTaken):
            occupy(cast.albers.system, wanted(cast.albers, "09:00"), wanted(cast.albers, "11:30"))
        assert Occupancy.objects.count() == before


@pytest.mark.parametrize("over", ["normal", "overbooked"])
def test_the_database_refuses_what_goes_around_the_writer(cast: Cast, over: str) -> None:
    """A normal time over a normal one by the constraint, over an overbooked one by the trigger."""
    take(cast.albers, "09:00", overbooked=over == "overbooked")
    one = wanted(cast.albers, "09:30")
    with acting(cast.albers.system), pytest.raises(IntegrityError, match="taken"), transaction.atomic():
        Occupancy.objects.create(
            practice=cast.albers.practice, calendar_id=one.calendar_id, starts_at=one.starts_at, ends_at=one.ends_at,
            kind=one.kind,
        )  # fmt: skip


def test_an_update_cannot_slip_past_the_database(cast: Cast) -> None:
    take(cast.albers, "09:00", overbooked=True)
    take(cast.albers, "11:00")
    with acting(cast.albers.system), pytest.raises(IntegrityError, match="taken"), transaction.atomic():
        Occupancy.objects.filter(starts_at=at("11:00")).update(starts_at=at("09:30"), ends_at=at("10:30"))


@pytest.mark.req("BOO-3")
def test_an_expired_hold_frees_its_time_even_across_practices(cast: Cast) -> None:
    held = hold(cast.albers, "09:00")
    with acting(cast.albers.system):
        shared = cast.albers.rooms["shared"].space_id
        Occupancy.objects.filter(pk=held.occupancy_id).update(
            space_id=shared, expires_at=datetime.fromisoformat("2020-01-01T00:00+00:00")
        )
    take(cast.brandt, "09:00", room="shared")
    with acting(cast.albers.system):
        assert not Occupancy.objects.get(pk=held.occupancy_id).active


# Under fire: real commits, threads with connections of their own.


def race(*runners: Callable[[], None]) -> Counter[str]:
    """Start all at once; what became of each: 'done', or the name of what it raised."""
    outcomes: Counter[str] = Counter()
    start = threading.Barrier(len(runners))

    def run(runner: Callable[[], None]) -> None:
        start.wait()
        try:
            runner()
            outcome = "done"
        except Exception as error:
            outcome = type(error).__name__
        finally:
            connections.close_all()
        outcomes[outcome] += 1

    threads = [threading.Thread(target=run, args=[runner]) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes


def taking(actor: Actor, one: Wanted) -> Callable[[], None]:
    def run() -> None:
        run_as(actor, lambda: occupy(actor, one))

    return run


def overlaps(databases: Databases) -> int:
    """Pairs of active times that overlap in a calendar or space, seen by the superuser over all practices."""
    with psycopg.connect(databases.url("superuser")) as everything:
        row = everything.execute(
            "SELECT count(*) FROM scheduling_occupancy a JOIN scheduling_occupancy b ON a.id < b.id "
            "AND (a.calendar_id = b.calendar_id AND NOT (a.overbooked OR b.overbooked) OR a.space_id = b.space_id) "
            "AND a.active AND b.active AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.own_database
def test_one_of_twenty_gets_the_time(cast: Cast, own_database: Databases) -> None:
    runners = [taking(cast.albers.system, wanted(cast.albers, "09:00")) for _ in range(20)]
    assert race(*runners) == {"done": 1, "TimeTaken": 19}


@pytest.mark.own_database
@pytest.mark.req("COM-4")
def test_two_practices_race_for_their_shared_room(cast: Cast, own_database: Databases) -> None:
    """Times that overlap by ten minutes only, from both sides, with expired holds of the other in the way."""
    held = hold(cast.brandt, "09:30")
    with acting(cast.brandt.system):
        Occupancy.objects.filter(pk=held.occupancy_id).update(
            space_id=cast.brandt.rooms["shared"].space_id, expires_at=datetime.fromisoformat("2020-01-01T00:00+00:00")
        )
    runners = []
    for _ in range(10):
        runners.append(taking(cast.albers.system, wanted(cast.albers, "09:00", room="shared")))
        runners.append(taking(cast.brandt.system, wanted(cast.brandt, "09:50", room="shared")))
    assert race(*runners) == {"done": 1, "TimeTaken": 19}
    assert overlaps(own_database) == 0


def mixed(cast: Cast, rounds: int, seed: int) -> list[Callable[[], None]]:
    """Sixteen clients who take random times of few, several at once, in any order, in three calendars and two rooms."""
    clocks = [f"{hour:02}:{minute:02}" for hour in (8, 9, 10, 11) for minute in (0, 30)]

    def client(number: int) -> Callable[[], None]:
        rng = random.Random(seed + number)

        def run() -> None:
            for _ in range(rounds):
                house = rng.choice([cast.albers, cast.brandt])
                several = [
                    wanted(
                        house, rng.choice(clocks), minutes=rng.choice([20, 50]), who=rng.choice(list(house.calendars)),
                        room=rng.choice(["", "own", "shared"]), overbooked=rng.random() < 0.1,
                    )
                    for _ in range(rng.choice([1, 1, 2, 3]))
                ]  # fmt: skip
                with suppress(TimeTaken):
                    run_as(house.system, lambda house=house, several=several: occupy(house.system, *several))  # type: ignore[misc]

        return run

    return [client(number) for number in range(16)]


@pytest.mark.own_database
def test_many_clients_never_overlap_and_never_deadlock(cast: Cast, own_database: Databases) -> None:
    assert race(*mixed(cast, 12, seed=1)) == {"done": 16}
    assert overlaps(own_database) == 0
    assert deadlocks(own_database) == 0


def deadlocks(databases: Databases) -> int:
    """How many the server had to break; `run_as` would hide a few."""
    with psycopg.connect(databases.url("superuser")) as everything:
        row = everything.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    assert row is not None
    return int(row[0])


def without_locks(databases: Databases) -> None:
    """The writer takes none any more."""
    with psycopg.connect(databases.url("superuser")) as everything:
        everything.execute(
            "CREATE OR REPLACE FUNCTION lock_times(calendars uuid[], spaces uuid[]) RETURNS void LANGUAGE sql AS ''"
        )


@pytest.mark.own_database
def test_the_race_can_fail(cast: Cast, own_database: Databases) -> None:
    """The negative control: without locks, constraints and trigger the same race does overlap."""
    with psycopg.connect(own_database.url("superuser")) as everything:
        everything.execute("DROP TRIGGER refuse_taken_time ON scheduling_occupancy")
        everything.execute("ALTER TABLE scheduling_occupancy DROP CONSTRAINT calendar_taken")
        everything.execute("ALTER TABLE scheduling_occupancy DROP CONSTRAINT space_taken")
    without_locks(own_database)
    race(*mixed(cast, 12, seed=1))
    assert overlaps(own_database) > 0


@pytest.mark.own_database
def test_without_locks_the_constraint_still_holds(cast: Cast, own_database: Databases) -> None:
    without_locks(own_database)
    race(*mixed(cast, 8, seed=2))
    assert overlaps(own_database) == 0


@pytest.mark.own_database
@pytest.mark.req("BOO-3")
def test_a_hold_that_is_confirmed_while_its_visitor_presses_another_time_stays(
    cast: Cast, own_database: Databases
) -> None:
    """The second press waits while the first time becomes an appointment: then there is nothing to give back."""
    first = hold(cast.albers, "09:00", key="the same page of times")
    waiting, go_on = threading.Event(), threading.Event()

    def confirm_slowly() -> None:
        def work() -> None:
            book_held_time(cast.albers.visitor, hold_token(first.id), Details(identity()))
            waiting.set()
            go_on.wait(20)

        run_as(cast.albers.visitor, work)

    def press_another() -> None:
        waiting.wait(20)
        threading.Timer(0.5, go_on.set).start()
        hold(cast.albers, "10:00", key="the same page of times")

    assert race(confirm_slowly, press_another) == {"done": 2}
    with acting(cast.albers.system):
        assert Occupancy.objects.get(pk=first.occupancy_id).active
    assert overlaps(own_database) == 0


@pytest.mark.own_database
@pytest.mark.req("BOO-8")
def test_presses_from_one_address_at_once_keep_two_times(cast: Cast, own_database: Databases) -> None:
    def press(number: int) -> Callable[[], None]:
        def run() -> None:
            run_as(
                cast.albers.visitor,
                lambda: hold_time(
                    cast.albers.visitor, cast.albers.types["call"], None, at(f"{8 + number % 4:02}:{number // 4}0"),
                    address="one", form=str(number) * 8,
                ),
            )  # fmt: skip

        return run

    assert race(*[press(number) for number in range(8)]) == {"done": 2, "HoldsFull": 6}


@pytest.mark.own_database
@pytest.mark.req("BOO-3", "BOO-7")
def test_confirming_at_the_instant_of_expiry(cast: Cast, own_database: Databases) -> None:
    """Forty rounds: a hold expires while it is confirmed and while another wants its time. One of them has it."""
    for number in range(40):
        clock = f"{8 + number % 4:02}:00"
        held = hold(cast.albers, clock, kind="call", who="jonas")
        with connection.cursor() as cursor, acting(cast.albers.system):
            cursor.execute(
                "UPDATE scheduling_occupancy SET expires_at = clock_timestamp() + %s * interval '1 ms' WHERE id = %s",
                [random.randint(0, 12), held.occupancy_id],
            )

        def confirm(held: Any = held) -> None:
            details = Details(identity(last_name=str(new_id())))
            run_as(cast.albers.visitor, lambda: book_held_time(cast.albers.visitor, hold_token(held.id), details))

        rival = wanted(cast.albers, clock, minutes=20, who="jonas")
        outcomes = race(confirm, taking(cast.albers.system, rival), taking(cast.albers.system, rival))
        assert outcomes["done"] == 1 and sum(outcomes.values()) == 3, outcomes
        assert set(outcomes) <= {"done", "TimeTaken", "NotOffered"}, outcomes
        assert overlaps(own_database) == 0
        with acting(cast.albers.system):
            Occupancy.objects.all().update(active=False)


def test_a_booking_takes_its_buffers_too(cast: Cast) -> None:
    """'Talk' takes fifty minutes and ten after."""
    book(cast.albers, "09:00")
    with pytest.raises(TimeTaken):
        take(cast.albers, "09:55", minutes=5)
    take(cast.albers, "10:00")
