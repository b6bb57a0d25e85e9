"""Free times that a process remembers are those it would gather: after every change of what they hang on (CAL-9)."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from sprechzeit import scheduling
from sprechzeit.core.acting import acting
from sprechzeit.core.versions import Memory
from sprechzeit.practice.models import Practice, Room
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hold import give_hold_back, hold_token
from sprechzeit.scheduling.models import (
    Absence,
    AppointmentType,
    BookingWindow,
    BookingWindowType,
    Calendar,
    Occupancy,
    Offering,
    OfferingRoom,
    OpenHoliday,
    Shift,
    WorkingHours,
)
from sprechzeit.scheduling.queries import gathering
from sprechzeit.scheduling.queries.gathering import Gathered
from sprechzeit.scheduling.time_versions import RULES
from tests.support.cast import Cast, House, at, book, hold, monday
from tests.support.databases import Databases

pytestmark = pytest.mark.req("CAL-9")

LAST = monday() + timedelta(days=13)


def remembered(house: House, kind: str = "talk") -> Gathered:
    with acting(house.visitor):
        appointment_type = AppointmentType.objects.get(pk=house.types[kind].pk)
        return gathering.gather(house.visitor, appointment_type, monday(), LAST, None)


def facts(gathered: Gathered) -> tuple[Any, ...]:
    return list(gathered.times), dict(gathered.named), gathered.zone


def gathered_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    with monkeypatch.context() as patched:
        patched.setattr(gathering, "_memory", Memory(1))
        return facts(remembered(house))


def warm(house: House) -> Gathered:
    """Asked three times, the third answer is the second one itself."""
    remembered(house)
    kept = remembered(house)
    assert remembered(house) is kept
    return kept


def change(house: House, model: Any, **values: Any) -> None:
    with acting(house.system):
        model.objects.filter(**of(house, model)).update(**values)


def of(house: House, model: Any) -> dict[str, Any]:
    return {"pk": house.practice.id} if model is Practice else {"practice_id": house.practice.id}


def enter(house: House, model: Any, **values: Any) -> None:
    with acting(house.system):
        model.objects.create(practice_id=house.practice.id, **values)


def remove(house: House, model: Any) -> None:
    with acting(house.system):
        model.objects.filter(practice_id=house.practice.id).delete()


def window(house: House) -> None:
    with acting(house.system):
        made = BookingWindow.objects.create(
            practice_id=house.practice.id, calendar=house.calendars["miriam"], weekday=0, starts=480, ends=600
        )
        BookingWindowType.objects.create(practice_id=house.practice.id, window=made, type=house.types["call"])


def room_of_another_practice_is_taken(cast: Cast) -> None:
    """Brandt's talk in the room that is Albers' as well."""
    with acting(cast.brandt.system):
        OfferingRoom.objects.filter(room=cast.brandt.rooms["own"]).delete()
    book(cast.brandt, "08:00", who="berta")


ABSENT: dict[str, Any] = {"starts_at": at("00:00"), "ends_at": at("12:00")}

CHANGES: dict[str, Callable[[House], object]] = {
    "booked": partial(book, clock="08:00"),
    "held": partial(hold, clock="08:00"),
    "the week changed": partial(change, model=WorkingHours, valid_until=monday()),
    "the week removed": partial(remove, model=WorkingHours),
    "a shift": lambda house: enter(
        house, Shift, calendar=house.calendars["miriam"], works_on=monday(), starts=600, ends=700
    ),
    "absent": lambda house: enter(house, Absence, calendar=house.calendars["miriam"], **ABSENT),
    "all absent": partial(enter, model=Absence, calendar=None, **ABSENT),
    "a window": window,
    "own length": partial(change, model=Offering, duration=30),
    "not offered": partial(remove, model=OfferingRoom),
    "a room less": partial(change, model=Room, retired_at=timezone.now()),
    "a calendar less": partial(change, model=Calendar, retired_at=timezone.now()),
    "another colour": partial(change, model=Calendar, colour=7),
    "a longer type": partial(change, model=AppointmentType, duration=60),
    "another zone": partial(change, model=Practice, zone_name="Europe/Lisbon"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_after_a_change_it_is_gathered_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before = facts(warm(cast.albers))
    CHANGES[name](cast.albers)
    after = facts(remembered(cast.albers))
    assert after == gathered_anew(cast.albers, monkeypatch)
    assert after != before


def test_a_holiday_on_which_the_practice_opens(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    change(cast.albers, Practice, region="DE-BY")
    before = warm(cast.albers)
    enter(cast.albers, OpenHoliday, open_on=monday())
    assert facts(remembered(cast.albers)) == gathered_anew(cast.albers, monkeypatch)
    assert remembered(cast.albers) is not before


def test_cancelled_or_given_back_it_is_free_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    house = cast.albers
    free = facts(warm(house))
    appointment, held = book(house, "08:00"), hold(house, "10:00")
    assert facts(warm(house)) != free
    with acting(house.system):
        cancel_appointment(house.system, appointment.id)
    with acting(house.visitor):
        give_hold_back(house.visitor, hold_token(held.id))
    assert facts(remembered(house)) == free == gathered_anew(house, monkeypatch)


def test_what_another_practice_takes_in_a_shared_room_counts_at_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = facts(warm(cast.albers))
    room_of_another_practice_is_taken(cast)
    after = facts(remembered(cast.albers))
    assert after != before
    assert after == gathered_anew(cast.albers, monkeypatch)


def test_a_hold_of_anybody_is_free_when_it_ends(cast: Cast) -> None:
    """Nothing is written then: what was remembered ends with it."""
    house = cast.albers
    free = facts(warm(house))
    hold(house, "08:00")
    with acting(house.system), connection.cursor() as cursor:
        cursor.execute("UPDATE scheduling_occupancy SET expires_at = clock_timestamp() + interval '0.3 seconds'")
    assert facts(warm(house)) != free
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.4)")
    assert facts(remembered(house)) == free


def test_confirmed_it_stays_taken_when_the_hold_would_have_ended(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Confirming raises nothing; what was remembered ends with the hold, and is gathered with the appointment."""
    house = cast.albers
    held = hold(house, "08:00")
    with acting(house.system), connection.cursor() as cursor:
        cursor.execute("UPDATE scheduling_occupancy SET expires_at = clock_timestamp() + interval '0.5 seconds'")
        taken = facts(warm(house))
        cursor.execute(
            "UPDATE scheduling_occupancy SET kind = 'appointment', expires_at = NULL WHERE id = %s", [held.occupancy_id]
        )
        cursor.execute("SELECT pg_sleep(0.6)")
    assert facts(remembered(house)) == taken == gathered_anew(house, monkeypatch)


