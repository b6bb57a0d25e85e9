"""Calendars, appointment types and who offers them: set up, changed, retired, put in order (CAL-1, CAL-5, CAL-6)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.forms import ValidationError
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.practice.actions import add_room
from sprechzeit.practice.errors import NameTaken
from sprechzeit.scheduling.actions.settings import (
    OfferingChange,
    add_calendar,
    add_type,
    bring_back_calendar,
    bring_back_type,
    change_calendar,
    change_type,
    place_calendar,
    place_type,
    retire_calendar,
    retire_type,
)
from sprechzeit.scheduling.availability import minute_of
from sprechzeit.scheduling.errors import AgesReversed
from sprechzeit.scheduling.models import AppointmentType, Calendar
from sprechzeit.scheduling.policy import get_calendar, get_type, visible_calendars, visible_types
from sprechzeit.scheduling.queries.availability import free_times
from sprechzeit.scheduling.queries.settings import Offered, offerings_of
from sprechzeit.ui.forms import CentsField
from tests.practice.test_practice_settings import client_of, fields
from tests.support.cast import Cast, House, at, book, monday
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = [pytest.mark.req("CAL-1", "CAL-5", "CAL-6")]


def type_now(house: House, key: str = "talk") -> AppointmentType:
    with acting(house.system):
        return get_type(house.system, house.types[key].pk, retired=True)


def calendar_now(house: House, key: str = "jonas") -> Calendar:
    with acting(house.system):
        return get_calendar(house.system, house.calendars[key].pk, retired=True)


def offered(house: House, key: str = "talk") -> dict[str, Offered]:
    """By calendar, how a type is offered."""
    names = {calendar.pk: name for name, calendar in house.calendars.items()}
    with acting(house.system):
        return {names[pk]: one for pk, one in offerings_of(house.system, house.types[key]).items()}


def page_of(client: Client, name: str, *arguments: object) -> Any:
    return client.get(reverse(f"scheduling_settings:{name}", args=arguments))


def all_fields(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser sends of the form of a type with its offerings."""
    sent = fields(page.context["form"])
    for one in page.context["offerings"]:
        sent |= fields(one)
    sent |= {name.replace("__", "-"): value for name, value in changes.items()}
    return {name: value for name, value in sent.items() if value is not None}


