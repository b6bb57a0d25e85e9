"""Whether the patient came, and what is remarked (CAL-7)."""

from uuid import UUID

from django.utils import timezone

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.live import announce
from sprechzeit.scheduling.actions.change import note_change, state_of
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.errors import ChangedMeanwhile, NotYet
from sprechzeit.scheduling.models import Appointment, Attendance, BookChange
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment
from sprechzeit.scheduling.queries.appointment import is_later_day

PLANNED = "planned"


@action
def set_attendance(actor: Actor, appointment_id: UUID, state: str) -> Appointment:
    """Arrived, completed, no-show, or `PLANNED` again. Raises `NotFound`, `NotAllowed`, `NotYet`, `ChangedMeanwhile`.

    On its day an appointment may be completed early; to one of a later day nobody has come, or failed to come.
    """
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment), NotAllowed)
    require(state == PLANNED or not is_later_day(actor, appointment.starts_at), NotYet)
    before = state_of(appointment)
    if before["attendance"] == state or (state == PLANNED and not before["attendance"]):
        return appointment
    enter_attendance(actor, appointment, state)
    after = before | {"attendance": "" if state == PLANNED else state}
    note_change(actor, BookChange.Kind.ATTENDED, appointment, before, after)
    return appointment


@action
def enter_attendance(actor: Actor, appointment: Appointment, state: str) -> None:
    """Keep the state; its row has its appointment's id, so that the history finds it when it is gone again."""
    require(may_change_appointment(actor, appointment), NotAllowed)
    lock_time([appointment.calendar_id], [])
    # In another calendar meanwhile, others hold another lock.
    standing = Appointment.objects.filter(pk=appointment.pk, calendar_id=appointment.calendar_id, cancellation=None)
    require(standing.exists(), ChangedMeanwhile)
    attendance = Attendance.objects.filter(practice_id=appointment.practice_id, appointment=appointment)
    if state == PLANNED:
        attendance.delete()
    elif not attendance.update(state=state, recorded_by=actor.name, recorded_at=timezone.now()):
        Attendance.objects.create(
            id=appointment.id,
            practice_id=appointment.practice_id,
            appointment=appointment,
            state=state,
            recorded_by=actor.name,
        )
    announce(appointment.practice_id, appointment.calendar_id)


@action
def set_remark(actor: Actor, appointment_id: UUID, remark: str) -> Appointment:
    """Change the remark, which the practice alone sees. Raises `NotFound`, `NotAllowed`."""
    appointment = get_appointment(actor, appointment_id)
    require(may_change_appointment(actor, appointment), NotAllowed)
    if appointment.remark != remark:
        appointment.remark = remark
        appointment.save(update_fields=["remark"])
        announce(appointment.practice_id, appointment.calendar_id)
    return appointment
