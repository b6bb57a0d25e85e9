"""The kept next free time of each calendar is what the engine offers, after every change (CAL-11)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event, Timer

import psycopg
import pytest
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting
from sprechzeit.scheduling import jobs
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hours import set_working_hours
from sprechzeit.scheduling.actions.next_free import settle_next_free
from sprechzeit.scheduling.actions.occupy import Wanted, occupy
from sprechzeit.scheduling.actions.settings import add_calendar, offer_type
from sprechzeit.scheduling.availability import Offer, instant_of, minute_of
from sprechzeit.scheduling.models import NextFree, Occupancy
from sprechzeit.scheduling.queries.absence import Away
from sprechzeit.scheduling.queries.next_free import computed_next_free, next_free_of_all
from tests.support.cast import WEEK, Cast, House, at, book, hold, monday
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = pytest.mark.req("CAL-11")

FEW = 1


@pytest.fixture
def keeping(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> House:
    """Albers and Brandt, as practices with many calendars are: both keep times, all right for now."""
    monkeypatch.setattr(jobs, "settle_next_free", partial(settle_next_free, many=FEW))
    for house in (cast.albers, cast.brandt):
        keep(house)
    return cast.albers


def keep(house: House) -> None:
    """What the job does."""
    jobs.keep_next_free.work(0, practice_id=str(house.practice.id))


def kept(house: House, kind: str = "talk") -> list[Offer]:
    with acting(house.visitor):
        assert NextFree.objects.filter(practice=house.practice).exists()
        return next_free_of_all(house.visitor, house.types[kind])


def computed(house: House, kind: str = "talk") -> list[Offer]:
    with acting(house.visitor):
        found = computed_next_free(house.visitor, house.types[kind])
    return sorted(found.values(), key=lambda offer: offer.start)


def assert_right(house: House) -> None:
    for kind in house.types:
        assert sorted(kept(house, kind)) == sorted(computed(house, kind))


def jobs_deferred() -> int:
    return ProcrastinateJob.objects.filter(task_name="scheduling.keep_next_free").count()


def take_first(house: House, who: str = "miriam", *, later: int = 0) -> None:
    """Take the time at which the calendar's kept next free call is, or some minutes later."""
    (first,) = [offer for offer in kept(house, "call") if offer.calendar_id == house.calendars[who].id]
    begin = instant_of(first.start + later)
    wanted = Wanted(first.calendar_id, None, begin, begin + timedelta(minutes=20), Occupancy.Kind.APPOINTMENT)
    with acting(house.system):
        occupy(house.system, wanted)


def take_room(house: House, room: str, who: str) -> None:
    """Take a room for an hour from the moment on at which the first talk of all could begin."""
    begin = instant_of(kept(house)[0].start)
    space = house.rooms[room].space_id
    wanted = Wanted(house.calendars[who].id, space, begin, begin + timedelta(hours=1), Occupancy.Kind.BLOCK)
    with acting(house.system):
        occupy(house.system, wanted)


def be_away(house: House, *, whole_practice: bool = False) -> None:
    calendar = None if whole_practice else house.calendars["miriam"].id
    with acting(house.system):
        enter_absence(house.system, Away(calendar, at("00:00", monday(0)), at("00:00", monday(3)), True, ""))


def book_and_cancel(house: House) -> None:
    appointment = book(house, "08:00", day=monday(1))
    keep(house)
    with acting(house.system):
        cancel_appointment(house.system, appointment.id)


def work_at_weekends(house: House) -> None:
    """Alone: whatever day it is, another first time than that of a week with its Mondays to Fridays."""
    with acting(house.system):
        set_working_hours(house.system, house.calendars["miriam"].id, [(day, 480, 960) for day in (5, 6)])


def offer_anew(house: House) -> None:
    with acting(house.system):
        calendar = add_calendar(house.system, "Neu", "N")
        set_working_hours(house.system, calendar.id, WEEK)
        offer_type(house.system, house.types["call"], calendar)


