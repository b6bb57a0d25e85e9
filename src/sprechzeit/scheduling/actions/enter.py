"""Entering many appointments at once, as they come from another program or an example (CAL-7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.ids import new_id
from sprechzeit.patients.queries import emails_of
from sprechzeit.practice.models import Room
from sprechzeit.practice.queries import practice_of
from sprechzeit.scheduling.actions.occupy import BATCH, Wanted, occupy
from sprechzeit.scheduling.actions.place import LONGEST
from sprechzeit.scheduling.actions.plan import within_plan
from sprechzeit.scheduling.actions.video import VIDEO, links_of, tell_video
from sprechzeit.scheduling.errors import ImpossibleLength
from sprechzeit.scheduling.models import (
    Appointment,
    AppointmentType,
    Attendance,
    Calendar,
    Occupancy,
    Source,
    VideoAppointment,
    takes_place,
)


@dataclass(frozen=True, slots=True)
class Known:
    """An appointment that somebody knows of already: times aware, without buffers; `state` of `Attendance`, or ''."""

    calendar: Calendar
    room: Room | None
    type: AppointmentType
    patient_id: UUID
    starts_at: datetime
    ends_at: datetime
    remark: str = ""
    state: str = ""
    source: str = Source.STAFF


@action
def enter_appointments(actor: Actor, known: Sequence[Known]) -> list[UUID]:
    """Enter all of them or none, of any day; returns their ids in the same order. Nobody is told.

    What the types offer is not asked, what is taken is refused: `TimeTaken`; so is a full month: `MonthFull`. None ends
    before it begins or lasts longer than a day: `ImpossibleLength`; and none that is to be
    held by video is of somebody without an e-mail address: `VideoNeedsEmail`.
    """
    require(actor.reach(Data.APPOINTMENTS, Use.WRITE) is Reach.ALL, NotAllowed)
    require(all(one.starts_at < one.ends_at <= one.starts_at + LONGEST for one in known), ImpossibleLength)
    occupancies = occupy(actor, *(_wanted(one) for one in known))
    online = practice_of(actor).online_location
    places = [takes_place(one.type.location, one.source, online) for one in known]
    # Nobody but who is sent a link is written to.
    emails = emails_of(actor, {one.patient_id for one, where in zip(known, places, strict=True) if where == VIDEO})
    appointments = [
        Appointment(
            id=new_id(),
            practice_id=actor.practice_id,
            occupancy_id=occupancy_id,
            calendar=one.calendar,
            room=one.room,
            type=one.type,
            patient_id=one.patient_id,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            told_starts_at=one.starts_at,
            source=one.source,
            location=where,
            email=emails.get(one.patient_id, "") if where == VIDEO else "",
            remark=one.remark,
        )
        for one, where, occupancy_id in zip(known, places, occupancies, strict=True)
    ]
    links = links_of(actor, *appointments)
    with within_plan(actor):
        Appointment.objects.bulk_create(appointments, batch_size=BATCH)
    VideoAppointment.objects.bulk_create(links, batch_size=BATCH)
    Attendance.objects.bulk_create(
        [
            Attendance(practice_id=actor.practice_id, appointment=appointment, state=one.state, recorded_by=actor.name)
            for one, appointment in zip(known, appointments, strict=True)
            if one.state
        ],
        batch_size=BATCH,
    )
    tell_video(actor, *appointments)
    return [one.id for one in appointments]


def _wanted(one: Known) -> Wanted:
    return Wanted(
        calendar_id=one.calendar.id,
        space_id=one.room.space_id if one.room else None,
        starts_at=one.starts_at - one.type.before,
        ends_at=one.ends_at + one.type.after,
        kind=Occupancy.Kind.APPOINTMENT,
    )
