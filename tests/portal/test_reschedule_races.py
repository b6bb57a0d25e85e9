"""Links and staff at the same time, over HTTP's own views and real commits: nothing twice, nothing lost (CAL-8)."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.models import Appointment, Occupancy
from tests.portal.test_reschedule import button, move, url
from tests.scheduling.test_occupancy import deadlocks, overlaps
from tests.support.cast import BERLIN, Cast, House, at, book, monday
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = [pytest.mark.own_database, pytest.mark.req("BOO-6", "BOO-7", "CAL-8")]


def stands(house: House) -> dict[str, str]:
    """Whose appointment begins when; each has exactly its own time taken."""
    with acting(house.system):
        found = Appointment.objects.select_related("occupancy", "patient").filter(practice=house.practice)
        assert all(one.occupancy.active and one.occupancy.starts_at == one.starts_at for one in found)
        assert Occupancy.objects.filter(active=True).count() == len(found), "no time is left behind"
        return {one.patient.first_name: f"{one.starts_at.astimezone(BERLIN):%H:%M}" for one in found}


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(getattr(one, "status_code", 0) for one in answers)


def test_of_two_links_that_want_one_time_one_gets_it_and_the_other_keeps_theirs(
    cast: Cast, own_database: Databases
) -> None:
    for number in range(3):
        day, email = monday(number + 1), f"p{number}@example.org"
        pair = [
            book(cast.albers, clock, first_name=f"{name}{number}", email=email, day=day)
            for name, clock in (("A", "08:00"), ("B", "09:00"))
        ]
        press = [lambda one=one, day=day: move(Client(), one, button(cast.albers, "10:30", day=day)) for one in pair]
        assert statuses(together(*press)) == {303: 1, 409: 1}
        place = stands(cast.albers)
        assert (place[f"A{number}"], place[f"B{number}"]) in {("10:30", "09:00"), ("08:00", "10:30")}
    assert overlaps(own_database) == 0 and deadlocks(own_database) == 0


def test_pressed_four_times_at_once_it_is_one_move(cast: Cast, own_database: Databases) -> None:
    found = book(cast.albers, "09:00")
    press: list[Callable[[], Any]] = [lambda: move(Client(), found, button(cast.albers, "10:30"))] * 4
    assert statuses(together(*press)) == {303: 4}
    with acting(cast.albers.system):
        assert Appointment.objects.get(pk=found.pk).sequence == 1
    assert stands(cast.albers) == {"Paula": "10:30"}


def test_link_against_staff(cast: Cast, own_database: Databases) -> None:
    """The secretary moves the appointment itself, and cancels it, while its patient moves it."""
    for number, (clock, wanted, staff) in enumerate(
        [("08:00", "10:30", "11:00"), ("09:00", "14:00", "14:30"), ("13:00", "15:00", "16:00")]
    ):
        name = f"P{number}"
        found = book(cast.albers, clock, first_name=name, email=f"{name}@example.org")
        secretary = Client()
        secretary.force_login(cast.albers.user("jana"))
        place = {
            "calendar": str(cast.albers.calendars["miriam"].pk),
            "start": f"{at(staff):%Y-%m-%dT%H:%M}",
        }
        answers = together(
            partial(move, Client(), found, button(cast.albers, wanted)),
            partial(secretary.post, reverse("scheduling:place", args=[found.pk]), place),
        )
        assert set(statuses(answers)) <= {200, 303, 409}, answers
        assert stands(cast.albers)[name] in (wanted, staff)
    last = book(cast.albers, "08:00", first_name="Last", email="last@example.org")
    together(
        lambda: move(Client(), last, button(cast.albers, "09:00")),
        lambda: Client().post(url("cancellation", last)),
    )
    with acting(cast.albers.system):
        after = Appointment.objects.select_related("occupancy").get(pk=last.pk)
        assert after.occupancy.active is not hasattr(after, "cancellation")
    assert overlaps(own_database) == 0 and deadlocks(own_database) == 0
