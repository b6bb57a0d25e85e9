"""Who can see a patient next, for the reception (CAL-11)."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.availability import instant_of
from sprechzeit.scheduling.models import AppointmentType
from sprechzeit.scheduling.queries.absence import Away
from sprechzeit.scheduling.queries.availability import next_free, this_minute
from tests.support.cast import BERLIN, Cast, House, at, monday

pytestmark = pytest.mark.req("CAL-11")


def page(house: House, name: str, kind: str = "") -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(house.user(name))
    answer = client.get(reverse("scheduling:next_free"), {"type": str(house.types[kind].pk)} if kind else {})
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def offered(text: str) -> list[tuple[str, str]]:
    """Calendar and wall clock of each button, in their order."""
    found = [parse_qs(urlsplit(address).query) for address in re.findall(r'href="([^"]*/new/\?[^"]*)"', text)]
    return [(one["calendar"][0], one["start"][0]) for one in found]


def by_the_engine(house: House, actor: Actor, kind: AppointmentType) -> list[tuple[str, str]]:
    with acting(actor):
        each = [
            next_free(actor, kind, 1, since=this_minute(), calendar_id=one.pk)[0] for one in house.calendars.values()
        ]
    local = [(one.start, str(one.calendar_id), instant_of(one.start).astimezone(BERLIN)) for one in each]
    return [(calendar, f"{starts:%Y-%m-%dT%H:%M}") for _, calendar, starts in sorted(local)]


def away(house: House, name: str, days: int) -> None:
    """Nothing in the calendar for so many days from today on."""
    today = datetime.now(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
    with acting(house.system):
        enter_absence(house.system, Away(house.calendars[name].pk, today, today + timedelta(days=days), True, ""))


def test_each_calendar_with_its_next_time_soonest_first(cast: Cast) -> None:
    house = cast.albers
    away(house, "miriam", 10)
    shown = offered(page(house, "jana"))
    assert shown == by_the_engine(house, house.visitor, house.types["talk"])
    assert [calendar for calendar, _ in shown] == [str(house.calendars[name].pk) for name in ("jonas", "miriam")]


def test_a_type_that_is_not_booked_online_as_the_staff_may_enter_it(cast: Cast) -> None:
    house = cast.albers
    call = house.types["call"]
    with acting(house.system):
        AppointmentType.objects.filter(pk=call.pk).update(online=False)
        call.refresh_from_db()
    text = page(house, "jana", "call")
    assert offered(text) == by_the_engine(house, house.actor("jana"), call) != []
    assert "it is not booked online" in text


@pytest.mark.parametrize(
    ("clock", "day", "first"), [("10:07", 0, "10:10"), ("16:55", 1, "08:00"), ("06:00", 0, "08:00")]
)
def test_what_is_over_is_not_free(cast: Cast, clock: str, day: int, first: str) -> None:
    """Staff may enter what was this morning; it is not when a patient can be seen."""
    house, today = cast.albers, monday(2)
    call = house.types["call"]
    with acting(house.system):
        AppointmentType.objects.filter(pk=call.pk).update(online=False)
    with time_machine.travel(at(clock, today), tick=False):
        shown = offered(page(house, "jana", "call"))
    assert {moment for _, moment in shown} == {f"{today + timedelta(days=day)}T{first}"}


def test_a_practitioner_sees_all_and_enters_in_the_own_calendar(cast: Cast) -> None:
    house = cast.albers
    text = page(house, "jonas")
    assert [calendar for calendar, _ in offered(text)] == [str(house.calendars["jonas"].pk)]
    assert "Miriam Albers" in text


def test_nothing_free_says_so_and_why(cast: Cast) -> None:
    house = cast.albers
    for name in house.calendars:
        away(house, name, 400)
    text = page(house, "jana")
    assert offered(text) == []
    assert "Nothing is free" in text
    assert f"{reverse('scheduling:explain')}?type={house.types['talk'].pk}" in text


@pytest.mark.parametrize("kind", ["", "x", "0", "brandt"])
def test_an_unknown_type_is_not_found(cast: Cast, kind: str) -> None:
    client = Client()
    client.force_login(cast.albers.user("jana"))
    asked = str(cast.brandt.types["talk"].pk) if kind == "brandt" else kind
    answer = client.get(reverse("scheduling:next_free"), {"type": asked})
    assert answer.status_code == (404 if kind else 200)
