"""Communities as there are: one room, two rooms, five practices with three, none, the smallest plan (COM-1…8)."""

from typing import Any

import pytest

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Area, Role
from sprechzeit.community import actions
from sprechzeit.community.page import communities_of
from sprechzeit.community.queries import partners
from sprechzeit.community.queries import sharing as shares
from sprechzeit.core.acting import acting
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import NewPatient
from sprechzeit.practice.actions import retire_room
from sprechzeit.practice.models import Room
from sprechzeit.practice.policy import plan_of
from sprechzeit.scheduling.actions.appoint import Wish, book_appointment
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from sprechzeit.scheduling.models import Appointment, OfferingRoom
from sprechzeit.scheduling.queries.elsewhere import minutes_on, names_elsewhere, taken_elsewhere
from tests.community.test_community import seen, take_in
from tests.scheduling.test_free_times import clocks
from tests.scheduling.test_occupancy import take
from tests.support.cast import Cast, House, at, book, furnish, make_house, monday
from tests.support.communities import Together, code_of, share, sharing, united
from tests.support.databases import Databases
from tests.support.partners import registered
from tests.support.plans import give_plan
from tests.support.routes import client_of
from tests.support.scene import change

ONES = {"albers": "miriam", "brandt": "berta", "cramer": "c", "diehl": "d", "ebert": "e"}


def one_more(cast: Cast, community: Together, name: str) -> House:
    """Another practice with two rooms of its own, in the community that Albers founded."""
    house = make_house(f"Praxis {name.title()}", name, [(ONES[name], f"Doktor {name.title()}", Role.ADMINISTRATOR)])
    furnish(house)
    miriam, theirs = cast.albers.actor("miriam"), house.actor(ONES[name])
    with acting(miriam):
        actions.renew_code(miriam, community.id)
    with acting(theirs):
        actions.enter_code(theirs, code_of(cast.albers, community.id))
        actions.agree(theirs, community.id)
    with acting(miriam):
        (waiting,) = (one.id for one in partners(miriam)[community.id] if not one.stands)
        actions.confirm(miriam, community.id, waiting)
    return house


@pytest.mark.req("COM-1", "COM-2", "COM-3", "COM-5")
def test_five_practices_with_three_rooms(cast: Cast) -> None:
    """Who shares a room sees when the other has it and cannot take it then; all know who is in the community."""
    first = sharing(cast)
    houses = {name: one_more(cast, first, name) for name in ("cramer", "diehl", "ebert")}
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        second, third = (
            Together(first.id, first.hers, actions.add_space(miriam, first.id, name).pk) for name in ("OG", "DG")
        )
    for name, room, where in (
        ("cramer", "own", second), ("diehl", "own", second), ("ebert", "own", third), ("cramer", "shared", third),
    ):  # fmt: skip
        share(houses[name], ONES[name], room, where)
    houses |= {"albers": cast.albers, "brandt": cast.brandt}
    for name, clock in (("albers", "09:00"), ("brandt", "10:00"), ("cramer", "09:00"), ("diehl", "10:00"),
                        ("ebert", "11:00")):  # fmt: skip
        take_in(houses[name], clock)
    assert {name: seen(house) for name, house in houses.items()} == {
        "albers": [("Praxis Brandt", "10:00", True)],
        "brandt": [("Praxis Albers", "09:00", True)],
        "cramer": [("Praxis Diehl", "10:00", True), ("Praxis Ebert", "11:00", True)],
        "diehl": [("Praxis Cramer", "09:00", True)],
        "ebert": [],
    }
    with pytest.raises(TimeTaken):
        take_in(houses["diehl"], "09:30")
    take_in(houses["ebert"], "09:00")
    for name, house in houses.items():
        actor = house.actor(ONES[name])
        with acting(actor):
            assert [one.stands for one in partners(actor)[first.id]] == [True] * 5, name


@pytest.mark.req("COM-2", "COM-5")
def test_two_practices_with_two_rooms_used_apart(cast: Cast) -> None:
    first = united(cast)
    miriam = cast.albers.actor("miriam")
    with acting(miriam):
        second = Together(first.id, first.hers, actions.add_space(miriam, first.id, "Gruppenraum").pk)
    share(cast.albers, "miriam", "own", first)
    share(cast.brandt, "berta", "own", second)
    for house in (cast.albers, cast.brandt):
        take_in(house, "09:00")
    assert seen(cast.albers) == seen(cast.brandt) == []


@pytest.mark.req("COM-3", "COM-8")
def test_a_community_that_only_shows_busy_times(cast: Cast) -> None:
    """No shared room: the book says that the other is busy, and nothing is kept from anybody by it."""
    together = united(cast)
    for house, who in ((cast.albers, "miriam"), (cast.brandt, "berta")):
        actor = house.actor(who)
        with acting(actor):
            actions.show_times(actor, together.id, shown=True)
    theirs = book(cast.albers, "09:00", who="jonas", first_name="Xaveria", last_name="Zirbelnuss")
    brandt = client_of(cast, "stranger")
    for path in ("/?day={}", "/?day={}&view=rooms", "/?day={}&view=list", "/elsewhere/?day={}"):
        page = brandt.get(path.format(monday()), headers={"accept-language": "en"}).content.decode()
        assert "<b>09:00–10:00</b> Busy · Praxis Albers" in page, path
        for secret in ("Zirbelnuss", "Xaveria", "Petersen", "Room taken", str(theirs.pk), str(theirs.calendar_id)):
            assert secret not in page, (path, secret)
    take(cast.brandt, "09:00")


