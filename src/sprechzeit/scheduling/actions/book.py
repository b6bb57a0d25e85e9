"""From a hold to an appointment (BOO-4…7)."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action
from sprechzeit.core.crypto import link_token, token_hash
from sprechzeit.core.events import publish
from sprechzeit.core.ids import new_id
from sprechzeit.patients.actions import Identity, find_or_add_patient
from sprechzeit.patients.models import Patient
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling import availability as engine
from sprechzeit.scheduling.actions.hold import get_hold
from sprechzeit.scheduling.actions.occupy import confirm_hold
from sprechzeit.scheduling.actions.offer import take_offered
from sprechzeit.scheduling.errors import OpenBookingsFull
from sprechzeit.scheduling.events import AppointmentBooked
from sprechzeit.scheduling.models import Appointment, AppointmentLink, Hold, Occupancy, Source


@dataclass(frozen=True, slots=True)
class Details:
    """What a visitor of the booking page gives."""

    identity: Identity
    remark: str = ""


def manage_token(appointment_id: UUID) -> str:
    """The secret of the link with which a patient sees and cancels an appointment."""
    return link_token("appointment", appointment_id)


@action
def book_held_time(actor: Actor, token: str, details: Details) -> Appointment:
    """Make the visitor's hold an appointment; done before, answer the same appointment (BOO-7).

    A hold that expired meanwhile is taken anew if its time is still free. Raises `NotFound`, `TimeTaken` or
    `NotOffered` with the next free times, `OpenBookingsFull`.
    """
    hold = get_hold(actor, token, lock=True)
    if hold.appointment_id:
        return Appointment.objects.get(practice_id=actor.practice_id, pk=hold.appointment_id)
    if not confirm_hold(actor, hold.occupancy_id, hold.calendar_id):
        _take_anew(actor, hold)
    patient = find_or_add_patient(actor, details.identity, belongs_to=hold.calendar.member_id)
    _keep_cap(actor, patient)
    appointment = _enter(actor, hold, patient, details)
    hold.appointment = appointment
    hold.save(update_fields=["appointment", "occupancy", "room"])
    publish(AppointmentBooked(actor.practice_id, appointment.id))
    return appointment


def _take_anew(actor: Actor, hold: Hold) -> None:
    """Take the expired hold's time again, perhaps in another room."""
    minute = engine.minute_of(hold.starts_at)
    taken = take_offered(actor, hold.type, hold.calendar_id, minute, kind=Occupancy.Kind.APPOINTMENT)
    hold.occupancy_id, hold.room_id = taken.occupancy_id, taken.offer.room_id


def _keep_cap(actor: Actor, patient: Patient) -> None:
    """At most so many open online bookings of one patient (BOO-8)."""
    cap = practice_of(actor).open_bookings
    open_bookings = Appointment.objects.filter(
        practice_id=actor.practice_id,
        patient=patient,
        source=Source.ONLINE,
        starts_at__gt=timezone.now(),
        cancellation=None,
    ).count()
    if open_bookings >= cap:
        raise OpenBookingsFull


def _enter(actor: Actor, hold: Hold, patient: Patient, details: Details) -> Appointment:
    appointment = Appointment.objects.create(
        id=new_id(),
        practice_id=actor.practice_id,
        occupancy_id=hold.occupancy_id,
        calendar_id=hold.calendar_id,
        room_id=hold.room_id,
        type_id=hold.type_id,
        patient=patient,
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
        source=Source.ONLINE,
        told_starts_at=hold.starts_at,
        remark=details.remark,
        email=details.identity.email,
        language=details.identity.language,
    )
    AppointmentLink.objects.create(
        practice_id=actor.practice_id, appointment=appointment, token_hash=token_hash(manage_token(appointment.id))
    )
    return appointment
