"""Retiring a calendar, a room or a type asks first, and says what it touches (CAL-1); whose patients a type takes."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.practice.actions import retire_room
from sprechzeit.practice.models import Room
from sprechzeit.scheduling.actions.settings import OfferingChange, change_type, retire_calendar
from sprechzeit.scheduling.models import AppointmentType, Calendar
from tests.practice.test_practice_settings import client_of, fields
from tests.support.cast import Cast, book

pytestmark = [pytest.mark.req("CAL-1")]


def addresses(cast: Cast) -> dict[str, str]:
    things = {
        "room": cast.albers.rooms["own"],
        "calendar": cast.albers.calendars["jonas"],
        "type": cast.albers.types["talk"],
    }
    return {name: reverse(f"scheduling_settings:{name}_retirement", args=[one.pk]) for name, one in things.items()}


def retired(cast: Cast) -> set[str]:
    with acting(cast.albers.system):
        return {
            *(one.name for one in Room.objects.exclude(retired_at=None)),
            *(one.name for one in Calendar.objects.exclude(retired_at=None)),
            *(one.name for one in AppointmentType.objects.exclude(retired_at=None)),
        }


@pytest.mark.parametrize(("kind", "name"), [("room", "Raum 1"), ("calendar", "Jonas Petersen"), ("type", "Gespräch")])
def test_it_asks_on_a_page_of_its_own_and_names_what_is_to_come(cast: Cast, kind: str, name: str) -> None:
    client, address = client_of(cast.albers, "miriam"), addresses(cast)[kind]
    appointment = book(cast.albers, "09:00", who="jonas")
    page = client.get(address)
    assert (page.context["count"], page.context["next_ones"]) == (1, [appointment])
    assert f"?day={appointment.starts_at:%Y-%m-%d}" in page.content.decode()
    assert "Sommer" not in page.content.decode()
    assert retired(cast) == set()
    answer = client.post(address, {"retired": "yes"})
    assert answer.status_code == 303
    assert retired(cast) == {name}
    thing = client.get(answer["Location"]).content.decode()
    assert f'action="{address}"' in thing, "it can be brought back"
    client.post(address, {"retired": "no"})
    assert retired(cast) == set()


@pytest.mark.parametrize("kind", ["room", "calendar", "type"])
def test_the_thing_leads_to_the_question_and_changes_nothing_by_itself(cast: Cast, kind: str) -> None:
    client, address = client_of(cast.albers, "miriam"), addresses(cast)[kind]
    page = client.get(address.removesuffix("retirement/")).content.decode()
    assert f'href="{address}"' in page
    assert f'action="{address}"' not in page


def test_five_of_many_are_named_the_next_first(cast: Cast) -> None:
    for minute in ("09:00", "10:00", "11:00", "13:00", "14:00", "15:00"):
        book(cast.albers, minute, who="jonas", email=f"{minute[:2]}@example.org", first_name=f"P{minute[:2]}")
    page = client_of(cast.albers, "miriam").get(addresses(cast)["calendar"])
    clocks = [one.starts_at for one in page.context["next_ones"]]
    assert page.context["count"] == 6
    assert clocks == sorted(clocks) and len(clocks) == 5


@pytest.mark.req("CAL-13")
def test_the_book_marks_what_is_retired(cast: Cast) -> None:
    house, client = cast.albers, client_of(cast.albers, "miriam")
    day = {"day": f"{book(house, '09:00', who='jonas').starts_at:%Y-%m-%d}"}
    marked: dict[str, set[str]] = {"rooms": set(), "day": set()}
    with acting(house.system):
        retire_room(house.system, house.rooms["own"].pk)
        retire_calendar(house.system, house.calendars["jonas"].pk)
    for view in marked:
        columns = client.get(reverse("scheduling:book"), day | {"view": view}).context["book"].columns
        marked[view] = {one.name for one in columns if one.subtitle.startswith(("Retired", "Stillgelegt"))}
    assert marked == {"rooms": {"Raum 1"}, "day": {"Jonas Petersen"}}


@pytest.mark.req("CAL-6")
def test_what_would_be_offered_nowhere_is_named(cast: Cast) -> None:
    house = cast.albers
    with acting(house.system):
        jonas, own = house.calendars["jonas"].pk, [house.rooms["own"]]
        change_type(house.system, house.types["talk"].pk, {}, [OfferingChange(jonas, None, {"rooms": own})])
    client = client_of(house, "miriam")
    left = client.get(addresses(cast)["room"]).context["asked"].left
    assert [(one.type.name, one.calendar.name) for one in left] == [("Gespräch", "Jonas Petersen")]
    with acting(house.system):
        retire_room(house.system, house.rooms["shared"].pk)
    left = client.get(addresses(cast)["room"]).context["asked"].left
    assert [one.calendar.name for one in left] == ["Miriam Albers", "Jonas Petersen"]


@pytest.mark.req("ACC-1", "ACC-7")
@pytest.mark.parametrize(("who", "may"), [("jonas", {"calendar"}), ("jana", set())])
def test_who_may_not_retire_it_is_not_asked(cast: Cast, who: str, may: set[str]) -> None:
    client = client_of(cast.albers, who)
    found = {kind: client.get(address).status_code for kind, address in addresses(cast).items()}
    assert found == {kind: 200 if kind in may else 403 for kind in found}


def send_type(client: Client, cast: Cast, **changes: Any) -> Any:
    address = reverse("scheduling_settings:type", args=[cast.albers.types["talk"].pk])
    page = client.get(address)
    sent = fields(page.context["form"], **changes)
    for form in page.context["offerings"]:
        sent |= fields(form)
    return client.post(address, sent)


def talk(cast: Cast) -> AppointmentType:
    with acting(cast.albers.system):
        return AppointmentType.objects.get(pk=cast.albers.types["talk"].pk)


@pytest.mark.req("BOO-4")
class TestInsurances:
    def test_all_by_default_and_some_by_choice(self, cast: Cast) -> None:
        assert talk(cast).insurances == ["statutory", "private", "self_payer"]
        client = client_of(cast.albers, "miriam")
        assert send_type(client, cast, insurances=["private", "self_payer"]).status_code == 303
        assert talk(cast).insurances == ["private", "self_payer"]
        send_type(client, cast, name="Termin")
        assert (talk(cast).name, talk(cast).insurances) == ("Termin", ["private", "self_payer"])

    @pytest.mark.parametrize("chosen", [None, ["none"], ["statutory", "x"]])
    def test_none_and_unknown_ones_are_refused_beside_the_field(self, cast: Cast, chosen: list[str] | None) -> None:
        answer = send_type(client_of(cast.albers, "miriam"), cast, insurances=chosen)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["insurances"])

    @pytest.mark.parametrize("wrong", [[], ["x"], ["statutory", "x"]])
    def test_the_database_refuses_them_too(self, cast: Cast, wrong: list[str]) -> None:
        with acting(cast.albers.system), pytest.raises(IntegrityError), transaction.atomic():
            AppointmentType.objects.filter(pk=cast.albers.types["talk"].pk).update(insurances=wrong)


@pytest.mark.req("BOO-10")
def test_whom_a_type_mails_is_set_with_it(cast: Cast) -> None:
    client = client_of(cast.albers, "miriam")
    assert (talk(cast).confirms_to_patient, talk(cast).tells_practitioner) == (True, False)
    send_type(client, cast, confirms_to_patient=None, tells_practitioner="on")
    assert (talk(cast).confirms_to_patient, talk(cast).tells_practitioner) == (False, True)
