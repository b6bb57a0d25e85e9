"""Whatever changes a partner's booking, in whatever way: one event, with the change (OTV-9)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from sprechzeit.access.actor import Actor, ActorKind, partner
from sprechzeit.access.table import Role
from sprechzeit.core.acting import acting
from sprechzeit.core.errors import NotFound
from sprechzeit.partners.models import Delivery, Event
from sprechzeit.partners.queries.events import events_after
from sprechzeit.patients import joining
from sprechzeit.patients.actions import find_or_add_patient, merge_patients
from sprechzeit.patients.policy import get_patient
from sprechzeit.patients.queries import facts_of
from sprechzeit.practice.actions.partners import end_partner
from sprechzeit.scheduling.actions.absence import enter_absence
from sprechzeit.scheduling.actions.cancel import cancel_appointment
from sprechzeit.scheduling.actions.move import move_appointment, swap_appointments
from sprechzeit.scheduling.actions.reschedule import NewTime, reschedule_appointment
from sprechzeit.scheduling.actions.undo import undo
from sprechzeit.scheduling.models import Absence, Appointment, Attendance
from sprechzeit.scheduling.queries.absence import Away
from tests.scheduling.test_move import move, place
from tests.support.cast import Cast, House, at, book, identity
from tests.support.delegates import delegate, terms
from tests.support.partners import acts, booked_by, events_of, registered, reported_to

pytestmark = [pytest.mark.req("OTV-9"), pytest.mark.own_database]


@pytest.fixture
def portal(cast: Cast) -> Actor:
    """A partner to which changes are reported."""
    made = registered(cast.albers)
    reported_to(made, cast.albers, "https://portal.example.org/hook")
    return made


def told(portal: Actor, after: int = 1) -> list[tuple[str, str]]:
    """What happened after the booking: kind, and who."""
    return [(one.kind, one.by) for one in events_of(portal, after)]


def deliveries(house: House) -> list[Delivery]:
    with acting(house.system):
        return list(Delivery.objects.order_by("event__number").select_related("event"))


def link_of(house: House, found: Appointment) -> Actor:
    with acting(house.system):
        link = Appointment.objects.get(pk=found.pk).link
    return Actor(ActorKind.LINK, (house.practice.id,), Role.LINK, link.pk)


# --- Every way ------------------------------------------------------------------------------------------------------

Way = Callable[[Cast, Appointment], object]


def cancelled(cast: Cast, found: Appointment, by: str = "jana", **options: Any) -> None:
    actor = cast.albers.actor(by)
    with acting(actor):
        cancel_appointment(actor, found.id, **options)


def swapped(cast: Cast, found: Appointment) -> None:
    other, actor = book(cast.albers, "14:00", first_name="Otto", email="otto@example.org"), cast.albers.actor("jana")
    with acting(actor):
        swap_appointments(actor, found.id, other.id)


def moved_by_a_delegate(cast: Cast, found: Appointment) -> None:
    actor = delegate(cast.albers, terms(cast.albers, "miriam"))
    with acting(actor):
        move_appointment(actor, found.id, place(cast.albers, "11:00"))


def away(cast: Cast, found: Appointment) -> None:
    actor = cast.albers.actor("miriam")
    with acting(actor):
        time = Away(cast.albers.calendars["miriam"].pk, at("08:00"), at("12:00"))
        enter_absence(actor, time, cancel=[found.id], reason="Ill")


def by_the_link(cast: Cast, found: Appointment) -> None:
    actor = link_of(cast.albers, found)
    with acting(actor):
        reschedule_appointment(actor, found.id, NewTime(found.calendar_id, at("11:00"), found.sequence))


def cancelled_by_the_link(cast: Cast, found: Appointment) -> None:
    actor = link_of(cast.albers, found)
    with acting(actor):
        cancel_appointment(actor, found.id)


def merged(cast: Cast, found: Appointment) -> None:
    jana = cast.albers.actor("jana")
    with acting(cast.albers.visitor):
        kept = find_or_add_patient(cast.albers.visitor, identity(first_name="Pia", email="pia@example.org"),
                                   belongs_to=None).pk  # fmt: skip
    with acting(jana):
        both = (get_patient(jana, one) for one in (kept, found.patient_id))
        stamp = joining.stamp(*(facts_of(jana, one) for one in both))
        merge_patients(jana, kept, found.patient_id, {}, seen=stamp)


def by_sql(cast: Cast, found: Appointment) -> None:
    """Whatever is written once and forgets everything."""
    with acting(cast.albers.system):
        Appointment.objects.filter(pk=found.pk).update(calendar=cast.albers.calendars["jonas"])


WAYS: dict[str, tuple[Way, list[tuple[str, str]]]] = {
    "dialog": (lambda cast, found: move(cast, found, "11:00"), [("moved", "practice")]),
    "length": (lambda cast, found: move(cast, found, "09:00", minutes=80), [("moved", "practice")]),
    "another calendar": (lambda cast, found: move(cast, found, "09:00", who="jonas"), [("moved", "practice")]),
    "another room": (lambda cast, found: move(cast, found, "09:00", room="shared"), [("changed", "practice")]),
    "the same place": (lambda cast, found: move(cast, found, "09:00"), []),
    "swap": (swapped, [("moved", "practice")]),
    "delegate": (moved_by_a_delegate, [("moved", "practice")]),
    "cancellation": (cancelled, [("cancelled", "practice")]),
    "absence": (away, [("cancelled", "practice")]),
    "link": (by_the_link, [("moved", "patient")]),
    "link cancels": (cancelled_by_the_link, [("cancelled", "patient")]),
    "merging": (merged, []),
    "statement": (by_sql, [("moved", "practice")]),
}


def test_each_way_is_one_event_and_one_delivery(cast: Cast, portal: Actor) -> None:
    """In one database, one way after another."""
    for way, (change, expected) in WAYS.items():
        found, number = booked_by(portal, cast.albers, "09:00", who="miriam"), len(events_of(portal))
        change(cast, found)
        new = [one for one in events_of(portal, number) if one.appointment_id == found.pk]
        assert [(one.kind, one.by) for one in new] == expected, way
        sent = [one.event.kind for one in deliveries(cast.albers) if one.event in new]
        assert sent == [kind for kind, _by in expected], way
        jobs = ProcrastinateJob.objects.filter(task_name="partners.deliver", args__webhook_of=str(found.pk))
        assert [one.lock for one in jobs] == [f"webhook_of:{found.pk}"] * len(expected), way
        clear_the_book(cast.albers)


def clear_the_book(house: House) -> None:
    """As if nothing had been booked."""
    with acting(house.system):
        for one in Appointment.objects.filter(cancellation=None):
            cancel_appointment(house.system, one.pk)
        Absence.objects.all().delete()


def test_undone_is_told_too(cast: Cast, portal: Actor) -> None:
    found, jana = booked_by(portal, cast.albers, "09:00"), cast.albers.actor("jana")
    move(cast, found, "11:00")
    with acting(jana):
        undo(jana)
    cancelled(cast, found)
    with acting(jana):
        undo(jana)
    assert [kind for kind, _by in told(portal)] == ["moved", "moved", "cancelled", "restored"]
    last = events_of(portal)[-1]
    assert (last.starts_at, last.state, last.sequence) == (at("09:00"), "booked", 4)


def test_what_concerns_nobody_outside_is_no_event(cast: Cast, portal: Actor) -> None:
    """Somebody else's appointment; a remark; that somebody came."""
    found, others = booked_by(portal, cast.albers, "09:00"), book(cast.albers, "10:00")
    move(cast, others, "14:00")
    cancelled(cast, others)
    with acting(cast.albers.system):
        Appointment.objects.filter(pk=found.pk).update(remark="Calls first")
        Attendance.objects.create(
            practice_id=found.practice_id, appointment=found, state="arrived", recorded_by="system"
        )
    assert told(portal) == []


