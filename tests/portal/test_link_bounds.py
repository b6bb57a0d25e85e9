"""What the holder of a mailed link sends past its page (BOO-6)."""

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.practice.models import Practice
from sprechzeit.scheduling.actions.attend import set_attendance
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.models import Appointment, Cancellation
from tests.support.cast import Cast, at, book

pytestmark = pytest.mark.req("BOO-6")


def cancel(appointment: Appointment, reason: str = "") -> int:
    address = reverse("portal:cancellation", args=[manage_token(appointment.pk)])
    answer = Client(raise_request_exception=False).post(address, {"reason": reason})
    return int(answer.status_code)


def test_a_reason_that_no_database_can_hold(cast: Cast) -> None:
    assert cancel(book(cast.albers, "09:00"), "ill\x00ness") == 303
    with acting(cast.albers.system):
        assert Cancellation.objects.get().reason == "illness"


@pytest.mark.parametrize("state", ["arrived", "completed", "no_show"])
def test_who_is_there_cancels_no_more(cast: Cast, state: str) -> None:
    """On its day, before a short deadline."""
    found = book(cast.albers, "15:00")
    jana = cast.albers.actor("jana")
    with acting(cast.albers.system):
        Practice.objects.filter(pk=cast.albers.practice.pk).update(cancel_hours=1)
    with time_machine.travel(at("13:00"), tick=True):
        with acting(jana):
            set_attendance(jana, found.pk, state)
        assert cancel(found) == 422
        with acting(cast.albers.system):
            assert not Cancellation.objects.exists()
        with acting(jana):
            set_attendance(jana, found.pk, "planned")
        assert cancel(found) == 303, "the deadline alone would let them"
