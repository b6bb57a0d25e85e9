"""The history of an appointment: who did what when, from what to what (CAL-15)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils.formats import date_format

from sprechzeit.audit.queries import history_of
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.attend import PLANNED, set_attendance, set_remark
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import swap_appointments
from sprechzeit.scheduling.actions.told import tell_patient
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.history import lines_of
from sprechzeit.scheduling.models import Appointment
from tests.scheduling.test_appoint import enter, wish
from tests.scheduling.test_move import move
from tests.support.cast import BERLIN, Cast, at, book

pytestmark = pytest.mark.req("CAL-15")


@pytest.fixture(autouse=True)
def _english(settings: Any) -> None:
    from django.utils import translation

    translation.activate("en")


def lines(cast: Cast, found: Appointment) -> list[tuple[str, str]]:
    actor = cast.albers.actor("jana")
    with acting(actor):
        return [
            (who, what)
            for _when, who, what in lines_of(actor, history_of(actor, found.practice_id, [found.id]), BERLIN)
        ]


def day(later: int) -> str:
    return date_format(at("13:00") + timedelta(days=later), "SHORT_DATETIME_FORMAT")


def test_from_booking_to_the_end(cast: Cast) -> None:
    """The patient books, Jana moves and tells, Miriam marks and cancels."""
    found = book(cast.albers, "09:00")
    jana, miriam = cast.albers.actor("jana"), cast.albers.actor("miriam")
    move(cast, found, "11:00", who="jonas", room="shared")
    move(cast, found, "11:00", who="jonas", room="none")
    with acting(jana):
        tell_patient(jana, found.id, by_mail=False)
        set_remark(jana, found.id, "Door")
    with acting(miriam), time_machine.travel(at("08:00"), tick=True):
        set_attendance(miriam, found.id, "arrived")
        set_attendance(miriam, found.id, PLANNED)
        cancel_appointment(miriam, found.id, reason="Ill")
    assert lines(cast, found) == [
        ("Online booking", "Booked online"),
        ("Jana Albrecht", "Moved from 09:00 to 11:00, from Miriam Albers to Jonas Petersen, from Raum 1 to Raum 2"),
        ("Jana Albrecht", "Moved from Raum 2 to no room"),
        ("Jana Albrecht", "Patient told of the time"),
        ("Jana Albrecht", "Remark changed"),
        ("Miriam Albers", "Arrived"),
        ("Miriam Albers", "Planned again"),
        ("Miriam Albers", "Cancelled: Ill"),
    ]


def test_which_end_moved_and_how_long_it_lasts(cast: Cast) -> None:
    """Longer at the end, earlier at the begin, both at once; in the same length to another day."""
    found = book(cast.albers, "09:00")
    move(cast, found, "09:00", minutes=80)
    move(cast, found, "08:30", minutes=110)
    move(cast, found, "13:00", minutes=50)
    move(cast, found, "13:00", minutes=50, days=1)
    assert [what for _who, what in lines(cast, found)][1:] == [
        "End moved from 09:50 to 10:20",
        "Begin moved from 09:00 to 08:30",
        "Moved from 08:30–10:20 to 13:00–13:50",
        f"Moved from {day(0)} to {day(1)}",
    ]


@pytest.mark.req("CAL-16")
def test_a_swap_says_of_both_from_where_to_where_and_its_undoing_too(cast: Cast) -> None:
    one = book(cast.albers, "09:00")
    other = book(cast.albers, "10:00", who="jonas", first_name="Other", email="o@example.org")
    move(cast, other, "10:00", who="jonas", room="shared")
    actor = cast.albers.actor("jana")
    with acting(actor):
        swap_appointments(actor, one.id, other.id)
        undo(actor)
    there = "Moved from 09:00 to 10:00, from Miriam Albers to Jonas Petersen, from Raum 1 to Raum 2"
    back = "Moved from 10:00 to 09:00, from Jonas Petersen to Miriam Albers, from Raum 2 to Raum 1"
    assert lines(cast, one)[-2:] == [("Jana Albrecht", there), ("Jana Albrecht", back)]
    assert lines(cast, other)[-2:] == [("Jana Albrecht", back), ("Jana Albrecht", there)]


@pytest.mark.req("CAL-16")
def test_what_was_undone(cast: Cast) -> None:
    made, actor = enter(cast, wish(cast, "10:00")), cast.albers.actor("jana")
    move(cast, made, "10:00", minutes=80)
    with acting(actor):
        cancel_appointment(actor, made.id, tell=False)
        undo(actor)
        undo(actor)
    assert [what for _who, what in lines(cast, made)] == [
        "Entered",
        "End moved from 10:50 to 11:20",
        "Cancelled",
        "Cancellation undone",
        "End moved from 11:20 to 10:50",
    ]
