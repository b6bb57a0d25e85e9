"""The patient's way into a consultation from their link's page, 30 minutes before until 60 after (VID-4, PUSH-10)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.book import manage_token
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.queries.video import Joining, joining
from tests.support.cast import Cast, House, book
from tests.support.video import ELSEWHERE, known_there, video_on

pytestmark = pytest.mark.req("VID-4")


def page_of(found: Appointment) -> str:
    address = reverse("portal:manage", args=[manage_token(found.pk)])
    return Client(headers={"Accept-Language": "en"}).get(address).content.decode()


def way_into(house: House, found: Appointment) -> Joining:
    with acting(house.system):
        how = joining(house.system, found)
    assert how
    return how


@pytest.mark.parametrize(
    ("minutes", "from_end", "is_open"),
    [(-31, False, False), (-29, False, True), (20, False, True), (59, True, True), (61, True, False)],
)
def test_the_way_in_is_there_while_the_link_is_good(cast: Cast, minutes: int, from_end: bool, is_open: bool) -> None:
    house = cast.albers
    video_on(house)
    found = book(house, "10:00")
    how = way_into(house, found)
    begins = found.ends_at if from_end else found.starts_at
    with time_machine.travel(begins + timedelta(minutes=minutes), tick=False):
        page = page_of(found)
    assert (how.url in page) is is_open
    assert how.tan not in page, "the TAN is in the mail alone"
    assert ("From <b>Monday" in page) is (minutes == -31)
    assert ("This appointment is over." in page) is (minutes == 61)


def test_a_cancelled_one_has_none(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    found = book(house, "10:00")
    how = way_into(house, found)
    with acting(house.system):
        cancel_appointment(house.system, found.pk)
    with time_machine.travel(found.starts_at, tick=False):
        assert how.url not in page_of(found)


@pytest.mark.req("PUSH-8")
def test_elsewhere_it_may_still_be_waited_for(cast: Cast) -> None:
    house = cast.albers
    video_on(house, ELSEWHERE)
    known_there(house, "miriam")
    found = book(house, "10:00")
    with time_machine.travel(found.starts_at, tick=False):
        page = page_of(found)
    assert "The link is not there yet." in page
    assert "/video/" not in page


def test_what_is_not_by_video_has_none(cast: Cast) -> None:
    found = book(cast.albers, "10:00")
    with time_machine.travel(found.starts_at, tick=False):
        assert "video" not in page_of(found)
