"""Blocks: entered, moved, removed (CAL-7, CAL-8)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.scheduling.actions.block import add_block, move_block, remove_block
from sprechzeit.scheduling.actions.import_calendar import import_calendar
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from sprechzeit.scheduling.models import Block
from tests.support.cast import Cast, at, book, monday

pytestmark = pytest.mark.req("CAL-7")


def place(cast: Cast, clock: str, *, who: str = "miriam", room: str = "", minutes: int = 60) -> Place:
    begin = at(clock)
    return Place(cast.albers.calendars[who], begin, begin + timedelta(minutes=minutes), cast.albers.rooms.get(room))


def enter(cast: Cast, clock: str, *, by: str = "jana", confirmed: Any = (), key: str = "", **where: Any) -> Block:
    actor = cast.albers.actor(by)
    with acting(actor):
        return add_block(actor, place(cast, clock, **where), "Team", key=key or str(new_id()), confirmed=confirmed)


def test_a_block_takes_the_calendars_time_and_the_rooms(cast: Cast) -> None:
    enter(cast, "09:00", room="own")
    with pytest.raises(TimeTaken):
        book(cast.albers, "09:00")
    booked = book(cast.albers, "09:00", who="jonas")
    assert booked.room_id == cast.albers.rooms["shared"].pk


def test_working_hours_do_not_matter(cast: Cast) -> None:
    assert enter(cast, "06:00").starts_at == at("06:00")


@pytest.mark.req("CAL-8")
def test_over_an_appointment_only_when_confirmed(cast: Cast) -> None:
    book(cast.albers, "09:00", last_name="Krüger")
    with pytest.raises(NotOffered) as refused:
        enter(cast, "09:30")
    assert refused.value.conflicts == ("Krüger, Paula 09:00–09:50",)
    assert enter(cast, "09:30", confirmed={"calendar_taken"}).occupancy.overbooked


@pytest.mark.req("CAL-8")
def test_a_room_never(cast: Cast) -> None:
    enter(cast, "09:00", room="own")
    with pytest.raises(NotOffered):
        enter(cast, "09:30", who="jonas", room="own", confirmed={"no_room_free", "calendar_taken"})


def test_sent_twice_it_is_one(cast: Cast) -> None:
    assert enter(cast, "09:00", key="k" * 20).pk == enter(cast, "09:00", key="k" * 20).pk


def test_moving_and_removing(cast: Cast) -> None:
    block, actor = enter(cast, "09:00", room="own"), cast.albers.actor("jana")
    with acting(actor):
        moved = move_block(actor, block.pk, place(cast, "09:30", minutes=90))
        assert (moved.starts_at, moved.ends_at) == (at("09:30"), at("11:00"))
        remove_block(actor, block.pk)
        with pytest.raises(NotFound):
            remove_block(actor, block.pk)
    book(cast.albers, "09:30")


@pytest.mark.req("ACC-7")
def test_who_may(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        enter(cast, "09:00", by="jonas")
    enter(cast, "09:00", by="jonas", who="jonas")


def test_what_was_entered_by_hand_is_no_part_of_a_calendar_file(cast: Cast) -> None:
    block, actor = enter(cast, "09:00"), cast.albers.system
    file = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
    file += f"DTSTART:{at('14:00'):%Y%m%dT%H%M%S}\r\nDTEND:{at('15:00'):%Y%m%dT%H%M%S}\r\n".encode()
    file += b"SUMMARY:Other\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    with acting(actor):
        for _ in range(2):
            calendar = cast.albers.calendars["miriam"].pk
            import_calendar(actor, calendar, file, first=monday(), last=monday() + timedelta(days=6), replace=True)
        assert Block.objects.get(pk=block.pk).occupancy.active
        assert Block.objects.count() == 2


class TestOverHttp:
    @pytest.fixture(params=[True, False], ids=["script", "no script"])
    def client(self, cast: Cast, request: pytest.FixtureRequest) -> Client:
        client = Client(headers={"HX-Request": "true"} if request.param else {})
        client.force_login(cast.albers.user("jana"))
        return client

    def fields(self, cast: Cast, clock: str = "09:00", **more: Any) -> dict[str, Any]:
        start = f"{at(clock):%Y-%m-%dT%H:%M}"
        calendar = cast.albers.calendars["miriam"].pk
        return {"key": str(new_id()), "calendar": calendar, "start": start, "title": "Team"} | more

    def test_the_whole_life_of_one(self, cast: Cast, client: Client) -> None:
        assert client.get(reverse("scheduling:new_block")).status_code == 200
        assert client.post(reverse("scheduling:new_block"), self.fields(cast)).status_code in (200, 303)
        with acting(cast.albers.system):
            block = Block.objects.get()
        assert block.ends_at == at("10:00")
        assert "Team" in client.get(reverse("scheduling:block", args=[block.pk])).content.decode()
        there = reverse("scheduling:block_place", args=[block.pk])
        assert client.get(there).status_code == 200
        assert client.post(there, {"start": f"{at('11:00'):%Y-%m-%dT%H:%M}"}).status_code in (200, 303)
        removal = reverse("scheduling:block_removal", args=[block.pk])
        assert client.post(removal).status_code in (200, 303)
        assert client.post(removal).status_code == 404

    def test_refusals(self, cast: Cast, client: Client) -> None:
        book(cast.albers, "09:00")
        address = reverse("scheduling:new_block")
        assert client.post(address, self.fields(cast)).status_code == 409
        assert client.post(address, self.fields(cast, confirmed="calendar_taken")).status_code in (200, 303)
        assert client.post(address, self.fields(cast, end="2020-01-01T00:00")).status_code == 422
        assert client.post(address, self.fields(cast, calendar="\x00")).status_code == 422
        with acting(cast.albers.system):
            block = Block.objects.get()
        there = reverse("scheduling:block_place", args=[block.pk])
        book(cast.albers, "14:00", first_name="Other", email="o@example.org")
        assert client.post(there, {"start": f"{at('14:00'):%Y-%m-%dT%H:%M}"}).status_code == 409
        assert client.post(there, {"start": f"{at('14:00'):%Y-%m-%dT%H:%M}", "form": "1"}).status_code == 409
