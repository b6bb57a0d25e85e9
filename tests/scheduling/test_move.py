"""Moving, resizing, swapping (CAL-7, CAL-8)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotAllowed, NotFound
from sprechzeit.scheduling.actions.attend import set_attendance
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment, swap_appointments
from sprechzeit.scheduling.actions.place import Place
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotOffered, NotSwappable
from sprechzeit.scheduling.models import Appointment, Occupancy, Offering, OfferingRoom
from sprechzeit.scheduling.policy import get_appointment
from tests.support.cast import Cast, House, at, book, monday

pytestmark = pytest.mark.req("CAL-7")


def place(
    house: House, clock: str, *, minutes: int = 50, who: str = "miriam", room: str = "any", days: int = 0
) -> Place:
    """Where something goes: `room` 'any', 'none', or one's name."""
    begin = at(clock) + timedelta(days=days)
    chosen = house.rooms.get(room)
    return Place(house.calendars[who], begin, begin + timedelta(minutes=minutes), chosen, any_room=room == "any")


def move(
    cast: Cast, found: Appointment, clock: str, *, by: str = "jana", confirmed: Any = (), **where: Any
) -> Appointment:
    actor = cast.albers.actor(by)
    with acting(actor):
        return move_appointment(actor, found.id, place(cast.albers, clock, **where), confirmed=confirmed)


def reload(house: House, found: Appointment) -> Appointment:
    with acting(house.system):
        return get_appointment(house.system, found.id)


