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
from sprechzeit.scheduling.actions.occupy import lock_time, release
from sprechzeit.scheduling.errors import TooLate
from sprechzeit.scheduling.events import AppointmentCancelled
from sprechzeit.scheduling.models import Appointment, Cancellation
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment


def cancel_deadline(practice: Practice, appointment: Appointment) -> datetime:
    """Until when the patient may cancel (aware)."""
    return appointment.starts_at - timedelta(hours=practice.cancel_hours)


def cancelled_by_practice(appointment: Appointment) -> bool:
    """Whether the practice cancelled it, and not the patient by their link."""
    cancellation: Cancellation | None = getattr(appointment, "cancellation", None)
    return cancellation is not None and not cancellation.cancelled_by.startswith(ActorKind.LINK)


@action
def cancel_appointment(actor: Actor, appointment_id: UUID, *, reason: str = "") -> Appointment:
    """Free the time and keep the entry; done twice it is cancelled once. Raises `NotFound`, `TooLate`, `NotAllowed`."""
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment), NotAllowed)
    occupancy = appointment.occupancy
    lock_time([occupancy.calendar_id], [occupancy.space_id] if occupancy.space_id else [])
    if Cancellation.objects.filter(appointment=appointment).exists():
        return appointment
    if actor.kind is ActorKind.LINK:
        practice = Practice.objects.get(pk=appointment.practice_id)
        if timezone.now() > cancel_deadline(practice, appointment):
            raise TooLate
    Cancellation.objects.create(
        practice_id=appointment.practice_id, appointment=appointment, reason=reason, cancelled_by=actor.name
    )
    Appointment.objects.filter(pk=appointment.pk).update(sequence=F("sequence") + 1)
    release(actor, occupancy)
    publish(AppointmentCancelled(appointment.practice_id, appointment.id))
    return appointment
