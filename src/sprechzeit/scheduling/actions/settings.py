"""Setting up what can be booked: calendars, hours, types, offerings."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sprechzeit.access.actor import Actor
from sprechzeit.access.table import Data, Reach, Use
from sprechzeit.core.acting import action, require
from sprechzeit.core.errors import NotAllowed
from sprechzeit.core.live import announce
from sprechzeit.practice.models import Member, Room
from sprechzeit.scheduling.actions.occupy import lock_time
from sprechzeit.scheduling.models import AppointmentType, Calendar, Offering, OfferingRoom, WorkingHours
from sprechzeit.scheduling.policy import get_calendar, may_change_calendar


@action
def add_calendar(
    actor: Actor, name: str, initials: str, *, member: Member | None = None, colour: int = 1, position: int = 0
) -> Calendar:
    """A new column of the book, of a practitioner or of none (CAL-1)."""
    require(actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL, NotAllowed)
    return Calendar.objects.create(
        practice_id=actor.practice_id, name=name, initials=initials, member=member, colour=colour, position=position
    )


@action
def set_working_hours(actor: Actor, calendar_id: UUID, week: Iterable[tuple[int, int, int]]) -> None:
    """Replace a calendar's week: (weekday, starts, ends) in minutes since local midnight (CAL-2)."""
    calendar = get_calendar(actor, calendar_id)
    require(may_change_calendar(actor, calendar), NotAllowed)
    lock_time([calendar.id], [])
    WorkingHours.objects.filter(calendar=calendar).delete()
    for weekday, starts, ends in week:
        WorkingHours.objects.create(
            practice_id=calendar.practice_id, calendar=calendar, weekday=weekday, starts=starts, ends=ends
        )
    announce(calendar.practice_id, calendar.id)


@action
def add_type(actor: Actor, name: str, *, duration: int, **rules: int | bool) -> AppointmentType:
    """A new appointment type; `rules` as the model names them, lengths in minutes (CAL-5)."""
    require(actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL, NotAllowed)
    return AppointmentType.objects.create(practice_id=actor.practice_id, name=name, duration=duration, **rules)


@action
def offer_type(
    actor: Actor, appointment_type: AppointmentType, calendar: Calendar, rooms: Sequence[Room] = ()
) -> Offering:
    """Let a calendar offer a type, in these rooms, best first (CAL-6)."""
    require(actor.reach(Data.CALENDARS, Use.WRITE) is Reach.ALL, NotAllowed)
    offering = Offering.objects.create(practice_id=actor.practice_id, type=appointment_type, calendar=calendar)
    for position, room in enumerate(rooms):
        OfferingRoom.objects.create(practice_id=actor.practice_id, offering=offering, room=room, position=position)
    return offering
