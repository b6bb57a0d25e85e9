"""Many appointments entered at once: all or none, seen by whoever may, refused to who may not."""

from datetime import timedelta

import pytest

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from sprechzeit.scheduling.errors import TimeTaken
from sprechzeit.scheduling.models import Appointment, Attendance, Occupancy
from tests.support.cast import Cast, at, book

pytestmark = pytest.mark.req("CAL-7")


def known(cast: Cast, clock: str, *, room: str = "own", state: str = "") -> Known:
    """A talk of Miriam's, of a patient who booked before."""
    house = cast.albers
    patient = Appointment.objects.filter(practice_id=house.practice.id).values_list("patient_id", flat=True)[0]
    starts = at(clock)
    return Known(
        calendar=house.calendars["miriam"],
        room=house.rooms[room],
        type=house.types["talk"],
        patient_id=patient,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=50),
        state=state,
    )


def enter(cast: Cast, actor: Actor, *clocks: str, **facts: str) -> list[Appointment]:
    with acting(actor):
        ids = enter_appointments(actor, [known(cast, clock, **facts) for clock in clocks])
        return [Appointment.objects.get(pk=one) for one in ids]


def test_all_stand_in_the_book_with_their_buffers_and_state(cast: Cast) -> None:
    book(cast.albers, "08:00", who="miriam")
    first, second = enter(cast, cast.albers.system, "10:00", "11:00", state="completed")
    assert [first.starts_at, second.starts_at] == [at("10:00"), at("11:00")]
    with acting(cast.albers.system):
        taken = Occupancy.objects.get(pk=first.occupancy_id)
        assert (taken.ends_at - first.ends_at).total_seconds() == 600
        assert taken.space_id == cast.albers.rooms["own"].space_id
        assert Attendance.objects.filter(appointment__in=[first, second], state="completed").count() == 2


def test_one_that_is_taken_refuses_them_all(cast: Cast) -> None:
    book(cast.albers, "10:00", who="miriam")
    with pytest.raises(TimeTaken):
        enter(cast, cast.albers.system, "09:00", "10:30")
    with acting(cast.albers.system):
        assert Appointment.objects.count() == 1
        assert Occupancy.objects.filter(active=True).count() == 1


def test_a_practitioner_may_not(cast: Cast) -> None:
    book(cast.albers, "08:00", who="miriam")
    with pytest.raises(NotAllowed):
        enter(cast, cast.albers.actor("jonas"), "10:00")
    enter(cast, cast.albers.actor("jana"), "10:00")
