"""The history of an appointment: who did what when, from what to what (CAL-15)."""

from typing import Any

import pytest
import time_machine

from sprechzeit.audit.queries import history_of
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.attend import PLANNED, set_attendance, set_remark
from sprechzeit.scheduling.actions.cancel import cancel_appointment
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
        return [(who, what) for _when, who, what in lines_of(history_of(actor, found.practice_id, [found.id]), BERLIN)]


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
        ("Patient", "Booked online"),
        ("Jana Albrecht", "Moved from 09:00 to 11:00, from Miriam Albers to Jonas Petersen, from Raum 1 to Raum 2"),
        ("Jana Albrecht", "Moved from Raum 2 to no room"),
        ("Jana Albrecht", "Patient told of the time"),
        ("Jana Albrecht", "Remark changed"),
        ("Miriam Albers", "Arrived"),
        ("Miriam Albers", "Planned again"),
        ("Miriam Albers", "Cancelled: Ill"),
    ]


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