def test_there_and_back_in_one_transaction_is_nothing(cast: Cast, portal: Actor) -> None:
    found, calendars = booked_by(portal, cast.albers, "09:00"), cast.albers.calendars
    with acting(cast.albers.system):
        for name in ("jonas", "miriam"):
            Appointment.objects.filter(pk=found.pk).update(calendar=calendars[name])
    assert told(portal) == []


def test_what_is_rolled_back_was_never(cast: Cast, portal: Actor) -> None:
    """Neither an event nor a job, nor a number that is missing then."""
    found = booked_by(portal, cast.albers, "09:00")
    with transaction.atomic():
        with acts(cast.albers.actor("jana")):
            move_appointment(cast.albers.actor("jana"), found.id, place(cast.albers, "11:00"))
        assert len(deliveries(cast.albers)) == 1
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.filter(task_name="partners.deliver").exists()
    move(cast, found, "14:00")
    assert [(one.number, one.starts_at) for one in events_of(portal)] == [(1, at("09:00")), (2, at("14:00"))]


def test_the_partners_own_changes_are_in_the_feed_and_not_sent(cast: Cast, portal: Actor) -> None:
    found = booked_by(portal, cast.albers, "09:00")
    with acting(portal):
        cancel_appointment(portal, found.id)
    assert told(portal, after=0) == [("booked", "partner"), ("cancelled", "partner")]
    assert deliveries(cast.albers) == []


