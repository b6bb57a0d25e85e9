"""Where an appointment takes place, as staff see and change it (PUSH-3, PUSH-4, PUSH-10)."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.access.table import Area
from sprechzeit.core.acting import acting
from sprechzeit.scheduling.appointment_page import details_of
from sprechzeit.scheduling.models import Appointment, AppointmentType
from sprechzeit.scheduling.policy import get_appointment
from sprechzeit.scheduling.queries.video import joining
from tests.scheduling.test_move import reload
from tests.support.cast import Cast, House, book, monday
from tests.support.delegates import delegate, terms
from tests.support.video import ELSEWHERE, known_there, online_by_video, video_on

pytestmark = pytest.mark.req("PUSH-4")


def client(house: House, who: str = "jana") -> Client:
    one = Client(headers={"accept-language": "en"})
    one.force_login(house.user(who))
    return one


def shown(one: Client, name: str, *arguments: Any, **query: str) -> str:
    answer = one.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def details(one: Client, found: Appointment) -> str:
    return one.get(reverse("scheduling:appointment", args=[found.pk])).content.decode()


@pytest.mark.req("PUSH-10")
def test_staff_read_link_and_tan_out(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    found = book(house, "08:00")
    with acting(house.system):
        how = joining(house.system, found)
    assert how
    page = details(client(house), found)
    assert how.url in page
    assert how.tan in page
    way_in = f"/video/appointments/{found.pk}/"
    assert way_in not in page, "who is not let in is not led there"
    assert way_in in details(client(house, "miriam"), found)


@pytest.mark.req("PUSH-7", "PUSH-8")
def test_elsewhere_the_link_is_waited_for(cast: Cast) -> None:
    house = cast.albers
    video_on(house, ELSEWHERE)
    known_there(house, "miriam")
    page = details(client(house), book(house, "08:00"))
    assert "Link and TAN are not there yet" in page
    assert "/video/appointments/" not in page


@pytest.mark.req("ACC-21")
@pytest.mark.parametrize(("area", "sees"), [(Area.SCHEDULING, True), (Area.DOCUMENTATION, False)])
def test_who_only_documents_sees_no_tan(cast: Cast, area: Area, sees: bool) -> None:
    """A delegate who reads a record's notes sees its appointments, and joins none of them as the patient."""
    house = cast.albers
    video_on(house)
    found = book(house, "08:00")
    kern = delegate(house, terms(house, "miriam", areas=[area]))
    with acting(kern):
        told = details_of(kern, get_appointment(kern, found.pk))
    assert bool(told["joining"]) is sees


def test_it_is_changed_and_undone_in_the_book(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    found, one = book(house, "08:00"), client(house)
    answer = one.post(
        reverse("scheduling:location", args=[found.pk]), {"location": "phone"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert "Phone" in answer.content.decode()
    assert answer["X-Changed-Columns"] == str(found.calendar_id)
    assert reload(house, found).location == "phone"
    history = details(one, found)
    assert "Takes place: Phone instead of Video" in history
    assert "The patient has not been told that it takes place like this." in history
    assert one.post(reverse("scheduling:undo")).status_code == 303
    assert reload(house, found).location == "video"


def test_why_not_is_said(cast: Cast) -> None:
    found = book(cast.albers, "08:00")
    address = reverse("scheduling:location", args=[found.pk])
    answer = client(cast.albers).post(address, {"location": "video"}, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "video service is switched off" in html.unescape(answer.content.decode())
    assert client(cast.albers).post(address, {"location": "moon"}).status_code == 404


@pytest.mark.req("PUSH-6")
def test_the_dialog_says_that_an_address_is_missing(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    one = client(house)
    page = one.get(reverse("scheduling:new"), {"day": f"{monday():%Y-%m-%d}"}).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    assert "By the type: Video" in page
    typed = {
        "key": key[1], "is_new": "on", "last_name": "Neu", "first_name": "Nora", "type": str(house.types["talk"].pk),
        "calendar": str(house.calendars["miriam"].pk), "start": f"{monday():%Y-%m-%d}T08:00", "room": "",
    }  # fmt: skip
    answer = one.post(reverse("scheduling:new"), typed)
    assert answer.status_code == 422
    assert "needs the patient's e-mail address" in html.unescape(answer.content.decode())
    assert one.post(reverse("scheduling:new"), typed | {"location": "practice"}).status_code == 303
    with acting(house.system):
        assert Appointment.objects.get().location == "practice"


@pytest.mark.req("PUSH-3")
def test_the_settings_say_where_nothing_is_held_by_video(cast: Cast) -> None:
    house = cast.albers
    video_on(house, is_on=False)
    miriam, talk, calendar = client(house, "miriam"), house.types["talk"].pk, house.calendars["jonas"].pk
    assert "Nobody can book this by video" in shown(miriam, "scheduling_settings:type", talk)
    assert "Reference at the video service" not in shown(miriam, "scheduling_settings:calendar", calendar)
    video_on(house, ELSEWHERE)
    known_there(house, "miriam")
    assert "is missing: Jonas Petersen." in shown(miriam, "scheduling_settings:type", talk)
    assert "Not bookable by video in this calendar: Gespräch" in shown(miriam, "scheduling_settings:calendar", calendar)
    asked = {"calendar": str(calendar), "type": str(talk), "start": f"{monday():%Y-%m-%d}T09:00", "by": "online"}
    assert "This calendar has no reference at the video service." in shown(miriam, "scheduling:explain", **asked)
    typed = {"name": "Jonas Petersen", "initials": "JP", "member": str(house.members["jonas"].pk), "colour": "1"}
    address = reverse("scheduling_settings:calendar", args=[calendar])
    assert miriam.post(address, typed | {"video_reference": "jonas-there"}).status_code == 303
    assert "Not bookable by video" not in shown(miriam, "scheduling_settings:calendar", calendar)


def test_the_practice_sets_where_what_is_booked_online_takes_place(cast: Cast) -> None:
    house = cast.albers
    online_by_video(house)
    assert "Nobody can book online what would take place by video" in shown(client(house, "miriam"), "practice:booking")
    with acting(house.system):
        assert AppointmentType.objects.get(pk=house.types["talk"].pk).location == ""
    services = Client(headers={"accept-language": "en"}).get(reverse("portal:services", args=["albers"]))
    assert "By video" in services.content.decode()


def test_the_book_shows_where_it_takes_place(cast: Cast) -> None:
    house = cast.albers
    video_on(house)
    book(house, "08:00")
    one = client(house)
    before = one.get(reverse("scheduling:book"), {"day": f"{monday():%Y-%m-%d}", "view": "list"}).content.decode()
    book(house, "10:00", kind="call", email="other@example.org")
    after = one.get(reverse("scheduling:book"), {"day": f"{monday():%Y-%m-%d}", "view": "list"}).content.decode()
    signs = [re.findall(r"</svg>\s*Video\b(?! con)", page) for page in (before, after)]
    assert [len(found) for found in signs] == [1, 1]
