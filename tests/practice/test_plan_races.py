"""The limits hold exactly, whoever comes at the same time: on real commits, with negative controls (PLAN-3, PLAN-4)."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import psycopg
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient
from sprechzeit.practice.actions import add_room
from sprechzeit.practice.models import Room
from sprechzeit.scheduling.actions.appoint import Wish, book_appointment
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.actions.hours import set_working_hours
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.actions.settings import add_calendar, offer_type
from sprechzeit.scheduling.models import Calendar, MonthNotice
from sprechzeit.scheduling.queries.months import used_in_month
from tests.scheduling.test_occupancy import deadlocks
from tests.support.cast import WEEK, Cast, at, identity
from tests.support.databases import Databases
from tests.support.plans import fill, give_plan, next_month
from tests.support.processes import in_processes

pytestmark = pytest.mark.own_database

MANY = 20
# Without the lock; and whoever has counted commits when another one has counted too, however slow the machine is. A
# sequence remembers it past the end of both: who comes after them waits for nobody.
NO_LOCK = """
    CREATE OR REPLACE FUNCTION lock_month(practice uuid, practitioner uuid, month date) RETURNS void
    LANGUAGE plpgsql AS $$ BEGIN END $$;
    CREATE SEQUENCE counted;
    CREATE FUNCTION wait_for_another() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        PERFORM nextval('public.counted');
        FOR tries IN 1 .. 600 LOOP
            EXIT WHEN (SELECT last_value > 1 FROM public.counted);
            PERFORM pg_sleep(0.05);
        END LOOP;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER wait_for_another AFTER INSERT ON scheduling_appointment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_for_another()
"""
NO_COUNT = "ALTER TABLE scheduling_appointment DISABLE TRIGGER month_of_plan"


def as_superuser(database: Databases, statement: str) -> None:
    with psycopg.connect(database.url("superuser"), autocommit=True) as connection:
        connection.execute(statement.encode())


def free_days(month: date, count: int) -> list[date]:
    """Working days of a month, from its 8th on."""
    days = (month + timedelta(days=number) for number in range(7, 28))
    return [day for day in days if day.weekday() < 5][:count]


def columns_of(cast: Cast, count: int) -> list[Calendar]:
    """Miriam has so many calendars: what the lock of a calendar orders is not what is raced for."""
    house = cast.albers
    with acting(house.system):
        made = []
        for number in range(count):
            calendar = add_calendar(house.system, f"Miriam {number}", "MA", member=house.members["miriam"])
            set_working_hours(house.system, calendar.id, WEEK)
            offer_type(house.system, house.types["call"], calendar)
            made.append(calendar)
    return made


def entering(cast: Cast, calendar: Calendar, starts_at: datetime) -> Callable[[], object]:
    """Somebody of the practice, at the desk."""
    actor = cast.albers.actor("jana")
    where = Place(calendar, starts_at, starts_at + timedelta(minutes=20), any_room=True)
    wish = Wish(str(new_id()), cast.albers.types["call"], where, NewPatient("Nele", "Neumann"))
    return lambda: run_as(actor, lambda: book_appointment(actor, wish))


def confirming(cast: Cast, calendar: Calendar, starts_at: datetime) -> Callable[[], object]:
    """Somebody at home, whose time is kept already."""
    visitor, house = cast.albers.visitor, cast.albers
    with acting(visitor):
        held = hold_time(
            visitor, house.types["call"], calendar.id, starts_at, address=str(new_id()), form=str(new_id())
        )
    who = identity(first_name=f"Paula {starts_at:%d %H}", email=f"p{new_id()}@example.org")
    return lambda: run_as(visitor, lambda: book_held_time(visitor, hold_token(held.id), Details(who)))


def racers(cast: Cast, how: Callable[..., Callable[[], object]], month: date) -> list[Callable[[], object]]:
    """Twenty, at different times in four calendars of the same practitioner."""
    calendars = columns_of(cast, 4)
    days = free_days(month, 5)
    return [how(cast, one, at("10:00", day)) for one in calendars for day in days]


def used(cast: Cast, month: date) -> int:
    house = cast.albers
    with acting(house.system):
        return used_in_month(house.system, house.members["miriam"].pk, month)


@pytest.mark.req("PLAN-3")
@pytest.mark.parametrize(("how", "refusal"), [(entering, "MonthFull"), (confirming, "NotOffered")])
@pytest.mark.parametrize("left", [1, 2])
def test_of_twenty_at_once_as_many_as_are_left(
    cast: Cast, own_database: Databases, how: Callable[..., Callable[[], object]], refusal: str, left: int
) -> None:
    """The 30th and the 31st: one or two of twenty come in, the others are refused."""
    month = next_month()
    give_plan(own_database, cast.albers, "S")
    fill(cast.albers, month, 30 - left)
    assert in_processes(*racers(cast, how, month)) == Counter({"done": left, refusal: MANY - left})
    assert used(cast, month) == 30
    assert deadlocks(own_database) == 0


@pytest.mark.req("PLAN-3")
@pytest.mark.parametrize("without", [NO_LOCK, NO_COUNT])
def test_without_the_lock_or_the_count_there_are_too_many(cast: Cast, own_database: Databases, without: str) -> None:
    """Negative control: the race is one, and what is refused is refused by these two."""
    month = next_month()
    give_plan(own_database, cast.albers, "S")
    fill(cast.albers, month, 29)
    work = racers(cast, confirming, month)
    as_superuser(own_database, without)
    assert in_processes(*work)["done"] > 1
    assert used(cast, month) > 30


@pytest.mark.req("PLAN-3")
def test_twenty_who_pass_80_percent_together_are_told_of_once(cast: Cast, own_database: Databases) -> None:
    month = next_month()
    give_plan(own_database, cast.albers, "M")
    fill(cast.albers, month, 75)
    assert in_processes(*racers(cast, entering, month)) == Counter({"done": MANY})
    with acting(cast.albers.system):
        (notice,) = MonthNotice.objects.all()
    assert (notice.practitioner, notice.month) == (cast.albers.members["miriam"].pk, month)
    (job,) = ProcrastinateJob.objects.filter(task_name="scheduling.tell_of_month")
    assert job.args == {"practice_id": str(cast.albers.practice.pk), "notice_id": str(notice.pk)}


@pytest.mark.req("PLAN-1", "PLAN-4")
def test_of_twenty_rooms_at_once_as_many_as_the_plan_has(cast: Cast, own_database: Databases) -> None:
    """Albers has two rooms, plan XL has four."""
    give_plan(own_database, cast.albers, "XL")
    actor = cast.albers.actor("miriam")

    def adding(number: int) -> Callable[[], object]:
        return lambda: run_as(actor, lambda: add_room(actor, f"Raum {number}", position=number))

    assert in_processes(*(adding(10 + number) for number in range(MANY))) == Counter({"done": 2, "RoomsFull": 18})
    with acting(actor):
        assert Room.objects.filter(practice_id=cast.albers.practice.pk, retired_at=None).count() == 4
