"""A practice without calendars: the book says what to do."""

import pytest
from django.test import Client

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.settings import retire_calendar
from tests.support.cast import Cast, House

pytestmark = pytest.mark.req("CAL-13")


def empty(house: House) -> None:
    with acting(house.system):
        for calendar in house.calendars.values():
            retire_calendar(house.system, calendar.pk)


@pytest.mark.parametrize("view", ["day", "week"])
def test_an_empty_book_leads_those_to_the_calendars_who_may_make_one(cast: Cast, view: str) -> None:
    house = cast.albers
    empty(house)
    for name, may in (("miriam", True), ("jonas", False)):
        client = Client()
        client.force_login(house.user(name))
        html = client.get(f"/?view={view}", headers={"accept-language": "en"}).content.decode()
        assert "There is no calendar you may see yet." in html
        assert ("/settings/calendars/new/" in html) is may
        assert ("can give you one" in html) is not may