class TestTypes:
    def test_a_new_type_with_its_rules_and_who_offers_it(self, cast: Cast) -> None:
        client, jonas = client_of(cast.albers, "miriam"), cast.albers.calendars["jonas"].pk
        page = page_of(client, "new_type")
        sent = all_fields(page, name="Ersttermin", duration="40", price_cents="100,55 €", horizon="84", online=None)
        sent |= {f"{jonas}-offered": "on", f"{jonas}-duration": "60", "key": page.context["listing"].key}
        answer = client.post(page.request["PATH_INFO"], sent)
        assert answer.status_code == 303
        with acting(cast.albers.system):
            made = visible_types(cast.albers.system).get(name="Ersttermin")
            assert list(visible_types(cast.albers.system).order_by("position"))[-1] == made
            found = offerings_of(cast.albers.system, made)
        assert (made.duration, made.price_cents, made.horizon, made.online, made.staff) == (40, 10055, 84, False, True)
        # Every room is allowed until somebody says otherwise, in the practice's order.
        rooms = (cast.albers.rooms["own"].pk, cast.albers.rooms["shared"].pk)
        assert found == {jonas: Offered(60, rooms)}
        assert client.post(page.request["PATH_INFO"], sent)["Location"] == answer["Location"]

    def test_rules_decide_what_is_offered(self, cast: Cast) -> None:
        talk, system = cast.albers.types["talk"], cast.albers.system
        with acting(system):
            change_type(system, talk.pk, {"duration": 110, "grid": 60})
            starts = free_times(cast.albers.visitor, type_now(cast.albers), monday(), monday()).all()
        assert minute_of(at("10:00")) in {one.start for one in starts}
        assert not {minute_of(at(clock)) for clock in ("09:30", "10:30", "11:00")} & {one.start for one in starts}

    def test_what_a_colleague_saved_meanwhile_is_not_written_over(self, cast: Cast) -> None:
        """Of the rules, and of one offering: each keeps what the other form did not change."""
        client, house = client_of(cast.albers, "miriam"), cast.albers
        talk, jonas, own = house.types["talk"].pk, house.calendars["jonas"].pk, house.rooms["own"]
        page = page_of(client, "type", talk)
        with acting(house.system):
            change_type(house.system, talk, {"buffer_after": 25}, [OfferingChange(jonas, None, {"duration": 35})])
        sent = all_fields(page, duration="45")
        sent[f"{jonas}-room-{house.rooms['shared'].pk}"] = ""
        assert client.post(page.request["PATH_INFO"], sent).status_code == 303
        now = type_now(house)
        assert (now.duration, now.buffer_after) == (45, 25)
        assert offered(house)["jonas"] == Offered(35, (own.pk,))

    def test_who_no_longer_offers_it_is_not_made_to_again(self, cast: Cast) -> None:
        client, house = client_of(cast.albers, "miriam"), cast.albers
        talk, jonas = house.types["talk"].pk, house.calendars["jonas"].pk
        page = page_of(client, "type", talk)
        with acting(house.system):
            change_type(house.system, talk, {}, [OfferingChange(jonas, offered=False)])
        assert (
            client.post(page.request["PATH_INFO"], all_fields(page, **{f"{jonas}__duration": "30"})).status_code == 303
        )
        assert list(offered(house)) == ["miriam"]

    def test_rooms_stand_in_order_of_preference(self, cast: Cast) -> None:
        client, house = client_of(cast.albers, "miriam"), cast.albers
        jonas, own, shared = house.calendars["jonas"].pk, house.rooms["own"].pk, house.rooms["shared"].pk
        page = page_of(client, "type", house.types["talk"].pk)
        sent = all_fields(page) | {f"{jonas}-room-{own}": "2", f"{jonas}-room-{shared}": "1"}
        client.post(page.request["PATH_INFO"], sent)
        assert offered(house)["jonas"].rooms == (shared, own)
        assert offered(house)["miriam"].rooms == (own, shared)
        assert book(house, "09:00", who="jonas").room_id == shared

    def test_a_calendar_that_stops_offering_it_is_offered_no_more(self, cast: Cast) -> None:
        client, house = client_of(cast.albers, "miriam"), cast.albers
        page = page_of(client, "type", house.types["talk"].pk)
        client.post(page.request["PATH_INFO"], all_fields(page, **{f"{house.calendars['jonas'].pk}__offered": None}))
        with acting(house.visitor):
            free = free_times(house.visitor, type_now(house), monday(), monday())
        assert {one.calendar_id for one in free.all()} == {house.calendars["miriam"].pk}

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "Telefonat"}, "name"),
            ({"duration": "4"}, "duration"),
            ({"duration": "1441"}, "duration"),
            ({"duration": "ä"}, "duration"),
            ({"buffer_after": "-1"}, "buffer_after"),
            ({"grid": "0"}, "grid"),
            ({"horizon": "99999"}, "horizon"),
            ({"colour": "9"}, "colour"),
            ({"location": "mars"}, "location"),
            ({"price_cents": "viel"}, "price_cents"),
            ({"price_cents": "-5"}, "price_cents"),
            ({"min_age": "18", "max_age": "17"}, "max_age"),
            ({"max_age": "999"}, "max_age"),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_field(self, cast: Cast, wrong: dict[str, str], field: str) -> None:
        client = client_of(cast.albers, "miriam")
        page = page_of(client, "type", cast.albers.types["talk"].pk)
        answer = client.post(page.request["PATH_INFO"], all_fields(page, **wrong))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        now = type_now(cast.albers)
        assert (now.name, now.duration, now.max_age) == ("Gespräch", 50, None)

    def test_a_wrong_own_duration_is_said_beside_it(self, cast: Cast) -> None:
        client, jonas = client_of(cast.albers, "miriam"), cast.albers.calendars["jonas"].pk
        page = page_of(client, "type", cast.albers.types["talk"].pk)
        answer = client.post(page.request["PATH_INFO"], all_fields(page, **{f"{jonas}__duration": "1"}))
        assert answer.status_code == 422
        assert [list(one.errors) for one in answer.context["offerings"] if one.errors] == [["duration"]]

    def test_ages_that_two_people_set_apart_are_refused(self, cast: Cast) -> None:
        """Each form alone is right; the database refuses what they make together."""
        client, talk = client_of(cast.albers, "miriam"), cast.albers.types["talk"].pk
        page = page_of(client, "type", talk)
        with acting(cast.albers.system):
            change_type(cast.albers.system, talk, {"max_age": 17})
        answer = client.post(page.request["PATH_INFO"], all_fields(page, min_age="18"))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["max_age"]
        assert type_now(cast.albers).min_age is None

    def test_a_retired_type_is_offered_no_more_and_keeps_what_was_booked(self, cast: Cast) -> None:
        actor, house = cast.albers.actor("miriam"), cast.albers
        appointment = book(house, "09:00")
        with acting(actor):
            retire_type(actor, house.types["talk"].pk)
        address = reverse("portal:times", args=["albers", house.types["talk"].reference])
        assert Client().get(address).status_code == 404
        page = client_of(house, "miriam").get(reverse("scheduling:appointment", args=[appointment.pk]))
        assert "Gespräch" in page.content.decode()
        listing = page_of(client_of(house, "miriam"), "types").context["listing"]
        assert [one.name for one in listing.retired] == ["Gespräch"]
        with acting(actor):
            bring_back_type(actor, house.types["talk"].pk)
        assert Client().get(address).status_code == 200

    def test_types_are_put_in_order(self, cast: Cast) -> None:
        client, actor = client_of(cast.albers, "miriam"), cast.albers.actor("miriam")
        with acting(actor):
            third = add_type(actor, "Gruppe", duration=90)
        for _ in range(2):  # sent twice it moves once
            client.post(reverse("scheduling_settings:type_place", args=[third.pk]), {"place": "1"})
            listing = page_of(client, "type", third.pk).context["listing"]
            assert [one.name for one in listing.in_use] == ["Gespräch", "Gruppe", "Telefonat"]
        assert (listing.up, listing.down) == (0, 2)

    @pytest.mark.req("CAL-11")
    def test_the_page_tells_the_next_free_time_by_these_rules(self, cast: Cast) -> None:
        client, house = client_of(cast.albers, "jana"), cast.albers
        found = page_of(client, "type", house.types["talk"].pk).context["next_free"]
        with acting(house.visitor):
            first = free_times(house.visitor, type_now(house), found["starts_at"].date(), found["starts_at"].date())
        assert minute_of(found["starts_at"]) in {one.start for one in first.all()}
        with acting(house.system):
            for calendar in house.calendars.values():
                change_type(house.system, house.types["talk"].pk, {}, [OfferingChange(calendar.pk, offered=False)])
        assert page_of(client, "type", house.types["talk"].pk).context["next_free"] is None

    @pytest.mark.own_database
    def test_two_at_once_do_not_get_one_name(self, cast: Cast, own_database: Databases) -> None:
        actor = cast.albers.actor("miriam")

        def enter() -> AppointmentType:
            return run_as(actor, lambda: add_type(actor, "Gruppe", duration=90))

        results = together(enter, enter, enter)
        assert sorted(type(one).__name__ for one in results) == ["AppointmentType", "NameTaken", "NameTaken"]


