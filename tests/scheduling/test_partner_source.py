"""What a partner booked is named as such wherever the practice sees it (OTV-7, AUD-4, BOO-12)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from tests.scheduling.test_history import lines
from tests.support.cast import Cast, at, book
from tests.support.partner_bookings import book_by, offered
from tests.support.partners import registered

pytestmark = pytest.mark.req("OTV-7")


@pytest.fixture(autouse=True)
def _english(settings: Any) -> None:
    from django.utils import translation

    translation.activate("en")


@pytest.mark.req("AUD-4", "CAL-15")
def test_the_history_names_the_partner_for_all_that_it_did(cast: Cast) -> None:
    offered(cast.albers)
    finder = registered(cast.albers)
    made = book_by(cast.albers, finder, "09:00")
    with acting(finder):
        reschedule_appointment(finder, made.pk, NewTime(None, at("10:00"), None))
        cancel_appointment(finder, made.pk, reason="Ill")
    assert lines(cast, made) == [
        ("TerminFinder (booking partner)", "Booked at the booking partner"),
        ("TerminFinder (booking partner)", "Moved from 09:00 to 10:00"),
        ("TerminFinder (booking partner)", "Cancelled: Ill"),
    ]


@pytest.mark.req("BOO-12", "CAL-20", "AUD-4")
def test_dialog_list_print_and_new_bookings_name_it(cast: Cast) -> None:
    house = cast.albers
    offered(house)
    finder = registered(house)
    made = book_by(house, finder, "09:00", first_name="Otto")
    book(house, "11:00")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(house.user("jana"))
    day = f"{at('09:00'):%Y-%m-%d}"
    pages = {
        reverse("scheduling:appointment", args=[made.pk]): "Source: TerminFinder (booking partner)",
        f"{reverse('scheduling:book')}?view=list&day={day}": "TerminFinder",
        f"{reverse('scheduling:print')}?day={day}": "TerminFinder",
        reverse("scheduling_bookings:bookings"): "TerminFinder",
    }
    for address, words in pages.items():
        page = client.get(address)
        assert page.status_code == 200, address
        assert words in page.content.decode(), address
    by_practice = client.get(reverse("scheduling:appointment", args=[book(house, "14:00").pk]))
    assert "TerminFinder" not in by_practice.content.decode()
