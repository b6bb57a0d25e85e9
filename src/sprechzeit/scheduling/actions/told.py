"""Whether the patient knows when their appointment is (CAL-23)."""

from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.live import announce
from sprechzeit.scheduling.actions.change import time_to_undo
from sprechzeit.scheduling.errors import ChangedMeanwhile, NoAddress
from sprechzeit.scheduling.events import AppointmentTold
from sprechzeit.scheduling.models import Appointment
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment
from sprechzeit.scheduling.queries.appointment import address_of
from sprechzeit.scheduling.queries.reaching import way_to


@action
def tell_patient(actor: Actor, appointment_id: UUID, *, by_mail: bool) -> Appointment:
    """The patient knows: somebody told them, or a message now does. Raises `NotFound`, `NotAllowed`, `NoAddress`."""
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment), NotAllowed)
    require(not hasattr(appointment, "cancellation"), ChangedMeanwhile)
    if by_mail:
        appointment.email = address_of(actor, appointment)
        require(way_to(actor, appointment) is not None, NoAddress)
        publish(AppointmentTold(appointment.practice_id, appointment.id), after=time_to_undo(actor))
    appointment.told_starts_at = appointment.starts_at
    appointment.save(update_fields=["told_starts_at", "email"])
    announce(appointment.practice_id, appointment.calendar_id)
    return appointment


@action
def mark_untold(actor: Actor, appointment_id: UUID) -> None:
    """What the patient was told last is wrong, or they were not told: it was undone, or moved once more."""
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment), NotAllowed)
    appointment.told_starts_at = None
    appointment.save(update_fields=["told_starts_at"])
    announce(appointment.practice_id, appointment.calendar_id)


@action
def mark_told(actor: Actor, appointment_id: UUID) -> None:
    """A message that tells when it is goes out after all. Raises `NotFound`, `NotAllowed`."""
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment), NotAllowed)
    appointment.told_starts_at = appointment.starts_at
    appointment.save(update_fields=["told_starts_at"])
    announce(appointment.practice_id, appointment.calendar_id)
