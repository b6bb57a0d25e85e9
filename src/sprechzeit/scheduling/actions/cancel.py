"""Cancelling an appointment (CAL-7, BOO-6)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from sprechzeit.access.actor import Actor, ActorKind
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.practice.models import Practice
from sprechzeit.practice.policy import partner_of
from sprechzeit.scheduling.actions.change import note_change, state_of, time_to_undo
from sprechzeit.scheduling.actions.occupy import lock_time, release
from sprechzeit.scheduling.actions.video import tell_video
from sprechzeit.scheduling.errors import ChangedMeanwhile, HasCome, TooLate
from sprechzeit.scheduling.events import AppointmentCancelled
from sprechzeit.scheduling.models import Appointment, Attendance, BookChange, Cancellation, Hold
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment
from sprechzeit.scheduling.queries.appointment import address_of

OUTSIDE = (ActorKind.LINK, ActorKind.PARTNER)
"""Who is bound by the practice's deadline, and takes nothing back."""


def cancel_deadline(practice: Practice, appointment: Appointment | Hold) -> datetime:
    """Until when the patient may move or cancel (aware), or might what they hold."""
    return appointment.starts_at - timedelta(hours=practice.cancel_hours)


def is_in_time(practice: Practice, appointment: Appointment | Hold, now: datetime | None = None) -> bool:
    """Whether it is not too late for the patient to move or cancel: until the deadline, that moment included (BOO-6).

    `now`: aware; else the present.
    """
    return (now or timezone.now()) <= cancel_deadline(practice, appointment)


def cancelled_by_practice(appointment: Appointment) -> bool:
    """Whether the practice cancelled it, and not the patient by their link or at the partner."""
    cancellation: Cancellation | None = getattr(appointment, "cancellation", None)
    return cancellation is not None and not cancellation.cancelled_by.startswith(OUTSIDE)


def told_reason(appointment: Appointment) -> str:
    """Why it was cancelled, where the patient is told."""
    cancellation: Cancellation | None = getattr(appointment, "cancellation", None)
    return cancellation.reason if cancellation and cancellation.tells_reason else ""


@action
def cancel_appointment(
    actor: Actor, appointment_id: UUID, *, reason: str = "", tell: bool = True, tell_reason: bool = False
) -> Appointment:
    """Free the time and keep the entry; done twice it is cancelled once. `tell`: send the patient a message.

    The reason is for the practice alone; with `tell_reason` it stands in the message too.
    The message goes to `address_of` it; where there is none, to nobody. Raises `NotFound`, for a partner that may do
    nothing too, `TooLate`, `NotAllowed`, `ChangedMeanwhile`, and `HasCome` for one to which somebody has come, or
    failed to come.
    """
    partner_of(actor)
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment), NotAllowed)
    before = state_of(appointment)
    if not end_appointment(actor, appointment, reason=reason, tells_reason=tell and tell_reason and bool(reason)):
        return appointment
    note_change(actor, BookChange.Kind.CANCELLED, appointment, before, state_of(appointment))
    if tell:
        _keep_address(actor, appointment)
        event = AppointmentCancelled(appointment.practice_id, appointment.id, appointment.sequence)
        publish(event, after=time_to_undo(actor))
    return appointment


def _keep_address(actor: Actor, appointment: Appointment) -> None:
    """Where the message goes, if the patient's record has learned it since the appointment was entered."""
    if not appointment.email and actor.kind not in OUTSIDE:
        appointment.email = address_of(actor, appointment)
        appointment.save(update_fields=["email"])


@action
def end_appointment(actor: Actor, appointment: Appointment, *, reason: str = "", tells_reason: bool = False) -> bool:
    """Enter the cancellation and free the time; False if that was done before. The row has its appointment's id."""
    require(may_change_appointment(actor, appointment), NotAllowed)
    occupancy = appointment.occupancy
    lock_time([occupancy.calendar_id], [occupancy.space_id] if occupancy.space_id else [])
    if Cancellation.objects.filter(appointment=appointment).exists():
        return False
    has_come = Attendance.objects.filter(practice_id=appointment.practice_id, appointment=appointment).exists()
    require(not has_come or actor.kind is ActorKind.LINK, HasCome)
    if actor.kind in OUTSIDE:
        practice = Practice.objects.get(pk=appointment.practice_id)
        require(not has_come and is_in_time(practice, appointment), TooLate)
    require(release(actor, occupancy) == 1, ChangedMeanwhile)
    Cancellation.objects.create(
        id=appointment.id,
        practice_id=appointment.practice_id,
        appointment=appointment,
        reason=reason,
        tells_reason=tells_reason,
        cancelled_by=actor.name,
    )
    Appointment.objects.filter(pk=appointment.pk).update(sequence=F("sequence") + 1)
    # As it is now, and not as it was read before the time was locked: each cancellation has a number of its own.
    appointment.refresh_from_db(fields=["sequence"])
    tell_video(actor, appointment)
    return True