class TestCalendars:
    def test_a_new_calendar_of_nobody_comes_last(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        page = page_of(client, "new_calendar")
        sent = fields(page.context["form"], name="Stuhl 1", initials="S1", colour="6")
        sent["key"] = page.context["listing"].key
        answers = [client.post(page.request["PATH_INFO"], sent) for _ in range(2)]
        assert {answer["Location"] for answer in answers} == {answers[0]["Location"]}
        with acting(cast.albers.system):
            made = list(visible_calendars(cast.albers.system).order_by("position"))[-1]
        assert (made.name, made.member_id, made.colour) == ("Stuhl 1", None, 6)

    def test_a_name_twice_is_refused_beside_the_field(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        page = page_of(client, "calendar", cast.albers.calendars["jonas"].pk)
        answer = client.post(page.request["PATH_INFO"], fields(page.context["form"], name="Miriam Albers"))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
        assert calendar_now(cast.albers).name == "Jonas Petersen"

    def test_what_a_colleague_saved_meanwhile_is_not_written_over(self, cast: Cast) -> None:
        client, jonas = client_of(cast.albers, "miriam"), cast.albers.calendars["jonas"].pk
        page = page_of(client, "calendar", jonas)
        with acting(cast.albers.system):
            change_calendar(cast.albers.system, jonas, {"colour": 7})
        client.post(page.request["PATH_INFO"], fields(page.context["form"], initials="J"))
        now = calendar_now(cast.albers)
        assert (now.colour, now.initials) == (7, "J")

    def test_a_retired_calendar_offers_nothing_and_says_what_still_stands_in_it(self, cast: Cast) -> None:
        house, client = cast.albers, client_of(cast.albers, "miriam")
        book(house, "09:00", who="jonas")
        jonas = house.calendars["jonas"].pk
        client.post(reverse("scheduling_settings:calendar_retirement", args=[jonas]), {"retired": "yes"})
        with acting(house.visitor):
            free = free_times(house.visitor, house.types["talk"], monday(), monday())
        assert {one.calendar_id for one in free.all()} == {house.calendars["miriam"].pk}
        page = page_of(client, "calendar", jonas)
        assert page.context["to_come"].count() == 1
        assert page.context["listing"].current.retired
        client.post(reverse("scheduling_settings:calendar_retirement", args=[jonas]), {"retired": "no"})
        assert calendar_now(house).retired_at is None

    @pytest.mark.req("ACC-1", "ACC-7", "ACC-11")
    def test_a_practitioner_changes_their_own_but_not_whose_it_is(self, cast: Cast) -> None:
        house, client, actor = cast.albers, client_of(cast.albers, "jonas"), cast.albers.actor("jonas")
        page = page_of(client, "calendar", house.calendars["jonas"].pk)
        sent = fields(page.context["form"], name="Jonas P.", member=str(house.members["miriam"].pk))
        assert client.post(page.request["PATH_INFO"], sent).status_code == 303
        now = calendar_now(house)
        assert (now.name, now.member_id) == ("Jonas P.", house.members["jonas"].pk)
        with acting(actor), pytest.raises(NotAllowed):
            change_calendar(actor, now.pk, {"member": house.members["miriam"]})

    @pytest.mark.req("ACC-6")
    def test_a_calendar_is_of_nobody_from_another_practice(self, cast: Cast) -> None:
        actor, jonas = cast.albers.actor("miriam"), cast.albers.calendars["jonas"].pk
        with acting(actor), pytest.raises(NotFound):
            change_calendar(actor, jonas, {"member": cast.brandt.members["berta"]})
        client = client_of(cast.albers, "miriam")
        page = page_of(client, "calendar", jonas)
        sent = fields(page.context["form"], member=str(cast.brandt.members["berta"].pk))
        assert client.post(page.request["PATH_INFO"], sent).status_code == 422


@pytest.mark.req("ACC-1", "ACC-6", "ACC-7")
class TestRights:
    @pytest.mark.parametrize("name", ["jonas", "jana"])
    def test_what_is_of_the_whole_practice_only_administrators_change(self, cast: Cast, name: str) -> None:
        actor, talk = cast.albers.actor(name), cast.albers.types["talk"].pk
        miriam = cast.albers.calendars["miriam"].pk
        refused: list[Callable[[], object]] = [
            lambda: add_type(actor, "Neu", duration=30),
            lambda: change_type(actor, talk, {"duration": 30}),
            lambda: change_type(actor, talk, {}, [OfferingChange(miriam, offered=False)]),
            lambda: retire_type(actor, talk),
            lambda: bring_back_type(actor, talk),
            lambda: place_type(actor, talk, 1),
            lambda: add_calendar(actor, "Neu", "N"),
            lambda: change_calendar(actor, miriam, {"name": "Neu"}),
            lambda: retire_calendar(actor, miriam),
            lambda: bring_back_calendar(actor, miriam),
            lambda: place_calendar(actor, miriam, 1),
        ]
        with acting(actor):
            for ask in refused:
                with pytest.raises(NotAllowed):
                    ask()

    @pytest.mark.parametrize("name", ["jonas", "jana"])
    def test_buttons_that_would_be_refused_are_not_there(self, cast: Cast, name: str) -> None:
        client = client_of(cast.albers, name)
        pages = [page_of(client, "type", cast.albers.types["talk"].pk)]
        pages += [page_of(client, "calendar", cast.albers.calendars["miriam"].pk)]
        for page in pages:
            listing = page.context["listing"]
            assert (listing.new_url, listing.place_url, listing.retirement_url, listing.save) == ("", "", "", False)
            assert all(field.disabled for field in page.context["form"].fields.values())
        assert {page_of(client, one).status_code for one in ("new_type", "new_calendar")} == {403}

    def test_another_practices_things_never_were(self, cast: Cast) -> None:
        actor = cast.albers.actor("miriam")
        foreign_type, foreign_calendar = cast.brandt.types["talk"].pk, cast.brandt.calendars["berta"].pk
        talk = cast.albers.types["talk"].pk
        with acting(cast.brandt.system):
            foreign_room = add_room(cast.brandt.system, "Fremd")
        refused: list[Callable[[], object]] = [
            *(lambda one=one: change_type(actor, one, {"duration": 30}) for one in (foreign_type, new_id())),
            *(lambda one=one: retire_type(actor, one) for one in (foreign_type, new_id())),
            *(lambda one=one: change_calendar(actor, one, {"name": "x"}) for one in (foreign_calendar, new_id())),
            lambda: change_type(actor, talk, {}, [OfferingChange(foreign_calendar, offered=True)]),
            lambda: change_type(
                actor, talk, {}, [OfferingChange(cast.albers.calendars["jonas"].pk, None, {"rooms": [foreign_room]})]
            ),
        ]
        with acting(actor):
            for ask in refused:
                with pytest.raises(NotFound):
                    ask()


def test_ages_are_refused_by_the_action_too(cast: Cast) -> None:
    actor = cast.albers.actor("miriam")
    with acting(actor), pytest.raises(AgesReversed):
        add_type(actor, "Kinder", duration=20, min_age=12, max_age=6)
    with acting(actor), pytest.raises(NameTaken):
        add_type(actor, "Gespräch", duration=20)


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("100,55 €", 10055), ("100,55", 10055), ("100,5", 10050), ("100.55", 10055), ("100", 10000), ("0", 0),
        ("1.234,50", 123450), ("1.000", 100000), (" 89 EUR ", 8900), ("", None), ("1 234,50", 123450),
    ],
)  # fmt: skip
def test_a_price_is_typed_with_a_comma_and_kept_in_cents(typed: str, cents: int | None) -> None:
    assert CentsField(required=False).clean(typed) == cents


@pytest.mark.parametrize("typed", ["-1", "1,234", "viel", "1,2,3", "12345678", "1e5", "٣", "1.00.000"])
def test_a_price_that_is_none(typed: str) -> None:
    with pytest.raises(ValidationError):
        CentsField(required=False).clean(typed)