CHANGES: dict[str, Callable[[House], object]] = {
    "booked": take_first,
    "cancelled": book_and_cancel,
    "a room taken": partial(take_room, room="own", who="jonas"),
    "held": lambda house: hold(house, "08:00", kind="call"),
    "absent": be_away,
    "all absent": partial(be_away, whole_practice=True),
    "hours": work_at_weekends,
    "a new calendar": offer_anew,
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_and_its_job_the_kept_times_are_the_engines(keeping: House, change: str) -> None:
    before, deferred = kept(keeping, "call"), jobs_deferred()
    CHANGES[change](keeping)
    assert jobs_deferred() > deferred
    keep(keeping)
    assert_right(keeping)
    assert kept(keeping, "call") != before or change in {"cancelled", "held", "a room taken"}


@pytest.mark.own_database
def test_without_its_mark_a_change_would_be_missed(keeping: House, own_database: Databases) -> None:
    """The negative control: what finds the kept times right would find them wrong."""
    with psycopg.connect(own_database.url("superuser")) as superuser:
        superuser.execute("ALTER TABLE scheduling_occupancy DISABLE TRIGGER next_free_taken")
    take_first(keeping)
    keep(keeping)
    with pytest.raises(AssertionError):
        assert_right(keeping)


def test_the_job_is_one_that_the_worker_knows(keeping: House) -> None:
    """The database defers it by name, with its arguments."""
    take_first(keeping)
    deferred = ProcrastinateJob.objects.get(task_name="scheduling.keep_next_free")
    assert deferred.task_name in app.tasks
    assert deferred.lock == f"practice_id:{keeping.practice.id}"
    jobs.keep_next_free.work(0, **deferred.args)
    assert_right(keeping)


def test_many_changes_are_one_job(keeping: House) -> None:
    """Until the job is done; then the next change defers one again."""
    for number in (1, 2):
        for later in (0, 20, 40):
            take_first(keeping, later=later)
        assert jobs_deferred() == number
        keep(keeping)
        assert_right(keeping)


def test_what_is_rolled_back_marks_nothing(keeping: House) -> None:
    def fail() -> None:
        with acting(keeping.system):
            take_first(keeping)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert jobs_deferred() == 0
    with acting(keeping.system):
        assert not NextFree.objects.exclude(changes=F("computed")).exists()


@pytest.mark.own_database
def test_a_change_under_way_while_the_job_runs_is_not_lost(keeping: House) -> None:
    """It defers no job, as one is due; so that one has to wait for it."""
    take_first(keeping)
    begun, may_end = Event(), Event()

    def change() -> None:
        with acting(keeping.system):
            take_first(keeping, later=20)
            begun.set()
            assert may_end.wait(20)

    def work() -> None:
        assert begun.wait(20)
        Timer(0.5, may_end.set).start()
        keep(keeping)
        assert may_end.is_set()

    assert together(change, work) == [None, None]
    assert jobs_deferred() == 1
    assert_right(keeping)


def test_a_practice_with_few_calendars_keeps_nothing_and_is_answered_by_the_engine(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        settle_next_free(house.system)
        assert not NextFree.objects.exists()
    book(house, "08:00")
    assert jobs_deferred() == 0
    with acting(house.visitor):
        assert next_free_of_all(house.visitor, house.types["talk"], 1) == computed(house)[:1] != []


def test_fewer_than_many_calendars_are_no_longer_kept(keeping: House) -> None:
    with acting(keeping.system):
        settle_next_free(keeping.system)
        assert not NextFree.objects.exists()


def test_one_practice_knows_and_changes_nothing_of_the_other(keeping: House, cast: Cast) -> None:
    before = kept(keeping, "call")
    take_first(cast.brandt, "berta")
    with acting(keeping.system):
        assert not NextFree.objects.exclude(changes=F("computed")).exists()
        assert not NextFree.objects.filter(practice=cast.brandt.practice).exists()
    with acting(cast.brandt.visitor):
        assert next_free_of_all(cast.brandt.visitor, keeping.types["call"]) == []
    assert kept(keeping, "call") == before


@pytest.mark.req("COM-4")
def test_a_shared_room_taken_by_the_other_practice_counts_from_the_night_on(keeping: House, cast: Cast) -> None:
    """Until then what is kept is a hint, and the engine refuses it."""
    take_room(keeping, "own", "jonas")
    keep(keeping)
    take_room(cast.brandt, "shared", "berta")
    follow(night=False)
    assert kept(keeping) != computed(keeping)
    follow(night=True)
    assert_right(keeping)


def follow(*, night: bool) -> None:
    jobs.follow_the_clock(int(at("02:00" if night else "12:00", monday(0)).timestamp()) // 86400 * 86400 + 3600 * night)


def test_a_time_that_has_come_too_near_is_not_offered_and_replaced(keeping: House) -> None:
    miriam = keeping.calendars["miriam"].id
    with acting(keeping.system):
        too_near = minute_of(timezone.now()) + keeping.types["call"].notice - 1
        NextFree.objects.filter(calendar=miriam).update(starts=too_near)
    assert miriam not in {offer.calendar_id for offer in kept(keeping, "call")}
    follow(night=False)
    assert_right(keeping)


@pytest.mark.own_database
def test_a_hold_that_expires_gives_its_time_back(keeping: House, own_database: Databases) -> None:
    """It changes no row, so the clock must."""
    first = kept(keeping, "call")[0]
    begin = instant_of(first.start)
    wanted = Wanted(first.calendar_id, None, begin, begin + timedelta(minutes=20), Occupancy.Kind.HOLD, keeps_minutes=9)
    with acting(keeping.system):
        occupy(keeping.system, wanted)
    keep(keeping)
    assert first not in kept(keeping, "call")
    with psycopg.connect(own_database.url("superuser")) as superuser:
        superuser.execute("UPDATE scheduling_occupancy SET expires_at = now() WHERE kind = 'hold'")
    follow(night=False)
    assert first in kept(keeping, "call")
    assert_right(keeping)
