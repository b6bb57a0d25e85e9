"""W3: the next free time of each of 1,000 and 10,000 calendars, and the first twenty, as `app` under row security."""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from statistics import median
from time import perf_counter, sleep
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import F
from django.utils import timezone

from sprechzeit.access.actor import system, visitor
from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.ids import new_id, new_reference
from sprechzeit.practice.actions import found_practice
from sprechzeit.scheduling import jobs
from sprechzeit.scheduling.actions.occupy import Wanted, occupy, release
from sprechzeit.scheduling.actions.settings import add_type
from sprechzeit.scheduling.availability import Offer, day_period, instant_of
from sprechzeit.scheduling.models import NextFree, Occupancy
from sprechzeit.scheduling.queries.next_free import computed_next_free, next_free_of_all

from . import report, work
from .engine import WEEK, ZONE
from .ground import Ground, serving

FIRST, DAY = 20, 1440
GOALS = {"all": "60", f"first {FIRST}": "2", "change to kept": "2,000", "change to kept, by the worker": "2,000"}
# How long a live worker may take before the run is given up.
PATIENCE = 60.0
WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND scheduled_at IS NULL"
LOAD = {
    "scheduling_calendar": "id, practice_id, name, initials, colour, position, reference",
    "scheduling_workinghours": "id, practice_id, calendar_id, weekday, starts, ends, every_weeks, valid_from",
    "scheduling_offering": "id, practice_id, type_id, calendar_id",
    "scheduling_occupancy": "id, practice_id, calendar_id, starts_at, ends_at, kind, active, overbooked",
}
# The same calendars again, under other names and ids. The constraints against double booking would take most of the
# time of it: none of what is measured reads their indexes, and what was checked once need not be checked ten times.
GROW = """
    SET session_replication_role = replica;
    ALTER TABLE scheduling_occupancy DROP CONSTRAINT calendar_taken, DROP CONSTRAINT space_taken;
    CREATE TABLE copies AS
        SELECT id AS former, gen_random_uuid() AS copy, number
          FROM scheduling_calendar, generate_series(2, {times}) AS number WHERE practice_id = '{practice}';
    INSERT INTO scheduling_calendar ({scheduling_calendar})
    SELECT copy, practice_id, name || ' ' || number, initials, colour, position, 'copy' || left(md5(copy::text), 20)
      FROM copies JOIN scheduling_calendar ON id = former;
    INSERT INTO scheduling_workinghours ({scheduling_workinghours})
    SELECT gen_random_uuid(), practice_id, copy, weekday, starts, ends, every_weeks, valid_from
      FROM copies JOIN scheduling_workinghours ON calendar_id = former;
    INSERT INTO scheduling_offering ({scheduling_offering})
    SELECT gen_random_uuid(), practice_id, type_id, copy FROM copies JOIN scheduling_offering ON calendar_id = former;
    INSERT INTO scheduling_occupancy ({scheduling_occupancy})
    SELECT gen_random_uuid(), practice_id, copy, starts_at, ends_at, kind, active, overbooked
      FROM copies JOIN scheduling_occupancy ON calendar_id = former;
"""
Right = dict[UUID, int]


