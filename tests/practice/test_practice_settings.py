"""The practice's data and rooms: who changes them, what is refused, what two people at once do (CAL-1, CAL-3)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.core.acting import acting, run_as
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.core.order import placed
from sprechzeit.practice.actions import (
    add_room,
    bring_back_room,
    change_practice,
    change_room,
    place_room,
    retire_room,
)
from sprechzeit.practice.errors import NameTaken
from sprechzeit.practice.models import Practice, Room
from sprechzeit.practice.policy import visible_rooms
from sprechzeit.practice.regions import STATES
from sprechzeit.scheduling.jobs import refresh_books
from tests.support.cast import Cast, House, book
from tests.support.databases import Databases
from tests.support.together import together

pytestmark = [pytest.mark.req("CAL-1")]


def client_of(house: House, name: str) -> Client:
    client = Client()
    client.force_login(house.user(name))
    return client


def fields(form: Any, **changes: Any) -> dict[str, Any]:
    """What a browser sends of a form: what it shows, what it showed, and what was typed."""
    sent: dict[str, Any] = {}
    for field in form:
        shown = field.value()
        prepared = field.field.prepare_value(shown)
        if isinstance(prepared, list):
            sent[field.html_name] = sent[field.html_initial_name] = prepared
            continue
        if not (isinstance(shown, bool) and not shown):
            sent[field.html_name] = "on" if isinstance(shown, bool) else ("" if prepared is None else str(prepared))
        sent[field.html_initial_name] = "" if prepared is None else str(prepared)
    sent |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in sent.items() if not (name in changes and changes[name] is None)}


def rooms_of(house: House) -> dict[str, Room]:
    with acting(house.system):
        return {one.name: one for one in visible_rooms(house.system).order_by("position", "name")}


def practice_of(house: House) -> Practice:
    with acting(house.system):
        return Practice.objects.get(pk=house.practice.pk)


class TestPracticeData:
    @pytest.mark.req("CAL-3")
    def test_an_administrator_sets_the_state_whose_holidays_count(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        form = client.get(reverse("practice:facts")).context["form"]
        answer = client.post(reverse("practice:facts"), fields(form, region="DE-NW", town="Bonn"))
        assert (answer.status_code, answer["Location"]) == (303, reverse("practice:facts"))
        now = practice_of(cast.albers)
        assert (now.region, now.town, now.name) == ("DE-NW", "Bonn", "Praxis Albers")

    def test_all_states_can_be_chosen_and_nothing_else(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        page = client.get(reverse("practice:facts"))
        chosen = [code for _, states in page.context["form"].fields["region"].choices[1:] for code, _ in states]
        assert sorted(chosen) == sorted(STATES)
        assert [sum(code.startswith(country) for code in chosen) for country in ("DE", "AT", "CH")] == [16, 9, 26]
        answer = client.post(reverse("practice:facts"), fields(page.context["form"], region="DE-XX"))
        assert answer.status_code == 422
        assert "region" in answer.context["form"].errors

    def test_what_a_colleague_saved_meanwhile_is_not_written_over(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        shown = client.get(reverse("practice:facts")).context["form"]
        with acting(cast.albers.system):
            change_practice(cast.albers.system, {"phone": "0221 999"})
        client.post(reverse("practice:facts"), fields(shown, town="Bonn"))
        now = practice_of(cast.albers)
        assert (now.phone, now.town) == ("0221 999", "Bonn")

    @pytest.mark.req("ACC-1", "ACC-7")
    @pytest.mark.parametrize("name", ["jonas", "jana"])
    def test_others_read_it(self, cast: Cast, name: str) -> None:
        client = client_of(cast.albers, name)
        page = client.get(reverse("practice:facts"))
        assert page.status_code == 200
        assert b'type="submit">Sichern' not in page.content and b'type="submit">Save' not in page.content
        assert client.post(reverse("practice:facts"), fields(page.context["form"], town="Bonn")).status_code == 403
        assert practice_of(cast.albers).town == "Köln"
        actor = cast.albers.actor(name)
        with acting(actor), pytest.raises(NotAllowed):
            change_practice(actor, {"town": "Bonn"})

    def test_a_broken_entry_stays_with_its_error(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        form = client.get(reverse("practice:facts")).context["form"]
        answer = client.post(reverse("practice:facts"), fields(form, email="kein at", town="Bonn"))
        assert answer.status_code == 422
        assert b"kein at" in answer.content
        assert practice_of(cast.albers).town == "Köln"


class TestRooms:
    def test_a_new_room_comes_last_and_is_a_space_of_its_own(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        page = client.get(reverse("practice:new_room"))
        sent = fields(page.context["form"], name="Raum 3", colour="5") | {"key": page.context["listing"].key}
        answer = client.post(reverse("practice:new_room"), sent)
        made = rooms_of(cast.albers)["Raum 3"]
        assert answer["Location"] == reverse("practice:room", args=[made.pk])
        assert (list(rooms_of(cast.albers))[-1], made.colour) == ("Raum 3", 5)
        assert made.space_id not in {one.space_id for one in cast.albers.rooms.values()}

    def test_the_same_form_sent_twice_makes_one_room(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        page = client.get(reverse("practice:new_room"))
        sent = fields(page.context["form"], name="Raum 3") | {"key": page.context["listing"].key}
        answers = [client.post(reverse("practice:new_room"), sent) for _ in range(2)]
        assert answers[0]["Location"] == answers[1]["Location"]
        assert len(rooms_of(cast.albers)) == 3

    @pytest.mark.parametrize("key", ["", "short", "x" * 81])
    def test_a_form_that_is_none_of_ours(self, cast: Cast, key: str) -> None:
        client = client_of(cast.albers, "miriam")
        form = client.get(reverse("practice:new_room")).context["form"]
        sent = fields(form, name="Raum 3") | {"key": key}
        assert client.post(reverse("practice:new_room"), sent).status_code == 404
        assert len(rooms_of(cast.albers)) == 2

    def test_a_name_twice_is_refused_beside_the_field(self, cast: Cast) -> None:
        client = client_of(cast.albers, "miriam")
        room = cast.albers.rooms["shared"]
        address = reverse("practice:room", args=[room.pk])
        form = client.get(address).context["form"]
        answer = client.post(address, fields(form, name="Raum 1"))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == ["name"]
        assert answer.context["listing"].current.name == "Raum 2"
        assert list(rooms_of(cast.albers)) == ["Raum 1", "Raum 2"]

    def test_another_practice_may_use_the_name(self, cast: Cast) -> None:
        with acting(cast.brandt.system):
            change_room(cast.brandt.system, cast.brandt.rooms["own"].pk, {"name": "Chirurgie"})
        with acting(cast.albers.system):
            change_room(cast.albers.system, cast.albers.rooms["own"].pk, {"name": "Chirurgie"})
        assert "Chirurgie" in rooms_of(cast.albers)

    def test_a_retired_room_keeps_its_name_and_comes_back(self, cast: Cast) -> None:
        actor, room = cast.albers.actor("miriam"), cast.albers.rooms["own"]
        with acting(actor):
            retire_room(actor, room.pk)
            first = rooms_of(cast.albers)["Raum 1"].retired_at
            retire_room(actor, room.pk)
            assert rooms_of(cast.albers)["Raum 1"].retired_at == first
            with pytest.raises(NameTaken):
                add_room(actor, "Raum 1")
            bring_back_room(actor, room.pk)
        assert rooms_of(cast.albers)["Raum 1"].retired_at is None

    def test_the_page_says_how_many_appointments_are_to_come(self, cast: Cast) -> None:
        appointment = book(cast.albers, "09:00")
        client = client_of(cast.albers, "miriam")
        assert appointment.room_id == cast.albers.rooms["own"].pk
        address = reverse("scheduling_settings:room_use", args=[cast.albers.rooms["own"].pk])
        assert client.get(address).context["to_come"].count() == 1
        address = reverse("scheduling_settings:room_use", args=[cast.albers.rooms["shared"].pk])
        assert client.get(address).context["to_come"].count() == 0

    def test_rooms_are_put_in_order(self, cast: Cast) -> None:
        actor = cast.albers.actor("miriam")
        client = client_of(cast.albers, "miriam")
        with acting(actor):
            third = add_room(actor, "Raum 3")
        address = reverse("practice:room_place", args=[third.pk])
        for _ in range(2):  # sent twice it moves once
            assert client.post(address, {"place": "1"}).status_code == 303
            assert list(rooms_of(cast.albers)) == ["Raum 1", "Raum 3", "Raum 2"]
        client.post(address, {"place": "99"})
        assert list(rooms_of(cast.albers)) == ["Raum 1", "Raum 2", "Raum 3"]

    @pytest.mark.req("ACC-1", "ACC-7", "ACC-6")
    @pytest.mark.parametrize("name", ["jonas", "jana"])
    def test_only_administrators_change_them(self, cast: Cast, name: str) -> None:
        actor, room = cast.albers.actor(name), cast.albers.rooms["own"].pk
        refused: list[Callable[[], object]] = [
            lambda: change_room(actor, room, {"name": "Neu"}),
            lambda: retire_room(actor, room),
            lambda: bring_back_room(actor, room),
            lambda: place_room(actor, room, 1),
            lambda: add_room(actor, "Neu"),
        ]
        with acting(actor):
            for ask in refused:
                with pytest.raises(NotAllowed):
                    ask()
        page = client_of(cast.albers, name).get(reverse("practice:rooms"))
        listing = page.context["listing"]
        assert (listing.new_url, listing.place_url, listing.retirement_url, listing.save) == ("", "", "", False)
        assert client_of(cast.albers, name).get(reverse("practice:new_room")).status_code == 403

    @pytest.mark.req("ACC-6")
    def test_another_practices_room_never_was(self, cast: Cast) -> None:
        actor, room = cast.albers.actor("miriam"), cast.brandt.rooms["own"].pk
        for ask in (change_room, retire_room, bring_back_room, place_room):
            for one in (room, new_id()):
                with acting(actor), pytest.raises(NotFound):
                    ask(actor, one, *([{"name": "Neu"}] if ask is change_room else [0] if ask is place_room else []))

    @pytest.mark.req("CAL-14")
    def test_open_books_hear_of_it(self, cast: Cast) -> None:
        actor = cast.albers.actor("miriam")
        with acting(actor):
            change_room(actor, cast.albers.rooms["own"].pk, {"name": "Labor"})
        (job,) = ProcrastinateJob.objects.filter(task_name="scheduling.refresh_books")
        assert job.args == {"practice_id": str(cast.albers.practice.pk)}
        refresh_books.work(0, **job.args)

    @pytest.mark.own_database
    def test_two_at_once_do_not_get_one_name(self, cast: Cast, own_database: Databases) -> None:
        actor = cast.albers.actor("miriam")

        def enter() -> Room:
            return run_as(actor, lambda: add_room(actor, "Labor"))

        results = together(enter, enter, enter, enter)
        assert sorted(type(one).__name__ for one in results) == ["NameTaken"] * 3 + ["Room"]


def test_placed_puts_one_among_the_others() -> None:
    assert placed("abc", "c", 0) == ["c", "a", "b"]
    assert placed("abc", "a", 1) == ["b", "a", "c"]
    assert placed("abc", "b", 9) == ["a", "c", "b"]
    assert placed("abc", "b", -3) == ["b", "a", "c"]
