"""Rooms past the plan are kept, and closed to what is new (PLAN-1, PLAN-4). Albers has two rooms, plan S has one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sprechzeit.core.acting import acting
from sprechzeit.practice.actions import add_room, bring_back_room, retire_room
from sprechzeit.practice.errors import RoomsFull
from sprechzeit.practice.models import Room
from sprechzeit.scheduling.actions.block import add_block, move_block
from sprechzeit.scheduling.actions.book import Details, book_held_time
from sprechzeit.scheduling.actions.hold import hold_token
from sprechzeit.scheduling.actions.move import move_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.errors import NotOffered, RoomClosed
from sprechzeit.scheduling.queries.availability import free_times
from tests.scheduling.test_appoint import enter, wish
from tests.support.cast import Cast, House, at, book, hold, identity, monday
from tests.support.databases import Databases
from tests.support.plans import give_plan
from tests.support.routes import client_of

pytestmark = [pytest.mark.own_database, pytest.mark.req("PLAN-1", "PLAN-4")]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is refused speaks English, as the tests do."""
    with translation.override("en"):
        yield


@pytest.fixture
def desk(cast: Cast) -> Client:
    """Miriam at the desk, who reads English."""
    client = client_of(cast, "administrator")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def rooms_in_use(house: House) -> int:
    with acting(house.system):
        return Room.objects.filter(practice_id=house.practice.pk, retired_at=None).count()


def test_a_room_more_and_one_brought_back_are_refused(cast: Cast, own_database: Databases, desk: Client) -> None:
    house, actor = cast.albers, cast.albers.actor("miriam")
    give_plan(own_database, house, "M")
    with acting(actor), pytest.raises(RoomsFull, match="Plan M: 2 rooms, and no more"):
        add_room(actor, "Raum 3")
    page = desk.post(reverse("practice:new_room"), {"name": "Raum 3", "colour": "1", "key": "k" * 32})
    assert page.status_code == 422 and "Plan M: 2 rooms" in page.content.decode()
    with acting(actor):
        retire_room(actor, house.rooms["own"].pk)
        add_room(actor, "Raum 3")
        with pytest.raises(RoomsFull):
            bring_back_room(actor, house.rooms["own"].pk)
    address = reverse("scheduling_settings:room_retirement", args=[house.rooms["own"].pk])
    answer = desk.post(address, {"retired": "no"})
    assert answer.status_code == 409 and "Plan M: 2 rooms" in answer.content.decode()
    assert rooms_in_use(house) == 2


def test_with_a_smaller_plan_the_newest_closes_and_keeps_its_appointments(
    cast: Cast, own_database: Databases, desk: Client
) -> None:
    house, actor = cast.albers, cast.albers.actor("jana")
    shared = house.rooms["shared"]
    before = enter(cast, wish(cast, "10:00", room=shared))
    elsewhere = enter(cast, wish(cast, "09:00", who="jonas", any_room=False))
    give_plan(own_database, house, "S")
    with acting(actor):
        free = free_times(actor, house.types["talk"], monday(), monday() + timedelta(days=4))
        assert {offer.room_id for offer in free.all()} == {house.rooms["own"].pk}
        later = Place(house.calendars["miriam"], at("14:00"), at("14:50"), shared)
        assert move_appointment(actor, before.pk, later).room == shared, "it stays in its room wherever it moves"
        with pytest.raises(RoomClosed):
            move_appointment(actor, elsewhere.pk, Place(house.calendars["jonas"], at("09:00"), at("09:50"), shared))
    with pytest.raises(RoomClosed):
        enter(cast, wish(cast, "11:00", room=shared))
    assert enter(cast, wish(cast, "11:00")).room == house.rooms["own"]
    with pytest.raises(NotOffered):
        enter(cast, wish(cast, "11:00", who="jonas"))
    page = desk.get(reverse("practice:rooms")).content.decode()
    assert "Closed by the plan" in page
    assert rooms_in_use(house) == 2


def test_a_closed_room_takes_no_new_block_and_keeps_those_that_it_has(
    cast: Cast, own_database: Databases, desk: Client
) -> None:
    house, actor = cast.albers, cast.albers.actor("jana")
    shared, column = house.rooms["shared"], house.calendars["miriam"]
    with acting(actor):
        before = add_block(actor, Place(column, at("10:00"), at("11:00"), shared), "Team", key="k" * 32)
        elsewhere = add_block(actor, Place(column, at("12:00"), at("13:00")), "Pause", key="l" * 32)
    give_plan(own_database, house, "S")
    with acting(actor):
        moved = move_block(actor, before.pk, Place(column, at("11:00"), at("12:00"), shared))
        assert moved.occupancy.space_id == shared.space_id
        with pytest.raises(RoomClosed):
            move_block(actor, elsewhere.pk, Place(column, at("13:00"), at("14:00"), shared))
        with pytest.raises(RoomClosed):
            add_block(actor, Place(column, at("14:00"), at("15:00"), shared), "Team", key="m" * 32)
        assert add_block(actor, Place(column, at("14:00"), at("15:00"), house.rooms["own"]), "Team", key="n" * 32)
    wanted = {"key": "o" * 32, "calendar": column.pk, "room": shared.pk, "start": f"{at('16:00'):%Y-%m-%dT%H:%M}"}
    answer = desk.post(reverse("scheduling:new_block"), wanted | {"title": "Team"})
    assert answer.status_code == 409 and "fewer rooms" in answer.content.decode()


def test_retiring_an_older_room_opens_the_newer_one(cast: Cast, own_database: Databases) -> None:
    house, actor = cast.albers, cast.albers.actor("miriam")
    give_plan(own_database, house, "S")
    with acting(actor):
        retire_room(actor, house.rooms["own"].pk)
    assert enter(cast, wish(cast, "10:00", room=house.rooms["shared"])).room == house.rooms["shared"]


def test_a_kept_time_whose_room_closes_meanwhile_is_not_booked(cast: Cast, own_database: Databases) -> None:
    """Jonas has the first room; the patient hears that no room is free, and nothing of the plan."""
    house = cast.albers
    book(house, "10:00", who="jonas")
    held = hold(house, "10:00")
    assert held.room_id == house.rooms["shared"].pk
    give_plan(own_database, house, "S")
    with acting(house.visitor), pytest.raises(NotOffered) as refused:
        book_held_time(house.visitor, hold_token(held.id), Details(identity(first_name="Anton")))
    assert refused.value.reasons == ("no_room_free",)
