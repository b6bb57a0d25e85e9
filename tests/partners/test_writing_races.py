"""Portals at the same time as portals, patients and staff: one winner, one answer, nothing lost (OTV-6, CAL-8)."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest

from sprechzeit.audit.models import Entry
from sprechzeit.core.acting import acting
from sprechzeit.partners.models import Answer as Kept
from sprechzeit.patients.models import Patient
from sprechzeit.scheduling.actions.appoint import book_appointment
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.errors import NotOffered, TimeTaken
from sprechzeit.scheduling.models import Appointment, Hold, Occupancy
from tests.partners.test_writing import KEY, PAULA, booked, slot, standing
from tests.scheduling.test_appoint import wish
from tests.scheduling.test_occupancy import deadlocks, overlaps
from tests.support.cast import Cast, House, at, book
from tests.support.databases import Databases
from tests.support.partner_bookings import offered
from tests.support.portal_client import Answer, Portal
from tests.support.together import together, until_somebody_waits

pytestmark = [pytest.mark.own_database, pytest.mark.req("OTV-6")]

AT_ONCE = 20


@pytest.fixture
def house(cast: Cast, own_database: Databases) -> House:
    offered(cast.albers)
    return cast.albers


@pytest.fixture
def portal(house: House) -> Portal:
    return Portal(house)


def answers(results: list[Any]) -> list[Answer]:
    """What came back; nothing was raised."""
    assert [one for one in results if not isinstance(one, Answer)] == []
    return results


def test_twenty_times_the_same_call_at_once_is_one_booking_and_one_answer(
    house: House, portal: Portal, own_database: Databases
) -> None:
    wanted = slot(portal, "09:00") | PAULA
    portal.get("/practice")
    found = answers(together(*[partial(portal.post, "/appointments", wanted, key=KEY)] * AT_ONCE))
    assert {one.status for one in found} == {201}
    assert len({one.body for one in found}) == 1
    assert standing(house) == ["09:00"]
    with acting(house.system):
        assert (Patient.objects.count(), Kept.objects.count(), Hold.objects.count()) == (1, 1, 1)
    # Of another key it is another call: the control.
    again = answers(together(*[partial(portal.post, "/appointments", slot(portal, "11:00") | PAULA)] * 4))
    assert Counter(one.status for one in again) == {201: 1, 409: 3}
    address = f"/appointments/{found[0].json['appointment']}"
    to = {"starts_at": at("13:00").isoformat()}
    moved = answers(together(*[partial(portal.post, f"{address}/move", to, key=f"{KEY}-move")] * 8))
    gone = answers(together(*[partial(portal.post, f"{address}/cancel", {}, key=f"{KEY}-gone")] * 8))
    assert len({one.body for one in moved}) == len({one.body for one in gone}) == 1
    assert (moved[0].json["sequence"], gone[0].json["sequence"]) == (1, 2)
    assert deadlocks(own_database) == overlaps(own_database) == 0


def test_twenty_who_want_one_time_portals_patients_and_staff(cast: Cast, house: House, own_database: Databases) -> None:
    """One gets it; each portal that does not is told the next free times; nobody is told of a fault."""
    portals = [Portal(house, f"Portal {number}") for number in range(3)]
    jana = house.actor("jana")

    def by_staff() -> str:
        with acting(jana):
            try:
                book_appointment(jana, wish(cast, "09:00", who="jonas"))
            except (TimeTaken, NotOffered):
                return "taken"
        return "booked"

    def by_visitor(number: int) -> str:
        try:
            book(house, "09:00", who="jonas", first_name=f"V{number}", email=f"v{number}@example.org")
        except (TimeTaken, NotOffered):
            return "taken"
        return "booked"

    calls: list[Callable[[], Any]] = [
        partial(portals[number % 3].post, "/holds" if number % 2 else "/appointments",
                slot(portals[number % 3], "09:00") | ({} if number % 2 else PAULA | {"first_name": f"P{number}"}))
        for number in range(12)
    ]  # fmt: skip
    calls += [partial(by_visitor, number) for number in range(6)] + [by_staff] * 2
    for portal in portals:
        portal.get("/practice")
    results = together(*calls)
    assert [one for one in results if not isinstance(one, Answer | str)] == []
    told = [one for one in results if isinstance(one, Answer)]
    assert {one.status for one in told} <= {201, 409}
    assert sum(one.status == 201 for one in told) + results.count("booked") == 1
    for one in told:
        if one.status == 409:
            assert one.code == "time_taken" and len(one.json["next_free"]) == 3
    with acting(house.system):
        assert Occupancy.objects.filter(active=True).count() == 1
    assert deadlocks(own_database) == overlaps(own_database) == 0


def test_portals_that_change_crosswise_never_wait_in_a_circle(house: House, own_database: Databases) -> None:
    portals = [Portal(house, f"Portal {number}") for number in range(2)]
    pairs = [(one, booked(one, clock, first_name=one.house.practice.name + clock)) for one, clock in
             zip(portals * 2, ("08:00", "09:00", "10:00", "11:00"), strict=True)]  # fmt: skip

    def change(number: int) -> list[int]:
        portal, made = pairs[number]
        found = []
        for turn in range(6):
            clock = f"{8 + (number + turn) % 5:02}:00" if turn % 2 else f"{13 + (number + turn) % 4:02}:00"
            calendar = slot(portal, clock, who=["jonas", "miriam"][(number + turn) % 2])
            del calendar["type"]
            found.append(portal.post(f"/appointments/{made['appointment']}/move", calendar).status)
        return found

    results = together(*[partial(change, number) for number in range(4)])
    assert all(isinstance(one, list) and set(one) <= {200, 409} for one in results), results
    assert deadlocks(own_database) == overlaps(own_database) == 0


@contextmanager
def locked(databases: Databases, house: House) -> Iterator[None]:
    """Somebody has the lock of a calendar, so that who books in it waits."""
    with psycopg.connect(databases.url("app")) as other:
        other.execute("SELECT lock_times(%s::uuid[], '{}'::uuid[])", [[house.calendars["jonas"].pk]])
        yield
        other.rollback()


def test_killed_in_the_middle_nothing_stands_and_the_repeated_call_books(
    house: House, portal: Portal, own_database: Databases
) -> None:
    """The connection dies under the call, as with its process; the portal sends the same again."""
    wanted = slot(portal, "09:00") | PAULA
    portal.get("/practice")

    def kill() -> None:
        until_somebody_waits(own_database)
        with psycopg.connect(own_database.url("superuser"), autocommit=True) as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
                "WHERE NOT granted AND datname = current_database()"
            )

    with locked(own_database, house):
        (first, _killed) = together(partial(portal.post, "/appointments", wanted, key=KEY), kill)
    assert isinstance(first, Answer) and first.status == 503
    assert standing(house) == []
    with acting(house.system):
        assert not Kept.objects.exists()
    assert portal.post("/appointments", wanted, key=KEY).status == 201
    assert standing(house) == ["09:00"]


@pytest.mark.req("OTV-8", "OTV-10", "PAT-22")
def test_ones_own_in_pages_and_what_changed_since(portal: Portal) -> None:
    house, jana = portal.house, portal.house.actor("jana")
    made = [booked(portal, clock)["appointment"] for clock in ("08:00", "09:00", "10:00")]
    page: Any = portal.get("/appointments", limit=2).json
    rest = portal.get("/appointments", limit=2, after=page["next"]).json
    assert [one["appointment"] for one in page["items"] + rest["items"]] == made and rest["next"] is None
    since = page["as_of"]
    assert portal.get("/appointments", changed_since=since).json["items"] == []
    with acting(house.system):
        second = Appointment.objects.get(starts_at=at("09:00"))
    with acting(jana):
        cancel_appointment(jana, second.pk)
    (changed,) = portal.get("/appointments", changed_since=since).json["items"]
    assert (changed["appointment"], changed["state"]) == (made[1], "cancelled")
    with acting(house.system):
        told = Entry.objects.filter(operation="handed_out", subject_id=second.patient_id).select_related("value")
        assert {(one.value.new or {})["fields"][0] for one in told} == {"appointment"}
        assert {one.actor for one in told} == {portal.actor.name}
    other = Portal(house, "Andere")
    assert other.get("/appointments", after=page["next"]).status == 404