def test_who_sees_no_calendars_recalls_none(cast: Cast) -> None:
    warm(cast.albers)
    stranger = cast.brandt.visitor
    with acting(stranger):
        found = gathering.gather(stranger, cast.albers.types["talk"], monday(), LAST, None)
    assert found.times == ()


def test_all_that_is_gathered_raises_a_version() -> None:
    """A table that calendar_times.sql comes to read must have its trigger."""
    read = set(re.findall(r"\b(?:FROM|JOIN) ((?:scheduling|practice)_\w+)", _sql()))
    assert len(read) > 8
    assert read - {Occupancy._meta.db_table} <= set(RULES)


def _sql() -> str:
    (folder,) = scheduling.__path__
    return (Path(folder) / "calendar_times.sql").read_text()


@pytest.mark.own_database
@pytest.mark.parametrize(
    ("table", "trigger", "name"),
    [
        ("scheduling_occupancy", "version_inserted", "booked"),
        ("scheduling_workinghours", "version_of_rules", "the week removed"),
    ],
)
def test_without_the_trigger_a_change_would_be_missed(
    cast: Cast, own_database: Databases, table: str, trigger: str, name: str
) -> None:
    """The negative control."""
    with psycopg.connect(own_database.url("superuser")) as superuser:
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}".encode())
    before = warm(cast.albers)
    CHANGES[name](cast.albers)
    assert remembered(cast.albers) is before
