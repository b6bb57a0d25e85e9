"""What of a practice's facts reaches the engine: one test for each fact, and one statement however many there are."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.versions import Memory
from sprechzeit.scheduling.availability import Asker, Channel, Reason, instant_of, minute_of
from sprechzeit.scheduling.models import (
    Absence,
    AppointmentType,
    BookingWindow,
    BookingWindowType,
    Calendar,
    Occupancy,
    Offering,
    OpenHoliday,
    Shift,
    WorkingHours,
)
from sprechzeit.scheduling.queries import gathering
from sprechzeit.scheduling.queries.availability import free_times, next_free
from tests.support.cast import BERLIN, Cast, House, at, book, monday

MORNING = ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00"]
AFTERNOON = ["13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00"]


def clocks(
    house: House, day: date | None = None, *, kind: str = "talk", who: str = "miriam", actor: Actor | None = None
) -> list[str]:
    """When a calendar offers a type on a day (next week's Monday without one), as a visitor sees it."""
    day, actor = day or monday(), actor or house.visitor
    with acting(actor):
        appointment_type = AppointmentType.objects.get(pk=house.types[kind].pk)
        free = free_times(actor, appointment_type, day, day, house.calendars[who].pk)
        return [f"{instant_of(offer.start).astimezone(BERLIN):%H:%M}" for offer in free.all()]


def why(house: House, clock: str, *, kind: str = "talk", asker: Asker | None = None) -> list[Reason]:
    """Why Miriam's calendar does not offer a time."""
    with acting(house.visitor):
        appointment_type = AppointmentType.objects.get(pk=house.types[kind].pk)
        miriam = house.calendars["miriam"].pk
        free = free_times(house.visitor, appointment_type, monday(), monday(), miriam, asker=asker)
        return free.reasons(minute_of(at(clock)))[miriam]


def enter(house: House, model: Any, **facts: Any) -> Any:
    with acting(house.system):
        return model.objects.create(practice_id=house.practice.id, **facts)


def change(house: House, model: Any, **facts: Any) -> None:
    with acting(house.system):
        model.objects.filter(practice_id=house.practice.id).update(**facts)


@pytest.mark.req("CAL-2")
def test_a_week_counts_from_until_and_every_second_week(cast: Cast) -> None:
    miriam = cast.albers.calendars["miriam"]
    change(cast.albers, WorkingHours, valid_until=monday(1))
    assert clocks(cast.albers, monday(1)) == MORNING + AFTERNOON
    assert clocks(cast.albers, monday(2)) == []
    enter(
        cast.albers, WorkingHours, calendar=miriam, weekday=0, starts=600, ends=660, valid_from=monday(2), every_weeks=2
    )
    assert [clocks(cast.albers, monday(weeks)) for weeks in (2, 3, 4)] == [["10:00"], [], ["10:00"]]


@pytest.mark.req("CAL-2")
def test_a_shift_replaces_the_week_on_its_date_and_may_cross_midnight(cast: Cast) -> None:
    enter(cast.albers, Shift, calendar=cast.albers.calendars["miriam"], works_on=monday(), starts=1380, ends=1500)
    assert clocks(cast.albers) == ["23:00", "23:30"]
    assert clocks(cast.albers, monday() + timedelta(days=1)) == ["00:00", *MORNING, *AFTERNOON]
    assert clocks(cast.albers, who="jonas") == MORNING + AFTERNOON


@pytest.mark.req("CAL-3")
@pytest.mark.parametrize(("whose", "jonas"), [("miriam", MORNING + AFTERNOON), (None, AFTERNOON)])
def test_an_absence_is_of_a_calendar_or_of_all(cast: Cast, whose: str | None, jonas: list[str]) -> None:
    calendar = cast.albers.calendars[whose] if whose else None
    enter(cast.albers, Absence, calendar=calendar, starts_at=at("08:00"), ends_at=at("12:10"), all_day=False)
    assert clocks(cast.albers) == AFTERNOON
    assert clocks(cast.albers, who="jonas") == jonas
    assert why(cast.albers, "11:00") == [Reason.ABSENT]


@pytest.mark.req("CAL-3")
def test_a_public_holiday_closes_the_practice_unless_it_works(cast: Cast) -> None:
    """The next 1 May, in any state of Germany; on a day of the week that is worked."""
    year = monday(1).year + 1
    day = next(date(one, 5, 1) for one in range(year, year + 7) if date(one, 5, 1).weekday() < 5)
    change(cast.albers, AppointmentType, horizon=3000)
    assert clocks(cast.albers, day) == MORNING + AFTERNOON
    with acting(cast.albers.system):
        type(cast.albers.practice).objects.filter(pk=cast.albers.practice.pk).update(region="DE-NW")
    assert clocks(cast.albers, day) == []
    enter(cast.albers, OpenHoliday, open_on=day)
    assert clocks(cast.albers, day) == MORNING + AFTERNOON


@pytest.mark.req("CAL-4")
def test_a_booking_window_is_kept_for_its_types(cast: Cast) -> None:
    window = enter(cast.albers, BookingWindow, calendar=None, weekday=0, starts=540, ends=600)
    enter(cast.albers, BookingWindowType, window=window, type=cast.albers.types["call"])
    assert clocks(cast.albers) == ["08:00", "10:00", "10:30", "11:00", *AFTERNOON]
    assert why(cast.albers, "08:30") == [Reason.KEPT_FOR_OTHERS]
    assert {"08:00", "09:00", "09:40"} <= set(clocks(cast.albers, kind="call"))
    change(cast.albers, AppointmentType, only_in_windows=True)
    assert clocks(cast.albers, kind="call") == ["09:00", "09:10", "09:20", "09:30", "09:40"]
    assert why(cast.albers, "09:50", kind="call") == [Reason.OUTSIDE_WINDOWS]


@pytest.mark.req("CAL-6")
def test_an_offering_may_last_differently(cast: Cast) -> None:
    with acting(cast.albers.system):
        Offering.objects.filter(
            calendar=cast.albers.calendars["miriam"], type=cast.albers.types["talk"]
        ).update(duration=200)  # fmt: skip
    assert clocks(cast.albers) == ["08:00", "08:30", "13:00", "13:30"]
    assert clocks(cast.albers, who="jonas") == MORNING + AFTERNOON
    appointment = book(cast.albers, "08:00")
    assert appointment.ends_at - appointment.starts_at == timedelta(minutes=200)
    with acting(cast.albers.visitor):
        assert appointment.occupancy.ends_at == appointment.ends_at + timedelta(minutes=10)
    assert clocks(cast.albers) == ["13:00", "13:30"]


@pytest.mark.req("CAL-5")
def test_who_books_must_be_allowed_to(cast: Cast) -> None:
    change(cast.albers, AppointmentType, online=False, min_age=18, patients="new")
    staff, online = Asker(Channel.STAFF), Asker(Channel.ONLINE)
    assert why(cast.albers, "09:00", asker=staff) == []
    assert why(cast.albers, "09:00", asker=online) == [Reason.NOT_BOOKABLE]
    child = Asker(Channel.STAFF, known=True, born_on=monday().replace(year=monday().year - 18) + timedelta(days=1))
    assert why(cast.albers, "09:00", asker=child) == [Reason.ONLY_NEW_PATIENTS, Reason.TOO_YOUNG]
    change(cast.albers, AppointmentType, retired_at=at("00:00"))
    assert why(cast.albers, "09:00", asker=staff) == [Reason.NOT_BOOKABLE]


@pytest.mark.req("CAL-5")
def test_staff_may_begin_at_any_minute_but_are_proposed_the_grid(cast: Cast) -> None:
    jana = cast.albers.actor("jana")
    change(cast.albers, AppointmentType, horizon=0, notice=60000)
    assert clocks(cast.albers) == []
    assert clocks(cast.albers, actor=jana) == MORNING + AFTERNOON
    with acting(jana):
        free = free_times(jana, cast.albers.types["talk"], monday(), monday(), cast.albers.calendars["miriam"].pk)
        assert len(free.at(minute_of(at("08:07")))) == 1
        assert len(next_free(jana, cast.albers.types["talk"], 2, since=minute_of(at("08:07")))) == 2


@pytest.mark.req("CAL-1")
def test_a_retired_calendar_offers_nothing_and_one_that_is_asked_for_says_why(cast: Cast) -> None:
    with acting(cast.albers.system):
        Offering.objects.filter(calendar=cast.albers.calendars["miriam"], type=cast.albers.types["talk"]).delete()
    assert why(cast.albers, "09:00") == [Reason.NOT_OFFERED_HERE, Reason.NO_ROOM_ALLOWED]
    change(cast.albers, Calendar, retired_at=at("00:00"))
    assert clocks(cast.albers, who="jonas") == []


def as_administrator(house: House) -> Actor:
    return house.actor("miriam")


@pytest.mark.req("CAL-9")
@pytest.mark.parametrize("somebody", [lambda house: house.visitor, as_administrator], ids=["visitor", "member"])
def test_two_statements_gather_all_however_much_there_is(
    cast: Cast, somebody: Callable[[House], Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then one before them tells whether what is remembered is still true, and soon it alone."""
    monkeypatch.setattr(gathering, "_memory", Memory(10_000))
    window = enter(cast.albers, BookingWindow, calendar=None, weekday=0, starts=540, ends=600)
    enter(cast.albers, BookingWindowType, window=window, type=cast.albers.types["talk"])
    book(cast.albers, "10:00")
    actor = somebody(cast.albers)
    for statements in (2, 3, 1):
        with acting(actor), CaptureQueriesContext(connection) as captured:
            free = free_times(actor, cast.albers.types["talk"], monday(), monday() + timedelta(weeks=4))
            assert [calendar.name for calendar in free.calendars.values()] == ["Miriam Albers", "Jonas Petersen"]
            assert len(free.all()) > 100
        assert len(captured) == statements


@pytest.mark.req("CAL-9")
def test_what_lies_days_after_the_period_is_known(cast: Cast) -> None:
    """An appointment of a day, and a day of buffer after it: what begins on Monday reaches far into Wednesday."""
    change(cast.albers, AppointmentType, duration=1440, buffer_after=1440, grid=60)
    with acting(cast.albers.system):
        WorkingHours.objects.filter(practice_id=cast.albers.practice.id).delete()
    miriam = cast.albers.calendars["miriam"]
    for weekday in range(7):
        enter(cast.albers, WorkingHours, calendar=miriam, weekday=weekday, starts=0, ends=1440)
    assert clocks(cast.albers)[-1] == "23:00"
    late = at("22:30", monday() + timedelta(days=2))
    enter(cast.albers, Occupancy, calendar=miriam, starts_at=late, ends_at=late + timedelta(hours=1), kind="block")
    assert clocks(cast.albers)[-1] == "22:00"
