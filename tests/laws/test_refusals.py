"""A refusal leaves no row anywhere but the counts of limits (architecture §3, §10)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import DomainError, NotAllowed, NotFound
from sprechzeit.core.ids import new_id
from sprechzeit.messages.actions import message_due
from sprechzeit.patients.actions import find_or_add_patient
from sprechzeit.practice.actions import add_data_key, add_member, add_room, found_practice
from sprechzeit.scheduling.actions.book import Details, book_held_time, manage_token
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.hold import hold_time, hold_token
from sprechzeit.scheduling.actions.hours import set_working_hours
from sprechzeit.scheduling.actions.settings import add_calendar, add_type, offer_type
from sprechzeit.scheduling.errors import HoldsFull, NotOffered, OpenBookingsFull, TimeTaken, TooLate
from sprechzeit.scheduling.models import Appointment, Occupancy
from tests.support.cast import WEEK, Cast, at, book, hold, identity
from tests.support.databases import Databases
from tests.support.tables import changed, fingerprints

pytestmark = pytest.mark.own_database


def change(actor: Actor, row: Model, **facts: Any) -> None:
    """Set up a situation."""
    with acting(actor):
        type(row)._default_manager.filter(pk=row.pk).update(**facts)


def cases(cast: Cast) -> dict[str, tuple[type[DomainError], Actor, Callable[[Actor], object]]]:
    """Every kind of refusal: what is raised, to whom, on what."""
    albers, visitor = cast.albers, cast.albers.visitor
    miriam, jonas, jana = (albers.actor(name) for name in ("miriam", "jonas", "jana"))
    link = replace(jonas, role=Role.LINK, kind=ActorKind.LINK)
    own, call = albers.calendars["jonas"], albers.types["call"]
    taken = book(albers, "09:00", who="jonas")
    mine, room = albers.calendars["miriam"], albers.rooms["own"]

    def keep(clock: str, kind: str = "talk", address: str = "somebody") -> Callable[[Actor], object]:
        return lambda actor: hold_time(
            actor, albers.types[kind], own.pk, at(clock), address=address, form=str(new_id())
        )

    with acting(visitor):
        keep("14:00", "call", "a crowd")(visitor)
        keep("14:30", "call", "a crowd")(visitor)
    expired = hold(albers, "10:00", who="jonas", key="expired")
    change(albers.system, expired.occupancy, expires_at=timezone.now())
    book(albers, "10:00", who="jonas", first_name="Other", email="other@example.org")
    full = hold(albers, "11:00", who="jonas", key="full")
    change(albers.system, albers.practice, open_bookings=1)
    soon = book(albers, "15:00", who="jonas", first_name="Soon", email="soon@example.org")
    change(albers.system, albers.practice, open_bookings=1, cancel_hours=24 * 60)
    as_link = replace(link, id=link_id(soon, albers.system))
    theirs = book(cast.brandt, "09:00")
    return {
        "time taken": (TimeTaken, visitor, keep("09:30")),
        "at night": (NotOffered, visitor, keep("03:00")),
        "off the grid": (NotOffered, visitor, keep("15:07")),
        "two times kept already": (HoldsFull, visitor, keep("16:00", "call", "a crowd")),
        "holding as a link": (NotFound, visitor, lambda a: book_held_time(a, "no such hold", Details(identity()))),
        "expired and taken": (
            TimeTaken,
            visitor,
            lambda a: book_held_time(a, hold_token(expired.pk), Details(identity())),
        ),
        "bookings full": (
            OpenBookingsFull,
            visitor,
            lambda a: book_held_time(a, hold_token(full.pk), Details(identity(mobile="0171 2345678"))),
        ),
        "too late": (TooLate, as_link, lambda a: cancel_appointment(a, soon.pk)),
        "another's appointment by link": (NotFound, as_link, lambda a: cancel_appointment(a, taken.pk)),
        "another practice's appointment": (NotFound, miriam, lambda a: cancel_appointment(a, theirs.pk)),
        "no appointment": (NotFound, miriam, lambda a: cancel_appointment(a, new_id())),
        "cancelling as a visitor": (NotFound, visitor, lambda a: cancel_appointment(a, taken.pk)),
        "founding": (NotAllowed, jana, lambda a: found_practice(a, "Praxis", "praxis")),
        "data key": (NotAllowed, jonas, add_data_key),
        "member": (
            NotAllowed,
            jana,
            lambda a: add_member(a, cast.brandt.user("berta"), role="secretary", name="B", initials="B"),
        ),
        "room": (NotAllowed, jonas, lambda a: add_room(a, "Raum 3")),
        "calendar": (NotAllowed, jonas, lambda a: add_calendar(a, "Neu", "N")),
        "another's hours": (NotAllowed, jonas, lambda a: set_working_hours(a, mine.pk, WEEK)),
        "hours by the office": (NotAllowed, jana, lambda a: set_working_hours(a, mine.pk, WEEK)),
        "another practice's hours": (
            NotFound,
            miriam,
            lambda a: set_working_hours(a, cast.brandt.calendars["berta"].pk, []),
        ),
        "type": (NotAllowed, jana, lambda a: add_type(a, "Neu", duration=10)),
        "offering": (NotAllowed, jonas, lambda a: offer_type(a, call, mine, [room])),
        "message": (NotAllowed, jonas, lambda a: message_due(a, taken, "booked")),
        "patient": (NotAllowed, as_link, lambda a: find_or_add_patient(a, identity(), belongs_to=None)),
    }


def link_id(appointment: Appointment, actor: Actor) -> Any:
    with acting(actor):
        return Appointment.objects.get(pk=appointment.pk).link.pk


@pytest.mark.req("ACC-7", "CAL-8", "BOO-6", "BOO-8", "ACC-6")
def test_a_refused_action_leaves_no_row_even_when_it_is_caught(cast: Cast, own_database: Databases) -> None:
    """The surrounding transaction commits, as it does under a view that answers with the reason."""
    superuser, left = own_database.url("superuser"), {}
    for name, (error, actor, refused) in cases(cast).items():
        before = fingerprints(superuser, without=())
        with acting(actor), pytest.raises(DomainError) as caught:
            refused(actor)
        assert type(caught.value) is error, name
        left[name] = changed(before, fingerprints(superuser, without=()))
    assert {name: tables for name, tables in left.items() if tables} == {}


@pytest.mark.req("BOO-8", "CAL-8", "BOO-6")
class TestOverHttp:
    """The same through the pages: what stays is the count of the attempt."""

    @pytest.fixture
    def kept(self, own_database: Databases) -> Callable[[Callable[[], Any]], tuple[int, list[str]]]:
        """The status of an answer and the tables that changed meanwhile."""

        def measure(ask: Callable[[], Any]) -> tuple[int, list[str]]:
            before = fingerprints(own_database.url("superuser"), without=())
            status = ask().status_code
            return status, changed(before, fingerprints(own_database.url("superuser"), without=()))

        return measure

    def press(self, cast: Cast, clock: str, kind: str = "talk", **fields: str) -> Any:
        starts = f"{at(clock).astimezone(timezone.get_fixed_timezone(0)):%Y%m%dT%H%MZ}"
        start = f"{starts}~{cast.albers.calendars['jonas'].reference}"
        address = reverse("portal:hold", args=["albers", cast.albers.types[kind].reference])
        return Client().post(address, {"start": start, "key": str(new_id()), **fields})

    def test_a_time_that_was_taken(self, cast: Cast, kept: Any) -> None:
        book(cast.albers, "09:00", who="jonas")
        assert kept(lambda: self.press(cast, "09:00")) == (409, ["core_attempts"])

    def test_a_time_that_is_not_offered(self, cast: Cast, kept: Any) -> None:
        assert kept(lambda: self.press(cast, "04:00")) == (409, ["core_attempts"])

    def test_a_button_that_is_none_of_ours(self, cast: Cast, kept: Any) -> None:
        assert kept(lambda: self.press(cast, "09:00", start="nonsense")) == (404, ["core_attempts"])

    def test_one_attempt_too_many(self, cast: Cast, kept: Any) -> None:
        for _ in range(settings.HOLDS_PER_HOUR_AND_ADDRESS):
            self.press(cast, "04:00")
        status, tables = kept(lambda: self.press(cast, "09:00"))
        assert (status, tables) == (429, ["core_attempts"])
        with acting(cast.albers.system):
            assert not Occupancy.objects.exists()

    def test_details_that_are_wrong_or_too_many(self, cast: Cast, kept: Any) -> None:
        book(cast.albers, "09:00", who="jonas")
        change(cast.albers.system, cast.albers.practice, open_bookings=1)
        address = reverse("portal:details", args=["albers", hold_token(hold(cast.albers, "10:00", who="jonas").pk)])
        good = {
            "first_name": "Paula", "last_name": "Sommer", "date_of_birth": "24.03.1985",
            "email": "new@example.org", "privacy": "on",
        }  # fmt: skip
        assert kept(lambda: Client().post(address, {})) == (422, [])
        assert kept(lambda: Client().post(address, good)) == (422, [])

    def test_a_cancellation_that_comes_too_late(self, cast: Cast, kept: Any) -> None:
        token = manage_token(book(cast.albers, "09:00").pk)
        change(cast.albers.system, cast.albers.practice, cancel_hours=24 * 60)
        address = reverse("portal:cancellation", args=[token])
        assert kept(lambda: Client().post(address)) == (422, ["audit_entry"]), (
            "it shows the appointment, which is logged"
        )

    def test_a_cancellation_that_the_role_does_not_allow(self, cast: Cast, kept: Any) -> None:
        book(cast.albers, "10:00", who="jonas")
        lent = book(cast.albers, "09:00", who="miriam")
        client = Client()
        client.force_login(cast.albers.user("jonas"))
        address = reverse("scheduling:cancellation", args=[lent.pk])
        assert kept(lambda: client.post(address)) == (403, [])