@pytest.mark.own_database
@pytest.mark.req("COM-1", "COM-4", "PLAN-4")
def test_a_practice_of_plan_s_has_one_room_and_may_join(cast: Cast, own_database: Databases) -> None:
    """The shared rooms of a community are none of its own: it has its one, and shares it."""
    with acting(cast.brandt.actor("berta")):
        retire_room(cast.brandt.actor("berta"), cast.brandt.rooms["shared"].pk)
    give_plan(own_database, cast.brandt, "S")
    with acting(cast.brandt.system):
        assert str(plan_of(cast.brandt.practice.pk)) == "S"
    together = sharing(cast)
    with acting(cast.brandt.actor("berta")):
        actions.add_space(cast.brandt.actor("berta"), together.id, "Gruppenraum")
    take_in(cast.albers, "09:00")
    with pytest.raises((NotOffered, TimeTaken)):
        book(cast.brandt, "09:00")
    book(cast.brandt, "10:00")
    assert seen(cast.albers) == [("Praxis Brandt", "10:00", True)]


def enter(house: House, who: str, clock: str, **more: Any) -> Appointment:
    """The practice enters a patient in the shared room."""
    actor, calendar = house.actor(who), house.calendars[who]
    with acting(actor):
        room = Room.objects.get(pk=house.rooms["own"].pk)
        place = Place(calendar, at(clock), at(clock.replace(":00", ":50")), room=room)
        return book_appointment(
            actor, Wish(str(new_id()), house.types["talk"], place, NewPatient("Erika", "Beispiel"), **more)
        )


@pytest.mark.req("COM-4", "COM-3", "CAL-8")
def test_the_practice_itself_is_refused_with_the_others_name(cast: Cast) -> None:
    """In words: which room, when, and who has it; no confirmation gets it."""
    sharing(cast)
    enter(cast.albers, "miriam", "09:00", remark="Zirbelnuss")
    with pytest.raises(NotOffered) as refused:
        enter(cast.brandt, "berta", "09:00")
    said = " ".join(map(str, refused.value.conflicts))
    assert all(words in said for words in ("Raum 1", "Praxis Albers", "09:00", "10:00"))
    assert "Zirbelnuss" not in said and "Miriam" not in said
    with pytest.raises((NotOffered, TimeTaken)):
        enter(cast.brandt, "berta", "09:00", confirmed=frozenset(refused.value.reasons))
    enter(cast.brandt, "berta", "10:00")


@pytest.mark.req("COM-1", "COM-2", "COM-7", "AUD-4")
def test_the_log_of_both_sides_tells_what_happened(cast: Cast) -> None:
    """Joining, assigning, leaving: on the page of the log, by practice."""
    together = sharing(cast)
    berta = cast.brandt.actor("berta")
    with acting(berta):
        actions.leave_community(berta, together.id)
    of_both = ("Agreed to the community", "Practice confirmed", "Shared room added", "Room assigned", "Community left")
    for person, by in (("administrator", "Praxis Brandt"), ("stranger", "Praxis Albers")):
        page = client_of(cast, person).get("/settings/log/", headers={"accept-language": "en"}).content.decode()
        assert all(words in page for words in (*of_both, "Code entered", by, "Therapieraum EG")), person


@pytest.mark.req("COM-3", "COM-4", "OTV-3")
@pytest.mark.parametrize("who", ["visitor", "partner", "link", "delegate of invoices"])
def test_who_books_from_outside_finds_the_time_taken_and_is_told_nothing_more(cast: Cast, who: str) -> None:
    """The practice's own page, a booking partner, a mailed link: not even which practice it is."""
    together = sharing(cast)
    house, room = cast.brandt, cast.brandt.rooms["own"].pk
    with acting(house.system):
        for one in OfferingRoom.objects.exclude(room_id=room):
            one.delete()
    change(house.system, house.types["talk"], partners=True)
    take_in(cast.albers, "09:00")
    practice = (house.practice.pk,)
    actor = {
        "visitor": house.visitor,
        "partner": registered(house),
        "link": Actor(ActorKind.LINK, practice, Role.LINK, new_id()),
        "delegate of invoices": Actor(
            ActorKind.DELEGATE, practice, Role.DELEGATE, new_id(),
            ((Area.INVOICING, frozenset({house.members["berta"].pk})),),
        ),
    }[who]  # fmt: skip
    with acting(actor):
        rooms = list(Room.objects.all())
        assert taken_elsewhere(actor, house.practice, rooms, monday(), monday()) == []
        assert names_elsewhere(actor, at("00:00"), at("23:59")) == {}
        assert minutes_on(actor, house.practice, monday(), [one.space_id for one in rooms]) == {}
        assert not partners(actor) and not shares(actor) and not communities_of(actor)
    if who in ("visitor", "partner"):
        found = clocks(house, who="berta", actor=actor)
        assert {"08:30", "09:00", "09:30"}.isdisjoint(found) and "10:00" in found
        if who == "visitor":
            with pytest.raises(TimeTaken):
                book(house, "09:00")
    berta = house.actor("berta")
    with acting(berta):
        assert taken_elsewhere(berta, house.practice, rooms, monday(), monday()), "who works there is told"
        assert communities_of(berta)[0].community.pk == together.id