def test_a_move_frees_the_old_time_and_takes_the_new_one(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00")
    moved = reload(cast.albers, found)
    assert (moved.starts_at, moved.ends_at, moved.sequence) == (at("11:00"), at("11:50"), 1)
    assert (moved.occupancy.starts_at, moved.occupancy.ends_at) == (at("11:00"), at("12:00")), "the buffer comes along"
    book(cast.albers, "09:00", first_name="Other", email="other@example.org")


def test_a_move_over_its_own_former_time(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "09:30")
    assert reload(cast.albers, found).starts_at == at("09:30")


def test_resizing(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "09:00", minutes=80)
    moved = reload(cast.albers, found)
    assert (moved.ends_at, moved.occupancy.ends_at) == (at("10:20"), at("10:30"))
    assert moved.told_starts_at == moved.starts_at, "who was told when it begins knows enough"


def test_to_another_calendar_and_room(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "09:00", who="jonas", room="shared")
    moved = reload(cast.albers, found)
    assert moved.calendar == cast.albers.calendars["jonas"]
    assert moved.room == cast.albers.rooms["shared"]
    assert moved.occupancy.space_id == cast.albers.rooms["shared"].space_id


@pytest.mark.req("CAL-23")
def test_the_patient_does_not_know_yet(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "11:00")
    assert reload(cast.albers, found).told_starts_at == at("09:00")


@pytest.mark.req("CAL-8")
def test_a_taken_time_is_refused_with_who_has_it(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    book(cast.albers, "11:00", first_name="Thomas", last_name="Krüger", email="k@example.org")
    with pytest.raises(NotOffered) as refused:
        move(cast, found, "10:30")
    assert refused.value.reasons == ("calendar_taken",)
    assert refused.value.conflicts == ("Krüger, Thomas 11:00–11:50",)
    assert reload(cast.albers, found).starts_at == at("09:00")


@pytest.mark.req("CAL-8", "ACC-11")
def test_of_a_patient_who_is_not_theirs_a_practitioner_reads_the_times_alone(cast: Cast) -> None:
    """Jonas lends his calendar: what stands in it is his to see; in Miriam's he may not enter at all."""
    theirs = book(cast.albers, "09:00", who="jonas")
    with pytest.raises(NotAllowed):
        move(cast, theirs, "11:00", by="jonas", who="miriam")
    hers = book(cast.albers, "09:00", who="miriam", first_name="Other", email="o@example.org")
    with pytest.raises(NotFound):
        move(cast, hers, "11:00", by="jonas", who="jonas")


@pytest.mark.req("CAL-8")
def test_overbooking_a_calendar_must_be_confirmed_and_stays_refusing(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    book(cast.albers, "11:00", first_name="Thomas", email="k@example.org")
    move(cast, found, "11:00", confirmed={"calendar_taken"}, room="shared")
    moved = reload(cast.albers, found)
    assert moved.occupancy.overbooked
    third = book(cast.albers, "09:00", first_name="Third", email="t@example.org")
    with pytest.raises(NotOffered):
        move(cast, third, "11:30", room="none")


@pytest.mark.req("CAL-8", "COM-3")
def test_a_taken_room_is_refused_whatever_is_confirmed(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    theirs = book(cast.brandt, "11:00")
    with acting(cast.brandt.system):
        Occupancy.objects.filter(pk=theirs.occupancy_id).update(space_id=cast.albers.rooms["shared"].space_id)
    with pytest.raises(NotOffered) as refused:
        move(cast, found, "11:00", room="shared", confirmed={"no_room_free", "calendar_taken"})
    assert refused.value.reasons == ("no_room_free",)
    (words,) = refused.value.conflicts
    assert all(word in words for word in ("Raum 2", "11:00", "12:00")) and "Sommer" not in words


def test_outside_working_time_only_when_confirmed(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with pytest.raises(NotOffered) as refused:
        move(cast, found, "19:00")
    assert refused.value.reasons == ("outside_working_time",)
    move(cast, found, "19:00", confirmed={"outside_working_time"})
    assert reload(cast.albers, found).starts_at == at("19:00")
    assert not reload(cast.albers, found).occupancy.overbooked


def test_neither_grid_nor_notice_binds_the_practice(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    move(cast, found, "10:05")
    assert reload(cast.albers, found).starts_at == at("10:05")


def test_what_is_cancelled_does_not_move(cast: Cast) -> None:
    found = book(cast.albers, "09:00")
    with acting(cast.albers.system):
        cancel_appointment(cast.albers.system, found.id)
    with pytest.raises(ChangedMeanwhile):
        move(cast, found, "11:00")


class TestSwapping:
    def swap(self, cast: Cast, one: Appointment, other: Appointment) -> None:
        actor = cast.albers.actor("jana")
        with acting(actor):
            swap_appointments(actor, one.id, other.id)

    def pair(self, cast: Cast) -> tuple[Appointment, Appointment]:
        one = book(cast.albers, "09:00", who="miriam")
        return one, book(cast.albers, "10:00", who="jonas", first_name="Other", email="o@example.org")

    def test_both_change_places_at_once(self, cast: Cast) -> None:
        one, other = self.pair(cast)
        self.swap(cast, one, other)
        one, other = reload(cast.albers, one), reload(cast.albers, other)
        assert (one.starts_at, one.calendar) == (at("10:00"), cast.albers.calendars["jonas"])
        assert (other.starts_at, other.calendar) == (at("09:00"), cast.albers.calendars["miriam"])
        assert one.occupancy.active and other.occupancy.active

    def test_one_after_the_other_in_the_same_calendar(self, cast: Cast) -> None:
        one = book(cast.albers, "09:00")
        other = book(cast.albers, "10:00", first_name="Other", email="o@example.org")
        self.swap(cast, one, other)
        assert [reload(cast.albers, each).starts_at for each in (one, other)] == [at("10:00"), at("09:00")]

    def test_one_that_is_too_long_stays(self, cast: Cast) -> None:
        one, other = self.pair(cast)
        move(cast, one, "08:00", minutes=110)
        book(cast.albers, "11:00", who="jonas", first_name="Third", email="t@example.org")
        with pytest.raises(NotSwappable):
            self.swap(cast, one, other)
        assert reload(cast.albers, one).starts_at == at("08:00")
        assert reload(cast.albers, other).occupancy.active

    def test_it_is_offered_where_one_of_the_same_length_is_in_the_way(self, cast: Cast) -> None:
        one, other = self.pair(cast)
        with pytest.raises(NotOffered) as refused:
            move(cast, one, "10:00", who="jonas", room="shared")
        assert refused.value.swap_with == other.id

    @pytest.mark.req("CAL-8")
    def test_it_is_offered_where_both_have_the_only_room(self, cast: Cast) -> None:
        """Miriam's at nine and Jonas' at ten are both in Raum 1, the only one of the type."""
        with acting(cast.albers.system):
            OfferingRoom.objects.filter(room=cast.albers.rooms["shared"]).delete()
        one, other = self.pair(cast)
        assert one.room_id == other.room_id == cast.albers.rooms["own"].id
        with pytest.raises(NotOffered) as refused:
            move(cast, one, "10:00", who="jonas")
        assert set(refused.value.reasons) == {"calendar_taken", "no_room_free"}
        assert refused.value.swap_with == other.id
        self.swap(cast, one, other)
        one, other = reload(cast.albers, one), reload(cast.albers, other)
        assert [(each.calendar.name, each.starts_at, each.room) for each in (one, other)] == [
            ("Jonas Petersen", at("10:00"), cast.albers.rooms["own"]),
            ("Miriam Albers", at("09:00"), cast.albers.rooms["own"]),
        ]

    def test_it_is_not_offered_where_one_does_not_fit_at_the_others_place(self, cast: Cast) -> None:
        """At nine Miriam's own room is Raum 1; what is moved lasts to the end of its hour, and the other is longer."""
        one, other = self.pair(cast)
        move(cast, other, "10:00", who="jonas", minutes=60)
        book(cast.albers, "10:00", first_name="Third", email="t@example.org")
        with pytest.raises(NotOffered) as refused:
            move(cast, one, "10:00", who="jonas", room="none")
        assert refused.value.swap_with is None, "the longer one would reach into the third"
        with pytest.raises(NotSwappable):
            self.swap(cast, one, other)

    @pytest.mark.req("COM-3")
    def test_it_is_not_offered_where_another_practice_has_the_room(self, cast: Cast) -> None:
        """Brandt sits in the shared room at eleven; Jonas' phone call at eleven has no room to give."""
        one = book(cast.albers, "09:00")
        call = book(cast.albers, "11:00", who="jonas", kind="call", first_name="Other", email="o@example.org")
        move(cast, call, "11:00", who="jonas", minutes=50, room="none")
        with acting(cast.brandt.system):
            OfferingRoom.objects.filter(room=cast.brandt.rooms["own"]).delete()
        book(cast.brandt, "11:00", email="b@example.org")
        with pytest.raises(NotOffered) as refused:
            move(cast, one, "11:00", who="jonas", room="shared")
        assert set(refused.value.reasons) == {"calendar_taken", "no_room_free"}
        assert refused.value.swap_with is None

    def test_where_the_others_calendar_does_not_offer_it_the_swap_is_asked_about_like_a_move(self, cast: Cast) -> None:
        """Jonas makes phone calls alone; who presses 'All the same' has been told of whom it is said."""
        one = book(cast.albers, "09:00", who="miriam")
        other = book(cast.albers, "10:00", who="jonas", kind="call", first_name="Other", email="o@example.org")
        with acting(cast.albers.system):
            Offering.objects.filter(type=cast.albers.types["talk"], calendar=cast.albers.calendars["jonas"]).delete()
        with pytest.raises(NotOffered) as refused:
            self.swap(cast, one, other)
        assert refused.value.reasons == ("not_offered_here",)
        assert refused.value.meanings["not_offered_here"].startswith(one.patient.full_name)
        assert reload(cast.albers, one).starts_at == at("09:00")
        client = Client(headers={"HX-Request": "true", "accept-language": "en"})
        client.force_login(cast.albers.user("jana"))
        address = reverse("scheduling:swap", args=[one.id])
        answer = client.post(address, {"with": str(other.id)})
        assert answer.status_code == 409 and "This calendar does not offer this type." in answer.content.decode()
        assert f'action="{address}"' in answer.content.decode()
        assert client.post(address, {"with": str(other.id), "confirmed": ",not_offered_here"}).status_code == 200
        assert reload(cast.albers, one).starts_at == at("10:00")

    def test_a_swap_out_of_working_hours_is_asked_about(self, cast: Cast) -> None:
        """At noon Jonas' call just fits; the longer talk would last into the break."""
        one = book(cast.albers, "09:00", who="miriam")
        other = book(cast.albers, "11:40", who="jonas", kind="call", first_name="Other", email="o@example.org")
        with pytest.raises(NotOffered) as refused:
            self.swap(cast, one, other)
        assert refused.value.reasons == ("outside_working_time",)

    def test_not_with_oneself_nor_with_who_is_there(self, cast: Cast) -> None:
        one, other = self.pair(cast)
        with pytest.raises(NotSwappable):
            self.swap(cast, one, one)
        with acting(cast.albers.system), time_machine.travel(at("08:00"), tick=True):
            set_attendance(cast.albers.system, other.id, "arrived")
        with pytest.raises(NotSwappable):
            self.swap(cast, one, other)


class TestOverHttp:
    @pytest.fixture
    def client(self, cast: Cast) -> Client:
        client = Client(headers={"HX-Request": "true", "accept-language": "en"})
        client.force_login(cast.albers.user("jana"))
        return client

    def post(self, client: Client, found: Appointment, **fields: Any) -> Any:
        return client.post(reverse("scheduling:place", args=[found.id]), fields)

    def test_both_columns_are_named(self, cast: Cast, client: Client) -> None:
        found = book(cast.albers, "09:00")
        jonas = cast.albers.calendars["jonas"]
        answer = self.post(client, found, calendar=jonas.id, start=f"{at('11:00'):%Y-%m-%dT%H:%M}")
        assert answer.status_code == 200
        changed = {UUID(one) for one in answer["X-Changed-Columns"].split(",")}
        assert changed == {jonas.id, cast.albers.calendars["miriam"].id}
        assert reverse("scheduling:undo") in answer.content.decode()
        assert reload(cast.albers, found).ends_at == at("11:50")

    @pytest.mark.req("CAL-7")
    def test_moved_to_another_day_it_says_to_which(self, cast: Cast, client: Client) -> None:
        found, day = book(cast.albers, "09:00"), monday(2)
        same = self.post(client, found, start=f"{at('11:00'):%Y-%m-%dT%H:%M}").content.decode()
        assert "moved to 11:00–11:50" in same
        other = self.post(client, found, start=f"{at('11:00', day):%Y-%m-%dT%H:%M}").content.decode()
        with override("en"):
            assert f"moved to {date_format(day, 'SHORT_DATE_FORMAT')}, 11:00–11:50" in other

    def test_the_room_view_names_the_room_alone(self, cast: Cast, client: Client) -> None:
        found = book(cast.albers, "09:00")
        shared = cast.albers.rooms["shared"]
        answer = self.post(client, found, room=shared.id, start=f"{at('09:00'):%Y-%m-%dT%H:%M}")
        assert answer.status_code == 200
        assert reload(cast.albers, found).room == shared

    def test_a_refusal_names_the_conflict_and_asks(self, cast: Cast, client: Client) -> None:
        found = book(cast.albers, "09:00")
        book(cast.albers, "11:00", first_name="Thomas", last_name="Krüger", email="k@example.org")
        start = f"{at('11:00'):%Y-%m-%dT%H:%M}"
        answer = self.post(client, found, start=start, room="none")
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Krüger, Thomas 11:00–11:50" in page
        assert "<html" not in page
        assert "Overbook on purpose?" in page and "not possible" not in page
        answer = self.post(client, found, start=start, room="none", confirmed=",calendar_taken")
        assert answer.status_code == 200

    @pytest.mark.req("CAL-10")
    def test_the_heading_asks_where_it_may_be_done_and_says_which_end_lies_outside(
        self, cast: Cast, client: Client
    ) -> None:
        found = book(cast.albers, "09:00")
        page = self.post(client, found, start=f"{at('16:20'):%Y-%m-%dT%H:%M}").content.decode()
        assert "Enter it all the same?" in page and "not possible" not in page
        assert "It lasts until 17:10, working hours end at 17:00." in page
        assert "outside the working time" not in page
        page = self.post(client, found, start=f"{at('17:20'):%Y-%m-%dT%H:%M}").content.decode()
        assert "It lies outside the working time." in page

    def test_the_heading_refuses_where_nobody_may(self, cast: Cast, client: Client) -> None:
        found = book(cast.albers, "09:00")
        book(cast.albers, "10:00", who="jonas", first_name="Other", email="o@example.org")
        own = cast.albers.rooms["own"].id
        answer = self.post(client, found, start=f"{at('10:00'):%Y-%m-%dT%H:%M}", room=own)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "This is not possible." in page and "same?" not in page and "purpose?" not in page

    def test_without_script_it_leads_back_to_the_day(self, cast: Cast) -> None:
        client = Client()
        client.force_login(cast.albers.user("jana"))
        found = book(cast.albers, "09:00")
        assert client.get(reverse("scheduling:place", args=[found.id])).status_code == 200
        answer = self.post(client, found, form="1", start=f"{at('11:00'):%Y-%m-%dT%H:%M}")
        assert answer.status_code == 303
        assert answer["Location"] == f"/?day={at('11:00'):%Y-%m-%d}"

    @pytest.mark.parametrize("start", ["", "nonsense", "2027-03-28T02:30", "0001-01-01T00:00", "9999-12-31T23:59"])
    def test_times_that_do_not_exist(self, cast: Cast, client: Client, start: str) -> None:
        found = book(cast.albers, "09:00")
        answer = self.post(client, found, start=start, end="2020-01-01T00:00")
        assert answer.status_code == 422
        assert reload(cast.albers, found).starts_at == at("09:00")