def to_utc(first: date, wall: int) -> int:
    """A minute of the work's wall clock, counted from `first` on, as a UTC minute."""
    day = first + timedelta(days=wall // DAY)
    return day_period(ZONE, day, day)[0] + wall % DAY


def load(url: str, rows: dict[str, Iterable[tuple[object, ...]]]) -> None:
    """By COPY, with every constraint; triggers and the log rest."""
    with psycopg.connect(url) as loading, loading.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, columns in LOAD.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
                for row in rows[table]:
                    copy.write_row(row)


def prepare(ground: Ground, data: dict[str, Any]) -> tuple[work.House, Right]:
    """The practice of 1,000 calendars, and the right answers. The work is of wall clocks: any Monday is its first,
    and before it nobody works.
    """
    actor = system(new_id())
    with acting(actor):
        found_practice(actor, "w3", "w3")
        kind = add_type(actor, "Termin", duration=30, grid=15, notice=0, horizon=365, needs_room=False)
    practice, today = actor.practice_id, timezone.now().astimezone(ZONE).date()
    first = today + timedelta(days=7 - today.weekday())
    minute = {wall: to_utc(first, wall) for taken in data["w3"] for span in taken for wall in span}
    instant = {wall: instant_of(utc) for wall, utc in minute.items()}
    calendars = [new_id() for _ in data["w3"]]
    load(
        ground.databases.url("superuser"),
        {
            "scheduling_calendar": (
                (one, practice, f"Kalender {number:04}", "K", 1, number, new_reference())
                for number, one in enumerate(calendars)
            ),
            "scheduling_workinghours": (
                (new_id(), practice, one, block.weekday, block.start, block.end, 1, first)
                for one in calendars
                for block in WEEK
            ),
            "scheduling_offering": ((new_id(), practice, kind.pk, one) for one in calendars),
            "scheduling_occupancy": (
                (new_id(), practice, one, instant[begin], instant[end], "appointment", True, False)
                for one, taken in zip(calendars, data["w3"], strict=True)
                for begin, end in taken
            ),
        },
    )
    answers = zip(calendars, data["answers"]["w3_next"], strict=True)
    house = work.House("w3", actor, visitor(practice), kind, [], [])
    return house, {one: to_utc(first, wall) for one, wall in answers if wall is not None}


def grow(ground: Ground, house: work.House, right: Right, times: int) -> Right:
    """The same, so many times over; returns the right answers."""
    with psycopg.connect(ground.databases.url("superuser"), autocommit=True) as growing:
        growing.execute(GROW.format(practice=house.system.practice_id, times=times, **LOAD).encode())
        copies = growing.execute("SELECT former, copy FROM copies").fetchall()
    return right | {copy: right[former] for former, copy in copies if former in right}


def check(right: Right, found: list[Offer]) -> None:
    """Stops with AssertionError unless every answer is the right one, in the order of time."""
    assert {offer.calendar_id: offer.start for offer in found} == right
    assert [offer.start for offer in found] == sorted(right.values())


def kept(house: work.House, count: int | None = None) -> list[Offer]:
    with acting(house.visitor):
        return next_free_of_all(house.visitor, house.type, count)


def straight(house: work.House) -> list[Offer]:
    with acting(house.visitor):
        return sorted(computed_next_free(house.visitor, house.type).values(), key=lambda offer: offer.start)


def keep(house: work.House) -> float:
    """What the job does; seconds."""
    begin = perf_counter()
    jobs.keep_next_free.work(0, practice_id=str(house.system.practice_id))
    return perf_counter() - begin


def take(house: work.House, offer: Offer) -> UUID:
    """Somebody takes one of the times."""
    begin = instant_of(offer.start)
    wanted = Wanted(offer.calendar_id, None, begin, begin + timedelta(minutes=30), Occupancy.Kind.APPOINTMENT)
    (taken,) = run_as(house.system, partial(occupy, house.system, wanted))
    return taken


def give_back(house: work.House, occupancy_id: UUID) -> None:
    run_as(house.system, lambda: release(house.system, Occupancy.objects.get(pk=occupancy_id)))


def after_changes(house: work.House, rounds: int) -> float:
    """Milliseconds of the job after a time is taken, median; the kept one is then the engine's, and after it is free
    again the former one."""
    took: list[float] = []
    for offer in random.sample(kept(house), rounds):
        occupancy_id = take(house, offer)
        took.append(keep(house) * 1000)
        (now,) = [one for one in kept(house) if one.calendar_id == offer.calendar_id]
        assert now.start > offer.start
        with acting(house.visitor):
            assert computed_next_free(house.visitor, house.type, [offer.calendar_id]) == {offer.calendar_id: now}
        give_back(house, occupancy_id)
        keep(house)
        assert offer in kept(house)
    return median(took)


def by_the_worker(ground: Ground, house: work.House, rounds: int) -> list[float]:
    """Milliseconds from the commit of a change until the time kept is the engine's again, by a worker that runs."""
    took: list[float] = []
    with serving(ground.databases, worker=True, workers=1):
        until(lambda: not ground.ask(WAITING))
        for offer in random.sample(kept(house), rounds):
            for change in (partial(take, house, offer), partial(free_again, house, offer)):
                change()
                took.append(until(partial(is_kept, house, offer.calendar_id)))
                (now,) = [one for one in kept(house) if one.calendar_id == offer.calendar_id]
                with acting(house.visitor):
                    assert computed_next_free(house.visitor, house.type, [offer.calendar_id]) == {now.calendar_id: now}
            assert now == offer
    return took


def is_kept(house: work.House, calendar_id: UUID) -> bool:
    """Whether no change of the calendar is still to be followed."""
    kept_times = NextFree.objects.filter(practice_id=house.system.practice_id, calendar_id=calendar_id)
    with acting(house.system):
        return not kept_times.exclude(changes=F("computed")).exists()


def free_again(house: work.House, offer: Offer) -> None:
    """Whoever took it gives it back."""
    with acting(house.system):
        taken = Occupancy.objects.get(calendar_id=offer.calendar_id, starts_at=instant_of(offer.start), active=True)
    give_back(house, taken.pk)


def until(is_so: Callable[[], bool]) -> float:
    """Waits; milliseconds. Raises TimeoutError."""
    begin = perf_counter()
    while not is_so():
        if perf_counter() - begin > PATIENCE:
            raise TimeoutError("the worker did not do it")
        sleep(0.005)
    return (perf_counter() - begin) * 1000


def nothing(house: work.House) -> None:
    with acting(house.visitor), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def measure(ground: Ground, house: work.House, right: Right, rounds: int) -> None:
    """Prints the figures of the practice as it is."""
    ground.tell("VACUUM ANALYZE")
    begin = perf_counter()
    check(right, straight(house))
    computing, whole = perf_counter() - begin, keep(house)
    check(right, kept(house))
    ground.tell("VACUUM ANALYZE scheduling_nextfree")
    measured: dict[str, Callable[[], object]] = {
        "one query": partial(nothing, house),
        f"first {FIRST}": partial(kept, house, FIRST),
        "all": partial(kept, house),
    }
    taken = report.in_turn(measured, max(rounds, 9))
    unit = taken.pop("one query")
    taken["computed, nothing kept"], taken["everything kept anew"] = computing * 1000, whole * 1000
    taken["change to kept"] = after_changes(house, max(rounds, 5))
    live = by_the_worker(ground, house, max(rounds, 5))
    taken["change to kept, by the worker"] = median(live)
    taken["… the slowest"] = max(live)
    print(f"{len(right):,} calendars: all answers right, by time, computed and kept")
    report.table(
        [f"{len(right):,} calendars, ms", "median", "goal", "× one query"],
        [(name, took, GOALS.get(name, ""), took / unit) for name, took in taken.items()],
    )
    print(f"One query in a transaction as somebody: {unit:.2f} ms")
