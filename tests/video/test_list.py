"""The list of today's consultations (VID-3)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.video.actions.consultation import admit, end_call
from sprechzeit.video.list_page import list_context
from tests.support.cast import Cast, House, at, book, monday
from tests.support.consultations import by_video, came_in, held, pushed, sits
from tests.support.routes import signed_in

pytestmark = pytest.mark.req("VID-3", "VID-4")


def listed(house: House, who: str, clock: str = "09:00") -> dict[str, Any]:
    actor, now = house.actor(who), at(clock)
    with time_machine.travel(now, tick=False), acting(actor):
        return list_context(actor, now)


def states(house: House, who: str = "jonas", clock: str = "09:00") -> dict[str, str]:
    return {one["name"]: one["state"].text for one in listed(house, who, clock)["rows"]}


def test_whose_consultations_are_listed_for_whom(cast: Cast) -> None:
    house = cast.albers
    by_video(house, "09:00", who="jonas", first_name="Jo", last_name="Nas", email="j@example.org")
    by_video(house, "09:00", who="miriam", first_name="Mi", last_name="Riam", email="m@example.org")
    pushed(house, "16:00", who="jonas", title="Von drüben")
    by_video(cast.brandt, "11:00", who="berta", first_name="Be", last_name="Rta", email="b@example.org")
    book(house, "14:00", who="jonas", first_name="In", last_name="Praxis", email="p@example.org")
    held(book(house, "09:00", who="jonas", day=monday() + timedelta(days=1), first_name="Mor", last_name="Gen",
              email="g@example.org"), house)  # fmt: skip
    assert set(states(house, "jonas")) == {"Jo Nas", "Von drüben"}
    for who in ("miriam", "jana"):
        assert set(states(house, who)) == {"Jo Nas", "Mi Riam", "Von drüben"}
    assert set(states(cast.brandt, "berta")) == {"Be Rta"}
    assert [one["may_hold"] for one in listed(house, "jana")["rows"]] == [False] * 3
    assert [one["may_hold"] for one in listed(house, "jonas")["rows"]] == [True] * 2


def test_what_is_said_of_one_from_before_it_to_after_it(cast: Cast) -> None:
    house, jonas = cast.albers, cast.albers.actor("jonas")
    one = by_video(house, "13:00")
    assert states(house)["Paula Sommer"] == "noch nicht da"
    assert listed(house, "jonas")["rows"][0]["state"].more == "Link gilt ab 12:30"
    with time_machine.travel(at("12:45"), tick=False):
        sits(one, one.patient, "testing")
    assert states(house, clock="12:45")["Paula Sommer"] == "prüft gerade Kamera und Ton"
    with time_machine.travel(at("12:50"), tick=False):
        sits(one, one.patient)
        sits(one, jonas)
    waits = listed(house, "jonas", "12:50")
    assert (waits["rows"], waits["waiting"][0]["since"]) == ([], "Gerade in den Warteraum gekommen")
    # Who only sees that there is one has it among the others.
    assert states(house, "jana", "12:50")["Paula Sommer"] == "Gerade in den Warteraum gekommen"
    # Whose page was not heard of for a minute is gone.
    assert states(house, clock="12:51")["Paula Sommer"] == "noch nicht da"
    with time_machine.travel(at("12:50"), tick=False), acting(jonas):
        admit(jonas, one.id)
    assert states(house, clock="12:50")["Paula Sommer"] == "im Gespräch"
    with time_machine.travel(at("13:50"), tick=False), acting(jonas):
        end_call(jonas, one.id)
    row = listed(house, "jonas", "13:50")["rows"][0]
    assert (row["state"].text, row["state"].more) == ("Gespräch beendet", "Beendet um 13:50")
    assert row["link"].endswith(f"/video/{one.link}/#tan={one.tan}")
    late = listed(house, "jonas", "14:51")["rows"][0]
    assert (late["link"], late["may_hold"]) == ("", False)


def test_what_is_cancelled_is_not_listed(cast: Cast) -> None:
    house, jonas = cast.albers, cast.albers.actor("jonas")
    one = by_video(house, "13:00")
    with acting(jonas):
        cancel_appointment(jonas, one.of.pk)
    assert states(house) == {}


def test_the_navigation_leads_there_where_consultations_are_held_and_counts_who_waits(cast: Cast) -> None:
    house = cast.albers
    client = Client()
    with time_machine.travel(at("08:45")):
        client.force_login(house.user("jonas"))
        assert reverse("video:list") not in client.get(reverse("practice:facts")).content.decode()
        one = by_video(house)
        assert reverse("video:list") in client.get(reverse("practice:facts")).content.decode()
        assert "badge" not in client.get(reverse("video:count")).content.decode()
        sits(one, one.patient)
        assert 'num">1<' in client.get(reverse("video:count")).content.decode()
        secretary = Client()
        secretary.force_login(house.user("jana"))
        assert 'num">1<' in secretary.get(reverse("video:count")).content.decode()
        page = client.post(one.address("soon"), follow=True).content.decode()
        assert "Der Patient liest jetzt, dass Sie gleich da sind." in page and "Paula Sommer wartet" in page


def test_who_loads_the_page_again_is_told_for_how_long_they_have_talked(cast: Cast) -> None:
    house, jonas = cast.albers, cast.albers.actor("jonas")
    one = by_video(house, "09:00")
    with time_machine.travel(at("09:00"), tick=False) as clock:
        patient, practitioner = came_in(one), Client()
        practitioner.force_login(house.user("jonas"))
        sits(one, one.patient)
        with acting(jonas):
            admit(jonas, one.id)
        clock.shift(90)
        for client, page in ((patient, one.page), (practitioner, reverse("video:appointment", args=[one.of.pk]))):
            assert 'data-was-on="90"' in client.get(page).content.decode()


@pytest.mark.req("PUSH-4")
def test_a_new_appointment_by_video_is_entered_from_the_list(cast: Cast) -> None:
    """In the book's own dialog, with video chosen."""
    by_video(cast.albers)
    client = signed_in(cast, "secretary")
    (address,) = re.findall(r'href="(/appointments/new/[^"]*)"', client.get(reverse("video:list")).content.decode())
    assert '<option value="video" selected>' in client.get(address).content.decode()