def test_another_partners_actor_is_not_the_partner(cast: Cast, portal: Actor) -> None:
    """Who it was is compared with whose booking it is, not with what kind of somebody acts."""
    found, other = booked_by(portal, cast.albers, "09:00"), registered(cast.albers, "Anders")
    with acting(other):
        Appointment.objects.filter(pk=found.pk).update(calendar=cast.albers.calendars["jonas"])
    assert told(portal) == [("moved", "practice")]


def test_without_an_address_there_is_the_feed_alone(cast: Cast) -> None:
    portal = registered(cast.albers)
    found = booked_by(portal, cast.albers, "09:00")
    move(cast, found, "11:00")
    assert told(portal) == [("moved", "practice")]
    assert deliveries(cast.albers) == []


def test_changed_while_somebody_acts_elsewhere(cast: Cast, portal: Actor) -> None:
    """What is changed within another practice's transaction is noted in its own."""
    found = booked_by(portal, cast.albers, "09:00")
    with acting(cast.brandt.system), acting(cast.albers.system):
        Appointment.objects.filter(pk=found.pk).update(calendar=cast.albers.calendars["jonas"])
    assert told(portal) == [("moved", "practice")]


# --- The feed -------------------------------------------------------------------------------------------------------


def test_each_partner_sees_its_own_with_its_own_numbers(cast: Cast, portal: Actor) -> None:
    other = registered(cast.albers, "Anders")
    mine, theirs = booked_by(portal, cast.albers, "09:00"), booked_by(other, cast.albers, "10:00")
    move(cast, mine, "11:00")
    cancelled(cast, theirs)
    assert [(one.number, one.appointment_id) for one in events_of(portal)] == [(1, mine.pk), (2, mine.pk)]
    assert [(one.number, one.appointment_id) for one in events_of(other)] == [(1, theirs.pk), (2, theirs.pk)]
    stranger = partner(cast.brandt.practice.pk, portal.identity)
    with acting(stranger), pytest.raises(NotFound):
        events_after(stranger, 0, 10)


def test_who_was_ended_sees_nothing(cast: Cast, portal: Actor) -> None:
    booked_by(portal, cast.albers, "09:00")
    with acting(cast.albers.system):
        end_partner(cast.albers.system, portal.identity)
    with acting(portal), pytest.raises(NotFound):
        events_after(portal, 0, 10)


def test_pages_of_the_feed(cast: Cast, portal: Actor) -> None:
    found = booked_by(portal, cast.albers, "09:00")
    for clock in ("10:00", "11:00", "14:00"):
        move(cast, found, clock)
    with acting(portal):
        assert [one.number for one in events_after(portal, 1, 2)] == [2, 3]
        assert [one.number for one in events_after(portal, 4, 2)] == []


def test_the_application_cannot_change_what_was_told(cast: Cast, portal: Actor) -> None:
    booked_by(portal, cast.albers, "09:00")
    with pytest.raises(Exception, match="permission denied"), acting(cast.albers.system):
        Event.objects.filter(practice_id=cast.albers.practice.pk).update(kind="moved")
