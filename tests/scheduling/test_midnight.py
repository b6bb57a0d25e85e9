"""Appointments whose buffer alone lies on the day shown (CAL-8, CAL-13)."""

from datetime import timedelta

import pytest
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.enter import Known, enter_appointments
from tests.support.cast import Cast, at, book, monday

BUSY = "entry busy"


@pytest.mark.req("CAL-8", "CAL-13")
def test_a_buffer_over_midnight_is_busy_only_for_who_may_not_see_what_it_belongs_to(cast: Cast) -> None:
    house, day = cast.albers, monday() + timedelta(days=1)
    following = day + timedelta(days=1)
    patient = book(house, "09:00").patient
    late = Known(
        house.calendars["miriam"], None, house.types["talk"], patient.pk, at("23:10", day), at("00:00", following)
    )
    with acting(house.system):
        enter_appointments(house.system, [late])
    pages = {}
    for who in ("jana", "jonas"):
        client = Client()
        client.force_login(house.user(who))
        pages[who] = client.get(f"/?day={following:%Y-%m-%d}").content.decode()
    assert BUSY not in pages["jana"] and BUSY in pages["jonas"]
