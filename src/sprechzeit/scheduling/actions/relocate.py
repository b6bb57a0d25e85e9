"""Where an appointment takes place is changed by the practice (PUSH-4)."""

from datetime import datetime
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.events import publish
from sprechzeit.core.live import announce
from sprechzeit.scheduling.actions.cancel import OUTSIDE
from sprechzeit.scheduling.actions.change import State, note_change, state_of
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.actions.video import VIDEO, begin_video, end_video
from sprechzeit.scheduling.errors import ChangedMeanwhile, NoVideoHere
from sprechzeit.scheduling.events import VideoChanged
from sprechzeit.scheduling.models import Appointment, BookChange, VideoAppointment
from sprechzeit.scheduling.policy import get_appointment, may_change_appointment
from sprechzeit.scheduling.queries.appointment import address_of, who_writes
from sprechzeit.scheduling.queries.video import why_no_video

# In what stood before a change of location: the link's id and what the patient knew, which come back when it is undone.
LINK, TOLD = "link", "told"


@action
def change_location(actor: Actor, appointment_id: UUID, location: str) -> Appointment:
    """Let an appointment take place elsewhere; the same place is no change. To video it gets a link and is sent to who
    holds it, away from video its link opens nothing and it is cancelled there (PUSH-4).

    The patient is not told: it shows as 'not yet told' (CAL-23). Raises `NotFound`, `NotAllowed`, `ChangedMeanwhile`
    for one that is cancelled, `NoVideoHere`, `VideoNeedsEmail`.
    """
    appointment = get_appointment(actor, appointment_id)
    require(actor.kind not in OUTSIDE and may_change_appointment(actor, appointment), NotAllowed)
    # Who moves or cancels it at this moment holds the lock: it is read as it is since then.
    locked = appointment.calendar_id
    lock_time([locked], [])
    appointment = get_appointment(actor, appointment_id)
    require(appointment.calendar_id == locked and not hasattr(appointment, "cancellation"), ChangedMeanwhile)
    if appointment.location == location:
        return appointment
    if location == VIDEO:
        appointment.email = address_of(actor, appointment)
        if why_not := why_no_video(actor, appointment.calendar):
            raise NoVideoHere(why_not)
    before = state_of(appointment) | _kept(appointment)
    enter_location(actor, appointment, location)
    note_change(actor, BookChange.Kind.RELOCATED, appointment, before, state_of(appointment))
    return appointment


def _kept(appointment: Appointment) -> State:
    """What comes back with the former location."""
    link = VideoAppointment.objects.filter(practice_id=appointment.practice_id, appointment=appointment).first()
    told = appointment.told_starts_at
    return {LINK: str(link.pk) if link and link.is_here else None, TOLD: told.isoformat() if told else None}


@action
def enter_location(actor: Actor, appointment: Appointment, location: str, *, back_to: State | None = None) -> None:
    """Enter where it takes place now. `back_to`: what stood before, when it is undone.

    A partner that writes to the patient is told of every change, so that the patient counts as told (OTV-13).
    """
    require(may_change_appointment(actor, appointment), NotAllowed)
    was_video = appointment.location == VIDEO
    appointment.location = location
    appointment.sequence += 1
    if not who_writes(actor, appointment):
        told = (back_to or {}).get(TOLD)
        appointment.told_starts_at = datetime.fromisoformat(told) if told else None
    if was_video:
        end_video(actor, appointment)
    if location == VIDEO:
        former = (back_to or {}).get(LINK)
        begin_video(actor, appointment, UUID(former) if former else None)
    appointment.save(update_fields=["location", "sequence", "told_starts_at", "email"])
    if was_video or location == VIDEO:
        publish(VideoChanged(appointment.practice_id, appointment.id))
    announce(appointment.practice_id, appointment.calendar_id)
